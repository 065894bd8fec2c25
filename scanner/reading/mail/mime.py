"""A message read in full: envelope, zones of the body, quoted mail, attachments, and what could not be read (RFC 2045 to 2049)."""

from __future__ import annotations

import re
from dataclasses import replace

from rules.message import Attachment, Body, Message, Quoted
from scanner.reading.documents.documents import extract
from scanner.reading.mail.allowance import Allowance
from scanner.reading.mail.calendar import invitation, is_calendar
from scanner.reading.mail.charsets import decoded, legible
from scanner.reading.mail.containers import Container, container, is_tnef, opened
from scanner.reading.mail.contents import DIFFERENT, Content, alternatives, beside_tnef, closed, missing, picture_only, words
from scanner.reading.mail.envelope import envelope_of
from scanner.reading.mail.fields import Bytes
from scanner.reading.mail.flowed import unflowed
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.parts import Part, parse_within
from scanner.reading.mail.smime import signed_content
from scanner.reading.outlook.compose import UNREAD, unread_reason
from scanner.reading.zones.hypertext import text_of
from scanner.reading.zones.prints import printed
from scanner.reading.zones.zones import divide

__all__ = ["Limits", "read_message"]

_TAGS = re.compile(r"^\s*(?:(?:\[[^\]]{0,60}\]|\([^)]{0,60}\)|external\s*[:-]|official(?:[ -]sensitive)?\s*[:-])\s*)+", re.IGNORECASE)
_APART = 50  # alternatives that are divided each by itself; mail has two or three
_FORWARD = re.compile(r"^\s*(?:fwd?|yml)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:re|atb|aw|sv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ARMOUR = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_ORDINARY = Limits()
_PICTURE = 8 * 1024


def read_message(raw: bytes, fallback_id: str, limits: Limits = _ORDINARY) -> Message:
    """A whole message. `fallback_id` names one that has no Message-ID; attached ones without get it with a number. Never raises.

    `unread` is about the body and the shape of the message; each attachment has its own reason.
    """
    message = _Reading(limits).message(memoryview(raw)[: limits.message_bytes], fallback_id, limits.depth)
    cut = (f"message cut at {limits.message_bytes} bytes",) if len(raw) > limits.message_bytes else ()
    return replace(message, unread=cut + message.unread) if cut else message


class _Reading:
    """One reading of one message and those attached to it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._allowance = Allowance(limits)

    def message(self, raw: Bytes, fallback_id: str, depth: int) -> Message:
        """The message in these bytes, and those attached to it down to a depth."""
        tree = parse_within(raw, self._limits, self._allowance, depth)
        message = envelope_of(tree.fields, fallback_id).message
        content = self._content(tree, message.id, depth)
        forward, reply = _hints(message)
        body, quoted = _divided(content, forward=forward, reply=reply)
        unread = (*message.unread, *content.unread, *picture_only(content))
        return replace(message, body=body, quoted=quoted, attachments=content.attachments, unread=tuple(dict.fromkeys(unread)))

    def _content(self, part: Part, name: str, depth: int) -> Content:
        """What a part holds, whatever its kind."""
        found = self._opened(part, name, depth)
        return replace(found, unread=(*part.damage, *found.unread)) if part.damage else found

    def _opened(self, part: Part, name: str, depth: int) -> Content:
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
            return Content()
        return self._file(part) if (found := container(part, self._allowance.attachment())) is None else self._container(found, part, name, depth)

    def _multipart(self, part: Part, name: str, depth: int) -> Content:
        kind = part.media_type
        if kind == "multipart/encrypted":
            return Content(unread=("encrypted (PGP)",))
        if not part.children:
            return self._text(Part(part.fields, part.raw, default_type="text/plain")) if part.raw else Content()
        contents = [self._content(child, f"{name}#{number}", depth - 1) for number, child in enumerate(part.children, 1)]
        if kind == "multipart/alternative":
            return alternatives(part.children, contents)
        if any(map(is_tnef, part.children)):
            contents = beside_tnef(part.children, contents)
        return sum(contents, Content())

    def _smime(self, part: Part, name: str, depth: int) -> Content:
        """Opaque signed mail is opened; encrypted mail cannot be (RFC 8551 3.2.2)."""
        raw = self._unpacked(part) if depth > 0 else None
        inner = signed_content(raw) if raw else None
        if inner is None:
            signed = "signed" in part.parameter("smime-type")
            return Content(unread=("S/MIME signature that cannot be opened" if signed else "encrypted (S/MIME)",))
        return self._content(parse_within(inner, self._limits, self._allowance, depth - 1), name, depth - 1)

    def _container(self, kind: Container, part: Part, name: str, depth: int) -> Content:
        """What Outlook wrapped up: a saved message is an attached one, the content of a winmail.dat stands in the message itself."""
        if (packed := self._unpacked(part)) is None:
            return closed(part, self._too_large())
        raw = opened(kind, packed, self._limits, self._allowance.rich_text) if depth > 0 else None
        if raw is None:
            return closed(part, unread_reason("damaged" if depth > 0 else "deep"))
        if kind is Container.MESSAGE:
            return self._attached_message(part, name, depth, raw)
        return self._content(parse_within(raw, self._limits, self._allowance, depth - 1), name, depth - 1)

    def _attached_message(self, part: Part, name: str, depth: int, raw: Bytes = b"") -> Content:
        if depth <= 0 or not self._allowance.part():
            return closed(part, f"messages attached deeper than {self._limits.depth} or more than {self._limits.parts} parts")
        if not raw and part.encoded and not self._fits(part):
            return closed(part, self._too_large())
        raw = raw or part.inside()
        message = self.message(raw, f"{name}/attached", depth - 1)
        return Content(attachments=(Attachment(part.title() or message.subject, part.media_type, len(raw), message=message),))

    def _fits(self, part: Part) -> bool:
        """Whether there is room for an attachment; its room is then taken."""
        fits = part.size <= self._allowance.attachment()
        if fits:
            self._allowance.attached(part.size)
        return fits

    def _unpacked(self, part: Part) -> bytes | None:
        """An attachment's bytes; None where they are more than are unpacked of one, or of all in one message."""
        content, whole = part.beginning(self._allowance.attachment())
        self._allowance.attached(len(content) if whole else 0)
        return content if whole else None

    def _too_large(self) -> str:
        return f"larger than {self._allowance.attachment()} bytes"

    def _text(self, part: Part) -> Content:
        """A text that stands in the body."""
        limits = self._limits
        content, whole = part.beginning(self._allowance.body_bytes())
        text = decoded(content, part.parameter("charset"))
        if part.media_type == "text/html" or (
            part.default_type == "text/plain" and text[:200].lstrip().lower().startswith(("<!doctype html", "<html"))
        ):
            text = text_of(text)
        elif part.parameter("format").lower() == "flowed":
            text = unflowed(legible(text), delsp=part.parameter("delsp").lower() == "yes")
        text = legible(text)
        text = invitation(text) if is_calendar(text) else text
        kept = self._allowance.kept(text, len(content))
        cut = () if whole and kept == text else (f"body cut at {min(limits.body_bytes, limits.letters)} characters or {limits.lines} lines",)
        armoured = ("encrypted (PGP)",) if _ARMOUR.search(text) else ()
        return Content(texts=(kept,), unread=cut + armoured)

    def _file(self, part: Part) -> Content:
        """An attachment, opened where its kind is known."""
        if part.media_type == UNREAD:
            return missing(part)
        if part.media_type.startswith("message/") and part.media_type != "message/delivery-status":
            return closed(part, f"{part.media_type} is not read")
        if (content := self._unpacked(part)) is None:
            return closed(part, self._too_large())
        title = part.title()
        picture = int(part.media_type.startswith("image/") and (part.attached or len(content) >= _PICTURE))
        document = self._allowance.document(len(content), lambda limits: extract(title, part.media_type, content, limits))
        text = invitation(document.text) if is_calendar(document.text) else document.text
        file = Attachment(title, part.media_type, len(content), text, document.tables, unread=document.unread, quoted=printed(text))
        return Content(attachments=(file,), pictures=picture)


def _hints(message: Message) -> tuple[bool, bool]:
    """Whether the subject says that the message passes something on, and whether anything says that it answers."""
    subject = _TAGS.sub("", message.subject)
    forward = bool(_FORWARD.match(subject))
    return forward, bool(_REPLY.match(subject) or message.in_reply_to or message.references)


def _divided(content: Content, *, forward: bool, reply: bool) -> tuple[Body, tuple[Quoted, ...]]:
    """The zones of the body; new text that only an alternative shows is added to the new text."""
    body, quoted = divide("\n\n".join(content.texts), forward, reply=reply)
    shown, known = [body.new], set(words((body.new, body.signature, body.disclaimer)))
    rest = "\n\n".join(content.other[_APART:])
    for text in (*content.other[:_APART], *((rest,) if rest else ())):
        hidden = divide(text, forward, reply=reply)[0].new
        if len((fresh := words((hidden,))) - known) >= DIFFERENT:
            shown.append(hidden)
            known |= fresh
    return (replace(body, new="\n\n".join(shown).strip()) if len(shown) > 1 else body), quoted
