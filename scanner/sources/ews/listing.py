"""A folder's items page by page: what is new since a sync state, or everything again where something was taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scanner.sources.ews.answers import Change
from scanner.sources.ews.words import RefusedError
from scanner.sources.source import Page

# The cursor of a listing that did not come to its end: what was taken away meanwhile is only seen in one that does.
_AGAIN = "again"
_A_PAGE = 512


@dataclass(frozen=True, slots=True)
class Questions:
    """What a listing asks: the changes since a sync state with the state after them and whether that is all, and the folder's number of items."""

    changes: Callable[[str | None], tuple[list[Change], str, bool]]
    total: Callable[[], int]


@dataclass(frozen=True, slots=True)
class _State:
    """What a cursor holds: how many items are mail, how many are something else, and the server's sync state."""

    mail: int
    others: int
    sync: str

    def __str__(self) -> str:
        return f"{self.mail}:{self.others}:{self.sync}"


def pages(ask: Questions, cursor: str | None) -> Iterator[Page]:
    """Pages after a cursor. Everything is listed again when an item was taken away, since a whole listing alone shows the store what is gone;
    and as items of a new kind (`restarted`) when the server refuses the sync state.
    """
    state = _read(cursor)
    if state is None:
        yield from _everything(ask, restarted=False)
        return
    try:
        found = _since(ask, state.sync)
    except RefusedError as error:
        if error.code != "ErrorInvalidSyncStateData":
            raise
        yield from _everything(ask, restarted=True)
        return
    if any(change.kind == "delete" for change in found[0]):
        yield from _everything(ask, restarted=False)
    else:
        yield from _news(ask, state, *found)


def _since(ask: Questions, sync: str) -> tuple[list[Change], str]:
    found: list[Change] = []
    for changes, after in _rounds(ask, sync):
        found += changes
        sync = after
    return found, sync


def _rounds(ask: Questions, sync: str | None) -> Iterator[tuple[list[Change], str]]:
    """One answer after the other, until the server says that it has told all, or goes round in a circle."""
    last = False
    while not last:
        changes, after, last = ask.changes(sync)
        last = last or after == sync
        yield changes, after
        sync = after


def _news(ask: Questions, state: _State, found: list[Change], sync: str) -> Iterator[Page]:
    """What came in; the cursor moves with the last page. The folder is counted only where something did."""
    created = {change.item: change.is_mail for change in found if change.kind == "create"}
    if not created:
        yield Page((), str(_State(state.mail, state.others, sync)), state.mail)
        return
    others = state.others + sum(not is_mail for is_mail in created.values())
    items = tuple(item for item, is_mail in created.items() if is_mail)
    mail = ask.total() - others
    whole = mail == state.mail + len(items)
    while len(items) > _A_PAGE:
        yield Page(items[:_A_PAGE], str(state), mail)
        items = items[_A_PAGE:]
    yield Page(items, str(_State(mail, others, sync)) if whole else _AGAIN, mail)


def _everything(ask: Questions, *, restarted: bool) -> Iterator[Page]:
    """The whole folder. What the server counts and does not list is missing, and shows as expected and not read."""
    held: dict[str, bool] = {}
    total, sync, waiting, lost = -1, "", None, False
    for changes, after in _rounds(ask, None):
        sync = after
        if waiting is not None:
            total = ask.total() if total < 0 else total
            yield Page(waiting, _AGAIN, total, restarted)
            restarted = False
        new = [change for change in changes if change.kind == "create" and change.item not in held]
        gone = {change.item for change in changes if change.kind == "delete"}
        held |= {change.item: change.is_mail for change in new}
        if gone:
            held, lost = {item: is_mail for item, is_mail in held.items() if item not in gone}, True
        waiting = tuple(change.item for change in new if change.is_mail and change.item in held)
    mail = sum(held.values())
    others = len(held) - mail
    expected = ask.total() - others
    yield Page(waiting or (), str(_State(mail, others, sync)) if expected == mail and not lost else _AGAIN, expected, restarted)


def _read(cursor: str | None) -> _State | None:
    """What a cursor holds; None for none, for one of an unfinished listing and for one of another kind."""
    parts = (cursor or "").split(":", 2)
    return _State(int(parts[0]), int(parts[1]), parts[2]) if len(parts) == 3 and parts[0].isdigit() and parts[1].isdigit() and parts[2] else None
