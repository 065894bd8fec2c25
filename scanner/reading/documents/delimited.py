"""Delimited text (.csv, .tsv; RFC 4180 and what spreadsheets make of it) as a table."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import islice

from rules.message import Table
from scanner.reading.documents.document import Document
from scanner.reading.mail.limits import Limits

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 50


def read(text: str, limits: Limits) -> Document:
    """Text, one table and a reason where rows were cut or are damaged. Never raises."""
    rows: list[tuple[str, ...]] = []
    cells, unread = 0, None
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator(text)):
            cells += len(row)
            if cells > limits.cells:
                unread = f"table cut at {limits.cells} cells"
                break
            if any(cell.strip() for cell in row):
                rows.append(tuple(cell.strip() for cell in row))
    except csv.Error:
        unread = "damaged table"
    return Document(text, (Table("", tuple(rows)),) if rows else (), unread)


def separator(text: str) -> str:
    """The sign that parts the cells: the one that stands oftenest and most evenly outside quotes in the first lines."""
    lines = ["".join(line[:2000].split('"')[::2]) for line in islice(StringIO(text[:200_000]), _SAMPLE) if line.strip()]
    return max(_SEPARATORS, key=lambda sign: _evenness([line.count(sign) for line in lines]))


def _evenness(counts: list[int]) -> tuple[float, int]:
    usual = max(set(counts), key=counts.count, default=0)
    return (counts.count(usual) / len(counts) if usual and counts else 0.0, usual)
