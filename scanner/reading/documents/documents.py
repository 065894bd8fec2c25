"""Attached documents as text and tables: what kind a file is by its content, then the reader for that kind.

Each kind's reader is bounded; what a reader itself could still do (a crash, an endless loop) is for the enclosure around it to stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from rules.message import Table
from scanner.reading.documents import binaryword, bundles, delimited, ocr, pdf, pictures, richdocument, sheets, wordprocessing
from scanner.reading.documents.archives import MOST_MEMBERS, crowded, opened
from scanner.reading.documents.document import Document
from scanner.reading.mail.charsets import decoded, guessed, legible
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.compound import MAGIC
from scanner.reading.zones.hypertext import text_of

__all__ = ["Document", "extract", "read"]

_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WORD_SUFFIXES = ("docx", "docm", "dotx", "odt", "ott", "pptx", "pptm", "odp")
_SHEET_SUFFIXES = ("xlsx", "xlsm", "xltx", "xlsb", "ods", "ots")
_MESSAGES = ("eml", "msg", "mbox")
_SILENT_TYPES = ("application/pgp-keys", "application/ics", "text/x-vcard", "text/vcard")
_EMBEDDED = re.compile(r"(?:word|ppt|xl)/embeddings/[^/]+\.(?:docx|xlsx|xlsm|xlsb|pptx|doc|xls|ppt|bin)", re.IGNORECASE)
_PDF_SEARCHED = 1024


def extract(name: str, media_type: str, content: bytes, limits: Limits) -> Document:
    """Reads a document as far as `limits` allow, in the enclosure that they name. Never raises."""
    if not content.strip():
        return Document()
    if len(content) > limits.attachment_bytes:
        return Document(unread=f"larger than {limits.attachment_bytes} bytes")
    if limits.enclosure is None or _plain(content, limits):
        return read(name, media_type, content, limits)
    return limits.enclosure.extract(name, media_type, content, limits)


def read(name: str, media_type: str, content: bytes, limits: Limits) -> Document:
    """Reads a document in this process. Never raises."""
    found = _read(name.lower().rpartition(".")[2], media_type, content, limits)
    kept, tables = legible(found.text), tuple(map(_legible, found.tables))
    if len(kept) > limits.characters:
        return Document(kept[: limits.characters], tables, f"text cut at {limits.characters} characters")
    return replace(found, text=kept, tables=tables)


def _legible(table: Table) -> Table:
    """A table whose cells hold nothing that an eye does not see; nearly all are so as they are."""
    whole = all(legible(together) == together for together in map("".join, table.rows))
    return table if whole else Table(table.name, tuple(tuple(map(legible, row)) for row in table.rows))


def _plain(content: bytes, limits: Limits) -> bool:
    """Whether it is a short text or a picture that is not read: as harmless as the body of a message, which is read here too."""
    if pictures.is_picture(content):
        return not limits.ocr
    text = len(content) <= limits.plain_bytes and not _NOT_TEXT.search(content)
    return text and b"%PDF-" not in content[:_PDF_SEARCHED] and not content.startswith((b"PK", b"{\\rtf"))


def _read(suffix: str, media_type: str, content: bytes, limits: Limits) -> Document:
    """The content decides before the name, and the name before the declared type."""
    if b"%PDF-" in content[:_PDF_SEARCHED]:
        return _portable(content, limits)
    if content.startswith(MAGIC):
        return _compound(suffix, content, limits)
    if content.startswith(b"PK\x03\x04"):
        return _zipped(suffix, content, limits)
    if content.startswith(b"{\\rtf"):
        return richdocument.read(content, limits)
    if pictures.is_picture(content) or media_type.startswith("image/"):
        return _picture(content, limits)
    return _textual(suffix, media_type, content, limits)


def _member(name: str, content: bytes, limits: Limits) -> Document:
    """A file that lies inside another."""
    suffix = name.lower().rpartition(".")[2]
    if suffix in _MESSAGES:
        return Document(unread="a message in an archive is not opened")
    return read(name, "", content, limits) if content.strip() else Document()


def _portable(content: bytes, limits: Limits) -> Document:
    found = pdf.read(content, limits)
    if b"/EmbeddedFile" not in content and b"/ObjStm" not in content:
        return found
    return _with_members(found, pdf.attached(content), limits)


def _with_members(found: Document, members: Iterator[bundles.Member], limits: Limits) -> Document:
    """A document together with the files inside it."""
    first = next(members, None)
    if first is None:
        return found
    room = replace(limits, characters=max(0, limits.characters - len(found.text)))
    inside = bundles.read(chain((first,), members), room, _member)
    text = "\n\n".join(filter(None, (found.text, inside.text)))
    return Document(text, found.tables + inside.tables, "; ".join(filter(None, (found.unread, inside.unread))) or None)


def _picture(content: bytes, limits: Limits) -> Document:
    """A picture, by Tesseract where that is asked for; a photograph in which it sees no words has none."""
    if not limits.ocr or not pictures.may_be_a_page(content):
        return pictures.read(content)
    width, height = pictures.points(content) or (1, 1)
    words = ocr.words_of(content, width * height, limits.seconds * 0.8)
    return pictures.read(content) if words is None else Document(words)


def _compound(suffix: str, content: bytes, limits: Limits) -> Document:
    """A compound file (MS-CFB): an encrypted Office document, a workbook or document of Office 97 to 2003, or a saved message."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Document(unread="encrypted")
    if suffix != "msg" and "WordDocument".encode("utf-16-le") in content:
        return binaryword.read(content, limits)
    if suffix != "msg" and any(name.encode("utf-16-le") in content for name in ("Workbook", "Book\0")):
        return sheets.read(content, limits)
    return Document(unread=f"this kind of document is not read: {suffix[:10] or 'compound file'}")


def _zipped(suffix: str, content: bytes, limits: Limits) -> Document:
    kind = wordprocessing.kind_of(content)
    if kind == "encrypted":
        return Document(unread=kind)
    archive = opened(content)
    if kind == "sheet" or (kind is None and suffix in _SHEET_SUFFIXES):
        found = sheets.read_zipped(content, limits)
        remarks = wordprocessing.remarks(content, limits)
        found = replace(found, text=f"{found.text}\n{remarks}") if remarks else found
    elif kind == "text" or suffix in _WORD_SUFFIXES:
        found = wordprocessing.read(content, limits)
    elif archive:
        return bundles.read(bundles.members_of(archive), limits, _member)
    else:
        return Document(unread=f"archive of more than {MOST_MEMBERS} files" if crowded(content) else "damaged archive")
    return _with_members(found, bundles.members_of(archive, _EMBEDDED.fullmatch), limits) if archive else found


def _textual(suffix: str, media_type: str, content: bytes, limits: Limits) -> Document:
    sixteen = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if kind := bundles.foreign_archive(content):
        return Document(unread=f"archive is not opened: {kind}")
    if suffix == "pdf" or media_type == "application/pdf":
        return Document(unread="damaged PDF")
    if not sixteen and _NOT_TEXT.search(content[:8192]):
        known = media_type in _SILENT_TYPES
        return Document(unread=None if known else f"this kind of file is not read: {suffix[:10] if suffix.isalnum() else media_type[:60]}")
    text = guessed(content)
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html")) or suffix in ("html", "htm") or media_type == "text/html":
        return Document(text_of(decoded(content)))
    if suffix in ("csv", "tsv") or media_type in ("text/csv", "text/tab-separated-values"):
        return delimited.read(text, limits)
    return Document(text)
