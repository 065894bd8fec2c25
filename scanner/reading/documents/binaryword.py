"""Documents of Word 97 to 2003 (.doc; MS-DOC): the text by its piece table, rows by the paragraphs' properties, deleted text left out."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.reading.documents.document import Document
from scanner.reading.documents.tablerows import Rows
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.compound import CompoundFile, DamagedError

_WORD = 0xA5EC
_ENCRYPTED, _SECOND_TABLE, _WIDE = 0x0100, 0x0200, 0x40000000
_CHARACTERS, _PARAGRAPHS, _PIECES = 0xFA, 0x102, 0x1A2
_IN_TABLE, _ROW_END, _DELETED = 0x2416, 0x2417, 0x0800
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
_COUNTS = 0x4C  # characters of the body, of the footnotes, of the headers: the text lies in that order (FibRgLw97, MS-DOC 2.5.4)
_PAGE = 512
_CELL = "\x07"
_CLOSING = re.compile("[\r\x07]")
_SIGNS = str.maketrans({"\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "-", "\0": None, "\x13": None, "\x14": None, "\x15": None})
_FIELD = re.compile("\x13[^\x13-\x15]*(?:\x14([^\x13-\x15]*))?\x15")
_FIELD_BEGUN = re.compile("\x13[^\x13-\x15]*\x14")
_DEEPEST_FIELD = 8


@dataclass(frozen=True, slots=True)
class _Runs:
    """Stretches of the file by what a property says of them: `marked[n]` holds from `starts[n]` on."""

    starts: tuple[int, ...]
    marked: tuple[frozenset[int], ...]

    def at(self, place: int) -> frozenset[int]:
        number = bisect_right(self.starts, place) - 1
        return self.marked[number] if number >= 0 else frozenset()

    def where(self, mark: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The stretches between two places of which a mark holds."""
        for number in range(max(0, bisect_right(self.starts, first) - 1), bisect_left(self.starts, last)):
            if mark in self.marked[number]:
                end = self.starts[number + 1] if number + 1 < len(self.starts) else last
                yield max(first, self.starts[number]), min(last, end)


def read(content: bytes, limits: Limits) -> Document:
    """Text of headers, body, notes, comments and text boxes; tables as rows. Never raises."""
    try:
        file = CompoundFile(content).root
        stream = file.read("worddocument")
        magic, flags = struct.unpack_from("<H", stream)[0], struct.unpack_from("<H", stream, 10)[0]
        if flags & _ENCRYPTED:
            return Document(unread="encrypted")
        if magic != _WORD:
            return Document(unread="this kind of document is not read: Word 95 or older")
        return _paper(stream, file.read("1table" if flags & _SECOND_TABLE else "0table"), limits)
    except (DamagedError, struct.error, IndexError):
        return Document(unread="damaged document")


def _paper(stream: bytes, tables: bytes, limits: Limits) -> Document:
    pieces = _headers_first(list(_pieces(_part(stream, tables, _PIECES))), *struct.unpack_from("<3I", stream, _COUNTS))
    if not pieces:
        return Document(unread="damaged document")
    paragraphs = _runs(stream, _part(stream, tables, _PARAGRAPHS), 13)
    characters = _runs(stream, _part(stream, tables, _CHARACTERS), 1)
    rows = Rows()
    left = limits.characters
    for text, sign, place in _paragraphs(stream, pieces, characters):
        marks = paragraphs.at(place)
        if _ROW_END in marks:
            rows.end_row()
        elif _IN_TABLE in marks:
            rows.cell(text, ends=sign == _CELL)
        else:
            rows.paragraph(text)
        left -= len(text) + 1
        if left < 0 or rows.cells > limits.cells:
            return rows.document(f"text cut at {limits.characters} characters or {limits.cells} cells")
    return rows.document()


def _part(stream: bytes, tables: bytes, place: int) -> bytes:
    """The part of the table stream that a pair of the header block points to (FibRgFcLcb97, MS-DOC 2.5.6)."""
    start, size = struct.unpack_from("<II", stream, place)
    return tables[start : start + size]


