"""Paragraphs, cells and row ends, in the order in which a word processor writes them, put together as text and tables."""

from __future__ import annotations

from rules.message import Table
from scanner.reading.documents.document import Document


class Rows:
    """What has been read so far. A table ends where a paragraph outside of it begins."""

    def __init__(self) -> None:
        self.cells = 0
        self._lines: list[str] = []
        self._tables: list[Table] = []
        self._rows: list[tuple[str, ...]] = []
        self._row: list[str] = []
        self._cell: list[str] = []

    def paragraph(self, text: str) -> None:
        """A paragraph that stands in no table."""
        self._end_table()
        self._lines.append(text)

    def cell(self, text: str, *, ends: bool) -> None:
        """A paragraph inside a cell, and whether the cell ends with it."""
        if text:
            self._cell.append(text)
        if ends:
            self._row.append(" ".join(self._cell))
            self._cell = []
            self.cells += 1

    def end_row(self) -> None:
        """The end of a row; empty rows are left out."""
        if self._cell:
            self.cell("", ends=True)
        if any(self._row):
            self._rows.append(tuple(self._row))
            self._lines.append("\t".join(self._row))
        self._row = []

    def _end_table(self) -> None:
        self.end_row()
        if self._rows:
            self._tables.append(Table("", tuple(self._rows)))
            self._rows = []

    def document(self, unread: str | None = None) -> Document:
        """All that was read, with a reason where it is not all there is."""
        self._end_table()
        return Document("\n".join(self._lines).strip("\n"), tuple(self._tables), unread)
