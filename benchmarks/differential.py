"""The reader beside two other parsers on the same files: `python benchmarks/differential.py FOLDER…`.

fast-mail-parser (Rust) and the standard library's `email.policy.default`. The first is installed for the occasion and never required by the
scanner: `pip install fast-mail-parser==0.10.0` in an environment of its own that has the scanner too. Compared are subject, addresses of From, To,
Cc and Bcc, date, Message-ID, number of leaf parts, and the decoded text of the text parts. White space, letter case of addresses, and invisible
characters aside. Prints how many files each pair agrees on, and the differences by field and kind, with the files where each occurs.
"""

from __future__ import annotations

import email
import email.policy
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import fast_mail_parser  # type: ignore[import-not-found]

from scanner.reading.mail.charsets import decoded, legible
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.parts import Part, parse

_ID = re.compile(r"<([^<>]+)>")
_CONTROLS = re.compile("[\x80-\x9f]")
_LONGEST = 400


@dataclass(frozen=True)
class View:
    """What a parser makes of one message. None where it gives no answer."""

    subject: str | None
    sender: tuple[str, ...] | None
    to: tuple[str, ...] | None
    cc: tuple[str, ...] | None
    bcc: tuple[str, ...] | None
    date: str | None
    message_id: str | None
    parts: int | None
    text: str | None


def plain(text: str | None) -> str:
    return " ".join(legible(text or "").split())


def mailboxes(found: list[str]) -> tuple[str, ...]:
    return tuple(sorted({each.strip().strip("<>").lower() for each in found if "@" in each}))


def moment(found: datetime | None) -> str:
    if found is None:
        return ""
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def leaves(part: Part) -> Iterator[Part]:
    if part.children:
        for child in part.children:
            yield from leaves(child)
    elif not part.multipart:
        yield part


def ours(raw: bytes) -> View:
    message = read_envelope(raw, "").message
    found = list(leaves(parse(raw, Limits())))
    texts = [decoded(p.content, p.parameter("charset")) for p in found if p.media_type in ("text/plain", "text/html") and not p.attached]
    return View(
        plain(message.subject),
        mailboxes([message.sender.email]),
        mailboxes([a.email for a in message.to]),
        mailboxes([a.email for a in message.cc]),
        mailboxes([a.email for a in message.bcc or ()]),
        moment(message.date),
        message.id,
        len(found),
        plain(" ".join(texts)),
    )


def rust(raw: bytes) -> View:
    mail = fast_mail_parser.parse_email(raw)
    tree = list(fast_mail_parser.walk(fast_mail_parser.parse_email_tree(raw)))
    names = [value for key, values in mail.headers.items() if key.lower() == "message-id" for value in values]
    inside = {id(child) for part in tree if part.is_message for child in fast_mail_parser.walk(part)} - {id(p) for p in tree if p.is_message}
    own = [part for part in tree if id(part) not in inside and not part.content_type.startswith("multipart/")]
    date = None
    with suppress(ValueError, OverflowError):
        date = mail.date_parsed
    return View(
        plain(mail.subject),
        mailboxes([mail.from_.address] if mail.from_ else []),
        mailboxes([a.address for a in mail.to]),
        mailboxes([a.address for a in mail.cc]),
        mailboxes([a.address for a in mail.bcc]),
        moment(date),
        identity(names[0] if names else ""),
        len(own),
        plain(" ".join((*mail.text_plain, *mail.text_html))),
    )


def standard(raw: bytes) -> View:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    own = list(own_leaves(message))
    texts = [p for p in own if p.get_content_type() in ("text/plain", "text/html") and p.get_content_disposition() != "attachment"]
    date = message["date"]
    return View(
        plain(str(message["subject"] or "")),
        mailboxes([a for _, a in getaddresses([str(v) for v in message.get_all("from", [])])][:1]),
        *(mailboxes([a for _, a in getaddresses([str(v) for v in message.get_all(name, [])])]) for name in ("to", "cc", "bcc")),
        moment(date.datetime if date else None),
        identity(str(message["message-id"] or "")),
        len(own),
        plain(" ".join(str(p.get_content()) for p in texts)),
    )


def own_leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.iter_parts():
            yield from own_leaves(part)
    elif message.get_content_maintype() != "multipart":
        yield message


def identity(value: str) -> str:
    found = _ID.search(value)
    return re.sub(r"\s+", "", found[1] if found else value.strip("<> \t"))


PEERS: dict[str, Callable[[bytes], View]] = {"fast-mail-parser": rust, "email.policy.default": standard}


def attempted(read: Callable[[bytes], View], raw: bytes) -> View | str:
    try:
        return read(raw)
    except Exception as error:  # noqa: BLE001  # that a peer raises is a result
        return f"raises {type(error).__name__}"


def kind(name: str, mine: object, theirs: object) -> str:
    """A first sorting of a difference; the files tell the rest."""
    if not theirs or not mine:
        return "we have none" if theirs else "they have none"
    if name == "parts":
        return f"we have {'more' if int(str(mine)) > int(str(theirs)) else 'fewer'}"
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return "we have more" if set(theirs) < set(mine) else "we have fewer" if set(mine) < set(theirs) else "others"
    return worded(str(mine), str(theirs))


def worded(mine: str, theirs: str) -> str:
    """How two texts differ."""
    kinds = {
        "they have replacement characters": "\ufffd" in theirs and "\ufffd" not in mine,
        "we have replacement characters": "\ufffd" in mine and "\ufffd" not in theirs,
        "they have C1 control characters": bool(_CONTROLS.search(theirs)) and not _CONTROLS.search(mine),
        "another order": sorted(mine.split()) == sorted(theirs.split()),
        "theirs begins with ours": theirs.startswith(mine),
        "ours begins with theirs": mine.startswith(theirs),
        "other characters in the same words": len(mine) == len(theirs),
    }
    return next((what for what, true in kinds.items() if true), "the words differ")


def main() -> None:
    paths = [p for folder in sys.argv[1:] for p in sorted(Path(folder).rglob("*")) if p.is_file()]
    warnings.simplefilter("ignore")
    for peer, read in PEERS.items():
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        same = 0
        for path in paths:
            raw = path.read_bytes()
            mine, theirs = ours(raw), attempted(read, raw)
            if isinstance(theirs, str):
                found["all", theirs].append(path.name)
                continue
            differing = [f.name for f in fields(View) if getattr(mine, f.name) != getattr(theirs, f.name)]
            same += not differing
            for name in differing:
                found[name, kind(name, getattr(mine, name), getattr(theirs, name))].append(path.name)
        print(f"{peer}: {len(paths)} files, {same} the same in every field")
        for (name, what), files in sorted(found.items()):
            print(f"  {name}: {what}: {len(files)}  {' '.join(files)[:_LONGEST]}")


if __name__ == "__main__":
    main()