def _pieces(clx: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each piece of the text lies in the stream: first byte, characters, two bytes each or one (MS-DOC 2.4.1, 2.9.177)."""
    place = 0
    while clx[place : place + 1] == b"\x01":
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    if clx[place : place + 1] != b"\x02":
        return
    table = clx[place + 5 : place + 5 + struct.unpack_from("<I", clx, place + 1)[0]]
    count = (len(table) - 4) // 12
    borders = struct.unpack_from(f"<{count + 1}I", table)
    for number in range(count):
        (where,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)
        narrow, length = bool(where & _WIDE), borders[number + 1] - borders[number]
        where &= _WIDE - 1
        if length > 0:
            yield (where // 2 if narrow else where), length, not narrow


def _headers_first(pieces: list[tuple[int, int, bool]], body: int, notes: int, headers: int) -> list[tuple[int, int, bool]]:
    """The pieces in reading order: a letterhead before its letter."""
    first = body + notes
    return [*_between(pieces, first, first + headers), *_between(pieces, 0, first), *_between(pieces, first + headers, 1 << 32)]


def _between(pieces: list[tuple[int, int, bool]], first: int, last: int) -> Iterator[tuple[int, int, bool]]:
    """The pieces, or parts of them, from one character on up to another."""
    at = 0
    for start, length, wide in pieces:
        begin, end = max(first, at), min(last, at + length)
        if begin < end:
            yield start + (begin - at) * (1 + wide), end - begin, wide
        at += length


def _paragraphs(stream: bytes, pieces: list[tuple[int, int, bool]], characters: _Runs) -> Iterator[tuple[str, str, int]]:
    """Each paragraph or cell as shown, the sign that closes it, and the place of that sign in the file."""
    open_text = ""
    for start, length, wide in pieces:
        text = _piece(stream, (start, length, wide), characters)
        done = 0
        for closing in _CLOSING.finditer(text):
            yield _shown(open_text + text[done : closing.start()]), closing[0], start + closing.start() * (1 + wide)
            open_text, done = "", closing.end()
        open_text += text[done:]
    if open_text:
        yield _shown(open_text), "", -1


def _piece(stream: bytes, piece: tuple[int, int, bool], characters: _Runs) -> str:
    """A piece's text, a zero for every sign that was deleted while changes were tracked; closing signs stay."""
    start, length, wide = piece
    width = 1 + wide
    raw = stream[start : start + length * width]
    text = "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw[: len(raw) // 2 * 2]))) if wide else raw.decode("cp1252", "replace")
    for begin, end in characters.where(_DELETED, start, start + len(raw)):
        first, last = (begin - start) // width, (end - start) // width
        text = text[:first] + re.sub(r"[^\r\x07]", "\0", text[first:last]) + text[last:]
    return text


def _shown(text: str) -> str:
    """A paragraph as a reader sees it: of fields what they show, and characters beyond the first plane made whole."""
    for _ in range(_DEEPEST_FIELD):
        if "\x13" not in text:
            break
        text = _FIELD.sub(lambda field: field[1] or "", text)
    text = _FIELD_BEGUN.sub("", text).translate(_SIGNS)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()


def _runs(stream: bytes, table: bytes, width: int) -> _Runs:
    """Stretches of the file by their properties, from the pages that the table lists (PlcBtePapx, PlcBteChpx; MS-DOC 2.8.5, 2.8.6)."""
    count = (len(table) - 4) // 8
    found: list[tuple[int, frozenset[int]]] = []
    for (number,) in struct.iter_unpack("<I", table[4 * (count + 1) : 4 * (count + 1) + 4 * count]) if count > 0 else ():
        page = stream[(number & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(page) == _PAGE:
            found += _page(page, width)
    found.sort(key=lambda run: run[0])
    return _Runs(tuple(start for start, _ in found), tuple(marks for _, marks in found))


def _page(page: bytes, width: int) -> Iterator[tuple[int, frozenset[int]]]:
    """The stretches of one page of 512 bytes (PapxFkp, ChpxFkp; MS-DOC 2.9.23, 2.9.175). `width` is that of an entry: 13 paragraphs, 1 characters."""
    count = min(page[-1], (_PAGE - 5) // (4 + width))
    starts = struct.unpack_from(f"<{count + 1}I", page)
    for number in range(count):
        offset = page[4 * (count + 1) + width * number] * 2
        yield starts[number], _properties(page, offset, paragraph=width > 1) if offset else frozenset()
    yield starts[count], frozenset()


def _properties(page: bytes, offset: int, *, paragraph: bool) -> frozenset[int]:
    """Which of the properties that are asked for are set (GrpPrlAndIstd, Chpx)."""
    size, start = page[offset], offset + 1
    if paragraph:
        start, size = (offset + 2, page[offset + 1] * 2) if not size else (start, size * 2 - 1)
        start, size = start + 2, size - 2
    changes, place = page[start : start + max(0, size)], 0
    found: set[int] = set()
    while place + 3 <= len(changes):
        (code,) = struct.unpack_from("<H", changes, place)
        if code in (_IN_TABLE, _ROW_END, _DELETED) and changes[place + 2] == 1:
            found.add(code)
        long = 2 if code == 0xD608 else 1
        length = _SIZES[code >> 13] or int.from_bytes(changes[place + 2 : place + 2 + long], "little") + (1 if long == 1 else long - 1)
        place += 2 + length
    return frozenset(found)
