"""The ledger of circulations: who had which message, under keyed hashes, and how far each folder has been read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, delete, insert, or_, select, update

from rules.circulation import Copy, Role
from scanner.sources.source import Folder, Page
from scanner.store.arrival import chunks, forget, leave_out_copies, record_entries
from scanner.store.entry import Entry, Located, Node, Outcome, Participant, State, Traced
from scanner.store.tables import circulation, copy, folder, ledger_key, participant, pasted, reference
from scanner.store.traces import cursor_of, keep_cursor, record_traced
from scanner.store.wording import pair

_ROLES = list(Role)


class Ledger:
    """Writes of the first pass and reads of the second. Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def opens(self, mark: str) -> bool:
        """Whether this is the mark of the key that the ledger was begun with; the first one is kept."""
        with self._engine.begin() as connection:
            known = connection.scalar(select(ledger_key.c.mark))
            if known is None:
                connection.execute(insert(ledger_key).values(mark=mark))
            return known in {None, mark}

    def cursor(self, source: str, place: Folder) -> str | None:
        """How far this folder has been read, in the source's own terms."""
        with self._engine.begin() as connection:
            return connection.scalar(select(folder.c.cursor).where(*_is(source, place)))

    def unknown(self, source: str, place: Folder, items: Sequence[str]) -> list[str]:
        """Those of the items that the ledger does not hold yet, or holds as gone, in their order."""
        wanted = _items(source, place).where(copy.c.outcome != Outcome.GONE)
        with self._engine.begin() as connection:
            held = {item for part in chunks(items) for item in connection.scalars(wanted.where(copy.c.item.in_(part)))}
        return [item for item in items if item not in held]

    def failed(self, source: str, place: Folder) -> frozenset[str]:
        """The items that could not be opened when they were last tried."""
        with self._engine.begin() as connection:
            return frozenset(connection.scalars(_items(source, place).where(copy.c.outcome == Outcome.FAILED)))

    def record(self, source: str, place: Folder, page: Page, entries: Iterable[Entry]) -> None:
        """A page's entries and the cursor that covers them, together or not at all."""
        with self._engine.begin() as connection:
            number = _folder(connection, source, place)
            if page.restarted:
                _gone(connection, number, connection.scalars(select(copy.c.item).where(copy.c.folder_id == number)).all())
            record_entries(connection, number, list(entries))
            connection.execute(update(folder).where(folder.c.id == number).values(cursor=page.cursor, expected=page.expected))

    def trace_cursor(self, source: str, place: str) -> str | None:
        """How far a file or service of traces has been read."""
        with self._engine.begin() as connection:
            return cursor_of(connection, source, place)

    def record_traces(self, source: str, place: str, cursor: str | None, several: Iterable[Traced]) -> None:
        """What traces tell, with the cursor that covers it where their place has been read to its end."""
        with self._engine.begin() as connection:
            record_traced(connection, several)
            if cursor is not None:
                keep_cursor(connection, source, place, cursor)

    def keep_only(self, source: str, place: Folder, listed: Collection[str]) -> None:
        """Marks what the folder held once and holds no longer. `listed` is all that it holds."""
        with self._engine.begin() as connection:
            number = _folder(connection, source, place)
            held = connection.scalars(select(copy.c.item).where(copy.c.folder_id == number, copy.c.outcome != Outcome.GONE)).all()
            _gone(connection, number, [item for item in held if item not in listed])
            _forget_moved(connection, number)

    def close_missing(self, source: str, custodians: Collection[str] | None, listed: Collection[Folder]) -> list[Folder]:
        """The folders that were read once and are listed no longer, of these mailboxes or (None) of all; what they held is marked as gone."""
        read = select(folder.c.id, folder.c.custodian, folder.c.path).where(folder.c.source == source, folder.c.cursor.is_not(None))
        with self._engine.begin() as connection:
            rows = connection.execute(read.order_by(folder.c.custodian, folder.c.path)).all()
            known = [row for row in rows if custodians is None or row.custodian in custodians]
            missing = [row for row in known if Folder(row.custodian, row.path) not in listed]
            for row in missing:
                _gone(connection, row.id, connection.scalars(select(copy.c.item).where(copy.c.folder_id == row.id)).all())
                connection.execute(update(folder).where(folder.c.id == row.id).values(cursor=None, expected=0))
        return [Folder(row.custodian, row.path) for row in missing]

    def leave_out(self, people: Collection[str]) -> None:
        """Leaves out every circulation in which one of these pseudonyms takes part, as a channel protected since it was collected."""
        if not people:
            return
        theirs = select(participant.c.circulation_key).join(circulation, circulation.c.key == participant.c.circulation_key)
        with self._engine.begin() as connection:
            found = (part for part in chunks(people))
            open_ = circulation.c.state != State.LEFT_OUT
            keys = {key for part in found for key in connection.scalars(theirs.where(open_, participant.c.person_key.in_(part)))}
            leave_out_copies(connection, keys)
            _set_state(connection, keys, State.LEFT_OUT, news=True)

    def is_quiet(self) -> bool:
        """Whether there is neither news nor anything pending, so that conversations need not be looked through."""
        stirring = or_(circulation.c.news, circulation.c.reworded, circulation.c.state == State.PENDING)
        with self._engine.begin() as connection:
            return connection.scalar(select(circulation.c.key).where(stirring).limit(1)) is None

    def nodes(self) -> list[Node]:
        """Every circulation of which a copy was collected, for threading."""
        with self._engine.begin() as connection:
            references = _grouped(connection.execute(select(reference.c.circulation_key, reference.c.referenced_key)))
            people = _grouped(connection.execute(select(participant.c.circulation_key, participant.c.person_key).distinct()))
            letters = _grouped(connection.execute(select(pasted.c.circulation_key, pasted.c.letter_key)))
            chosen = select(circulation).where(circulation.c.state != State.TRACED).order_by(circulation.c.key)
            rows = connection.execute(chosen).all()
        nobody: frozenset[str] = frozenset()
        linked = ((r, references.get(r.key, nobody), people.get(r.key, nobody), letters.get(r.key, nobody)) for r in rows)
        return [Node(r.key, r.date, r.subject_key, State(r.state), names, persons, r.news, pastes) for r, names, persons, pastes in linked]

    def pair(self) -> frozenset[str]:
        """Looks for Members' letters in officers' messages; gives the messages that are known now to hold others than before, pending again."""
        with self._engine.begin() as connection:
            return pair(connection)

    def settle(self, again: Collection[str]) -> None:
        """Makes these judged circulations pending once more; with that, all news has had its effect."""
        with self._engine.begin() as connection:
            _set_state(connection, again, State.PENDING, news=False)
            connection.execute(update(circulation).where(circulation.c.news).values(news=False))

    def copies(self, keys: Iterable[str]) -> dict[str, list[Located]]:
        """Where the copies of these circulations lie, the sender's own first. One that is gone counts unless its mailbox has another."""
        chosen = select(copy, folder.c.source, folder.c.custodian, folder.c.path).join(folder, folder.c.id == copy.c.folder_id)
        found: dict[str, list[Located]] = {}
        for row in self._of(chosen, copy.c.circulation_key, keys):
            place = Copy(row.custodian, row.path, row.item, Role(row.role), row.rerouted)
            found.setdefault(row.circulation_key, []).append(Located(row.source, place, row.variant, row.outcome == Outcome.GONE))
        return {key: _proofs(several) for key, several in found.items()}

    def envelopes(self, keys: Iterable[str]) -> dict[str, list[Participant]]:
        """What journals and traces told of these circulations."""
        chosen = select(participant).where(or_(participant.c.role.startswith("envelope-"), participant.c.role.startswith("trace-")))
        found: dict[str, list[Participant]] = {}
        for row in self._of(chosen, participant.c.circulation_key, keys):
            found.setdefault(row.circulation_key, []).append(Participant(row.person_key, row.role, row.via_key, row.forwarded))
        return {key: sorted(several, key=astuple) for key, several in found.items()}

    def held_by(self, custodians: Collection[str]) -> frozenset[str]:
        """The circulations of which these mailboxes hold a copy."""
        chosen = select(copy.c.circulation_key).join(folder, folder.c.id == copy.c.folder_id).where(folder.c.custodian.in_(custodians))
        with self._engine.begin() as connection:
            return frozenset(key for key in connection.scalars(chosen.distinct()) if key)

    def ask_again(self, since: datetime | None, until: datetime | None, custodians: Collection[str] | None) -> None:
        """Makes judged circulations of the period (undated ones too) and of these mailboxes (None: of all) pending once more."""
        again = update(circulation).where(circulation.c.state == State.JUDGED, *_within(since, until))
        if custodians is not None:
            theirs = select(copy.c.circulation_key).join(folder, folder.c.id == copy.c.folder_id).where(folder.c.custodian.in_(custodians))
            again = again.where(circulation.c.key.in_(theirs))
        with self._engine.begin() as connection:
            connection.execute(again.values(state=State.PENDING))

    def ask_again_about(self, people: Collection[str]) -> None:
        """Makes judged circulations in which one of these pseudonyms takes part pending once more."""
        with self._engine.begin() as connection:
            for part in chunks(people):
                theirs = select(participant.c.circulation_key).where(participant.c.person_key.in_(part))
                mine = (circulation.c.state == State.JUDGED, circulation.c.key.in_(theirs))
                connection.execute(update(circulation).where(*mine).values(state=State.PENDING))

    def _of(self, chosen: Select[Any], column: Any, keys: Iterable[str]) -> Iterator[Any]:
        with self._engine.begin() as connection:
            for part in chunks(keys):
                yield from connection.execute(chosen.where(column.in_(part)))


