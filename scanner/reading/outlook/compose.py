"""An Outlook item written as a message (RFC 5322, RFC 2045), so that one reader reads mail from every container."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from mimetypes import MimeTypes
from urllib.parse import quote

from scanner.reading.mail.charsets import decoded
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.letterhead import letterhead
from scanner.reading.outlook.mapi import STRING8, UNICODE, AttachedFile, Item, Properties, Tag, in_codepage
from scanner.reading.outlook.richtext import BrokenRtfError, RichTextLeft, unfolded, words

UNREAD = "application/vnd.aboveboard.unread"
REASONS = {
    "damaged": "cannot be read in its Outlook container",
    "deep": "messages attached too deeply",
    "empty": "holds no content",
    "link": "a link to a file that is kept elsewhere",
    "long": "body too long",
    "object": "an embedded object is not read",
}
_BY_REFERENCE = (2, 3, 4, 7)  # MS-OXCMSG 2.2.2.9
_OBJECT = 6
_RICH_BODIES = 2  # so many of the longest are unpacked in one message, those attached to it included
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}")
_META = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_SIGNED = "ipm.note.smime.multipartsigned"


def letter(item: Item, limits: Limits, left: RichTextLeft | None = None) -> bytes:
    """The whole message. Transfer encoding is `binary` throughout (RFC 2045 2.9), so that nesting costs no more than copying.

    `left` is what rich text may yet be unpacked, where the item is not the only one.
    """
    return _Writing(limits, left).letter(item)


def content(item: Item, limits: Limits, left: RichTextLeft | None = None) -> bytes:
    """The part without the message's own fields: MIME headers, an empty line, the body."""
    return _Writing(limits, left).content(item)


class _Writing:
    """The writing of one message and all that are attached to it: how much rich text may yet be unpacked."""

    def __init__(self, limits: Limits, left: RichTextLeft | None) -> None:
        self._most = limits.body_bytes
        self._left = left or RichTextLeft(_RICH_BODIES * limits.body_bytes)

    def letter(self, item: Item) -> bytes:
        return letterhead(item) + self.content(item)

    def content(self, item: Item) -> bytes:
        if item.properties.text(Tag.MESSAGE_CLASS).lower() == _SIGNED and (signed := _signed(item)):
            return signed
        parts = [_together("alternative", self._texts(item.properties)), *(self._attached(each) for each in item.attachments)]
        if item.properties.damaged or item.incomplete or any(each.damaged for each in item.recipients):
            parts.append(_unread("damaged"))
        return _together("mixed", [part for part in parts if part]) or b"\r\n"

    def _texts(self, found: Properties) -> list[bytes]:
        """The body in the forms that are kept: plain text, and HTML that may be wrapped in rich text (MS-OXRTFEX)."""
        plain, html = found.text(Tag.BODY), _html(found)
        unread = ""
        if not html.strip() and (packed := found.blob(Tag.RTF)):
            try:
                text, is_html = self._unpacked(packed)
                html, plain = (text, plain) if is_html else ("", plain if plain.strip() else text)
            except BrokenRtfError as error:
                unread = error.reason
        parts = [_text("plain", plain)] if plain.strip() else []
        parts += [_text("html", html)] if html.strip() else []
        return parts if parts or not unread else [_unread(unread)]

    def _unpacked(self, packed: bytes) -> tuple[str, bool]:
        room = min(self._most, self._left.bytes)
        try:
            rtf = unfolded(packed, room)
        except BrokenRtfError as error:
            self._left.bytes -= room if error.reason == "long" else 0
            raise
        self._left.bytes -= len(rtf)
        return words(rtf, self._most)

    def _attached(self, each: AttachedFile) -> bytes:
        found = each.properties
        name = found.text(Tag.LONG_FILE_NAME) or found.text(Tag.FILE_NAME) or found.text(Tag.NAME)
        if each.item is not None:
            return _part("message/rfc822", _disposition("attachment", name), self.letter(each.item))
        return _file(each, name)


