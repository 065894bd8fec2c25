"""One scan from its record to its end: collect every folder's envelopes, then judge what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from scanner.collect import Collector, custodians_of
from scanner.errors import AboveboardError, SourceError, StoreError
from scanner.judge import Dossier, Judge
from scanner.plan import Range, settle, tasks
from scanner.sources.source import Folder
from scanner.store.cases import Cases
from scanner.store.ledger import Ledger
from scanner.workers import judged

Clock = Callable[[], datetime]


class ScanRunningError(AboveboardError):
    """Another scan of this store is under way."""


class Progress(Protocol):
    """Somebody who watches a scan. `total` is None until it is known."""

    def __call__(self, stage: str, done: int, total: int | None, /) -> None: ...


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan. `reason` is asked for where one mailbox is scanned on demand; `afresh` judges again what was judged before."""

    range: Range = field(default_factory=Range)
    reason: str = ""
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class ScanResult:
    """How a scan ended. `problems` are mailboxes or sources that failed, in words; none means that it is complete."""

    number: int
    collected: int
    judged: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScanJob:
    """The parts of a scan. `build_judge` is called only when there is something to judge."""

    collectors: tuple[Collector, ...]
    ledger: Ledger
    cases: Cases
    build_judge: Callable[[], Judge]
    lock: Path
    workers: int
    clock: Clock

    def run(self, request: ScanRequest, progress: Progress) -> ScanResult:
        """Scans, and gives how it went. Raises ScanRunningError where another scan holds the lock."""
        with _alone(self.lock):
            number = self.cases.begin_scan(self.clock(), request.range.mailbox, request.reason)
            problems: list[str] = []
            collected = self._collect(request.range.mailbox, problems, progress)
            done = self._judge(request, progress)
            self.cases.finish_scan(number, self.clock(), problems)
        return ScanResult(number, collected, done, tuple(problems))

    def _collect(self, mailbox: str, problems: list[str], progress: Progress) -> int:
        done = 0
        found = False
        for collector in self.collectors:
            listed = self._folders(collector, mailbox, problems)
            found = found or bool(listed)
            for folder in listed:
                try:
                    for number in collector.folder(folder):
                        done += number
                        progress("Reading envelopes", done, None)
                except SourceError as error:
                    problems.append(f"{folder.custodian}/{folder.path}: {error}")
        if not found and not problems:
            problems.append(f"No mail was found for {mailbox}." if mailbox else "No mailbox was found in any source.")
        return done

    @staticmethod
    def _folders(collector: Collector, mailbox: str, problems: list[str]) -> list[Folder]:
        """The folders of a source as far as they can be listed; a mailbox that fails does not stop the others.

        Only a mailbox whose list is whole tells which of its folders are there no longer.
        """
        listed: list[Folder] = []
        try:
            wanted = collector.mailboxes(mailbox)
        except SourceError as error:
            problems.append(f"{collector.source.label}: {error}")
            return []
        whole: list[str] = []
        for custodian in wanted:
            if custodian in collector.protected.mailboxes:
                continue
            try:
                listed += list(collector.source.folders(custodian))
                whole.append(custodian)
            except SourceError as error:
                problems.append(f"{custodian}: {error}")
        problems.extend(collector.close_missing(None if not mailbox and len(whole) == len(wanted) else whole, listed))
        return listed

    def _judge(self, request: ScanRequest, progress: Progress) -> int:
        wanted = request.range
        custodians = custodians_of(wanted.mailbox, self.collectors[0].roster) if wanted.mailbox else None
        if request.afresh:
            self.ledger.ask_again(wanted.since, wanted.until, custodians)
        for collector in self.collectors:
            collector.leave_out()
        self.cases.withdraw_left_out(self.clock())
        todo = self._todo(wanted, custodians)
        total, done = sum(dossier.judged for task in todo for dossier in task), 0
        progress("Judging", 0, total)
        if not todo:
            return 0
        for judgements in judged(self.build_judge, todo, self.workers):
            self.cases.record(judgements, self.clock())
            done += len(judgements)
            progress("Judging", done, total)
        return done

    def _todo(self, wanted: Range, custodians: tuple[str, ...] | None) -> list[list[Dossier]]:
        if self.ledger.is_quiet():
            return []
        settle(self.ledger)
        return list(tasks(self.ledger, wanted, custodians))


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One scan at a time, whoever starts it; the lock goes with its process, however that ends."""
    held = FileLock(lock, timeout=0)
    try:
        held.acquire()
    except Timeout as error:
        raise ScanRunningError("Another scan is under way; wait for it to end (aboveboard run may have started it).") from error
    except OSError as error:
        raise StoreError(f"{lock}: cannot be written ({error.strerror}); a scan needs to write beside its configuration.") from error
    try:
        yield
    finally:
        held.release()
