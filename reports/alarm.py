"""What must stand at the top of a digest because mail went unread: a week without findings is calm only if the mail was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.casebook import ScanRun
from reports.entry import Reading, plural
from reports.mask import legible
from reports.tally import Read, altogether
from reports.week import aware

_MOST_DETAILS = 12
_STALE = timedelta(days=1)
_MUCH = 0.1


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to read first. A grave one means that findings may be missing now; another, that something went wrong and has passed."""

    grave: bool
    headline: str
    details: tuple[str, ...] = ()
    more: int = 0


def alarms(
    runs: Sequence[ScanRun], later: Sequence[ScanRun], mailboxes: Sequence[Read], reading: Reading, hushed: Iterable[Alarm] = ()
) -> tuple[Alarm, ...]:
    """Everything wrong with the week's scans and with the coverage, the grave first.

    `runs` are those of the digest's period, `later` those between it and the writing: a scan that came after the week has read its mail.
    `hushed` are the alarms of mailboxes that fell silent.
    """
    caught_up = last_complete(later)
    scans = _of_scans(runs, reading) if caught_up is None else _of_late_scan(runs, caught_up, reading)
    found = (*scans, *_of_problems((*runs, *later), reading), *_of_coverage(mailboxes), *hushed)
    return tuple(sorted(found, key=lambda alarm: not alarm.grave))


def last_complete(runs: Sequence[ScanRun]) -> ScanRun | None:
    """The latest scan of all mailboxes that came to its end."""
    return max((r for r in runs if not r.mailbox and r.finished), key=_start, default=None)


def shortfalls(runs: Iterable[ScanRun]) -> dict[str, str]:
    """The mailboxes that could not be read in full when they were last scanned, each with the reason."""
    found: dict[str, str] = {}
    for run in sorted(runs, key=_start):
        if run.finished and not run.mailbox:
            found.clear()
        elif run.finished:
            found.pop(run.mailbox, None)
        found |= run.shortfalls
    return found


def _start(run: ScanRun) -> datetime:
    return aware(run.started)


def _of_scans(runs: Sequence[ScanRun], reading: Reading) -> Iterator[Alarm]:
    whole = [r for r in runs if not r.mailbox]
    broken = [f"Begun on {reading.moment(r.started)}; no end is recorded." for r in whole if not r.finished]
    last = last_complete(runs)
    if not whole:
        single = plural(len(runs), "mailbox was", "mailboxes were")
        yield Alarm(True, "No scan ran this week", (_SAYS_NOTHING, *((f"Only {single} scanned on demand.",) if runs else ())))
    elif last is None:
        yield capped(True, "No scan was completed this week", (_SAYS_NOTHING, *broken))
    else:
        if min(reading.known.until, aware(reading.now)) - _start(last) > _STALE:
            began = f"The last completed scan began on {reading.moment(last.started)}; later mail is unread."
            yield Alarm(True, "The end of the week has not been read", (began,))
        if broken:
            yield capped(False, f"{plural(len(broken), 'scan')} did not finish", broken)


def _of_late_scan(runs: Sequence[ScanRun], caught_up: ScanRun, reading: Reading) -> Iterator[Alarm]:
    if last_complete(runs) is None:
        yield Alarm(
            False, "No scan was completed in this week itself", (f"The scan of {reading.moment(caught_up.started)} has read its mail since.",)
        )


def _of_problems(runs: Sequence[ScanRun], reading: Reading) -> Iterator[Alarm]:
    """Problems that the last completed scan had, or that came after it, still stand; earlier ones have passed."""
    last = last_complete(runs)
    standing = {p: _start(r) for r in sorted(runs, key=_start) for p in r.problems if last is None or _start(r) >= _start(last)}
    passed = {p: _start(r) for r in sorted(runs, key=_start) for p in r.problems if p not in standing}
    if standing:
        yield capped(True, f"{plural(len(standing), 'problem')} in scanning", _told(standing, reading))
    if passed:
        yield capped(False, f"{plural(len(passed), 'problem')} in earlier scans, not seen in the last", _told(passed, reading))


def _told(problems: dict[str, datetime], reading: Reading) -> tuple[str, ...]:
    return tuple(f"{reading.masked(problem, 300)} (scan of {reading.moment(at)})" for problem, at in problems.items())


def _of_coverage(mailboxes: Sequence[Read]) -> Iterator[Alarm]:
    total = altogether(mailboxes)
    silent = tuple(legible(m.custodian, 120) for m in mailboxes if not m.read and m.missing)
    wanted = total.expected - total.left_out
    if not total.expected:
        yield Alarm(True, "No mail was found to read", (_HELD_NOTHING,))
    elif not total.read:
        yield Alarm(True, "Nothing was read", (f"{plural(total.expected, 'copy was', 'copies were')} expected and none was read.",))
    elif silent:
        yield capped(True, f"Nothing was read in {plural(len(silent), 'mailbox', 'mailboxes')}", silent)
    if total.read and total.missing > wanted * _MUCH:
        share = f"{total.missing:,} of {plural(wanted, 'copy', 'copies')} that should have been read were not."
        yield Alarm(True, "Much of the mail was not read", (share,))


def capped(grave: bool, headline: str, details: Sequence[str]) -> Alarm:
    """An alarm with as many details as a page bears; the rest as a number."""
    return Alarm(grave, headline, tuple(details[:_MOST_DETAILS]), max(0, len(details) - _MOST_DETAILS))


_HELD_NOTHING = "No mailbox in scope held a single message: check the configuration and the scanner's access."
_SAYS_NOTHING = "That nothing new stands here says nothing about this week's mail."
