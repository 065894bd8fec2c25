"""How one page of the first pass enters the ledger: a handful of statements for the whole page, whatever its length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from scanner.store.entry import Entry, Outcome, State
from scanner.store.tables import circulation, copy, failure, participant, reference, wording

_CHUNK = 500
_VALUES = {
    "date": bindparam("dated", type_=circulation.c.date.type),
    "subject_key": bindparam("about"),
    "state": bindparam("in_state"),
    "news": True,
}
_Value = TypeVar("_Value")


def chunks(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """The values in lists short enough for one statement: SQLite and PostgreSQL bound its variables."""
    several = list(values)
    for start in range(0, len(several), _CHUNK):
        yield several[start : start + _CHUNK]


@dataclass(frozen=True, slots=True)
class _Known:
    """A circulation as a page leaves it."""

    date: datetime | None
    subject_key: str
    state: State

    def and_(self, later: _Known) -> _Known:
        """With what another copy says. The same whichever copy came first, so that the order of mailboxes changes nothing.

        What a trace alone made known gives way: a copy knows better.
        """
        if self.state is State.TRACED:
            return later
        dates = [d for d in (self.date, later.date) if d]
        subjects = [s for s in (self.subject_key, later.subject_key) if s]
        return _Known(min(dates, default=None), min(subjects, default=""), _together(self.state, later.state))


def _together(known: State, arrived: State) -> State:
    """A new copy of a judged message is news about it, so it is judged once more; one protected copy leaves out all of them."""
    if State.LEFT_OUT in (known, arrived):
        return State.LEFT_OUT
    return State.CONTEXT if {known, arrived} == {State.CONTEXT} else State.PENDING


def record_entries(connection: Connection, folder_id: int, entries: Sequence[Entry]) -> None:
    """A page's copies, their circulations and what could not be read. Known copies are replaced; nothing is doubled."""
    named = [entry for entry in entries if entry.key]
    left_out = _circulations(connection, named)
    leave_out_copies(connection, left_out)
    _copies(connection, folder_id, entries, left_out)
    add_missing(connection, reference, [(e.key, key) for e in named for key in e.references])
    people = ((e.key, p.person_key, p.role, p.via_key, p.forwarded) for e in named for p in e.participants)
    add_missing(connection, participant, people)


def _circulations(connection: Connection, entries: Sequence[Entry]) -> list[str]:
    """Writes the circulations of a page; gives the keys of those that are to be left out."""
    arrived: dict[str, _Known] = {}
    for entry in entries:
        assert entry.key
        state = State.LEFT_OUT if entry.outcome is Outcome.LEFT_OUT else State.PENDING if entry.to_judge else State.CONTEXT
        this = _Known(entry.date, entry.subject_key, state)
        arrived[entry.key] = arrived[entry.key].and_(this) if entry.key in arrived else this
    held = _held(connection, arrived)
    rows = [_row(key, held[key].and_(this) if key in held else this) for key, this in arrived.items()]
    if new := [row for row in rows if row["of"] not in held]:
        connection.execute(insert(circulation).values(key=bindparam("of"), **_VALUES), new)
    if known := [row for row in rows if row["of"] in held]:
        connection.execute(update(circulation).where(circulation.c.key == bindparam("of")).values(_VALUES), known)
    return [row["of"] for row in rows if row["in_state"] == State.LEFT_OUT]


def _held(connection: Connection, keys: Iterable[str]) -> dict[str, _Known]:
    chosen = select(circulation.c.key, circulation.c.date, circulation.c.subject_key, circulation.c.state)
    found = (row for part in chunks(keys) for row in connection.execute(chosen.where(circulation.c.key.in_(part))))
    return {row.key: _Known(row.date, row.subject_key, State(row.state)) for row in found}


def _row(key: str, known: _Known) -> dict[str, Any]:
    return {"of": key, "dated": known.date, "about": known.subject_key, "in_state": known.state}


def leave_out_copies(connection: Connection, keys: Iterable[str]) -> None:
    """Counts every copy of these circulations as left out; what was said of unread parts of them is forgotten, and so are their fingerprints."""
    for part in chunks(keys):
        connection.execute(delete(wording).where(wording.c.circulation_key.in_(part)))
        connection.execute(update(circulation).where(circulation.c.key.in_(part)).values(reworded=True))
        mine = copy.c.circulation_key.in_(part)
        places = connection.execute(select(copy.c.folder_id, copy.c.item).where(mine, copy.c.outcome == Outcome.UNREAD)).all()
        forget(connection, [(place.folder_id, place.item) for place in places])
        connection.execute(update(copy).where(mine, copy.c.outcome.in_([Outcome.READ, Outcome.UNREAD])).values(outcome=Outcome.LEFT_OUT))


def forget(connection: Connection, places: Sequence[tuple[int, str]]) -> None:
    """Deletes the reading failures of these copies."""
    if places:
        here = (failure.c.folder_id == bindparam("of"), failure.c.item == bindparam("named"))
        connection.execute(delete(failure).where(*here), [{"of": number, "named": item} for number, item in places])


def _copies(connection: Connection, folder_id: int, entries: Sequence[Entry], left_out: Iterable[str]) -> None:
    protected = frozenset(left_out)
    for items in chunks(entry.item for entry in entries):
        connection.execute(delete(copy).where(copy.c.folder_id == folder_id, copy.c.item.in_(items)))
        connection.execute(delete(failure).where(failure.c.folder_id == folder_id, failure.c.item.in_(items)))
    rows = {
        e.item: {
            "folder_id": folder_id,
            "item": e.item,
            "circulation_key": e.key,
            "variant": e.variant,
            "role": e.role,
            "rerouted": e.rerouted,
            "outcome": Outcome.LEFT_OUT if e.key in protected else e.outcome,
        }
        for e in entries
    }
    if rows:
        connection.execute(insert(copy), list(rows.values()))
    if failed := [{"folder_id": folder_id, "item": e.item, "part": "", "reason": e.failure} for e in entries if e.failure]:
        connection.execute(insert(failure), failed)


def add_missing(connection: Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Inserts the rows whose primary key the table does not hold. The first column is a circulation's key."""
    identity = list(table.primary_key.columns)
    wanted = {row[: len(identity)]: row for row in rows}
    of = identity[0]
    found = (row for part in chunks({key[0] for key in wanted}) for row in connection.execute(select(*identity).where(of.in_(part))))
    held = {tuple(row) for row in found}
    names = [column.name for column in table.columns]
    if missing := [dict(zip(names, row, strict=True)) for key, row in wanted.items() if key not in held]:
        connection.execute(insert(table), missing)
