"""A Member's letter recited in an officer's message to another Member: between quotation marks, under words that say who wrote it to whom.

It is looked for where the letter itself lies in no mailbox that was read (pasted.py compares it with the letter where it does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.circulation import Turn
from rules.lexicon import packaged
from rules.roster import Person, Roster, plain_name

_RECITED = re.compile(r"[\"“](?P<words>[^\"“”]{40,2000})[\"”]")
_SHORTEST = 12  # words
_BEFORE = 90  # characters


@dataclass(frozen=True, slots=True)
class Recited:
    """A Member who is said to have written so many words; `text` is the message with them."""

    member: Person
    text: str
    number: int


def recited_letters(turn: Turn, roster: Roster) -> Iterator[Recited]:
    """The letters recited of Members who are not openly on the message."""
    text, present = turn.message.body.new, turn.circulation.visible(roster)
    for match in _RECITED.finditer(text):
        said = len(match["words"].split())
        led_in = " ".join(text[max(0, match.start() - _BEFORE) : match.start()].split())
        member = _writer(led_in, roster) if said >= _SHORTEST else None
        if member and member.address not in present:
            yield Recited(member, text, said)


def _writer(led_in: str, roster: Roster) -> Person | None:
    """The Member who is said to have written: "Ash wrote to Roger", "from Martin Ash", "Ash to Hale, Friday"."""
    said = plain_name(re.split(r"[.!?]\s", led_in)[-1])
    members = [p for p in roster.people if p.is_member and re.search(rf"\b{re.escape(plain_name(p.name).split()[-1])}\b", said)]
    if len(members) != 1:
        return None
    lexicon, surname = packaged("rules.silent_copy"), re.escape(plain_name(members[0].name).split()[-1])
    to_officer = any(re.search(rf"\b{surname} to (?:\w+ )?{re.escape(word)}\b", said) for word in _officers(roster))
    return members[0] if to_officer or lexicon.has("wrote a letter", said) else None


def _officers(roster: Roster) -> frozenset[str]:
    return frozenset(word for p in roster.people if not p.is_member for word in plain_name(p.name).split() if len(word) > 2)
