"""Everyone whom a message reached, and how that is known; and the conversation that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from rules.message import Address, Message
from rules.roster import Roster


class Role(StrEnum):
    """What a copy is to its custodian."""

    SENT = "sent"
    RECEIVED = "received"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a message where it lies. `item` is a file's name or a server's id.

    `rerouted` says that a mailbox rule or a redirection brought this copy, not the sender.
    """

    custodian: str
    folder: str
    item: str
    role: Role
    rerouted: bool = False


class EnvelopeRole(StrEnum):
    """How a journal report names a recipient (MS-XJRNL 2.1.3); RECIPIENT means that the role is unknown.

    TRACE: a message trace tells. DELIVERED: the delivery fields of a copy tell (Delivered-To, X-Original-To, Envelope-To).
    """

    TO = "to"
    CC = "cc"
    BCC = "bcc"
    RECIPIENT = "recipient"
    TRACE = "trace"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class EnvelopeRecipient:
    """A recipient as the transport knew it. `via` is the list or mailbox that it was expanded or forwarded from."""

    email: str
    role: EnvelopeRole
    via: str = ""
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Circulation:
    """One message with every copy of it. Copies are never dropped for being duplicates: each is proof of who had it."""

    message: Message
    copies: tuple[Copy, ...] = ()
    envelope: tuple[EnvelopeRecipient, ...] = ()

    def visible(self, roster: Roster) -> frozenset[str]:
        """Main addresses that a reader sees addressed, lists opened, with the sender's own."""
        message = self.message
        senders = (message.sender,) if message.submitter is None else (message.sender, message.submitter)
        return roster.reached(message.visible + senders)

    def holders(self, roster: Roster) -> frozenset[str]:
        """Main addresses of everyone known to have had the message, openly or not."""
        custodians = frozenset(roster.main_address(c.custodian) for c in self.copies if c.role is not Role.JOURNAL)
        envelope = roster.reached(tuple(Address(r.email) for r in self.envelope))
        return self.visible(roster) | roster.reached(self.message.bcc or ()) | custodians | envelope


@dataclass(frozen=True, slots=True)
class Turn:
    """One message to be judged, with what came before it in its conversation."""

    circulation: Circulation
    earlier: tuple[Circulation, ...]

    @property
    def message(self) -> Message:
        return self.circulation.message

    def answered(self) -> Message | None:
        """The earlier message that this one names in In-Reply-To or, that failing, last in References."""
        before = self.before()
        return before.message if before else None

    def before(self) -> Turn | None:
        """The earlier message that this one answers, itself with all that came before it."""
        known = {c.message.id: place for place, c in enumerate(self.earlier)}
        wanted = (self.message.in_reply_to, *reversed(self.message.references))
        place = next((known[name] for name in wanted if name in known), None)
        return None if place is None else Turn(self.earlier[place], self.earlier[:place])


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation in the order of its dates. `fresh` are the Message-IDs to be judged now; the others are context."""

    circulations: tuple[Circulation, ...]
    fresh: frozenset[str]

    def turns(self) -> Iterator[Turn]:
        """The messages to be judged, each with all that came before it."""
        for place, circulation in enumerate(self.circulations):
            if circulation.message.id in self.fresh:
                yield Turn(circulation, self.circulations[:place])


def in_order(circulations: Iterable[Circulation]) -> tuple[Circulation, ...]:
    """Circulations that stand by date, those of one second in the order in which they answer each other and then of their Message-IDs.

    Their keys order them otherwise in every installation, and what a rule makes of an answer hangs on what stands before it.
    """
    found: list[Circulation] = []
    for _, several in groupby(circulations, key=lambda c: c.message.date):
        found += _by_answers(list(several))
    return tuple(found)


def _by_answers(several: list[Circulation]) -> list[Circulation]:
    """Circulations of one moment, each after those of them that it answers; a circle of answers ends somewhere, by the names in it."""
    depth = {c.message.id: 0 for c in several}
    for _ in range(len(several) if len(several) > 1 else 0):
        deeper = {c.message.id: max((depth[name] + 1 for name in _answered(c.message) if name in depth), default=0) for c in several}
        if deeper == depth:
            break
        depth = deeper
    return sorted(several, key=lambda c: (depth[c.message.id], c.message.id))


def _answered(message: Message) -> frozenset[str]:
    return frozenset((message.in_reply_to, *message.references)) - {message.id}
