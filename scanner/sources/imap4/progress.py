"""How far a folder was read, and what has come since: UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ and the number of items (RFC 3501 2.3.1, RFC 7162)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from scanner.sources.imap4.session import Opened
from scanner.sources.source import Page

PAGE = 500
_WINDOW = 5_000
_WRITTEN = re.compile(r"(\d{1,10}):(\d{1,10}):(\d{1,20}):(\d{1,10})")


class Numbered(Protocol):
    """An examined folder that tells its UIDs by place."""

    def numbers(self, first: int, last: int) -> list[tuple[int, int]]: ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """All items below `next` have been listed: `count` of them. `modseq` is the folder's change counter then, 0 where there was none."""

    validity: int
    next: int
    modseq: int
    count: int

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """A cursor that was written; None for what is none."""
        found = _WRITTEN.fullmatch(text or "")
        return cls(*map(int, found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.validity}:{self.next}:{self.modseq}:{self.count}"

    def fits(self, opened: Opened) -> bool:
        """Whether the folder still numbers its items so. A counter that fell says that it was put back from a backup."""
        fell = 0 < opened.next < self.next or 0 < opened.modseq < self.modseq
        return opened.validity == self.validity and not fell


@dataclass(frozen=True, slots=True)
class Listing:
    """The items of a folder that are to be offered, as (place, UID)."""

    opened: Opened
    items: tuple[tuple[int, int], ...]
    restarted: bool

    def pages(self) -> Iterator[Page]:
        """Each with the cursor that covers it and those before it; the last covers all that there was."""
        opened = self.opened
        beyond = max((self.items[-1][1] + 1 if self.items else 1), opened.next)
        for begin in range(0, max(len(self.items), 1), PAGE):
            page = self.items[begin : begin + PAGE]
            last = begin + PAGE >= len(self.items)
            count, after = (opened.exists, beyond) if last else (page[-1][0], page[-1][1] + 1)
            cursor = Cursor(opened.validity, after, opened.modseq, count)
            names = tuple(item_of(opened.validity, uid) for _, uid in page)
            yield Page(names, str(cursor), opened.exists, self.restarted and begin == 0)


def listing(folder: Numbered, opened: Opened, cursor: str | None) -> Listing:
    """What has come since the cursor; everything where items were removed or it no longer fits."""
    since = Cursor.read(cursor)
    if cursor is None or since is None or not since.fits(opened):
        return Listing(opened, _all(folder, 1, opened.exists), cursor is not None)
    fresh = _fresh(folder, opened, since)
    return Listing(opened, _all(folder, 1, opened.exists) if fresh is None else fresh, restarted=False)


def _fresh(folder: Numbered, opened: Opened, since: Cursor) -> tuple[tuple[int, int], ...] | None:
    """What lies behind the items of the cursor; None where one of them is gone.

    UIDs rise with the places, so nothing was removed exactly if the last place of then still holds an item of then and the next one does not.
    """
    if opened.exists < since.count:
        return None
    if opened.exists == since.count and opened.next == since.next:
        return ()
    found = _all(folder, max(since.count, 1), opened.exists)
    whole = all((uid < since.next) == (place <= since.count) for place, uid in found)
    return tuple(each for each in found if each[0] > since.count) if whole else None


def _all(folder: Numbered, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """In windows of some thousands: answers stay short. No place moves meanwhile, since FETCH reports no removal (RFC 3501 7.4.1)."""
    starts = range(first, last + 1, _WINDOW)
    return tuple(each for start in starts for each in folder.numbers(start, min(start + _WINDOW - 1, last)))


def item_of(validity: int, uid: int) -> str:
    """An item's name: it means one message for ever, since a renumbered folder has another UIDVALIDITY."""
    return f"{validity}-{uid}"


def uid_of(item: str) -> tuple[int, int]:
    """UIDVALIDITY and UID of an item; zeros for what is no item of ours."""
    validity, _, uid = item.partition("-")
    return (int(validity), int(uid)) if validity.isdecimal() and uid.isdecimal() else (0, 0)
