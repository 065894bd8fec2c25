"""The scheduler: scans and digests by the council's clock, catching up after sleep or a restart, never two at once, stopping cleanly."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from types import FrameType
from typing import TypeVar
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from reports.mask import legible
from scanner.cron import cron
from scanner.errors import AboveboardError
from scanner.faults import unforeseen

T = TypeVar("T")

_GLANCE = 1.0
_LOG = logging.getLogger("aboveboard")


class StoppedError(AboveboardError):
    """The job under way was told to stop. What it has stored stands, and the next one goes on from there."""


class Stop:
    """Whether the scheduler was told to stop; a job asks at every step of its progress."""

    def __init__(self) -> None:
        self.asked = False

    def watch(self, _stage: str, _done: int, _total: int | None, /) -> None:
        """A job's progress. Raises StoppedError once the scheduler was told to stop."""
        if self.asked:
            raise StoppedError("told to stop; the next scan goes on from here.")


@dataclass(frozen=True, slots=True)
class Job:
    """What runs when: `when` is a cron expression; `last` is when it last ran, so that what was missed since is made up for at once.

    `later` puts off every run, so that not every council comes to one mail server on the stroke of five.
    """

    name: str
    when: str
    work: Callable[[], object]
    last: datetime | None = None
    later: timedelta = timedelta()


Heed = Callable[[Mapping[str, datetime]], None]
"""Told every second or so of each job's next hour, as long as the scheduler lives."""


class Wakeful(BlockingScheduler):  # type: ignore[misc]  # the library has no types
    """Looks at the clock every second, whatever is due.

    A long timer stands still while the machine sleeps and so rings late by the length of the sleep; and a signal that comes at the very
    moment when it is set goes unheard until it rings.
    """

    heed: Heed | None = None

    def tell(self) -> None:
        """Tells what is due; nothing once the jobs are gone, as they are when it ends."""
        if self.heed and (due := {job.name: job.next_run_time for job in self.get_jobs() if job.next_run_time}):
            self.heed(due)

    def _process_jobs(self) -> float | None:
        wait: float | None = super()._process_jobs()
        self.tell()
        return wait if wait is None else min(wait, _GLANCE)


def scheduler(jobs: Sequence[Job], zone: ZoneInfo, now: datetime, stop: Stop, heed: Heed | None = None) -> Wakeful:
    """A scheduler with the jobs, not yet started.

    One thread does all the work, so that no two jobs ever overlap; of jobs due at the same minute the one named first runs first.
    What was missed, however often and however long ago, runs once.
    """
    made = Wakeful(timezone=zone, executors={"default": ThreadPoolExecutor(1)})
    made.heed = heed
    for place, job in enumerate(jobs):
        trigger = _Later(_trigger(job.when, zone), zone, job.later)
        first = now if job.last and _next(trigger, job.last) <= now else _next(trigger, now)
        made.add_job(
            _guarded(job, stop),
            trigger,
            id=f"{place}",  # jobs of the same minute are taken in the order of their ids
            name=job.name,
            next_run_time=first,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    return made


def run(made: Wakeful, stop: Stop) -> None:
    """Runs until SIGTERM or Ctrl-C; the job under way ends at its next step. Told twice, the process ends at once: nothing stored is lost."""

    def told(number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            os._exit(128 + number)
        stop.asked = True
        # Not here: the signal may have come while the scheduler holds its own locks.
        Thread(target=_shut, args=(made,), daemon=True).start()

    _heeding(told)
    for job in made.get_jobs():
        _LOG.info("next %s: %s", job.name, f"{job.next_run_time:%a %d %b %Y %H:%M}")
    made.tell()
    made.start()
    _LOG.info("stopped")


def once(work: Callable[[], T], stop: Stop) -> T:
    """Work that SIGTERM or Ctrl-C ends at its next step, with StoppedError; told twice, the process ends at once."""

    def told(number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            os._exit(128 + number)
        stop.asked = True

    _heeding(told)
    return work()


def _heeding(told: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)


def _shut(made: Wakeful) -> None:
    """Ends a scheduler, which may still be on its way to start, and waits for the job under way."""
    while not made.running:
        time.sleep(0.01)
    made.shutdown()


def _trigger(expression: str, zone: ZoneInfo) -> CronTrigger:
    """The library counts weekdays from Monday, crontab(5) from Sunday; names are safe."""
    due = cron(expression)
    return CronTrigger(
        minute=_list(due.minutes),
        hour=_list(due.hours),
        day=_list(due.days),
        month=_list(due.months),
        day_of_week=",".join(due.weekdays),
        timezone=zone,
    )


def _list(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in sorted(numbers))


def due(expression: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment after another that a cron expression names."""
    return _next(_trigger(expression, zone), after)


class _Later(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """The moments of a trigger, each put off by the same time; counted in UTC, where no hour comes twice."""

    def __init__(self, trigger: CronTrigger, zone: ZoneInfo, by: timedelta) -> None:
        self._trigger, self._zone, self._by = trigger, zone, by

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        found: datetime | None = self._trigger.get_next_fire_time(previous and previous.astimezone(UTC) - self._by, now.astimezone(UTC) - self._by)
        return found and (found.astimezone(UTC) + self._by).astimezone(self._zone)

    def __str__(self) -> str:
        return f"{self._trigger}, {self._by} later"


def _next(trigger: BaseTrigger, after: datetime) -> datetime:
    found: datetime = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    return found


def _guarded(job: Job, stop: Stop) -> Callable[[], None]:
    """A job whose failure is said and leaves the next one to its hour. An unforeseen error's own words may hold mail: only its place is said."""

    def guarded() -> None:
        if stop.asked:
            return
        try:
            job.work()
        except StoppedError as stopped:
            _LOG.info("%s: %s", job.name, stopped)
        except AboveboardError as error:
            _LOG.error("%s: %s", job.name, legible(str(error)))
        except Exception as error:  # noqa: BLE001  # whatever fails, the next job has its hour
            _LOG.error("%s failed: %s", job.name, unforeseen(error))

    return guarded
