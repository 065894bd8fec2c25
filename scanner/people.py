"""people.csv and lists.csv: the roster as a council keeps it, refused with file and line where it does not fit."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rules.roster import Kind, Person, Roster, canonical
from scanner.errors import ConfigurationError
from scanner.values import email

_PEOPLE = ("address", "name", "kind")
_LISTS = ("list", "member")

Row = dict[str, str]


def read_roster(people: Path, lists: Path | None, domains: frozenset[str]) -> Roster:
    """The roster of two files. Raises ConfigurationError for a row that does not fit, an address that two claim, or a file without anybody."""
    owners: dict[str, Person] = {}
    for where, row in _rows(people, _PEOPLE):
        _claim(_person(row, where), where, owners)
    if not owners:
        raise ConfigurationError(f"{people}: names nobody; write a row for each Member and officer below the first line.")
    return Roster(tuple(dict.fromkeys(owners.values())), _read_lists(lists, owners) if lists else {}, domains)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Each row that is not blank, by its column's name, with the place to name in an error."""
    reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if missing := [column for column in columns if column not in names]:
            given = ", ".join(columns)
            raise ConfigurationError(f"{path}: line 1: has no column {missing[0]!r}; the first line must name {given}, with commas between.")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield f"{path}: line {reader.line_num}", _row(names, cells, f"{path}: line {reader.line_num}")
    except csv.Error as error:
        raise ConfigurationError(f"{path}: line {reader.line_num}: is not well-formed CSV ({error}); look for a quotation mark left open.") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror}); council.people and council.lists name these files.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8; save it as “CSV UTF-8”.") from error


def _row(names: list[str], cells: list[str], where: str) -> Row:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise ConfigurationError(f"{where}: has {len(cells)} values for {len(names)} columns; put quotation marks round a value with a comma in it.")
    return dict.fromkeys(names, "") | {name: " ".join(cell.split()) for name, cell in zip(names, cells, strict=False)}


def _person(row: Row, where: str) -> Person:
    if not row["address"] or not row["name"]:
        raise ConfigurationError(f"{where}: address and name must both be given.")
    try:
        kind = Kind(row["kind"].lower())
    except ValueError as error:
        raise ConfigurationError(f"{where}: kind is {row['kind']!r}; write member, officer or service.") from error
    aliases = tuple(canonical(alias) for alias in row.get("aliases", "").split(";") if alias.strip())
    return Person(_address(row["address"], where), row["name"], kind, row.get("role", ""), row.get("group", ""), aliases)


def _address(text: str, where: str) -> str:
    try:
        return email(text)
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}; a legacy or second address belongs into aliases.") from error


def _claim(person: Person, where: str, owners: dict[str, Person]) -> None:
    for address in (person.address, *person.aliases):
        if (other := owners.setdefault(address, person)) is not person:
            raise ConfigurationError(f"{where}: {address} belongs to {other.name} and to {person.name}; an address can have one owner.")


def _read_lists(path: Path, owners: dict[str, Person]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for where, row in _rows(path, _LISTS):
        if not row["list"] or not row["member"]:
            raise ConfigurationError(f"{where}: list and member must both be given.")
        name = _address(row["list"], where)
        if name in owners:
            raise ConfigurationError(f"{where}: {name} is a list here and {owners[name].name} in people.csv; an address can be one or the other.")
        found[name] = (*found.get(name, ()), canonical(row["member"]))
    return found
