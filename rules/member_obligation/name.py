"""In whose name a message goes out: a Member's mailbox, a Member's signature on an officer's message, or a letter that a Member signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.message import Message
from rules.passage import Passage
from rules.roster import Kind, Person, Roster, plain_name

_SIGNED_LINES = 6
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
    """The Member whose name stands in the last lines of a text, alone on a line but for titles."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][-_SIGNED_LINES:]
    members = {plain_name(p.name): p for p in roster.people if p.is_member}
    for line in reversed(lines):
        shown = plain_name(line.split(",")[0].strip(" .-*"))
        if shown in members:
            return members[shown]
    return None


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
