"""Standing arrangements: mailboxes that send mail on by themselves, told to whom they concern. They are no findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reports.entry import Reading
from rules.roster import Person

_MOST = 60
_KINDS = {
    "forward": "forwarded by an inbox rule",
    "redirect": "redirected by an inbox rule",
    "forward-as-attachment": "forwarded as an attachment by an inbox rule",
    "mailbox": "forwarded by a setting of the mailbox",
}
_NOTES = {
    "silent-copy": "Mailboxes of officers and services that send mail on to a Member by themselves, as the mail servers tell. "
    "What a mailbox's own rule passes on is no finding; whether the Members who write there know of it is for you to settle.",
    "resident-data": "Mailboxes that send mail out of the council by themselves, as the mail servers tell. For information.",
}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One mailbox's forwarding. `owner` is None for a mailbox of nobody on the roster, `members` are the Members whom the target reaches.

    `kind` is one of Forwarding's. `ended` is when it was found to be gone.
    """

    custodian: str
    owner: Person | None
    target: str
    members: tuple[Person, ...]
    outside: bool
    kind: str
    copies_all: bool
    first_seen: datetime
    ended: datetime | None = None

    @property
    def concerns(self) -> str | None:
        """The rule whose readers should know of it, None where nobody need: a mailbox's mail goes to a Member, or out of the council."""
        if self.outside:
            return "resident-data"
        if self.owner and self.owner.is_member:
            return None
        return "silent-copy" if self.members else None


@dataclass(frozen=True, slots=True)
class Standing:
    """An arrangement in words: whose mail, to whom, how, and since when it is known. `state` is `new this week`, `ended`, or empty."""

    who: str
    whom: str
    how: str
    since: str
    state: str


@dataclass(frozen=True, slots=True)
class Standings:
    """The arrangements that one rule's readers should know of; `more` counts those that are not listed."""

    note: str
    entries: tuple[Standing, ...]
    more: int = 0


def standings(arrangements: Iterable[Arrangement], rules: Iterable[str], reading: Reading) -> tuple[Standings, ...]:
    """What concerns the readers of these rules: what stands now, and what ended this week."""
    told = [a for a in arrangements if a.ended is None or a.ended in reading.known]
    found = ((_NOTES[rule], tuple(_entries(told, rule, reading))) for rule in rules if rule in _NOTES)
    return tuple(Standings(note, entries[:_MOST], max(0, len(entries) - _MOST)) for note, entries in found if entries)


def _entries(told: Iterable[Arrangement], rule: str, reading: Reading) -> Iterator[Standing]:
    for each in told:
        if each.concerns == rule:
            state = "ended" if each.ended else "new this week" if each.first_seen in reading.known else ""
            how = f"{'all mail' if each.copies_all else 'some mail'}, {_KINDS.get(each.kind, each.kind)}"
            yield Standing(_who(each, reading), _whom(each, reading), how, reading.moment(each.first_seen), state)


def _who(each: Arrangement, reading: Reading) -> str:
    owner = f"{each.owner.name} ({each.owner.kind}), {each.custodian}" if each.owner else f"{each.custodian} (not on the roster)"
    return reading.masked(owner, 200)


def _whom(each: Arrangement, reading: Reading) -> str:
    names = ", ".join(member.name for member in each.members)
    return reading.masked(f"{names}, {each.target}" if names else each.target, 300)
