"""Exchange journal reports (MS-XJRNL): the message that was sent and everyone whom the transport delivered it to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.circulation import EnvelopeRecipient, EnvelopeRole
from rules.roster import canonical
from scanner.reading.mail.charsets import decoded, legible
from scanner.reading.mail.envelope import is_journal, message_id
from scanner.reading.mail.fields import split
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.parts import Part, parse

_LINE = re.compile(r"^(?P<name>[A-Za-z-]{2,30})[ \t]*:[ \t]*(?P<value>.*)$")
_VIA = re.compile(r",\s*(?P<how>Expanded|Forwarded)\s*:\s*", re.IGNORECASE)
_ANGLE = re.compile(r"<([^<>]+)>")
_ROLES = {role.value: role for role in EnvelopeRole if role not in (EnvelopeRole.TRACE, EnvelopeRole.DELIVERED)}
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JournalReport:
    """One report. `original` is the message as it was sent; `sender` the authenticated one; `message_id` the original's, without brackets."""

    original: bytes
    message_id: str
    sender: str
    recipients: tuple[EnvelopeRecipient, ...]


def unwrap(raw: bytes) -> JournalReport | None:
    """The report that a journal mailbox received; None where this is no report, or one without sender, recipients or original."""
    tree = parse(raw, Limits())
    if not is_journal(tree.fields) or tree.media_type != "multipart/mixed":
        return None
    text = next((p for p in tree.children if p.media_type == "text/plain"), None)
    carried = next((p for p in tree.children if p.media_type == "message/rfc822"), None)
    original = _original(carried) if carried else b""
    if text is None or not original:
        return None
    lines = _lines(legible(decoded(text.beginning(_MOST_BYTES)[0], text.parameter("charset"))))
    sender = next((_mailbox(value) for name, value in lines if name == "sender"), "")
    recipients = tuple(_recipient(_ROLES[name], value) for name, value in lines if name in _ROLES and value)
    if not sender or not recipients:
        return None
    named = next((message_id(value) for name, value in lines if name == "message-id"), "")
    inside = message_id(split(original, Limits().header_bytes)[0].first("message-id"))
    return JournalReport(original, named or inside, sender, recipients)


def _original(part: Part) -> bytes:
    """The carried message, base64 (against RFC 2046 5.2.1) undone."""
    return bytes(part.inside())


def _lines(text: str) -> list[tuple[str, str]]:
    """The envelope's lines as names in lower case and values."""
    found = (_LINE.match(line.strip()) for line in text.split("\n"))
    return [(match["name"].lower(), match["value"].strip()) for match in found if match]


def _mailbox(text: str) -> str:
    found = _ANGLE.search(text)
    return canonical(found[1] if found else text.strip(" \"'"))


def _recipient(role: EnvelopeRole, value: str) -> EnvelopeRecipient:
    """`address[, (Expanded|Forwarded): address]`; of several the first names the list or mailbox that the sender addressed."""
    pieces = _VIA.split(value)
    ways = {how.lower() for how in pieces[1::2]}
    return EnvelopeRecipient(_mailbox(pieces[0]), role, _mailbox(pieces[2]) if len(pieces) > 2 else "", "forwarded" in ways)
