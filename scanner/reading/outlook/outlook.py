"""Saved Outlook messages (.msg, MS-OXMSG) as mail: the properties of a compound file, composed to RFC 5322."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.compose import letter
from scanner.reading.outlook.compound import MAGIC, CompoundFile, DamagedError, Storage
from scanner.reading.outlook.mapi import STRING8, AttachedFile, Item, Properties, Tag
from scanner.reading.outlook.richtext import RichTextLeft

_ROW = struct.Struct("<HHI8s")  # MS-OXMSG 2.4.2.1
_COUNTS = struct.Struct("<16xII")
_PROPERTIES = "__properties_version1.0"
_VALUE = "__substg1.0_"
_EMBEDDED = "__substg1.0_3701000d"
_FIXED = frozenset({0x0002, 0x0003, 0x000B, 0x0014, 0x0040})
_MARKS = (_PROPERTIES.encode("utf-16-le"), _VALUE.encode("utf-16-le"))


def is_outlook(content: bytes) -> bool:
    """Whether these bytes are a saved message, by what they hold and not by their name."""
    if not content.startswith(MAGIC) or not any(mark in content for mark in _MARKS):
        return False
    try:
        return _is_message(CompoundFile(content).root)
    except DamagedError:
        return False


def outlook_letter(content: bytes, limits: Limits, left: RichTextLeft | None = None) -> bytes | None:
    """The message in a .msg file as RFC 5322 bytes; None where the file is damaged or holds no message. Never raises."""
    try:
        return letter(outlook_item(content, limits), limits, left)
    except DamagedError:
        return None


def outlook_item(content: bytes, limits: Limits) -> Item:
    """The message in a .msg file. Raises DamagedError."""
    file = CompoundFile(content)
    root = file.root
    if not _is_message(root):
        raise DamagedError("compound file without a message")
    found = _item(root, 32, 0, limits.depth)
    lost = (AttachedFile(Properties(), unread="damaged"),)
    return replace(found, attachments=found.attachments + lost, incomplete=True) if file.incomplete else found


def _is_message(root: Storage) -> bool:
    return _PROPERTIES in root.streams or any(name.startswith(_VALUE) for name in root.streams)


def _item(storage: Storage, head: int, codepage: int, depth: int) -> Item:
    """A message; `head` is how many bytes stand before its rows (MS-OXMSG 2.4.1)."""
    properties = _properties(storage, head, codepage)
    codepage = properties.codepage
    below = sorted(storage.storages.items())
    people = tuple(_properties(each, 8, codepage) for name, each in below if name.startswith("__recip_version1.0_"))
    files = tuple(_file(each, codepage, depth) for name, each in below if name.startswith("__attach_version1.0_"))
    wanted_people, wanted_files = _counts(storage)
    lost = () if len(files) >= wanted_files else (AttachedFile(Properties(), unread="damaged"),)
    return Item(properties, people, files + lost, len(people) < wanted_people)


def _counts(storage: Storage) -> tuple[int, int]:
    """How many recipients and attachments there ought to be (MS-OXMSG 2.4.1.1)."""
    try:
        return _COUNTS.unpack_from(storage.read(_PROPERTIES).ljust(24, b"\0"))
    except DamagedError:
        return 0, 0


def _file(storage: Storage, codepage: int, depth: int) -> AttachedFile:
    properties = _properties(storage, 8, codepage)
    inner = storage.storages.get(_EMBEDDED)
    if inner is None:
        return AttachedFile(properties)
    if _PROPERTIES not in inner.streams:
        return AttachedFile(properties, unread="object")
    return AttachedFile(properties, _item(inner, 24, codepage, depth - 1)) if depth > 0 else AttachedFile(properties, unread="deep")


def _properties(storage: Storage, head: int, codepage: int) -> Properties:
    """Fixed values stand in one stream, the others in a stream each; what is damaged is named."""
    rows: dict[int, tuple[int, bytes]] = {}
    damaged: set[int] = set()
    try:
        rows |= {tag: (kind, value) for kind, tag, _, value in _rows(storage.read(_PROPERTIES)[head:]) if kind in _FIXED}
    except DamagedError:
        damaged.add(0)
    for name in storage.streams:
        mark = name.removeprefix(_VALUE)
        if name == mark or len(mark) != 8:
            continue
        try:
            tag, kind = int(mark[:4], 16), int(mark[4:], 16)
            rows[tag] = (kind, storage.read(name))
        except DamagedError:
            damaged.add(tag)
        except ValueError:
            continue
    found = Properties(rows, 0, frozenset(damaged))
    return Properties(rows, found.number(Tag.MESSAGE_CODEPAGE) or _declared(found) or codepage, found.damaged)


def _declared(found: Properties) -> int:
    """The internet codepage, where there are eight-bit strings that it can speak for."""
    eight = found.kind(Tag.BODY) == STRING8 or found.kind(Tag.SUBJECT) == STRING8
    return found.number(Tag.INTERNET_CODEPAGE) or 0 if eight else 0


def _rows(raw: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    return _ROW.iter_unpack(raw[: len(raw) // _ROW.size * _ROW.size])
