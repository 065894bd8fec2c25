"""In whose name a message goes out: a Member's mailbox, a Member's signature on an officer's message, or a letter that a Member signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.message import Message
from rules.passage import Passage
from rules.roster import Kind, Person, Roster, plain_name

_SIGNED_LINES = 6
_LINE = 160
_CLOSING = re.compile(r"^(?:.*\b)?(?:yours(?:\s+\w+)?|regards|wishes|warmly|sincerely|faithfully|truly|signed)[,.:]?\s+", re.IGNORECASE)
_SENT_FOR = re.compile(
    r"^\W*(?:(?:sent|written|issued|dictated|signed|typed|e-?mailed)\s+(?:by|for|on behalf of)|(?:for and )?on behalf of|p\.?p\.?)\s+"
    r"((?:the\s+)?(?:cllr|councillor)\.?\s+[\w'. -]{2,60}?)\s*(?:,[^.:]{0,80})?[:.]?\W*$",
    re.IGNORECASE,
)
_NOT_TOLD = "".join(rf"(?<!\b{word} )" for word in ("told", "tell", "telling", "ask", "asked", "asking", "to", "with", "and", "by"))
_KINDS = re.compile(r"\b(the|council|county|district|city|borough|royal|london|metropolitan|unitary|of)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """The Member whose name a message bears, how, and the text that stands under it."""

    member: Person
    how: str
    passages: tuple[Passage, ...]


def name_of(message: Message, roster: Roster) -> Name | None:
    """The Member in whose name the message goes out, or None. A letter attached counts with the message that carries it."""
    sender = roster.who(message.sender)
    body = Passage(message.body.new, "message")
    letters = [
        (m, Passage(a.text, f"attachment {a.name}", bool(a.tables)))
        for a in message.attachments
        if a.text and not a.message and (m := _signatory(a.text, roster))
    ]
    if sender and sender.is_member:
        return Name(sender, f"A letter from {sender.name}", (body, *(letter for _, letter in letters)))
    if not roster.inside(message.sender.email):
        return None
    if member := _signatory(message.body.new, roster) or _signatory(f"{message.body.new}\n{message.body.signature}", roster):
        return Name(member, f"An officer's message over {member.name}'s signature", (body, *(letter for _, letter in letters)))
    if letters:
        member = letters[0][0]
        return Name(member, f"An attached letter signed by {member.name}", tuple(letter for _, letter in letters))
    return None


def _signatory(text: str, roster: Roster) -> Person | None:
    """The Member whose name stands in the last lines of a text, alone on a line but for titles and a closing, or for whom its first line says
    that it is sent.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    members = _names(roster)
    for line in reversed(lines[-_SIGNED_LINES:]):
        if member := members.get(plain_name(_CLOSING.sub("", line[-_LINE:]).split(",")[0].strip(" .-*\"'”’"))):
            return member
    for_whom = _SENT_FOR.match(lines[0]) if lines else None
    return _by_title(for_whom[1], members, roster) if for_whom else None


def _names(roster: Roster) -> dict[str, Person]:
    """Members by the names that they sign with: the roster's, what an address is made of ("ann.vell@"), and an initial with the surname."""
    found: dict[str, Person] = {}
    for person in roster.people:
        if person.is_member:
            of_addresses = (" ".join(a.partition("@")[0].split(".")) for a in (person.address, *person.aliases) if "." in a.partition("@")[0])
            for name in (plain_name(person.name), *map(str.lower, of_addresses)):
                first, *others = name.split()
                for signed in (name, f"{first[0]} {others[-1]}", f"{first[0]}. {others[-1]}") if others else (name,):
                    found.setdefault(signed, person)
    return found


def _by_title(name: str, members: dict[str, Person], roster: Roster) -> Person | None:
    """A Member by full name, or by title and a surname that one person on the roster has."""
    plain = plain_name(name)
    several = [p for p in roster.people if plain_name(p.name).split()[-1:] == [plain]]
    return members.get(plain) or (several[0] if len(several) == 1 and several[0].is_member else None)


def named_council(text: str, council: str) -> str:
    """A text with the council's own name, long or short ("Marlshire will meet the cost"), replaced by "the council"."""
    short = " ".join(_KINDS.sub(" ", council).split())
    if not short:
        return text
    return re.sub(
        rf"\b{re.escape(council)}\b|\b{re.escape(short)}(?:\s+(?:county|district|city|borough))?(?:\s+council)?\b",
        "the council",
        text,
        flags=re.IGNORECASE,
    )


def named_officers(text: str, roster: Roster) -> str:
    """A text with officers' full names, where they do something themselves ("Wendy Hollis signed it off"), replaced by "the officer"."""
    for person in roster.people:
        if person.kind is Kind.OFFICER and " " in person.name and person.name in text:
            text = re.sub(rf"{_NOT_TOLD}\b{re.escape(person.name)}\b(?! and\b)", "the officer", text)
    return text