def _is(source: str, place: Folder) -> tuple[Any, ...]:
    return folder.c.source == source, folder.c.custodian == place.custodian, folder.c.path == place.path


def _items(source: str, place: Folder) -> Select[Any]:
    return select(copy.c.item).join(folder, folder.c.id == copy.c.folder_id).where(*_is(source, place))


def _within(since: datetime | None, until: datetime | None) -> list[Any]:
    bounds = []
    if since:
        bounds.append(circulation.c.date >= since)
    if until:
        bounds.append(circulation.c.date < until)
    return [or_(circulation.c.date.is_(None), and_(*bounds))] if bounds else []


def _grouped(rows: Iterable[Any]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, value in rows:
        found.setdefault(key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


def _folder(connection: Connection, source: str, place: Folder) -> int:
    number = connection.scalar(select(folder.c.id).where(*_is(source, place)))
    if number is None:
        row = {"source": source, "custodian": place.custodian, "path": place.path, "expected": 0}
        number = connection.execute(insert(folder).values(row)).inserted_primary_key[0]  # type: ignore[index]  # one row always has a key
    return int(number)


def _set_state(connection: Connection, keys: Collection[str], state: State, *, news: bool) -> None:
    for part in chunks(keys):
        connection.execute(update(circulation).where(circulation.c.key.in_(part)).values(state=state, news=news))


def _gone(connection: Connection, number: int, items: Sequence[str]) -> None:
    """Marks copies of a folder as gone; one that could never be opened proves nothing and is forgotten."""
    forget(connection, [(number, item) for item in items])
    for part in chunks(items):
        these = (copy.c.folder_id == number, copy.c.item.in_(part))
        connection.execute(delete(copy).where(*these, copy.c.circulation_key.is_(None)))
        connection.execute(update(copy).where(*these).values(outcome=Outcome.GONE))


def _forget_moved(connection: Connection, number: int) -> None:
    """Forgets what is gone under one name and stands in the same folder under another, as after a compaction."""
    here = copy.c.folder_id == number
    standing = select(copy.c.circulation_key).where(here, copy.c.outcome != Outcome.GONE, copy.c.circulation_key.is_not(None))
    connection.execute(delete(copy).where(here, copy.c.outcome == Outcome.GONE, copy.c.circulation_key.in_(standing)))


def _proofs(several: list[Located]) -> list[Located]:
    standing = {each.copy.custodian for each in several if not each.gone and each.copy.role is not Role.JOURNAL}
    kept = [each for each in several if not (each.gone and each.copy.custodian in standing)]
    return sorted(kept, key=lambda each: (_ROLES.index(each.copy.role), each.copy.custodian, each.copy.folder, each.copy.item))
