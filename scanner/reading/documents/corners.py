"""How large a rectangle a workbook's sheets span, found without laying them out: whoever lays out two far cells needs hundreds of gigabytes.

Office Open XML (ISO/IEC 29500), OpenDocument (ISO/IEC 26300), BIFF8 (MS-XLS) and BIFF12 (MS-XLSB).
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO

LARGEST_AREA = 5_000_000
_LARGEST_ROW_BYTES = 64 * 1024 * 1024
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,3})(\d{1,10})[\"']")
_ODS_ROW = re.compile(rb"<table:table-row\b")
_ODS_ROWS = re.compile(rb"^[^>]{0,2000}?number-rows-repeated\s*=\s*[\"'](\d{1,10})")
_ODS_COLUMNS = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d{1,10})")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b")
_ROW_HEADER, _LAST_CELL_KIND = 0, 11
# FORMULA, LABEL, NUMBER, BOOLERR, RK, LABELSST, RSTRING, BLANK hold a row and a column; MULRK, MULBLANK a row and two columns (MS-XLS 2.4).
_CELLS = frozenset({0x0006, 0x0204, 0x0203, 0x0205, 0x027E, 0x00FD, 0x00D6, 0x0201})
_MANY_CELLS = frozenset({0x00BD, 0x00BE})
_FILE_PASS, _BEGIN, _END = 0x002F, 0x0809, 0x000A


def harmless(plain: bytes) -> bool:
    """Whether every sheet of an uncompressed .xlsx, .xlsb or .ods is a rectangle of a size that fits into memory. Raises archives.DAMAGED."""
    archive = zipfile.ZipFile(BytesIO(plain))
    widest, longest = 0, 0
    for name in archive.namelist():
        content = archive.read(name)
        if content.startswith(_UTF16):
            return False
        if name.startswith("xl/worksheets/"):
            rows, columns = _binary_corner(content) if name.endswith(".bin") else _corner(content)
        elif name == "content.xml":
            rows, columns = _open_corner(content)
        else:
            strings = content.split(b"<si") if name.endswith("sharedStrings.xml") else ()
            longest = max(longest, *map(len, strings), 0)
            continue
        widest = max(widest, columns)
        if rows * columns > LARGEST_AREA:
            return False
    return widest * longest <= _LARGEST_ROW_BYTES


def _corner(sheet: bytes) -> tuple[int, int]:
    """Rows and columns of the rectangle around every cell reference of an Office sheet."""
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    for reference in _REFERENCE.finditer(sheet):
        letters, digits = reference.groups()
        rows.add(digits)
        columns.add(letters)
    numbers = [int(digits) for digits in rows] or [1]
    places = [_column(letters) for letters in columns if letters] or [1]
    return max(numbers) - min(numbers) + 1, max(max(places) - min(places) + 1, _fullest_row(sheet))


def _fullest_row(sheet: bytes) -> int:
    """The most cells that stand in one row, for cells that name no place."""
    most, start = 0, sheet.find(b"<row")
    while start >= 0:
        end = sheet.find(b"<row", start + 4)
        most = max(most, sheet.count(b"<c", start, end if end >= 0 else len(sheet)))
        start = end
    return most


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _open_corner(sheet: bytes) -> tuple[int, int]:
    """Rows and columns of an OpenDocument sheet up to its last filled cell, repetitions counted."""
    rows, filled, widest = 0, 0, 1
    for row in _ODS_ROW.split(sheet)[1:]:
        repeated = _ODS_ROWS.match(row)
        rows += int(repeated[1]) if repeated else 1
        last = max(row.rfind(b"<text:p"), row.rfind(b"office:value"), row.rfind(b"office:date"), row.rfind(b"office:bool"))
        if last >= 0:
            filled = rows
            cells = row[:last]
            widest = max(widest, len(_ODS_CELL.findall(cells)) + sum(int(n) for n in _ODS_COLUMNS.findall(cells)))
    return filled, widest


def _binary_corner(sheet: bytes) -> tuple[int, int]:
    """Rows and columns up to the last cell of a BIFF12 sheet (MS-XLSB 2.1.4: records of a kind, a size, and content)."""
    place, rows, columns = 0, 1, 1
    while place < len(sheet):
        kind, place = _varying(sheet, place, 2)
        size, place = _varying(sheet, place, 4)
        if size >= 4 and kind <= _LAST_CELL_KIND:
            number = int.from_bytes(sheet[place : place + 4], "little") + 1
            rows, columns = (max(rows, number), columns) if kind == _ROW_HEADER else (rows, max(columns, number))
        place += size
    return rows, columns


def _varying(sheet: bytes, place: int, most: int) -> tuple[int, int]:
    """A number in at most so many bytes of seven bits, and the place behind it."""
    number = 0
    for step, byte in enumerate(sheet[place : place + most]):
        number |= (byte & 0x7F) << (7 * step)
        place += 1
        if byte < 0x80:
            break
    return number, place


def old_workbook_area(stream: bytes) -> int | None:
    """The cells that all sheets of a BIFF8 stream span together; None where it is encrypted."""
    area, rows, columns = 0, 0, 0
    for kind, content in _records(stream):
        if kind == _FILE_PASS:
            return None
        if kind in (_BEGIN, _END):
            area, rows, columns = area + rows * columns, 0, 0
        elif kind in _CELLS and len(content) >= 4:
            row, column = struct.unpack_from("<HH", content)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind in _MANY_CELLS and len(content) >= 6:
            rows, columns = max(rows, content[0] + 256 * content[1] + 1), max(columns, content[-2] + 256 * content[-1] + 1)
    return area + rows * columns


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4 : place + 4 + size]
        place += 4 + size
