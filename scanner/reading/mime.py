"""A message read in full: envelope, zones of the body, quoted mail, attachments, and what could not be read (RFC 2045 to 2049)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rules.message import Attachment, Body, Message, Quoted
from scanner.reading.calendar import invitation, is_calendar
from scanner.reading.charsets import legible
from scanner.reading.compose import UNREAD, unread_reason
from scanner.reading.containers import Container, container, opened
from scanner.reading.documents import extract
from scanner.reading.envelope import envelope_of
from scanner.reading.flowed import unflowed
from scanner.reading.hypertext import text_of
from scanner.reading.limits import Limits
from scanner.reading.parts import Part, parse_within
from scanner.reading.smime import signed_content
from scanner.reading.zones import divide

__all__ = ["Limits", "read_message"]

_TAGS = re.compile(r"^\s*(?:(?:\[[^\]]{0,60}\]|\([^)]{0,60}\)|external\s*[:-]|official(?:[ -]sensitive)?\s*[:-])\s*)+", re.IGNORECASE)
_FORWARD = re.compile(r"^\s*(?:fwd?|yml)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|atb|aw|sv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NOT_WORDS = re.compile(r"<[^<>\s]{0,300}>|\[[^\[\]]{0,300}\]|https?://\S{1,2000}|\S{1,200}@\S{1,200}")
_WORD = re.compile(r"[^\W_]{2,}")
_ARMOUR = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_ORDINARY = Limits()
_DIFFERENT = 4
_MOST_TEXT = 1_000_000
_PICTURE = 8 * 1024


def read_message(raw: bytes, fallback_id: str, limits: Limits = _ORDINARY) -> Message:
    """A whole message. `fallback_id` names one that has no Message-ID; attached ones without get it with a number. Never raises.

    `unread` is about the body and the shape of the message; each attachment has its own reason.
    """
    return _Reading(limits).message(raw, fallback_id, limits.depth)


@dataclass(frozen=True, slots=True)
class _Content:
    """What a part and those below it hold: texts that a reader sees one under another, files, and reasons why something is missing.

    `other` is the text of the less telling alternative, where it says something else.
    """

    texts: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    unread: tuple[str, ...] = ()
    pictures: int = 0

    def __add__(self, later: _Content) -> _Content:
        return _Content(
            self.texts + later.texts,
            self.other + later.other,
            self.attachments + later.attachments,
            self.unread + later.unread,
            self.pictures + later.pictures,
        )


class _Reading:
    """One reading of one message: how many parts and documents may yet be opened, attached messages included."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._tickets: Iterator[int] = iter(range(limits.parts))
        self._documents: Iterator[int] = iter(range(limits.documents))
        self._characters = limits.characters

    def message(self, raw: bytes, fallback_id: str, depth: int) -> Message:
        """The message in these bytes, and those attached to it down to a depth."""
        tree = parse_within(raw, self._limits, self._tickets, depth)
        message = envelope_of(tree.fields, fallback_id).message
        content = self._content(tree, message.id, depth)
        forward, reply = _hints(message)
        body, quoted = _divided(content, forward=forward, reply=reply)
        unread = (*message.unread, *content.unread, *_picture_only(content))
        return replace(message, body=body, quoted=quoted, attachments=content.attachments, unread=tuple(dict.fromkeys(unread)))

    def _content(self, part: Part, name: str, depth: int) -> _Content:
        """What a part holds, whatever its kind."""
        found = self._opened(part, name, depth)
        return replace(found, unread=(*part.damage, *found.unread)) if part.damage else found

    def _opened(self, part: Part, name: str, depth: int) -> _Content:
        kind = part.media_type
        if part.multipart:
            return self._multipart(part, name, depth)
        if kind in _SMIME:
            return self._smime(part, name, depth)
        if kind in ("message/rfc822", "message/global") or part.name.lower().endswith(".eml"):
            return self._attached_message(part, name, depth)
        if kind.startswith("text/") and not part.attached and (not part.name or kind == "text/calendar"):
            return self._text(part)
        if kind in _SIGNATURES:
            return _Content()
        return self._file(part) if (found := container(part)) is None else self._container(found, part, name, depth)

    def _multipart(self, part: Part, name: str, depth: int) -> _Content:
        kind = part.media_type
        if kind == "multipart/encrypted":
            return _Content(unread=("encrypted (PGP)",))
        if not part.children:
            return self._text(Part(part.fields, part.raw, default_type="text/plain")) if part.raw.strip() else _Content()
        contents = [self._content(child, f"{name}#{number}", depth - 1) for number, child in enumerate(part.children, 1)]
        if kind == "multipart/alternative":
            return _alternatives(part.children, contents)
        if any(container(child) is Container.TNEF for child in part.children):
            contents = _beside_tnef(part.children, contents)
        return sum(contents, _Content())

    def _smime(self, part: Part, name: str, depth: int) -> _Content:
        """Opaque signed mail is opened; encrypted mail cannot be (RFC 8551 3.2.2)."""
        inner = signed_content(part.content) if depth > 0 else None
        if inner is None:
            signed = "signed" in part.parameter("smime-type")
            return _Content(unread=("S/MIME signature that cannot be opened" if signed else "encrypted (S/MIME)",))
        return self._content(parse_within(inner, self._limits, self._tickets, depth - 1), name, depth - 1)

    def _container(self, kind: Container, part: Part, name: str, depth: int) -> _Content:
        """What Outlook wrapped up: a saved message is an attached one, the content of a winmail.dat stands in the message itself."""
        raw = opened(kind, part.content, self._limits) if len(part.content) <= self._limits.attachment_bytes and depth > 0 else None
        if raw is None:
            reason = "damaged" if depth > 0 else "deep"
            return _Content(attachments=(Attachment(part.title(), part.media_type, len(part.content), unread=unread_reason(reason)),))
        if kind is Container.MESSAGE:
            return self._attached_message(part, name, depth, raw)
        return self._content(parse_within(raw, self._limits, self._tickets, depth - 1), name, depth - 1)

    def _attached_message(self, part: Part, name: str, depth: int, raw: bytes = b"") -> _Content:
        raw, title = raw or part.content.lstrip(b"\r\n"), part.title()
        if depth <= 0 or next(self._tickets, None) is None:
            attachment = Attachment(
                title, part.media_type, len(raw), unread=f"messages attached deeper than {self._limits.depth} or more than {self._limits.parts} parts"
            )
        else:
            message = self.message(raw, f"{name}/attached", depth - 1)
            attachment = Attachment(title or message.subject, part.media_type, len(raw), message=message)
        return _Content(attachments=(attachment,))

    def _text(self, part: Part) -> _Content:
        """A text that stands in the body."""
        most = self._limits.body_bytes
        text = part.text(most)
        if part.media_type == "text/html" or (
            part.default_type == "text/plain" and text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))
        ):
            text = text_of(text)
        elif part.parameter("format").lower() == "flowed":
            text = unflowed(legible(text), delsp=part.parameter("delsp").lower() == "yes")
        text = legible(text)
        text = invitation(text) if is_calendar(text) else text
        cut = (f"body cut at {min(most, _MOST_TEXT)}",) if len(part.content) > most or len(text) > _MOST_TEXT else ()
        armoured = ("encrypted (PGP)",) if _ARMOUR.search(text) else ()
        return _Content(texts=(text[:_MOST_TEXT],), unread=cut + armoured)

    def _file(self, part: Part) -> _Content:
        """An attachment, opened where its kind is known."""
        if part.media_type == UNREAD:
            return _unread(part)
        content, title, limits = part.content, part.title(), self._limits
        picture = int(part.media_type.startswith("image/") and len(content) >= _PICTURE)
        if part.media_type.startswith("message/") and part.media_type != "message/delivery-status":
            return _Content(attachments=(Attachment(title, part.media_type, len(content), unread=f"{part.media_type} is not read"),))
        if next(self._documents, None) is None or self._characters <= 0:
            return _Content(attachments=(Attachment(title, part.media_type, len(content), unread="too many attachments to open"),))
        document = extract(title, part.media_type, content, replace(limits, characters=self._characters))
        self._characters -= len(document.text)
        text = invitation(document.text) if is_calendar(document.text) else document.text
        file = Attachment(title, part.media_type, len(content), text, document.tables, unread=document.unread)
        return _Content(attachments=(file,), pictures=picture)


