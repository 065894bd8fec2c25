"""A message's header block out of Graph's properties, and the Bcc line that its MIME lacks.

Graph gives `internetMessageHeaders` for received mail only, and not always all of them; a sent copy keeps what its headers would say
in properties (learn.microsoft.com/graph/api/resources/message). Lines are written in UTF-8 as they are (RFC 6532).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

Properties = Mapping[str, Any]

IN_REPLY_TO, REFERENCES = "String 0x1042", "String 0x1039"  # PidTagInReplyToId, PidTagInternetReferences (MS-OXPROPS)

_PROPERTIES = "internetMessageHeaders,internetMessageId,subject,sentDateTime,from,sender,toRecipients,ccRecipients,bccRecipients"
_EXTENDED = f"singleValueExtendedProperties($filter=id eq '{IN_REPLY_TO}' or id eq '{REFERENCES}')"
HEAD = f"$select={_PROPERTIES}&$expand={quote(_EXTENDED, safe='$()=,')}"
BCC = "$select=bccRecipients"

_NAME = re.compile(r"[!-9;-~]{1,100}")
_SPACE = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_BCC = re.compile(rb"^bcc[ \t]*:", re.IGNORECASE | re.MULTILINE)
_LONG_AGO = 1601


def head_of(properties: Properties) -> bytes:
    """The header block: the headers that Graph has, and out of properties those that are missing."""
    rows = list(_given(properties))
    there = {name.lower() for name, _ in rows}
    rows += [(name, value) for name, value in _made(properties) if value and name.lower() not in there]
    return "".join(f"{name}: {value}\r\n" for name, value in rows).encode("utf-8", "replace") + b"\r\n"


def with_bcc(mime: bytes, properties: Properties) -> bytes:
    """A message's bytes, headed by the Bcc that its sender's copy keeps apart; unchanged where there is none or it has one."""
    end = _END_OF_HEAD.search(mime)
    line = _people(properties.get("bccRecipients"))
    if not line or _BCC.search(mime[: end.start()] if end else mime):
        return mime
    return f"Bcc: {line}\r\n".encode("utf-8", "replace") + mime


def address_of(recipient: object) -> tuple[str, str]:
    """Name and address of a `recipient`; empty where they are not given."""
    found = recipient.get("emailAddress") if isinstance(recipient, Mapping) else None
    known = found if isinstance(found, Mapping) else {}
    return _line(known.get("name")), _line(known.get("address"))


def _given(properties: Properties) -> Iterator[tuple[str, str]]:
    headers = properties.get("internetMessageHeaders")
    for each in headers if isinstance(headers, list) else ():
        name = each.get("name") if isinstance(each, Mapping) else None
        if isinstance(name, str) and _NAME.fullmatch(name):
            yield name, _line(each.get("value"))


def _made(properties: Properties) -> Iterator[tuple[str, str]]:
    sender = _person(properties.get("sender"))
    author = _person(properties.get("from")) or sender
    yield "From", author
    yield "Sender", sender if sender != author else ""
    yield "To", _people(properties.get("toRecipients"))
    yield "Cc", _people(properties.get("ccRecipients"))
    yield "Bcc", _people(properties.get("bccRecipients"))
    yield "Subject", _line(properties.get("subject"))
    yield "Date", _date(properties.get("sentDateTime"))
    yield "Message-ID", _line(properties.get("internetMessageId"))
    extended = _extended(properties.get("singleValueExtendedProperties"))
    yield "In-Reply-To", extended.get(IN_REPLY_TO.lower(), "")
    yield "References", extended.get(REFERENCES.lower(), "")


def _extended(found: object) -> dict[str, str]:
    rows = found if isinstance(found, list) else []
    return {str(each.get("id")).lower(): _line(each.get("value")) for each in rows if isinstance(each, Mapping)}


def _people(recipients: object) -> str:
    return ", ".join(person for person in map(_person, recipients if isinstance(recipients, Iterable) else ()) if person)


def _person(recipient: object) -> str:
    name, address = address_of(recipient)
    if not address or name in {"", address}:
        return f"<{address}>" if address else ""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _date(value: object) -> str:
    """An ISO 8601 time as RFC 5322 writes it; nothing for none, or for the zero that stands for none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return ""
    return format_datetime(found) if found.year > _LONG_AGO and found.tzinfo else ""


def _line(value: object) -> str:
    """Text on one line, so that no value can begin a header of its own."""
    return _SPACE.sub(" ", value).strip() if isinstance(value, str) else ""
