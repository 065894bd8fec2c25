"""A Member's letter recited in an officer's message to another Member: between quotation marks, under words that say who wrote it to whom, or as a
quotation without its heading that greets the officer and bears the Member's name.

It is looked for where the letter itself lies in no mailbox that was read (pasted.py compares it with the letter where it does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.circulation import Turn
from rules.roster import Person, Roster, plain_name

_QUOTATION = re.compile(r'"(?P<plain>[^"]{0,3000})"|“(?P<curly>[^“”]{0,3000})”')
_SHORTEST = 12  # words
_BEFORE, _GREETING = 90, 24  # characters
_NAME = r"[A-Z][\w'-]+"
_WROTE = re.compile(
    rf"(?<![\w'-])(?P<who>{_NAME})(?: (?:[A-Z]{{2,3}}))?,? (?:has |had |just |also )*"
    r"(?:wrote|writes|written|emailed|e-mailed|emails|mailed|messaged|messages)\b"
)
_FROM = re.compile(
    rf"\b(?:e-?mail|mail|letter|note|message) (?:\w+ )?from (?:\S+ ){{0,2}}?(?P<who>{_NAME})(?=\W*$|\W+(?:on|to|this|last|yesterday|today)\b)"
)
_TO = re.compile(
    rf"(?<![\w'-])(?P<who>{_NAME}) to (?:{_NAME} )??(?P<to>{_NAME})"
    r"(?=\W*$|,|:| (?:on |last |this )?(?:[A-Z][a-z]+day|night|week|yesterday|today)\b)"
)
_ANSWER = re.compile(r"\s*(?:re|fw|fwd)\s*:", re.IGNORECASE)
_ANSWERED = re.compile(r"\b(?:answer|answered|reply|replied|response|draft|drafted)\b", re.IGNORECASE)
_NOT_THEM = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "the", "a"})
_BEFORE_ANYBODY = re.compile(
    r"cllr|councillor|col|sir|dame|lord|lady|as|and|but|then|so|what|when|here|from|this|that|yesterday|today|also|again|now|see", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Recited:
    """A Member who is said to have written `text`, of so many words."""

    member: Person
    text: str
    number: int


def recited_letters(turn: Turn, roster: Roster) -> Iterator[Recited]:
    """The letters recited of Members who are not openly on the message."""
    yield from _without_heading(turn, roster)
    text = turn.message.body.new.replace("’", "'")
    long = [(m.start(), m["plain"] or m["curly"] or "") for m in _QUOTATION.finditer(text)]
    long = [(start, words) for start, words in long if len(words.split()) >= _SHORTEST]
    if not long:
        return
    present, surnames, officers = turn.circulation.visible(roster), _surnames(roster), _officers(roster)
    for start, words in long:
        led_in = re.split(r"[.!?]\s", " ".join(text[max(0, start - _BEFORE) : start].split()))[-1]
        member = _writer(led_in, surnames, officers)
        if member and member.address not in present:
            yield Recited(member, words, len(words.split()))


def _without_heading(turn: Turn, roster: Roster) -> Iterator[Recited]:
    """The quotations in an officer's fresh message that nothing heads; in an answer they are its history with the heading lost."""
    message, officer = turn.message, roster.who(turn.message.sender)
    if officer is None or officer.is_member or not plain_name(officer.name):
        return
    if message.in_reply_to or message.references or _ANSWER.match(message.subject):
        return
    present = turn.circulation.visible(roster)
    for text in (" ".join(quoted.text.split()) for quoted in message.quoted if quoted.sender is None):
        greeted, end = text[:_GREETING].lower(), text.lower().rstrip(" .-")
        if len(text.split()) >= _SHORTEST and re.search(rf"\b{re.escape(_first(officer))}\b", greeted):
            member = next((m for name, m in roster.signatures.items() if " " in name and end.endswith(f" {name}")), None)
            if member and member.address not in present:
                yield Recited(member, text, len(text.split()))


def _writer(led_in: str, surnames: Mapping[str, list[Person]], officers: frozenset[str]) -> Person | None:
    """The Member who is said to have written: "Cllr Ash wrote to me", "a note from Martin Ash", "Ash to Hale, Friday"."""
    if _ANSWERED.search(led_in):
        return None
    found = [*_WROTE.finditer(led_in), *_FROM.finditer(led_in), *(m for m in _TO.finditer(led_in) if m["to"].lower() in officers)]
    return next((member for m in found if (member := _meant(m, led_in, surnames))), None)


def _meant(match: re.Match[str], led_in: str, surnames: Mapping[str, list[Person]]) -> Person | None:
    """The one Member of this surname whom the words before it do not make somebody else: Mrs Birch, or a Birch of another first name."""
    several = surnames.get(match["who"].lower(), [])
    before = led_in[: match.start("who")].split()
    beside = before[-1].strip(",.:;(") if before else ""
    if beside.lower() in _NOT_THEM:
        return None
    is_called = beside[:1].isupper() and not _BEFORE_ANYBODY.fullmatch(beside)
    left = [p for p in several if not is_called or _first(p) == beside.lower()]
    return left[0] if len(left) == 1 else None


def _first(person: Person) -> str:
    return plain_name(person.name).split()[0]


def _surnames(roster: Roster) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for person in roster.people:
        words = [w for w in plain_name(person.name).replace("’", "'").split() if w not in {"mbe", "obe", "cbe", "jp"}]
        if person.is_member and words:
            found.setdefault(words[-1], []).append(person)
    return found


def _officers(roster: Roster) -> frozenset[str]:
    return frozenset(word for p in roster.people if not p.is_member for word in plain_name(p.name).split() if len(word) > 2)
