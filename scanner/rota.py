"""What `aboveboard run` does: the scan and the digests of a configuration as jobs for the scheduler."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from reports.mask import legible
from scanner.app import App, now
from scanner.config import Configuration
from scanner.delivery import deliver, last_written, week_of
from scanner.health import Pulse, Result, ails, read
from scanner.job import ScanRequest, ScanResult
from scanner.schedule import Job, Stop, StoppedError, due, once, run, scheduler

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOG = logging.getLogger("aboveboard")


def keep(configuration: Configuration) -> None:
    """Scans and writes digests by the schedule, until told to stop."""
    stop, pulse = Stop(), pulse_of(configuration)
    made = scheduler(jobs(configuration, stop, pulse), ZoneInfo(configuration.council.timezone), now(), stop, pulse.beat)
    run(made, stop)


def run_once(configuration: Configuration) -> ScanResult:
    """One scan and the digests, now. Raises StoppedError where it is told to stop."""
    stop, pulse = Stop(), pulse_of(configuration)
    result = once(lambda: _noted(pulse, "scan", lambda: scan_now(configuration, stop)), stop)
    _noted(pulse, "digest", lambda: digest_now(configuration))
    return result


def jobs(configuration: Configuration, stop: Stop, pulse: Pulse) -> tuple[Job, ...]:
    """The scan, then the digests. Raises ConfigurationError or StoreError now for what would fail at five in the morning."""
    schedule = configuration.schedule
    later = timedelta(seconds=secrets.randbelow(schedule.jitter + 1))
    with closing(App(configuration)) as parts:
        parts.scan_job()
        last_scan, last_digest = _last_scan(parts), last_written(parts)
    scan = Job("scan", schedule.scan, lambda: _noted(pulse, "scan", lambda: scan_now(configuration, stop)), last_scan, later)
    return scan, Job("digest", schedule.digest, lambda: _noted(pulse, "digest", lambda: digest_now(configuration)), last_digest, later)


def scan_now(configuration: Configuration, stop: Stop) -> ScanResult:
    """One scan of everything, with its outcome in the log."""
    with closing(App(configuration)) as parts:
        result = parts.scan_job().run(ScanRequest(), stop.watch)
    _LOG.info("scan %d: %d new copies read, %d messages judged", result.number, result.collected, result.judged)
    for problem in result.problems:
        _LOG.error("NOT READ: %s", legible(problem))
    return result


def digest_now(configuration: Configuration) -> None:
    """The digests of the last whole week, with their places in the log."""
    with closing(App(configuration)) as parts:
        for delivered in deliver(parts, week_of(parts, None)):
            _LOG.info("digest written: %s", ", ".join(str(file) for file in delivered.files))


def pulse_of(configuration: Configuration) -> Pulse:
    """What keeps the configuration's health file."""
    return Pulse(configuration.resolve(configuration.run.health), now)


def ailments(configuration: Configuration) -> list[str]:
    """What is wrong with the scheduled scans, by the health file. Raises StoreError where there is none."""
    zone, latest = ZoneInfo(configuration.council.timezone), timedelta(seconds=configuration.schedule.jitter)
    health = read(configuration.resolve(configuration.run.health))
    return ails(health, lambda after: due(configuration.schedule.scan, zone, after) + latest, now())


def _noted(pulse: Pulse, name: str, work: Callable[[], T]) -> T:
    """The work, with its beginning and its end in the health file."""
    with pulse.watching(name) as tell:
        try:
            result = work()
        except StoppedError:
            tell(Result.STOPPED)
            raise
        tell(Result.PROBLEMS if isinstance(result, ScanResult) and result.problems else Result.COMPLETE)
        return result


def _last_scan(parts: App) -> datetime | None:
    """When the last scan of everything began that came to its end, or else the first that did not; None before any."""
    runs = [run for run in parts.cases.runs(_EPOCH, parts.clock()) if not run.mailbox]
    return max((run.started for run in runs if run.finished), default=min((run.started for run in runs), default=None))
