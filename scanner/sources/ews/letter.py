"""What Exchange keeps of a message, as RFC 5322: a header block from its properties, and Bcc put back into the sender's own copy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LINE = 900  # octets; RFC 5322 2.1.1 allows 998
# Header fields that say what became of a copy on its way; the others are taken from the properties, which all copies share.
_KEPT = re.compile(r"resent-|x-forwarded-|x-ms-exchange-|auto-submitted|x-auto|precedence|x-ms-journal-report|content-identif", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or list as Exchange names it. `kind` is its MailboxType; `routing` EX means that `email` is a name in the directory."""

    email: str
    name: str = ""
    routing: str = "SMTP"
    kind: str = "Mailbox"


@dataclass(frozen=True, slots=True)
class Letter:
    """One item as GetItem gave it; `mime` only where it was asked for."""

    item: str
    sender: tuple[Recipient, ...] = ()
    submitter: tuple[Recipient, ...] = ()
    to: tuple[Recipient, ...] = ()
    cc: tuple[Recipient, ...] = ()
    bcc: tuple[Recipient, ...] = ()
    subject: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""
    sent: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    mime: bytes | None = field(default=None, repr=False)

    @property
    def groups(self) -> tuple[tuple[Recipient, ...], ...]:
        """Who wrote, who sent it for them, and whom it was sent to."""
        return self.sender, self.submitter, self.to, self.cc, self.bcc

    @property
    def has_directory_names(self) -> bool:
        """Whether somebody stands in it by a name in the directory."""
        return any(each.routing.upper() != "SMTP" for group in self.groups for each in group)


def head_of(letter: Letter) -> bytes:
    """The header block that Exchange would write, without the whole message. Raw UTF-8 (RFC 6532)."""
    rows = [
        ("From", _joined(letter.sender)),
        ("Sender", _joined(letter.submitter) if letter.submitter != letter.sender else ""),
        ("To", _joined(letter.to)),
        ("Cc", _joined(letter.cc)),
        ("Bcc", _joined(letter.bcc)),
        ("Subject", letter.subject),
        ("Date", format_datetime(letter.sent) if letter.sent else ""),
        ("Message-ID", letter.message_id),
        ("In-Reply-To", letter.in_reply_to),
        ("References", letter.references),
        *((name, value) for name, value in letter.headers if _KEPT.match(name)),
    ]
    # A field that is there with nothing in it says something too where it marks a copy, as X-MS-Journal-Report does.
    return b"".join(_field(name, value) for name, value in rows if value or _KEPT.match(name)) + b"\r\n"


def with_bcc(letter: Letter) -> bytes:
    """The message's bytes with a Bcc field, where Exchange knows of one and the bytes have none."""
    raw = letter.mime or b""
    if not letter.bcc or re.search(rb"^bcc:", re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0], re.IGNORECASE | re.MULTILINE):
        return raw
    return _field("Bcc", _joined(letter.bcc)) + raw


def _joined(recipients: Iterable[Recipient]) -> str:
    return ", ".join(_written(each) for each in recipients)


def _written(recipient: Recipient) -> str:
    """name-addr (RFC 5322 3.4). Somebody whose address is not known is written by name only."""
    name = _plain(recipient.name).replace("\\", "\\\\").replace('"', '\\"')
    email = re.sub(r"[\s<>,;]", "", _plain(recipient.email)) if recipient.routing.upper() == "SMTP" else ""
    return f'"{name}" <{email}>' if name and email else email or f'"{name}" <>'


def _field(name: str, value: str) -> bytes:
    """One header field, folded between words or recipients so that no line is longer than RFC 5322 allows; what is in one cannot become two."""
    lines, line = [], f"{_plain(name)}:"
    for word in _plain(value).split(" "):
        if len(line.encode()) + len(word.encode()) > _LINE:
            lines.append(line)
            line = ""
        line = f"{line} {word}"
    return "\r\n".join((*lines, line)).encode("utf-8", "replace") + b"\r\n"


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)
