"""Rows of trace files, whatever wrote them: tracking logs with a #Fields line, PowerShell's CSV, reports in UTF-16, JSON objects."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any

from scanner.errors import SourceError
from scanner.sources.places import read_file, shown

Row = dict[str, str]

_LONGEST = 8 * 1024 * 1024  # characters of a line: an all-staff message names thousands
_SAMPLE = 64 * 1024


class ShortLinesError(SourceError):
    """Some lines, not the last one, hold fewer values than there are columns."""


Fits = Callable[[Collection[str]], bool]


def rows(path: Path, fits: Fits) -> Iterator[Row]:
    """Each row by the plain names of its columns (`message-id`, `message_id` and `MessageId` are `messageid`), which must fit.

    A last line that is still being written is left for the next time. Raises SourceError for a file that cannot be read, and at its end
    ShortLinesError where lines were passed over.
    """
    try:
        with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
            sample = file.read(_SAMPLE).lstrip("\ufeff \r\n\t")
            file.seek(0)
            yield from _objects(path, file, fits) if sample.startswith(("{", "[")) else _table(path, file, _separator(sample), fits)
    except OSError as error:
        raise SourceError(f"{shown(path.name)}: cannot be read ({error.strerror})") from error


def plain(name: str) -> str:
    """A column's name without what exports differ in."""
    return "".join(c for c in name.lower() if c.isalnum())


def _encoding(path: Path) -> str:
    """By the byte-order mark or, without one, by where the zero bytes of its first letters stand."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) == 4 and head[1::2] == b"\0\0":
        return "utf-16-le"
    return "utf-16-be" if len(head) == 4 and head[::2] == b"\0\0" else "utf-8-sig"


def _table(path: Path, file: TextIOWrapper, separator: str, fits: Fits) -> Iterator[Row]:
    columns: list[str] = []
    short, number = 0, 0
    with _long_fields():
        reader = csv.reader(_lines(path, file), delimiter=separator)
        try:
            for cells in reader:
                if not any(cells):
                    continue
                if cells[0].startswith("#"):
                    columns = _fitting(_fields(cells), fits) or columns
                elif not columns:
                    columns = _fitting([plain(cell) for cell in cells], fits)
                else:
                    short += number  # the one before was not the last
                    number = len(cells) < len(columns)
                    if not number:
                        yield dict(zip(columns, cells, strict=False))
        except csv.Error as error:
            raise SourceError(f"{shown(path.name)}: line {reader.line_num}: is no CSV ({error})") from error
    if short:
        raise ShortLinesError(f"{shown(path.name)}: {short} lines hold fewer values than the first line names; export it again.")


def _fields(cells: list[str]) -> list[str]:
    """The columns that a `#Fields:` line names; none for another remark."""
    first, found, rest = cells[0].partition("#Fields:")
    return [plain(cell) for cell in (rest, *cells[1:])] if found and not first else []


def _fitting(columns: list[str], fits: Fits) -> list[str]:
    if columns and not fits(columns):
        raise SourceError("is no message trace: its first line names no message_id, or no recipients with a status or an event_id.")
    return columns


def _separator(sample: str) -> str:
    """What stands oftenest between the names of the columns."""
    lines = [line for line in sample.splitlines() if line.startswith("#Fields:") or not line.startswith("#")]
    return max(",;\t", key=lines[0].count) if lines else ","


def _lines(path: Path, file: TextIOWrapper) -> Iterator[str]:
    while line := file.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise SourceError(f"{shown(path.name)}: has a line of more than {_LONGEST // 2**20} million letters; it is no message trace.")
        yield line.replace("\0", "")


@contextmanager
def _long_fields() -> Iterator[None]:
    """A value may be as long as a line: the recipients of one message are one value. The reader's bound counts for the whole process."""
    bound = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(bound)


def _objects(path: Path, file: TextIOWrapper, fits: Fits) -> Iterator[Row]:
    """One object a line, or one document: a list of objects, or an answer of Graph's with a list called `value`."""
    first = file.readline(_LONGEST)
    try:
        begun = json.loads(first)
    except ValueError:
        begun = None
    found: Any = [begun] if isinstance(begun, dict) and "value" not in begun else _document(path)
    lines = (_object(path, line) for line in _lines(path, file) if line.strip()) if found == [begun] else iter(())
    for each in chain(found, lines):
        if isinstance(each, dict):
            _fitting([plain(name) for name in each], fits)
            yield {plain(name): "" if value is None else str(value) for name, value in each.items()}


def _object(path: Path, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        if not line.endswith("\n"):
            return None
        raise SourceError(f"{shown(path.name)}: is neither one JSON document nor one object a line") from error


def _document(path: Path) -> list[Any]:
    try:
        found = json.loads(read_file(path).decode(_encoding(path)))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{shown(path.name)}: is no JSON; export it again.") from error
    inner = found.get("value") if isinstance(found, dict) else found
    return inner if isinstance(inner, list) else [inner]
