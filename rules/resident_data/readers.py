"""Who reads a message for the first time, and who had already been told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rules.circulation import Circulation, Turn
from rules.message import Address, Message, Quoted, Quoting
from rules.passage import Passage, text_of
from rules.resident_data.sheets import is_sheet
from rules.roster import Kind, Roster

_PREFIXES = re.compile(r"^(?:\s*(?:re|fw|fwd|tr|aw|wg)\s*(?:\[\d+\])?\s*:|\s*\[[^\]]{1,20}\])+", re.IGNORECASE)
_DEAR = re.compile(r"^\W*(?:dear|to whom)\b", re.IGNORECASE | re.MULTILINE)
_SIGNED = re.compile(
    r"\b(?:[Yy]ours(?: (?:sincerely|faithfully|truly|respectfully|etc))?|[Ss]incerely|[Ff]aithfully|"
    r"(?:[Kk]ind |[Bb]est )?[Rr]egards|[Ss]igned:?)[,.]?\s+"
    r"(?P<name>(?:(?:Mr|Mrs|Ms|Miss|Mx)\.? )?[A-Z][\w'’-]*\.?(?: [A-Z][\w'’-]*\.?){1,2})"
)
_NO_SIGNER = r"Regards|Wishes|Thanks|Sincerely|Faithfully|Truly|Council|Services?|Team|Office|Officer|Department|Committee|Association|Ltd|Limited"
_NAME_ALONE = re.compile(rf"(?!.*\b(?:{_NO_SIGNER})\b)(?:(?:Mr|Mrs|Ms|Miss|Mx)\.? )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]*\.?){{0,2}} [A-Z][\w'’-]+")
_LAST_LINES = 3
_CARRIED = "attached message"
_PLACES = {Quoting.FORWARDED: "forwarded message", Quoting.HISTORY: "quoted history"}
BELOW = frozenset({*_PLACES.values(), _CARRIED})
"""Where an earlier message stands that is passed on."""


@dataclass(frozen=True, slots=True)
class Known:
    """A text that people have already had: whom it reached and, in lower case, what it said."""

    readers: frozenset[str]
    text: str


def judged_readers(turn: Turn, roster: Roster) -> frozenset[str]:
    """The main addresses to whom passing a resident's data matters: Members, and anyone outside; never the sender.

    Officers among themselves are not judged, nor is a Member who hands a case to an officer.
    """
    message = turn.message
    everyone = turn.circulation.holders(roster) - roster.reached((message.sender, *((message.submitter,) if message.submitter else ())))
    return frozenset(address for address in everyone if _matters(address, roster))


def _matters(address: str, roster: Roster) -> bool:
    person = roster.person(address)
    if person:
        return person.kind is Kind.MEMBER
    return not roster.inside(address)


def known_before(turn: Turn, roster: Roster) -> list[Known]:
    """What was said earlier in the conversation and in the chain that this message quotes, with who had it."""
    earlier = [Known(c.holders(roster), said_in(c)) for c in turn.earlier]
    return [*earlier, *_quoted(turn.message, roster), *(Known(roster.reached((*m.visible, m.sender)), _all_text(m)) for m in turn.message.carried)]


def _quoted(message: Message, roster: Roster) -> list[Known]:
    """Everyone on a quoted message had its text and that of every deeper one."""
    found = []
    for place, quoted in enumerate(message.quoted):
        people = (*quoted.recipients, *((quoted.sender,) if quoted.sender else ()))
        below = message.quoted[place:]
        found.append(Known(_reached(people, roster), " ".join(_said(q) for q in below).lower()))
    return found


def _reached(people: tuple[Address, ...], roster: Roster) -> frozenset[str]:
    return roster.reached(tuple(p for p in people if p.email or p.name))


def _said(quoted: Quoted) -> str:
    sender = f"{quoted.sender.name} {quoted.sender.email}" if quoted.sender else ""
    return f"{sender} {quoted.subject} {quoted.text}"


def is_old(letter: Letter, readers: frozenset[str], known: Iterable[Known]) -> bool:
    """Whether all readers had this earlier letter before."""
    text = letter.passage.text.strip().lower()
    return letter.author is not None and any(readers <= k.readers and text in k.text for k in known)


def said_in(circulation: Circulation) -> str:
    """All that a circulation told its readers, with who sent it, in lower case."""
    return _all_text(circulation.message)


def _all_text(message: Message) -> str:
    body = message.body
    people = (f"{a.name} {a.email}" for a in (message.sender, *message.visible))
    parts = (*people, message.subject, body.new, body.forwarded, body.history, body.signature)
    attached = (a.text for a in message.attachments)
    return " ".join((*parts, *attached)).lower()


@dataclass(frozen=True, slots=True)
class Letter:
    """A text with its author: an earlier message that this one passes on, or (author None) what the sender wrote or attached.

    `subject` is the message's, without RE and FW, where the text is what the sender wrote under it.
    """

    author: Address | None
    passage: Passage
    subject: str = ""


def letters(message: Message) -> tuple[Letter, ...]:
    """All that a message passes on: what is written, attached, forwarded, carried and quoted below."""
    subject = _PREFIXES.sub("", message.subject).strip()
    own = tuple(Letter(signer(p), p, subject if p.place == "message" else "") for p in (*_written(message), *_unparsed(message)))
    below = tuple(Letter(q.sender, Passage(q.text, _PLACES[q.quoting])) for q in message.quoted)
    carried = tuple(letter for m in message.carried for letter in _carried(m))
    return tuple(letter for letter in (*own, *below, *carried) if letter.passage.text.strip())


def signer(passage: Passage) -> Address | None:
    """Who signed an attached letter, by name alone; None for what is no letter and for what the sender wrote."""
    if not passage.place.startswith("attachment ") or not _DEAR.search(passage.text):
        return None
    if signed := _SIGNED.search(passage.text):
        return Address("", signed["name"])
    last = [line.strip() for line in passage.text.splitlines() if line.strip()][-_LAST_LINES:]
    return next((Address("", line) for line in last if _NAME_ALONE.fullmatch(line)), None)


def _carried(message: Message) -> tuple[Letter, ...]:
    itself = tuple(Letter(message.sender, Passage(p.text, _CARRIED)) for p in _written(message))
    return (*itself, *(Letter(q.sender, Passage(q.text, _CARRIED)) for q in message.quoted))


def _written(message: Message) -> tuple[Passage, ...]:
    """What the sender wrote and attached; sheets are read by their headers instead (see sheets.py)."""
    attached = (Passage(text_of(a), f"attachment {a.name}") for a in message.attachments if a.message is None and not is_sheet(a))
    return (Passage(message.body.new, "message"), *attached)


def _unparsed(message: Message) -> tuple[Passage, ...]:
    """A chain below that could not be told apart into messages is read as it stands."""
    if message.quoted:
        return ()
    return (Passage(message.body.forwarded, _PLACES[Quoting.FORWARDED]), Passage(message.body.history, _PLACES[Quoting.HISTORY]))
