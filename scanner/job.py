"""One scan from its record to its end: collect every folder's envelopes, then judge what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from scanner.collect import Collector, custodians_of
from scanner.enquiry import Enquiry
from scanner.errors import AboveboardError, SourceError, StoreError
from scanner.judge import Dossier, Judge
from scanner.plan import Range, settle, tasks
from scanner.sources.source import Folder
from scanner.store.cases import Cases
from scanner.store.ledger import Ledger
from scanner.traces import TraceCollector
from scanner.workers import judged

Clock = Callable[[], datetime]


class ScanRunningError(AboveboardError):
    """Another scan of this store is under way."""


class Progress(Protocol):
    """Somebody who watches a scan. `total` is None until it is known."""

    def __call__(self, stage: str, done: int, total: int | None, /) -> None: ...


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to scan. `reason` and `by` are asked for where one mailbox is scanned on demand; `afresh` judges again what was judged before."""

    range: Range = field(default_factory=Range)
    reason: str = ""
    afresh: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """How a scan ended. `problems` are mailboxes or sources that failed, in words; none means that it is complete.

    `left_out` are the mailboxes that are protected as a whole.
    """

    number: int
    collected: int
    judged: int
    problems: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class _Account:
    """What a scan under way has to tell: problems in words, why each mailbox fell short, and who was left out."""

    problems: list[str] = field(default_factory=list)
    shortfalls: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def short(self, custodian: str, words: str, place: str = "") -> None:
        """A mailbox could not be read in full; the first reason stands for it."""
        self.problems.append(f"{custodian}{place}: {words}")
        self.shortfalls.setdefault(custodian, words)


@dataclass(frozen=True)
class ScanJob:
    """The parts of a scan. `build_judge` is called only when there is something to judge; without an `enquiry` no directory is asked."""

    collectors: tuple[Collector, ...]
    ledger: Ledger
    cases: Cases
    build_judge: Callable[[], Judge]
    lock: Path
    workers: int
    clock: Clock
    enquiry: Enquiry | None = None
    traces: tuple[TraceCollector, ...] = ()

    def run(self, request: ScanRequest, progress: Progress) -> ScanResult:
        """Scans, and gives how it went.

        Raises ScanRunningError where another scan holds the lock, and ConfigurationError where the one mailbox that is asked for is left out.
        """
        for collector in self.collectors:
            collector.protected.admit(request.range.mailbox)
        with _alone(self.lock):
            number = self.cases.begin_scan(self.clock(), request.range.mailbox, request.reason, request.by)
            account = _Account()
            self._enquire(account, progress)
            collected = self._collect(request.range.mailbox, account, progress)
            done = self._judge(request, self._informed(account), progress)
            self.cases.finish_scan(number, self.clock(), account.problems, account.shortfalls, account.left_out)
        return ScanResult(number, collected, done, tuple(account.problems), tuple(sorted(account.left_out)))

    def _enquire(self, account: _Account, progress: Progress) -> None:
        """Asks servers for what is known to be a list, before mail is collected."""
        if self.enquiry:
            progress("Asking the directory", 0, None)
            account.problems.extend(self.enquiry.lists(self.enquiry.known()))

    def _informed(self, account: _Account) -> tuple[Collector, ...]:
        """The collectors with what servers tell of addresses that mail went to."""
        if not self.enquiry:
            return self.collectors
        account.problems.extend(problem for problem in self.enquiry.lists(self.enquiry.register.strangers()) if problem not in account.problems)
        roster = self.enquiry.informed()
        return tuple(replace(collector, roster=roster) for collector in self.collectors)

    def _collect(self, mailbox: str, account: _Account, progress: Progress) -> int:
        done, earlier = 0, len(account.problems)
        found = False
        for collector in self.collectors:
            listed = self._folders(collector, mailbox, account)
            found = found or bool(listed)
            for folder in listed:
                try:
                    for number in collector.folder(folder):
                        done += number
                        progress("Reading envelopes", done, None)
                except SourceError as error:
                    account.short(folder.custodian, str(error), f"/{folder.path}")
        account.problems.extend(problem for trace in self.traces for problem in trace.collect())
        if not found and len(account.problems) == earlier:
            account.problems.append(f"No mail was found for {mailbox}." if mailbox else "No mailbox was found in any source.")
        return done

    def _folders(self, collector: Collector, mailbox: str, account: _Account) -> list[Folder]:
        """The folders of a source as far as they can be listed; a mailbox that fails does not stop the others.

        Only a mailbox whose list is whole tells which of its folders are there no longer.
        """
        listed: list[Folder] = []
        try:
            wanted = collector.mailboxes(mailbox)
        except SourceError as error:
            account.problems.append(f"{collector.source.label}: {error}")
            return []
        open_ = [custodian for custodian in wanted if custodian not in collector.protected.mailboxes]
        account.left_out.update(set(wanted) - set(open_))
        whole: list[str] = []
        for custodian in open_:
            try:
                listed += list(collector.source.folders(custodian))
                whole.append(custodian)
            except SourceError as error:
                account.short(custodian, str(error))
        for custodian, words in collector.close_missing(None if not mailbox and len(whole) == len(wanted) else whole, listed):
            account.short(custodian, words)
        if self.enquiry:
            account.problems.extend(self.enquiry.forwardings(collector.source, whole))
        return listed

    def _judge(self, request: ScanRequest, collectors: tuple[Collector, ...], progress: Progress) -> int:
        wanted = request.range
        custodians = custodians_of(wanted.mailbox, collectors[0].roster) if wanted.mailbox else None
        if request.afresh:
            self.ledger.ask_again(wanted.since, wanted.until, custodians)
        for collector in collectors:
            collector.leave_out()
        self.cases.withdraw_left_out(self.clock())
        todo = self._todo(wanted, custodians)
        total, done = sum(dossier.judged for task in todo for dossier in task), set[str]()
        progress("Judging", 0, total)
        if not todo:
            return 0
        for judgements in judged(self.build_judge, todo, self.workers, lambda: self._found_to_paste(custodians)):
            self.cases.record(judgements, self.clock())
            done.update(judgement.key for judgement in judgements)
            progress("Judging", len(done), max(total, len(done)))
        return len(done)

    def _todo(self, wanted: Range, custodians: tuple[str, ...] | None) -> list[list[Dossier]]:
        if self.ledger.is_quiet():
            return []
        self.ledger.pair()
        settle(self.ledger)
        return list(tasks(self.ledger, wanted, custodians))

    def _found_to_paste(self, custodians: tuple[str, ...] | None) -> list[list[Dossier]]:
        """What was judged, in this scan or earlier and whatever its date, without a letter whose words it is now found to hold."""
        found = self.ledger.pair()
        return list(tasks(self.ledger, Range(), custodians, found)) if found else []


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
