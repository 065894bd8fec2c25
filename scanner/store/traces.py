"""How what traces tell enters the ledger: beside the copies of a message, or kept until one of them is collected."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from scanner.store.arrival import add_missing, chunks, leave_out_copies
from scanner.store.entry import Participant, State, Traced
from scanner.store.tables import circulation, participant, trace


def cursor_of(connection: Connection, source: str, place: str) -> str | None:
    """How far this place has been read; None where it has not been, to its end."""
    return connection.scalar(select(trace.c.cursor).where(trace.c.source == source, trace.c.place == place))


def keep_cursor(connection: Connection, source: str, place: str, cursor: str) -> None:
    """Puts on record how far it has been read now."""
    connection.execute(delete(trace).where(trace.c.source == source, trace.c.place == place))
    connection.execute(insert(trace).values(source=source, place=place, cursor=cursor))


def record_traced(connection: Connection, several: Iterable[Traced]) -> None:
    """What is new of each message. A judged one of which more is known now is judged again; what is told twice changes nothing."""
    told = _merged(several)
    states = _states(connection, told)
    _begin(connection, [one for one in told.values() if one.key not in states])
    protected = [key for key, state in states.items() if told[key].left_out and state is not State.LEFT_OUT]
    news = _news(connection, [told[key] for key, state in states.items() if state is not State.LEFT_OUT])
    _stir(connection, dict.fromkeys(protected, State.LEFT_OUT))
    leave_out_copies(connection, protected)
    # Nothing follows from a message that nobody has collected, and it waits for a copy already.
    moved = {key: state for key, state in states.items() if key in news and key not in protected and state is not State.TRACED}
    _stir(connection, {key: State.PENDING if state is State.JUDGED else state for key, state in moved.items()})
    rows = ((one.key, p.person_key, p.role, p.via_key, p.forwarded) for one in told.values() for p in one.participants)
    add_missing(connection, participant, rows)


def _merged(several: Iterable[Traced]) -> dict[str, Traced]:
    found: dict[str, Traced] = {}
    for one in several:
        if known := found.get(one.key):
            dates = [date for date in (known.date, one.date) if date]
            one = Traced(one.key, min(dates, default=None), known.left_out or one.left_out, known.participants | one.participants)  # noqa: PLW2901  # it is what is known now
        found[one.key] = one
    return found


def _states(connection: Connection, keys: Iterable[str]) -> dict[str, State]:
    chosen = select(circulation.c.key, circulation.c.state)
    rows = (row for part in chunks(keys) for row in connection.execute(chosen.where(circulation.c.key.in_(part))))
    return {row.key: State(row.state) for row in rows}


def _begin(connection: Connection, fresh: Collection[Traced]) -> None:
    if fresh:
        connection.execute(insert(circulation), [_row(one) for one in fresh])


def _row(one: Traced) -> dict[str, Any]:
    return {"key": one.key, "date": one.date, "subject_key": "", "state": State.LEFT_OUT if one.left_out else State.TRACED, "news": False}


def _news(connection: Connection, told: Collection[Traced]) -> frozenset[str]:
    """The messages of which something is told that the ledger does not hold."""
    held: dict[str, set[Participant]] = {}
    for part in chunks(one.key for one in told):
        for row in connection.execute(select(participant).where(participant.c.circulation_key.in_(part))):
            held.setdefault(row.circulation_key, set()).add(Participant(row.person_key, row.role, row.via_key, row.forwarded))
    return frozenset(one.key for one in told if one.participants - held.get(one.key, set()))


def _stir(connection: Connection, states: dict[str, State]) -> None:
    rows = [{"of": key, "in_state": state} for key, state in states.items()]
    if rows:
        values = {"state": bindparam("in_state"), "news": True}
        connection.execute(update(circulation).where(circulation.c.key == bindparam("of")).values(values), rows)
