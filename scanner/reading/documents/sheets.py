"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) through calamine; the only module that knows it.

Calamine lays a sheet out as a full rectangle: two far cells would ask for hundreds of gigabytes and end the process.
So the corners are looked at first.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from rules.message import Table
from scanner.reading.documents import corners
from scanner.reading.documents.archives import DAMAGED, opened, stored_again
from scanner.reading.documents.document import Document
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.compound import CompoundFile, DamagedError

_TOO_LARGE = "workbook is larger than can be laid out"


def read(content: bytes, limits: Limits) -> Document:
    """A workbook of Office 97 to 2003: text, a table a sheet, and a reason. Never raises."""
    try:
        root = CompoundFile(content).root
        area = corners.old_workbook_area(root.read("workbook") or root.read("book"))
    except DamagedError:
        return Document(unread="damaged workbook")
    if area is None:
        return Document(unread="encrypted")
    return _read(content, limits) if area <= corners.LARGEST_AREA else Document(unread=_TOO_LARGE)


def read_zipped(content: bytes, limits: Limits) -> Document:
    """An .xlsx, .xlsb or .ods, unfolded within bounds and looked over before calamine sees it. Never raises."""
    archive = opened(content)
    if archive is None:
        return Document(unread="damaged workbook")
    try:
        plain = stored_again(archive, limits.expanded_bytes)
        if plain is None:
            return Document(unread=f"workbook unfolds to more than {limits.expanded_bytes} bytes")
        if not corners.harmless(plain):
            return Document(unread=_TOO_LARGE)
    except DAMAGED:
        return Document(unread="damaged workbook")
    return _read(plain, limits)


def _read(content: bytes, limits: Limits) -> Document:
    """A workbook that has been found harmless."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        return _sheets(book, limits)
    except PasswordError:
        return Document(unread="encrypted")
    except BaseException as error:  # a Rust panic arrives as a BaseException of a class that cannot be imported
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return Document(unread="damaged workbook")


def _sheets(book: CalamineWorkbook, limits: Limits) -> Document:
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
    return Document("\n".join(lines), tuple(tables), reason)


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
