"""Mailboxes that suddenly yield nothing: a right withdrawn, a move or a filter looks just like a quiet week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from reports.alarm import Alarm, capped, last_complete, shortfalls
from reports.casebook import Casebook, ScanRun
from reports.entry import Reading, plural
from reports.mask import legible
from reports.tally import Read
from reports.week import aware

_WEEKS = 4
_LEAST = 10  # copies a week: at that rate chance alone gives one empty week in some twenty thousand
_ENOUGH = 20  # copies: a smaller mailbox halves whenever somebody tidies up
_MUCH = 0.1
_FRESH = timedelta(days=1)


def hushed(casebook: Casebook, mailboxes: Sequence[Read], reading: Reading) -> Iterator[Alarm]:
    """Mailboxes that brought mail in the last four weeks and none in this one, and those that hold less than half of what they held.

    Nothing is said where no scan has read the week to its end, or of a mailbox that failed or is left out: that is told elsewhere.
    """
    known = reading.known
    runs = (*casebook.runs(known.since, known.until), *casebook.runs(known.until, reading.now))
    last = last_complete(runs)
    if last is None or min(known.until, aware(reading.now)) - aware(last.started) > _FRESH:
        return
    told = {*shortfalls(runs), *last.left_out}
    yield from _silent(casebook, told, reading)
    yield from _shrunk(casebook.runs(known.since - _WEEKS * timedelta(weeks=1), known.since), mailboxes, told, reading)


def _silent(casebook: Casebook, told: set[str], reading: Reading) -> Iterator[Alarm]:
    since = reading.known.since
    before = casebook.brought(since - _WEEKS * timedelta(weeks=1), since)
    now = casebook.brought(since, reading.known.until)
    silent = {m: count for m, count in before.items() if count >= _LEAST * _WEEKS and not now.get(m) and m not in told}
    if silent:
        details = [f"{legible(m, 120)}: about {round(n / _WEEKS):,} copies a week before, none dated this week." for m, n in _largest(silent)]
        headline = f"No mail this week in {plural(len(silent), 'mailbox', 'mailboxes')} that had it every week"
        yield capped(sum(silent.values()) > sum(before.values()) * _MUCH, headline, [_CHECK, *details])


def _shrunk(earlier: Sequence[ScanRun], mailboxes: Sequence[Read], told: set[str], reading: Reading) -> Iterator[Alarm]:
    last = last_complete(earlier)
    if last is None:
        return
    now = {m.custodian: m.expected for m in mailboxes}
    fallen = {m: n for m, n in last.held.items() if n >= _ENOUGH and m in now and now[m] < n / 2 and m not in told}
    if fallen:
        day = reading.moment(last.started)
        details = [f"{legible(m, 120)}: {n:,} copies on {day}, now {now[m]:,}." for m, n in _largest(fallen)]
        lost = sum(n - now[m] for m, n in fallen.items())
        headline = f"{plural(len(fallen), 'mailbox holds', 'mailboxes hold')} less than half of what was there"
        yield capped(lost > sum(last.held.values()) * _MUCH, headline, [_CHECK, *details])


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return Counter(counts).most_common()


_CHECK = "Run aboveboard check: was a right withdrawn, or the mailbox moved, emptied or closed?"
