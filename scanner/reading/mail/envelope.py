"""Who wrote to whom, when and about what, from the headers alone: the fast first pass over every copy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.message import Address, Message
from scanner.reading.mail.addresses import addresses
from scanner.reading.mail.dates import utc
from scanner.reading.mail.fields import Fields, one_line, plain, split
from scanner.reading.mail.limits import Limits

_ID = re.compile(r"<([^<>]{1,990})>")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]+")  # no store takes a zero
_MOST_REFERENCES = 500
_DELIVERY = frozenset({"delivered-to", "x-delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "x-rcpt-to"})
_MOST_DELIVERED = 50
_ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?reply-?daemon)@", re.IGNORECASE)
_NOBODY = Address("")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message without its body. `rerouted`: a mailbox rule or a redirection brought this copy. `journal`: it wraps a journal report.

    `draft`: Outlook's mark says that it was never sent. `delivered` are the addresses for which servers took this copy, as they wrote on it
    themselves.
    """

    message: Message
    rerouted: bool
    journal: bool
    draft: bool = False
    delivered: tuple[str, ...] = ()


def read_envelope(raw: bytes, fallback_id: str) -> Envelope:
    """The envelope of a message; `fallback_id` names one that has no Message-ID. Never raises; what was cut stands in `message.unread`."""
    return envelope_of(split(raw, Limits().header_bytes)[0], fallback_id)


def envelope_of(fields: Fields, fallback_id: str) -> Envelope:
    """The envelope that header fields already cut out make."""
    return Envelope(_message(fields, fallback_id), _rerouted(fields), is_journal(fields), _draft(fields), _delivered(fields))


def message_id(value: str) -> str:
    """A Message-ID without angle brackets or white space; empty where there is none."""
    found = _ID.search(value)
    return _SPACE.sub("", found[1] if found else value.strip("<> \t")[:990])


def is_journal(fields: Fields) -> bool:
    """Whether these are the headers of a journal report (MS-XJRNL 2.1.1); the header's value does not matter, and both misspellings occur."""
    marks = (*fields.all("content-identifier"), *fields.all("content-identifer"))
    return fields.has("x-ms-journal-report") or any(mark.strip().lower() == "exjournalreport" for mark in marks)


def _message(fields: Fields, fallback_id: str) -> Message:
    authors = _mailboxes(fields, "from")
    submitters = _mailboxes(fields, "sender")
    sender = (*authors, *submitters, *_mailboxes(fields, "return-path"), _NOBODY)[0]
    submitter = submitters[0] if submitters and submitters[0].email != sender.email else None
    replied = _references(fields.first("in-reply-to"))
    return Message(
        id=message_id(fields.first("message-id")) or fallback_id,
        date=utc(fields.first("date")),
        sender=sender,
        to=_mailboxes(fields, "to"),
        cc=_mailboxes(fields, "cc"),
        bcc=_mailboxes(fields, "bcc") if fields.has("bcc") else None,
        submitter=submitter,
        subject=plain(fields.first("subject"))[:2000],
        in_reply_to=replied[0] if replied else "",
        references=tuple(name for value in fields.all("references") for name in _references(value))[-_MOST_REFERENCES:],
        automatic=_automatic(fields, sender),
        unread=fields.cut,
    )


def _draft(fields: Fields) -> bool:
    return fields.first("x-unsent").strip() == "1" and not fields.has("received")


def _delivered(fields: Fields) -> tuple[str, ...]:
    """Delivery fields above the last trace field (RFC 5321 4.4): each server writes on top, so what stands below may be anybody's."""
    first_server = max((place for place, (key, _) in enumerate(fields.rows) if key == "received"), default=0)
    found = (address.email for key, value in fields.rows[:first_server] if key in _DELIVERY for address in addresses(value))
    return tuple(dict.fromkeys(email for email in found if email))[:_MOST_DELIVERED]


def _mailboxes(fields: Fields, name: str) -> tuple[Address, ...]:
    return tuple(address for value in fields.all(name) for address in addresses(value))


def _references(value: str) -> tuple[str, ...]:
    """The Message-IDs of In-Reply-To or References; a single word with an `@` counts though its brackets are missing."""
    found = tuple(_SPACE.sub("", name) for name in _ID.findall(value))
    bare = tuple(_SPACE.sub("", word) for word in value.split() if "@" in word) if not found and len(value) < 2000 else ()
    return found or (bare if len(bare) == len(value.split()) else ())


def _automatic(fields: Fields, sender: Address) -> bool:
    """Whether a program answered or reported (RFC 3834); a redirected copy is a person's message all the same."""
    if any(key.startswith("resent-") for key, _ in fields.rows):
        return False
    submitted = one_line(fields.first("auto-submitted")).partition(";")[0].strip().lower()
    kind = fields.first("content-type").lower()
    return (
        submitted not in ("", "no")
        or any(fields.has(name) for name in ("x-autoreply", "x-autorespond", "x-ms-exchange-generated-message-source"))
        or fields.first("precedence").strip().lower() == "auto_reply"
        or kind.startswith("multipart/report")
        or bool(_ROBOTS.match(sender.email))
    )


def _rerouted(fields: Fields) -> bool:
    """Whether something other than the sender brought this copy: a redirection (RFC 5322 3.6.6), an inbox rule or a forwarding address."""
    marks = ("x-ms-exchange-inbox-rules-loop", "x-ms-exchange-forwardingloop", "x-forwarded-for", "x-forwarded-to")
    return (
        any(key.startswith("resent-") or key in marks for key, _ in fields.rows)
        or "rules agent" in fields.first("x-ms-exchange-generated-message-source").lower()
        or fields.first("auto-submitted").strip().lower().startswith("auto-forwarded")
    )
