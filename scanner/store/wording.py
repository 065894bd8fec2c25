"""Which officers' messages hold words of which Members' letters, found by their fingerprints alone.

That one message pastes another stands in a table of its own, not among its references. A reference is what a header says; it is as lasting
as the message and joins two conversations for good and for everybody. A likeness follows from all that is known so far: it goes when the
words prove common property, when an officer is found to have used them first, or when the letter is left out. So it is worked out anew
from the fingerprints, lends the letter's conversation to the one message that it is about, and joins nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, cast, delete, exists, func, insert, select, update

from scanner.store.arrival import chunks
from scanner.store.entry import State, Wording
from scanner.store.tables import circulation, participant, pasted, reference, wording

_RARE = 5  # subjects: words that stand under more are a form, a footer or a campaign's, while one letter may go to many and be answered often
_BOUND = 200  # messages with the same words, whatever their subjects
_SHORT = 4  # marks of a letter of some sixteen words: one in common is half of it
_MOST = 8  # letters that one message is judged with
_OPENLY = ("from", "sender", "to", "cc")


class Likeness(NamedTuple):
    """An officer's message that holds words of a Member's letter."""

    message: str
    letter: str


def keep_wording(connection: Connection, key: str, several: Collection[Wording]) -> None:
    """The fingerprints of a message as it was last read, in place of earlier ones."""
    now: dict[int, bool] = {}
    for each in several:
        now |= {mark: now.get(mark, False) or each.by_member for mark in each.marks}
    mine = wording.c.circulation_key == key
    held = {row.mark: row.by_member for row in connection.execute(select(wording.c.mark, wording.c.by_member).where(mine))}
    if now == held:
        return
    connection.execute(delete(wording).where(mine))
    if now:
        rows = [{"mark": mark, "circulation_key": key, "by_member": by_member} for mark, by_member in now.items()]
        connection.execute(insert(wording), rows)
    connection.execute(update(circulation).where(circulation.c.key == key).values(reworded=True))


def pair(connection: Connection) -> frozenset[str]:
    """Looks for pasted letters where fingerprints have changed; the messages whose letters are others now, made pending if they were judged."""
    if not connection.scalar(select(exists().where(circulation.c.reworded))):
        return frozenset()
    found = _letters(connection)
    before = {Likeness(*row) for row in connection.execute(select(pasted.c.circulation_key, pasted.c.letter_key))}
    changed = frozenset(likeness.message for likeness in before ^ found)
    for part in chunks(changed):
        connection.execute(delete(pasted).where(pasted.c.circulation_key.in_(part)))
        again = (circulation.c.key.in_(part), circulation.c.state == State.JUDGED)
        connection.execute(update(circulation).where(*again).values(state=State.PENDING))
    if rows := [{"circulation_key": each.message, "letter_key": each.letter} for each in sorted(found) if each.message in changed]:
        connection.execute(insert(pasted), rows)
    connection.execute(update(circulation).where(circulation.c.reworded).values(reworded=False))
    return changed


def _letters(connection: Connection) -> set[Likeness]:
    """Of each message the letters that it is most like; which depends on nothing but what the store holds."""
    shared: Counter[Likeness] = Counter()
    for several in _held_in_common(connection):
        if len({row.subject_key for row in several}) <= _RARE:
            shared.update(_alike(several))
    lengths = _lengths(connection, {each.letter for each in shared})
    enough = [each for each, number in shared.items() if number >= (1 if lengths[each.letter] <= _SHORT else 2)]
    told = sorted(_untold(connection, enough), key=lambda each: (each.message, -shared[each], each.letter))
    by_message = groupby(told, key=lambda each: each.message)
    return {each for _, several in by_message for each in list(several)[:_MOST]}


def _held_in_common(connection: Connection) -> Iterator[list[Any]]:
    """The rows of each fingerprint that both a letter and an officer's message have, and not very many of them."""
    letters = func.sum(cast(wording.c.by_member, Integer))
    both = select(wording.c.mark).group_by(wording.c.mark).having(letters > 0, func.count() > letters, func.count() <= _BOUND)
    columns = (wording.c.mark, wording.c.circulation_key, wording.c.by_member, circulation.c.date, circulation.c.subject_key)
    chosen = select(*columns).join(circulation, circulation.c.key == wording.c.circulation_key).where(wording.c.mark.in_(both))
    rows = connection.execute(chosen.order_by(wording.c.mark)).yield_per(10_000)
    for _, several in groupby(rows, key=lambda row: row.mark):
        yield list(several)


def _alike(rows: Sequence[Any]) -> Iterator[Likeness]:
    """Each officer's message with each letter of one fingerprint, unless an officer had used the words before the letter was written."""
    officers = [row for row in rows if not row.by_member]
    first: datetime | None = min((row.date for row in officers if row.date), default=None)
    for letter in rows:
        if letter.by_member and letter.date and (first is None or letter.date <= first):
            yield from (Likeness(row.circulation_key, letter.circulation_key) for row in officers)


def _lengths(connection: Connection, letters: Iterable[str]) -> dict[str, int]:
    chosen = select(wording.c.circulation_key, func.count().label("number")).group_by(wording.c.circulation_key)
    rows = (row for part in chunks(letters) for row in connection.execute(chosen.where(wording.c.circulation_key.in_(part))))
    return {row.circulation_key: row.number for row in rows}


def _untold(connection: Connection, several: Collection[Likeness]) -> Iterator[Likeness]:
    """Those of which no header tells: the message does not name the letter among its references, and is not openly to its author."""
    letters, messages = {each.letter for each in several}, {each.message for each in several}
    authors = _grouped(connection, participant.c.person_key, letters, ("from",))
    present = _grouped(connection, participant.c.person_key, messages, _OPENLY)
    named = _grouped(connection, reference.c.referenced_key, messages)
    nobody: frozenset[str] = frozenset()
    for each in several:
        if each.letter not in named.get(each.message, nobody) and authors.get(each.letter, nobody).isdisjoint(present.get(each.message, nobody)):
            yield each


def _grouped(connection: Connection, column: Any, keys: Iterable[str], roles: Collection[str] = ()) -> dict[str, set[str]]:
    """A column's values for each circulation, of participants in these roles only."""
    table = column.table
    found: dict[str, set[str]] = {}
    for part in chunks(keys):
        wanted = [table.c.circulation_key.in_(part), *([table.c.role.in_(roles)] if roles else [])]
        for key, value in connection.execute(select(table.c.circulation_key, column).where(*wanted)):
            found.setdefault(key, set()).add(value)
    return found