def _unread(part: Part) -> _Content:
    """What a container's reader could not open: an attachment where it has a name, else the body."""
    reason, title = unread_reason(part.parameter("reason")), part.title()
    return _Content(attachments=(Attachment(title, part.media_type, 0, unread=reason),)) if title else _Content(unread=(reason,))


def _hints(message: Message) -> tuple[bool, bool]:
    """Whether the subject says that the message passes something on, and whether anything says that it answers."""
    subject = _TAGS.sub("", message.subject)
    forward = bool(_FORWARD.match(subject))
    return forward, bool(_REPLY.match(subject) or message.in_reply_to or message.references)


def _alternatives(parts: tuple[Part, ...], contents: list[_Content]) -> _Content:
    """Of texts that ought to say the same the fuller, an HTML one where they do; what another says beside it is kept apart."""
    calendar = [c for p, c in zip(parts, contents, strict=True) if p.media_type == "text/calendar"]
    texts = [c for p, c in zip(parts, contents, strict=True) if p.media_type != "text/calendar"]
    best = max(reversed(texts), key=lambda c: len(_words(c.texts)) // _DIFFERENT, default=_Content())
    others = tuple("\n".join(c.texts) for c in texts if c is not best and len(_words(c.texts) - _words(best.texts)) >= _DIFFERENT)
    rest = sum((replace(c, texts=()) for c in texts), _Content())
    return replace(rest, texts=best.texts, other=rest.other + others) + _saying_more(sum(calendar, _Content()), best)


def _saying_more(calendar: _Content, best: _Content) -> _Content:
    """An invitation without the texts that stand in the letter already."""
    known = _words(best.texts)
    return replace(calendar, texts=tuple(text for text in calendar.texts if not _words((text,)) <= known))


def _beside_tnef(parts: tuple[Part, ...], contents: list[_Content]) -> list[_Content]:
    """A winmail.dat repeats the letter that it goes with; where there are words beside it, its own are the less telling alternative."""
    wrapped = [container(part) is Container.TNEF for part in parts]
    if not any(_words(c.texts) for c, tnef in zip(contents, wrapped, strict=True) if not tnef):
        return contents
    return [replace(c, texts=(), other=c.other + c.texts) if tnef else c for c, tnef in zip(contents, wrapped, strict=True)]


def _words(texts: tuple[str, ...]) -> frozenset[str]:
    """The words that a reader sees, links and addresses aside."""
    return frozenset(_WORD.findall(_NOT_WORDS.sub(" ", "\n".join(texts)).lower()))


def _divided(content: _Content, *, forward: bool, reply: bool) -> tuple[Body, tuple[Quoted, ...]]:
    """The zones of the body; new text that only an alternative shows is added to the new text."""
    body, quoted = divide("\n\n".join(content.texts), forward, reply=reply)
    for text in content.other:
        hidden = divide(text, forward, reply=reply)[0].new
        if len(_words((hidden,)) - _words((body.new, body.signature, body.disclaimer))) >= _DIFFERENT:
            body = replace(body, new=f"{body.new}\n\n{hidden}".strip())
    return body, quoted


def _picture_only(content: _Content) -> tuple[str, ...]:
    """A letter that was pasted in or attached as a picture, with no words beside it."""
    return ("body is a picture only",) if content.pictures and not _words(content.texts) else ()
