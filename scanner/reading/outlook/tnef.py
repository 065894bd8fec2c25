"""winmail.dat, the form in which Outlook sends what MIME cannot say (TNEF, MS-OXTNEF), as an item like those of other containers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.compound import DamagedError
from scanner.reading.outlook.mapi import STRING8, UNICODE, AttachedFile, Item, Properties, Tag

_SIGNATURE = 0x223E9F78
_ATTRIBUTE = struct.Struct("<BII")
_BODY, _CODEPAGE, _PROPERTIES = 0x800C, 0x9007, 0x9003
_BEGINS, _DATA, _TITLE, _ATTACHED = 0x9002, 0x800F, 0x8010, 0x9005  # MS-OXTNEF 2.1.3.2
_SUBJECT, _SENT = 0x8004, 0x8005
_SIZES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, 0x0040: 8, 0x0048: 16}
_LONG = frozenset({STRING8, UNICODE, 0x000D, 0x0102})
_OBJECT, _BYTES = 0x000D, 0x0102
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
_WANTED = frozenset({int(Tag.BODY), int(Tag.HTML), int(Tag.RTF), int(Tag.CONTENT)})
_PADDING = b"\0\r\n\t "
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Collected:
    """The attributes of the message or of one attachment while they are read."""

    plain: dict[int, bytes] = field(default_factory=dict)
    properties: bytes = b""


def tnef_item(content: bytes, limits: Limits) -> Item:
    """The message in a TNEF stream; of one that is cut off, what stands before. Raises DamagedError where it is none or holds nothing."""
    return _item(content, 0, limits.depth)


def _item(content: bytes, codepage: int, depth: int) -> Item:
    if len(content) < 6 or int.from_bytes(content[:4], "little") != _SIGNATURE:
        raise DamagedError("no TNEF stream")
    message, files, end = _Collected(), list[_Collected](), 6
    for level, name, raw, end in _attributes(content):  # noqa: B007  # where the last one ended tells whether more should follow
        if level == 2 and (name == _BEGINS or not files):
            files.append(_Collected())
        into = files[-1] if level == 2 else message
        if name in (_PROPERTIES, _ATTACHED):
            into.properties = raw
        else:
            into.plain.setdefault(name, raw)
    if not message.plain and not message.properties and not files:
        raise DamagedError("empty TNEF stream")
    codepage = int.from_bytes(message.plain.get(_CODEPAGE, b"")[:4], "little") or codepage
    rows = {Tag.BODY: (STRING8, message.plain.get(_BODY, b"")), Tag.SUBJECT: (STRING8, message.plain.get(_SUBJECT, b""))}
    rows |= {Tag.CLIENT_SUBMIT_TIME: (0x0040, _ticks(message.plain.get(_SENT, b"")))}
    encapsulated, damaged = _rows(message.properties)
    properties = Properties({**{k: v for k, v in rows.items() if v[1]}, **encapsulated}, codepage, damaged)
    lost = (AttachedFile(Properties(), unread="damaged"),) if content[end:].strip(_PADDING) else ()
    return Item(properties, (), (*(_file(each, codepage, depth) for each in files), *lost))


def _attributes(content: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    """Level, name, bytes and end of each attribute (MS-OXTNEF 2.1.3.1); checksums are not asked, and what follows a damaged one is not read."""
    at = 6
    while at + _ATTRIBUTE.size <= len(content):
        level, name, length = _ATTRIBUTE.unpack_from(content, at)
        at += _ATTRIBUTE.size
        if level not in (1, 2) or at + length > len(content):
            return
        start, at = at, at + length + 2
        yield level, name & 0xFFFF, content[start : start + length], at


def _file(each: _Collected, codepage: int, depth: int) -> AttachedFile:
    rows, damaged = _rows(each.properties)
    kind, raw = rows.get(Tag.CONTENT, (0, b""))
    if title := each.plain.get(_TITLE):
        rows.setdefault(Tag.NAME, (STRING8, title))
    if data := each.plain.get(_DATA):
        rows[Tag.CONTENT] = (_BYTES, data)
    elif kind == _OBJECT:
        return _object(Properties(rows, codepage, damaged), raw, codepage, depth)
    elif _DATA in each.plain:
        rows.setdefault(Tag.CONTENT, (_BYTES, b""))
    return AttachedFile(Properties(rows, codepage, damaged))


def _object(found: Properties, raw: bytes, codepage: int, depth: int) -> AttachedFile:
    """An attached message, which is a TNEF stream again (MS-OXTNEF 2.1.3.3.15), or a thing of another program."""
    if raw[:16] != _MESSAGE:
        bare = replace(found, rows={tag: row for tag, row in found.rows.items() if tag != Tag.CONTENT})
        return AttachedFile(bare, unread="object")
    if depth <= 0:
        return AttachedFile(found, unread="deep")
    try:
        return AttachedFile(found, _item(raw[16:], codepage, depth - 1))
    except DamagedError:
        return AttachedFile(found, unread="damaged")


def _rows(raw: bytes) -> tuple[dict[int, tuple[int, bytes]], frozenset[int]]:
    """Encapsulated properties (MS-OXTNEF 2.1.3.4) as far as they can be followed, and which may be missing after that."""
    found: dict[int, tuple[int, bytes]] = {}
    cursor = _Cursor(raw, 4)
    try:
        for _ in range(int.from_bytes(raw[:4], "little")):
            kind, tag = cursor.number(2), cursor.number(2)
            if tag >= 0x8000:
                cursor.named()
            values = list(cursor.values(kind))
            if tag < 0x8000 and values and not kind & 0x1000:
                found.setdefault(tag, (kind, values[0]))
    except DamagedError:
        return found, _WANTED
    return found, frozenset()


class _Cursor:
    """A place in encapsulated properties; going past the end raises DamagedError."""

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw, self._at = raw, at

    def take(self, length: int, padding: int = 4) -> bytes:
        """So many bytes, and the padding to the next multiple."""
        if self._at + length > len(self._raw):
            raise DamagedError("properties cut off")
        found = self._raw[self._at : self._at + length]
        self._at += -(-length // padding) * padding
        return found

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size, size), "little")

    def named(self) -> None:
        """Passes over a property's name: a set, and a number or a text."""
        self.take(16)
        if self.number(4) == 0:
            self.take(4)
        else:
            self.take(self.number(4))

    def values(self, kind: int) -> Iterator[bytes]:
        base = kind & 0x0FFF
        count = self.number(4) if base in _LONG or kind & 0x1000 else 1
        for _ in range(count):
            if base in _LONG:
                yield self.take(self.number(4))
            elif base in _SIZES:
                yield self.take(_SIZES[base])
            elif base != 1:
                raise DamagedError("unknown type")


def _ticks(raw: bytes) -> bytes:
    """A date as TNEF writes it, seven numbers (MS-OXTNEF 2.1.3.3.2), as 100 nanoseconds since 1601."""
    try:
        year, month, day, hour, minute, second = struct.unpack("<6H", raw[:12])
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (struct.error, ValueError):
        return b""
    return (int((moment - _EPOCH).total_seconds()) * 10_000_000).to_bytes(8, "little", signed=True) if moment > _EPOCH else b""
