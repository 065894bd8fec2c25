"""Attached documents as text and tables: what kind a file is by its content, then the reader for that kind.

Each kind's reader is bounded; what an extractor itself could still do (a crash, an endless loop) is for the process around it to stop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.message import Table
from scanner.reading import delimited, pdf, sheets, wordprocessing
from scanner.reading.charsets import decoded, guessed, legible
from scanner.reading.hypertext import text_of
from scanner.reading.limits import Limits

_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"BM", b"RIFF", b"\x00\x00\x01\x00")
_TIFF = (b"II*\0", b"MM\0*")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WORD_SUFFIXES = ("docx", "docm", "dotx", "odt", "ott", "pptx", "pptm", "odp")
_SHEET_SUFFIXES = ("xlsx", "xlsm", "xltx", "ods", "ots")
_SILENT_TYPES = ("application/pgp-keys", "application/ics", "text/x-vcard", "text/vcard")


@dataclass(frozen=True, slots=True)
class Document:
    """A document's text and tables. `unread` says why some or all of it is missing, and may stand beside text."""

    text: str = ""
    tables: tuple[Table, ...] = ()
    unread: str | None = None


def extract(name: str, media_type: str, content: bytes, limits: Limits) -> Document:
    """Reads a document as far as `limits` allow. Never raises."""
    if not content.strip():
        return Document()
    if len(content) > limits.attachment_bytes:
        return Document(unread=f"larger than {limits.attachment_bytes} bytes")
    suffix = name.lower().rpartition(".")[2]
    text, tables, unread = _read(suffix, media_type, content, limits)
    kept = legible(text)[: limits.characters]
    if len(text) > limits.characters:
        unread = f"text cut at {limits.characters} characters"
    return Document(kept, tables, unread)


def _read(suffix: str, media_type: str, content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    """Text, tables and a reason; the content decides before the name, and the name before the declared type."""
    head = content[:1024]
    if b"%PDF-" in head:
        return pdf.read(content, limits)
    if content.startswith(_COMPOUND):
        return _compound(suffix, content, limits)
    if content.startswith(b"PK\x03\x04"):
        return _zipped(suffix, content, limits)
    if content.startswith((*_TIFF, *_PICTURES)) or media_type.startswith("image/"):
        return "", (), "image only" if content.startswith(_TIFF) or "tiff" in media_type else None
    if suffix == "pdf" or media_type == "application/pdf":
        return "", (), "damaged PDF"
    return _textual(suffix, media_type, content, limits)


def _compound(suffix: str, content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    """A compound file (MS-CFB): an encrypted Office document, a workbook or document of Office 97 to 2003, or a saved message."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "", (), "encrypted"
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book\0")) and suffix not in ("msg", "doc"):
        return sheets.read(content, limits)
    return "", (), f"this kind of document is not read: {suffix[:10] or 'compound file'}"


def _zipped(suffix: str, content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    kind = wordprocessing.kind_of(content)
    if kind == "encrypted":
        return "", (), kind
    if kind == "sheet" or (kind is None and suffix in _SHEET_SUFFIXES):
        return sheets.read_zipped(content, limits)
    if kind == "text" or suffix in _WORD_SUFFIXES:
        return wordprocessing.read(content, limits)
    return "", (), "archive is not opened"


def _textual(suffix: str, media_type: str, content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    sixteen = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not sixteen and _NOT_TEXT.search(content[:8192]):
        known = media_type in _SILENT_TYPES
        return "", (), None if known else f"this kind of file is not read: {suffix[:10] if suffix.isalnum() else media_type[:60]}"
    text = guessed(content)
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")) or suffix in ("html", "htm") or media_type == "text/html":
        return text_of(decoded(content)), (), None
    if text.startswith("{\\rtf"):
        return "", (), "this kind of document is not read: rtf"
    if suffix in ("csv", "tsv") or media_type in ("text/csv", "text/tab-separated-values"):
        return delimited.read(text, limits)
    return text, (), None
