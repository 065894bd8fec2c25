"""What `aboveboard run` does: the scan and the digests of a configuration as jobs for the scheduler."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import UTC, datetime

from reports.mask import legible
from scanner.app import App
from scanner.config import Configuration
from scanner.delivery import deliver, last_written, week_of
from scanner.job import ScanRequest, ScanResult
from scanner.schedule import Job, Stop

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOG = logging.getLogger("aboveboard")


def jobs(configuration: Configuration, stop: Stop) -> tuple[Job, ...]:
    """The scan, then the digests. Raises ConfigurationError or StoreError now for what would fail at five in the morning."""
    schedule = configuration.schedule
    with closing(App(configuration)) as parts:
        parts.scan_job()
        scan = Job("scan", schedule.scan, lambda: scan_now(configuration, stop), _last_scan(parts))
        return scan, Job("digest", schedule.digest, lambda: digest_now(configuration), last_written(parts))


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


def _last_scan(parts: App) -> datetime | None:
    """When the last scan of everything began that came to its end, or else the first that did not; None before any."""
    runs = [run for run in parts.cases.runs(_EPOCH, parts.clock()) if not run.mailbox]
    return max((run.started for run in runs if run.finished), default=min((run.started for run in runs), default=None))
