"""The header fields of an Outlook item: those that its transport left with it, and what they lack from its properties and recipients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import format_datetime

from scanner.reading.mail.fields import one_line
from scanner.reading.outlook.correspondents import addressed, author, directory, recipients, submitter
from scanner.reading.outlook.mapi import Item, Tag

_NAME = re.compile(r"([!-9;-~]{1,100})[ \t]*:")
_LINE = re.compile(r"\r\n|\r|\n")
# What speaks of a body that is composed anew.
_STRUCTURE = frozenset({"content-type", "content-transfer-encoding", "content-disposition", "content-length", "mime-version"})
_MOST_LINE = 60_000  # characters of one field; the reader cuts one that is longer than 96 KB
_FROM_ME, _UNSENT = 0x20, 0x08  # MS-OXCMSG 2.2.1.6
_REPORTS = ("report.", "ipm.note.rules.ooftemplate", "ipm.note.rules.replytemplate")
_TO, _CC, _BCC = 1, 2, 3


def letterhead(item: Item) -> bytes:
    """All header fields but those of the body, each ended by CRLF; text beyond ASCII is UTF-8 (RFC 6532)."""
    carried, named = _carried(item.properties.text(Tag.TRANSPORT_HEADERS))
    added = [f"{name}: {value}" for name, value in _added(item, named)]
    return "".join(f"{line}\r\n" for line in (*carried, *added, "MIME-Version: 1.0")).encode("utf-8", "replace")


def _carried(text: str) -> tuple[list[str], Mapping[str, str]]:
    """The transport's own lines down to the first empty one, without those about the body's structure; and the first value of each field."""
    kept: list[str] = []
    named: dict[str, str] = {}
    keeping = False
    for line in _LINE.split(text.lstrip("\r\n")):
        if not line.strip():
            break
        if line[0] not in " \t":
            match = _NAME.match(line)
            name = match[1].lower() if match else ""
            keeping = bool(name) and name not in _STRUCTURE
            if name:
                named.setdefault(name, line[len(name) + 1 :])
        if keeping:
            kept.append(line.replace("\0", ""))
    return kept, named


def _added(item: Item, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the transport's fields do not say."""
    found = item.properties
    known = directory(item)
    if "from" not in named:
        writer, sender = author(found, known), submitter(found, known)
        yield from [("From", writer)] if writer else []
        yield from [("Sender", sender)] if sender and sender != writer and "sender" not in named else []
    yield from _people(item, named, known)
    moment = found.moment(Tag.CLIENT_SUBMIT_TIME) or found.moment(Tag.DELIVERY_TIME) or found.moment(Tag.CREATED)
    if "date" not in named and moment:
        yield "Date", format_datetime(moment)
    for name, tag in (("Subject", Tag.SUBJECT), ("Message-ID", Tag.MESSAGE_ID), ("In-Reply-To", Tag.IN_REPLY_TO), ("References", Tag.REFERENCES)):
        text = _plain_subject(found.text(tag)) if tag is Tag.SUBJECT else one_line(found.text(tag))
        if text and name.lower() not in named:
            yield name, text[:_MOST_LINE]
    yield from _marks(item, named)


def _people(item: Item, named: Mapping[str, str], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """To, Cc and Bcc by recipient type.

    An empty Bcc says that there was none, and stands only in a letter that its owner sent and whose recipients are all known.
    """
    by_kind, whole = recipients(item, known)
    if not any(name in named for name in ("to", "cc", "bcc")):
        for name, kind in (("To", _TO), ("Cc", _CC)):
            yield from ((name, line) for line in addressed(by_kind[kind], _MOST_LINE))
    if "bcc" in named:
        return
    if by_kind[_BCC]:
        yield from (("Bcc", line) for line in addressed(by_kind[_BCC], _MOST_LINE))
    elif whole and not named and (item.properties.number(Tag.MESSAGE_FLAGS) or 0) & _FROM_ME:
        yield "Bcc", ""


def _marks(item: Item, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the reader takes as written by a program (RFC 3834), and Outlook's own mark of a draft."""
    found = item.properties
    kind = found.text(Tag.MESSAGE_CLASS).lower()
    if "auto-submitted" not in named:
        if kind.startswith(_REPORTS) or named.get("content-type", "").strip().lower().startswith("multipart/report"):
            yield "Auto-Submitted", "auto-generated"
        elif found.number(Tag.AUTO_FORWARDED) and not named:
            yield "Auto-Submitted", "auto-forwarded"
    if (found.number(Tag.MESSAGE_FLAGS) or 0) & _UNSENT and "x-unsent" not in named:
        yield "X-Unsent", "1"


def _plain_subject(text: str) -> str:
    """A subject; in a .pst two characters before it tell how long its prefix is (MS-PST 2.5.3.1.1.1)."""
    return one_line(text[2:] if text.startswith("\x01") else text)
