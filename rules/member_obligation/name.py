"""In whose name a message goes out: a Member's mailbox or signature, a letter that a Member signs, or a Member's words that an officer is to send."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.message import Message
from rules.passage import Passage
from rules.roster import Kind, Person, Roster, plain_name

_SIGNED_LINES, _BEFORE, _END = 6, 200, 70
_LINE, _TITLE_WORDS = 160, 8
_LEADER = ("leader", "leader of the council")
_CLOSING = re.compile(
    r"^(?:.*[.!?]\s+)?(?:(?:yours|kind|best|warm|many)\s+)?(?:yours|regards|wishes|warmly|sincerely|faithfully|truly|signed)[,.:]?\s+",
    re.IGNORECASE,
)
_SENT_FOR = re.compile(
    r"^[\"“*_(\[]?(?:(?:sent|issued|dictated|signed|typed) (?:by|for|on behalf of)|(?:written |for and )?on behalf of|p\.?p\.?) "
    r"(?P<name>(?:the (?=leader\b))?[\w'’.-]+(?: [\w'’.-]+){0,3}?)"
    r"(?:, (?:the )?(?:leader|deputy leader|mayor|chair|cabinet member|portfolio holder|member for)\b[^.:]{0,60})?[:.]?[\"”*_)\]]?$",
    re.IGNORECASE,
)
_HANDED = re.compile(
    r"\b(?:ask(?:s|ed)|want(?:s|ed)) me to (?:send|pass|give|forward|let you have)\b|"
    r"\b(?:sending|passing|typing) (?:you )?(?:this|these) (?:on )?for\b|"
    r"\bfrom (?:cllr|councillor|the (?:leader|mayor))\b[^.:\n]{0,60}:\s*$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[\"“](?P<letter>[^\"“”]{40,})[\"”]")
_TITLED = re.compile(r"\b(?:cllr|councillor)\.? (?P<name>[\w'’-]+)(?P<more> [\w'’-]+)?|\bthe leader\b", re.IGNORECASE)
_INITIALS = re.compile(r"(?P<first>[a-z])(?:\. ?| )(?:[a-z](?:\. ?| ))+(?P<surname>[\w'’-]{2,})")
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
    if not roster.inside(message.sender.email):
        return None
    sender = roster.who(message.sender)
    body = Passage(message.body.new, "message")
    letters = [
        (m, Passage(a.text, f"attachment {a.name}", bool(a.tables)))
        for a in message.attachments
        if a.text and not a.message and (m := _signatory(a.text, roster))
    ]
    if sender and sender.is_member:
        return Name(sender, f"A letter from {sender.name}", (body, *(letter for _, letter in letters)))
    if member := _signatory(message.body.new, roster) or _signatory(f"{message.body.new}\n{message.body.signature}", roster):
        return Name(member, f"An officer's message over {member.name}'s signature", (body, *(letter for _, letter in letters)))
    if letters:
        member = letters[0][0]
        return Name(member, f"An attached letter signed by {member.name}", tuple(letter for _, letter in letters))
    return _handed(f"{message.body.new}\n{message.body.signature}", roster)


def _handed(text: str, roster: Roster) -> Name | None:
    """A letter between quotation marks in an officer's own, which a Member asked the officer to send; a Member's words told of are none."""
    for match in _LETTER.finditer(text):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if _HANDED.search(before) and (member := _signatory(match["letter"], roster) or _closes(match["letter"], roster) or _named(before, roster)):
            return Name(member, f"A letter of {member.name} that an officer sends", (Passage(match["letter"], "message"),))
    return None


def _closes(letter: str, roster: Roster) -> Person | None:
    """The Member whose whole name stands in the last sentence of a letter that runs on in one piece ("… to the form. Martin Ash, Leader.")."""
    end = " ".join(letter.lower().split())[-_END:]
    return next((member for name, member in roster.signatures.items() if " " in name and re.search(rf"\b{re.escape(name)}\b", end)), None)


def _named(text: str, roster: Roster) -> Person | None:
    """The one Member whom a text names by title."""
    names = (f"{match['name']}{more}" if match["name"] else "the leader" for match in _TITLED.finditer(text) for more in (match["more"] or "", ""))
    meant = {member for name in names if (member := _meant(name, roster, titled=True))}
    return meant.pop() if len(meant) == 1 else None


def _signatory(text: str, roster: Roster) -> Person | None:
    """The Member whose name stands in the last lines of a text, alone but for a closing and titles, or for whom its first lines say it is sent.

    A name below a line that ends with a colon is one of a list.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-_SIGNED_LINES:]
    for line, above in zip(reversed(last), [*reversed(last[:-1]), ""], strict=False):
        name, _, title = _CLOSING.sub("", line[-_LINE:]).partition(",")
        signed = plain_name(name.strip(" .-*\"'”’"))
        signed = f"{initials['first']} {initials['surname']}" if (initials := _INITIALS.fullmatch(signed)) else signed
        if (member := roster.signatures.get(signed)) and len(title.split()) <= _TITLE_WORDS and not above.endswith(":"):
            return member
    return next((member for line in lines[:2] if (member := _sent_for(line, roster))), None)


def _sent_for(line: str, roster: Roster) -> Person | None:
    """The Member for whom a line says that the letter is sent: by full name, by title and a surname that is nobody else's, or as the Leader."""
    whole = " ".join(line.split())
    match = _SENT_FOR.match(whole) if len(whole) <= _LINE else None
    if match is None:
        return None
    return _meant(match["name"], roster, titled=plain_name(match["name"]) != match["name"].lower())


def _meant(name: str, roster: Roster, *, titled: bool) -> Person | None:
    """The Member of a full name, of a surname that stands with a title and is nobody else's, or who is the Leader."""
    plain = plain_name(name)
    if member := roster.signatures.get(plain):
        return member
    leader = plain == "the leader"
    meant = [p for p in roster.people if (leader and p.role.lower() in _LEADER) or (titled and plain_name(p.name).split()[-1:] == [plain])]
    return meant[0] if len(meant) == 1 and meant[0].is_member else None


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
