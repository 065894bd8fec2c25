"""The health file: what the scheduler did last and does next, for a monitor or a container's health check to read."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock

from scanner.errors import StoreError

_BEAT = timedelta(minutes=1)
_DEAD = timedelta(minutes=5)
_LATE = timedelta(hours=1)
_LOG = logging.getLogger("aboveboard")


class Result(StrEnum):
    """How a job ended. PROBLEMS: it came to its end, and something could not be read."""

    COMPLETE = "complete"
    PROBLEMS = "problems"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Past:
    """The last time that a job ran; one that is under way has no end yet."""

    started: datetime
    finished: datetime | None = None
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What the file says. `due` and `alive` are of `aboveboard run` while it waits; a timer's single runs have neither."""

    past: Mapping[str, Past] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)
    alive: datetime | None = None


class Pulse:
    """Keeps the file while jobs run. A file that cannot be written is logged once: scanning matters more than telling of it."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path, self._clock, self._lock = path, clock, Lock()
        self._complained = False
        try:
            self._health = Health(past=read(path).past)
        except StoreError:
            self._health = Health()

    def beat(self, due: Mapping[str, datetime]) -> None:
        """The scheduler is alive, and these are its next hours; written once a minute, or when an hour changed."""
        with self._lock:
            now, told = self._clock(), self._health
            if told.alive is None or now - told.alive >= _BEAT or dict(told.due) != dict(due):
                self._write(replace(told, due=dict(due), alive=now))

    @contextmanager
    def watching(self, job: str) -> Iterator[Callable[[Result], None]]:
        """Puts down that a job began and how it ended: as it is told, else FAILED."""
        ended = Result.FAILED

        def tell(result: Result) -> None:
            nonlocal ended
            ended = result

        started = self._clock()
        self._put(job, Past(started))
        try:
            yield tell
        finally:
            self._put(job, Past(started, self._clock(), ended))

    def _put(self, job: str, past: Past) -> None:
        with self._lock:
            self._write(replace(self._health, past={**self._health.past, job: past}))

    def _write(self, health: Health) -> None:
        """Beside and renamed, so that nobody reads half a file."""
        self._health = health
        try:
            part = self._path.with_name(self._path.name + ".part")
            part.write_text(json.dumps(_document(health), indent=2) + "\n", "utf-8")
            part.replace(self._path)
        except OSError as error:
            if not self._complained:
                _LOG.warning("%s: cannot be written (%s); aboveboard health will not know of this run.", self._path, error.strerror)
            self._complained = True


def read(path: Path) -> Health:
    """What the file says. Raises StoreError in words where there is none or it is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
        past = {job: _past(told) for job, told in found["past"].items()}
        return Health(past, {job: _moment(when) for job, when in found["due"].items()}, _maybe(found["alive"]))
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); it is written by aboveboard run.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path}: is no health file; remove it, and aboveboard run writes another.") from error


def ails(health: Health, due: Callable[[datetime], datetime], now: datetime) -> list[str]:
    """What is wrong, in words; nothing for a healthy installation. `due` gives when a scan was due next after a moment."""
    found = [f"the last {job} {_ENDS[past.result]}" for job, past in health.past.items() if past.result in _ENDS]
    scan = health.past.get("scan")
    runs = health.alive is not None and bool(health.due)
    if runs and health.alive and now - health.alive > _DEAD:
        found.append(f"aboveboard run has not been heard of since {health.alive:%d %b %Y %H:%M}")
    if scan is None and not runs:
        found.append("no scan is on record")
    under_way = runs and scan is not None and scan.finished is None
    if scan and not under_way and now - due(scan.started) > _LATE:
        found.append(f"no scan has begun since {scan.started:%d %b %Y %H:%M}, and one was due on {due(scan.started):%d %b %Y %H:%M}")
    return found


_ENDS: Mapping[Result | None, str] = {
    Result.PROBLEMS: "could not read everything (see its log or the digest)",
    Result.FAILED: "failed (see its log)",
}


def _document(health: Health) -> dict[str, object]:
    past = {job: {"started": _text(p.started), "finished": _text(p.finished), "result": p.result} for job, p in health.past.items()}
    return {"past": past, "due": {job: _text(when) for job, when in health.due.items()}, "alive": _text(health.alive)}


def _past(told: Mapping[str, str | None]) -> Past:
    return Past(_moment(told["started"] or ""), _maybe(told["finished"]), Result(told["result"]) if told["result"] else None)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _maybe(text: str | None) -> datetime | None:
    return _moment(text) if text else None


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without a zone")
    return found
