"""A Member who has an officer's message and whom nobody on it can see."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rules.circulation import Circulation, EnvelopeRecipient, EnvelopeRole, Role, Turn
from rules.finding import Evidence, Finding, Severity, Strength, confidence
from rules.message import Address
from rules.roster import Person, Roster
from rules.rule import Context
from rules.silent_copy.words import asked_to_share, declares_copy, names_of, said_against

_TOLD = {
    EnvelopeRole.TRACE: ("trace-recipient", "message trace"),
    EnvelopeRole.DELIVERED: ("delivery-field", "delivery field (Delivered-To or its like) of another copy"),
}


@dataclass(frozen=True, slots=True)
class Hidden:
    """A Member out of sight, and how the copy is known."""

    member: Person
    evidence: Evidence
    strength: Strength


def hidden_copies(turn: Turn, context: Context) -> Iterator[Finding]:
    """At most one finding: a hidden copy of this message to one Member or several."""
    roster = context.roster
    correspondents = correspondents_of(turn, roster)
    hidden = [h for h in hidden_members(turn.circulation, roster) if h.member not in correspondents and not _known_to_all(h.member, turn, roster)]
    if correspondents and hidden:
        yield _finding(turn, hidden, correspondents, context)


def correspondents_of(turn: Turn, roster: Roster) -> tuple[Person, ...]:
    """The Members whose correspondence this is: those openly on it, and the Member whose message it answers."""
    seen = [roster.person(address) for address in sorted(turn.circulation.visible(roster))]
    answered = turn.answered()
    asker = roster.who(answered.sender) if answered else None
    sender = roster.who(turn.message.sender)
    members = {p.address: p for p in (*seen, asker) if p and p.is_member and p != sender}
    return tuple(members.values())


def hidden_members(circulation: Circulation, roster: Roster) -> list[Hidden]:
    """Each Member who has the message and is not visible on it, once, with the strongest evidence first found."""
    visible = circulation.visible(roster)
    told = (r for r in circulation.envelope if r.role is not EnvelopeRole.TRACE)  # a trace may only guess at the list
    openly = {roster.main_address(r.email) for r in told if _came_openly(r, visible, roster)}
    found: dict[str, list[Hidden]] = {}
    for hidden in (*_in_bcc(circulation, roster), *_in_envelope(circulation, roster, visible), *_received(circulation, openly, roster)):
        if hidden.member.is_member and hidden.member.address not in visible:
            found.setdefault(hidden.member.address, []).append(hidden)
    return [each for several in found.values() for each in several]


def _in_bcc(circulation: Circulation, roster: Roster) -> Iterator[Hidden]:
    for address in sorted(roster.reached(circulation.message.bcc or ())):
        if person := roster.person(address):
            yield Hidden(person, Evidence("bcc-header", f"The sender's own copy shows {person.name} in Bcc", 4.0, "header Bcc"), Strength.PROVED)


def _came_openly(recipient: EnvelopeRecipient, visible: frozenset[str], roster: Roster) -> bool:
    """Whether an open list or somebody who had it brought it to them, not its sender."""
    return recipient.forwarded or (bool(recipient.via) and roster.reached((Address(recipient.via),)) <= visible)


def _in_envelope(circulation: Circulation, roster: Roster, visible: frozenset[str]) -> Iterator[Hidden]:
    for recipient in circulation.envelope:
        person = roster.person(recipient.email)
        if person is None or _came_openly(recipient, visible, roster):
            continue
        if recipient.role is EnvelopeRole.BCC:
            yield Hidden(
                person, Evidence("journal-bcc", f"The journal report lists {person.name} as a Bcc recipient", 4.0, "journal report"), Strength.PROVED
            )
        else:
            kind, place = _TOLD.get(recipient.role, ("journal-recipient", "journal report"))
            says = f"The {place} lists {person.name} as a recipient whom the message does not show"
            yield Hidden(person, Evidence(kind, says, 2.5, place), Strength.LIKELY)


def _received(circulation: Circulation, openly: Collection[str], roster: Roster) -> Iterator[Hidden]:
    for copy in circulation.copies:
        person = roster.person(copy.custodian)
        if person and copy.role is Role.RECEIVED and not copy.rerouted and person.address not in openly:
            says = f"{person.name}'s mailbox holds a received copy, though To and Cc do not name them or a list they are on"
            yield Hidden(person, Evidence("received-copy", says, 2.5, f"{copy.custodian}/{copy.folder}"), Strength.LIKELY)


def _known_to_all(member: Person, turn: Turn, roster: Roster) -> bool:
    """Whether the reader was openly on the message that this one answers: the same circulation as the original."""
    answered = turn.answered()
    return answered is not None and member.address in roster.reached((*answered.visible, answered.sender))


def _finding(turn: Turn, hidden: list[Hidden], correspondents: tuple[Person, ...], context: Context) -> Finding:
    message = turn.message
    readers = tuple({h.member.address: h.member for h in hidden}.values())
    by_member = (sender := context.roster.who(message.sender)) is not None and sender.is_member
    declared = declares_copy(message, readers)
    evidence = (*(h.evidence for h in hidden), *_against(turn, readers, declared))
    proved = {h.member.address for h in hidden if h.strength is Strength.PROVED}
    author, whom = sender.name if sender else message.sender.email, names_of(correspondents)
    return Finding(
        rule="silent-copy",
        kind="hidden-copy",
        message_id=message.id,
        date=message.date,
        severity=Severity.INFO if by_member or declared else Severity.HIGH if len(proved) == len(readers) else Severity.MEDIUM,
        strength=Strength.PROVED if len(proved) == len(readers) else Strength.LIKELY,
        confidence=confidence(evidence),
        summary=f"{names_of(readers)} had a copy of {author}'s message to {whom} that its open readers could not see",
        clauses=context.protocol.cite("silent-copy"),
        evidence=evidence,
        settle="Nothing more: the sender's own copy or the journal shows it."
        if len(proved) == len(readers)
        else "The sender's Sent Items copy (its Bcc line), or the message trace for this message.",
        next_step=f"Ask {author} whether {whom} knew of the copy; if not, remind them that copies are to be open.",
        copies=turn.circulation.copies,
    )


def _against(turn: Turn, readers: tuple[Person, ...], declared: bool) -> Iterator[Evidence]:
    answered = turn.answered()
    if answered and asked_to_share(answered.body.new, readers):
        yield said_against("asked to pass it on", "the message answered")
    if declared:
        yield said_against("says that it is copied", "message")