def _signed(item: Item) -> bytes:
    """A clear-signed message is kept whole, MIME headers included, as its only attachment (MS-OXOSMIME 2.1.3.1)."""
    whole = item.attachments[0].properties.blob(Tag.CONTENT).lstrip() if len(item.attachments) == 1 else b""
    return whole if whole[:13].lower() == b"content-type:" else b""


def _html(found: Properties) -> str:
    """HTML, a string or bytes in the codepage that the message names, or else in its own."""
    raw = found.blob(Tag.HTML)
    if found.kind(Tag.HTML) in (STRING8, UNICODE):
        return found.text(Tag.HTML)
    if codepage := found.number(Tag.INTERNET_CODEPAGE):
        return in_codepage(raw, codepage)
    meta = _META.search(raw, 0, 4096)
    return decoded(raw, meta[1].decode("ascii") if meta else "")


def _text(subtype: str, text: str) -> bytes:
    return _part(f"text/{subtype}; charset=utf-8", "", text.encode("utf-8", "replace"))


def _file(each: AttachedFile, name: str) -> bytes:
    """A file with its content, or the reason why there is none."""
    found = each.properties
    method, raw = found.number(Tag.METHOD), found.blob(Tag.CONTENT)
    if method in _BY_REFERENCE and not raw:
        return _unread("link", name or "link")
    if each.unread or (method == _OBJECT and not raw):
        return _unread(each.unread or "object", name or "attachment")
    if not raw and not found.kind(Tag.CONTENT):
        return _unread("damaged" if Tag.CONTENT in found.damaged else "empty", name or "attachment")
    identity = re.sub(r"[^!-~]", "", found.text(Tag.CONTENT_ID).strip("<>"))[:200]
    inline = "inline" if identity else "attachment"
    kind = _media_type(found.text(Tag.MEDIA_TYPE), name)
    return _part(kind, _disposition(inline if kind.startswith("image/") else "attachment", name) + _field("Content-ID", identity), raw)


def _media_type(declared: str, name: str) -> str:
    """The declared type where it makes sense for one file, or else what its name says."""
    kind = declared.strip().lower()
    if kind == "multipart/signed":
        return "application/pkcs7-mime"
    if _TYPE.fullmatch(kind) and not kind.startswith(("multipart/", "message/")) and kind != UNREAD:
        return kind
    if kind == "message/rfc822":
        return kind
    return _types().guess_type(f"x.{name.rpartition('.')[2]}")[0] or "application/octet-stream"


@cache
def _types() -> MimeTypes:
    """The standard library's own table, without what this machine adds to it."""
    return MimeTypes()


def _unread(reason: str, name: str = "") -> bytes:
    """A part that says of itself why it cannot be read; the reader takes only reasons that it knows."""
    return _part(f"{UNREAD}; reason={reason}", _disposition("attachment", name) if name else "", b"")


def unread_reason(word: str) -> str:
    """What a reason means to people; an unknown one counts as damage."""
    return REASONS.get(word, REASONS["damaged"])


def _disposition(kind: str, name: str) -> str:
    """Content-Disposition with a name in any script (RFC 2231 4)."""
    return f"Content-Disposition: {kind}; filename*=utf-8''{quote(name[:255], safe='', errors='replace')}\r\n"


def _field(name: str, value: str) -> str:
    return f"{name}: <{value}>\r\n" if value else ""


def _part(kind: str, fields: str, raw: bytes) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n{fields}\r\n"
    return head.encode("ascii") + raw


def _together(subtype: str, parts: list[bytes]) -> bytes:
    """Several parts as one; the boundary comes from their content, which therefore cannot hold it."""
    if len(parts) < 2:
        return parts[0] if parts else b""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    line = f"--=_{digest.hexdigest()}".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{line[2:].decode()}"\r\n\r\n'.encode()
    return head + b"".join(_lines(parts, line))


def _lines(parts: list[bytes], line: bytes) -> Iterator[bytes]:
    for part in parts:
        yield line + b"\r\n"
        yield part
        yield b"\r\n"
    yield line + b"--\r\n"
