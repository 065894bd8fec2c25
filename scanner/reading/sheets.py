"""Workbooks (.xlsx, .xls, .ods) through calamine; the only module that knows it.

Calamine lays a sheet out as a full rectangle: two far cells would ask for hundreds of gigabytes and end the process.
So the corners are looked at first.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from rules.message import Table
from scanner.reading.archives import DAMAGED, opened, stored_again
from scanner.reading.limits import Limits

_REFERENCE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,3})(\d{1,10})[\"']")
_ODS_ROW = re.compile(rb"<table:table-row\b")
_ODS_ROWS = re.compile(rb"^[^>]{0,2000}?number-rows-repeated\s*=\s*[\"'](\d{1,10})")
_ODS_COLUMNS = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d{1,10})")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b")
_LARGEST_AREA = 5_000_000
_LARGEST_ROW_BYTES = 64 * 1024 * 1024
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read(content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    """A workbook of Office 97 to 2003, or one already found harmless: text, a table a sheet, and a reason. Never raises."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        return _sheets(book, limits)
    except PasswordError:
        return "", (), "encrypted"
    except BaseException as error:  # a Rust panic arrives as a BaseException of a class that cannot be imported
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return "", (), "damaged workbook"


def read_zipped(content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    """An .xlsx or .ods, unfolded within bounds and looked over before calamine sees it. Never raises."""
    archive = opened(content)
    if archive is None:
        return "", (), "damaged workbook"
    try:
        plain = stored_again(archive, limits.expanded_bytes)
        if plain is None:
            return "", (), f"workbook unfolds to more than {limits.expanded_bytes} bytes"
        if not _harmless(plain):
            return "", (), "workbook is larger than can be laid out"
    except DAMAGED:
        return "", (), "damaged workbook"
    return read(plain, limits)


def _harmless(plain: bytes) -> bool:
    """Whether every sheet is a rectangle of a size that fits into memory."""
    archive = zipfile.ZipFile(BytesIO(plain))
    widest, longest = 0, 0
    for name in archive.namelist():
        content = archive.read(name)
        if content.startswith(_UTF16):
            return False
        if name.startswith("xl/worksheets/"):
            rows, columns = _corner(content)
        elif name == "content.xml":
            rows, columns = _open_corner(content)
        else:
            strings = content.split(b"<si") if name.endswith("sharedStrings.xml") else ()
            longest = max(longest, *map(len, strings), 0)
            continue
        widest = max(widest, columns)
        if rows * columns > _LARGEST_AREA:
            return False
    return widest * longest <= _LARGEST_ROW_BYTES


def _corner(sheet: bytes) -> tuple[int, int]:
    """Rows and columns of the rectangle around every cell reference of an Office sheet."""
    rows, columns = [1], [1]
    for letters, digits in set(_REFERENCE.findall(sheet)):
        rows.append(int(digits))
        columns.append(_column(letters))
    rows, columns = rows[1:] or rows, [c for c in columns[1:] if c] or [1]
    cells_in_a_row = max((row.count(b"<c") for row in sheet.split(b"<row")), default=1)
    return max(rows) - min(rows) + 1, max(max(columns) - min(columns) + 1, cells_in_a_row)


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


def _sheets(book: CalamineWorkbook, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    tables: list[Table] = []
    lines: list[str] = []
    left, characters, reason = limits.cells, limits.characters, None
    for name in book.sheet_names:
        sheet = _opened(book, name)
        if sheet is None:
            reason = "damaged sheet"
            continue
        rows: list[tuple[str, ...]] = []
        for row in _rows(sheet):
            left -= len(row)
            line = "\t".join(row)
            characters -= len(line)
            if left < 0 or characters < 0:
                reason = f"workbook cut at {limits.cells} cells or {limits.characters} characters"
                break
            rows.append(row)
            lines.append(line)
        if rows:
            tables.append(Table(name, tuple(rows)))
    return "\n".join(lines), tuple(tables), reason


def _opened(book: CalamineWorkbook, name: str) -> CalamineSheet | None:
    """A sheet; None for a chart or a damaged one."""
    try:
        return book.get_sheet_by_name(name)
    except CalamineError:
        return None


def _rows(sheet: CalamineSheet) -> Iterator[tuple[str, ...]]:
    """The rows that hold anything, from the first filled column to the last."""
    for row in sheet.iter_rows():
        cells = tuple(_shown(cell) for cell in row)
        if any(cells):
            yield cells


def _shown(cell: object) -> str:
    """A cell as the sheet shows it: whole numbers without a point, so that a telephone or account number stays one."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return " ".join(str(cell).split())
