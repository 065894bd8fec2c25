"""The coverage statement that closes every digest: what was expected, read and not read, mailbox by mailbox, and which scans were run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.alarm import last_complete
from reports.casebook import ReadingFailure, ScanRun
from reports.entry import Reading, plural
from reports.mask import legible, unaddressed
from reports.tally import Read, altogether

_MOST_MAILBOXES = 60
_MOST_REASONS = 10
_MOST_FAILURES = 25


@dataclass(frozen=True, slots=True)
class Failure:
    """One copy, or a part of it, that nobody's eyes but a person's can read: where it lies and why."""

    mailbox: str
    folder: str
    item: str
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class OnDemand:
    """One scan of a single mailbox that somebody asked for: when, whose, why, who asked, and what became of it."""

    date: str
    mailbox: str
    reason: str
    by: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Coverage in full. `rest` sums the mailboxes beyond those listed, and `more_…` count what is not listed."""

    scans: str
    total: Read
    mailboxes: tuple[Read, ...]
    rest: Read | None
    more_mailboxes: int
    reasons: tuple[tuple[str, int], ...]
    more_reasons: int
    failures: tuple[Failure, ...]
    more_failures: int
    on_demand: tuple[OnDemand, ...]


def statement(mailboxes: Sequence[Read], failures: Sequence[ReadingFailure], runs: Sequence[ScanRun], reading: Reading) -> Statement:
    """The coverage statement; mailboxes with something missing come first, so that no cap hides them behind clean ones."""
    ranked = sorted(mailboxes, key=lambda m: (not m.shortfall, -m.missing, m.custodian))
    rest = ranked[_MOST_MAILBOXES:]
    reasons = Counter(reading.masked(f.reason, 200) for f in failures).most_common()
    return Statement(
        scans=_scans(runs, reading),
        total=altogether(mailboxes),
        mailboxes=tuple(_mailbox(m, reading) for m in ranked[:_MOST_MAILBOXES]),
        rest=altogether(rest) if rest else None,
        more_mailboxes=len(rest),
        reasons=tuple(reasons[:_MOST_REASONS]),
        more_reasons=len(reasons[_MOST_REASONS:]),
        failures=tuple(_failure(f, reading) for f in failures[:_MOST_FAILURES]),
        more_failures=len(failures[_MOST_FAILURES:]),
        on_demand=tuple(_on_demand(r, reading) for r in runs if r.mailbox),
    )


def _mailbox(read: Read, reading: Reading) -> Read:
    return replace(read, custodian=legible(read.custodian, 120), shortfall=reading.masked(read.shortfall, 200))


def _scans(runs: Sequence[ScanRun], reading: Reading) -> str:
    whole = [r for r in runs if not r.mailbox]
    last = last_complete(runs)
    if last is None:
        return f"{plural(len(whole), 'scan')} of all mailboxes begun, none completed." if whole else "No scan of all mailboxes."
    complete = sum(1 for r in whole if r.finished)
    left = f" {plural(len(last.left_out), 'mailbox', 'mailboxes')} left out as protected." if last.left_out else ""
    return f"{plural(complete, 'completed scan')} of all mailboxes; the last began on {reading.moment(last.started)}.{left}"


def _failure(failure: ReadingFailure, reading: Reading) -> Failure:
    return Failure(
        legible(failure.custodian, 120),
        reading.masked(failure.folder, 120),
        unaddressed(failure.item, reading.domains, 120),
        reading.masked(failure.part, 120),
        reading.masked(failure.reason, 200),
    )


def _on_demand(run: ScanRun, reading: Reading) -> OnDemand:
    outcome = "no end recorded" if run.finished is None else plural(len(run.problems), "problem") if run.problems else "completed"
    reason, by = reading.masked(run.reason, 300) or "no reason given", reading.masked(run.asked_by, 120) or "not recorded"
    return OnDemand(reading.moment(run.started), legible(run.mailbox, 120), reason, by, outcome)
