"""The store as a report sees it: cases, decisions and coverage, and nothing of how they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rules.finding import Finding


class Disposition(StrEnum):
    """What a person decided about a finding."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's decision on one finding. A later one replaces an earlier one; all are kept."""

    disposition: Disposition
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with its life: when it was first found, whether a later scan withdrew it, the latest decision."""

    finding: Finding
    first_found: datetime
    withdrawn: datetime | None = None
    decision: Decision | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it still asks for somebody's decision."""
        return self.finding.is_potential_breach and self.decision is None and self.withdrawn is None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was and was not read in one folder, as of its latest scan; all are counts of copies.

    `expected` = `read` + `left_out` + `unread` + `failed` + not yet reached. `left_out` are protected channels; `unread` could
    be opened but not understood in full (encrypted, image-only); `failed` could not be opened at all.
    """

    custodian: str
    folder: str
    expected: int
    read: int
    left_out: int = 0
    unread: int = 0
    failed: int = 0

    @property
    def not_reached(self) -> int:
        return max(0, self.expected - self.read - self.left_out - self.unread - self.failed)


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """A copy, or a part of it, that could not be read: where it lies and why, in words."""

    custodian: str
    folder: str
    item: str
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanRun:
    """One scan. `mailbox`, `reason` and `asked_by` are set for an on-demand scan of one mailbox; `problems` is what failed, in words.

    `shortfalls` tells of each mailbox that could not be read in full why, `left_out` are the mailboxes that are protected
    as a whole, and `held` is how many copies each mailbox held when the scan ended.
    """

    id: int
    started: datetime
    finished: datetime | None
    mailbox: str = ""
    reason: str = ""
    problems: tuple[str, ...] = ()
    asked_by: str = ""
    left_out: tuple[str, ...] = ()
    shortfalls: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)


class Casebook(Protocol):
    """What a report may ask of the store. Times are aware; `since` is included, `until` is not."""

    def cases(self, rules: Collection[str], since: datetime, until: datetime) -> Sequence[Case]:
        """Cases whose message is dated (or, undated, was found) in the period, oldest first."""
        ...

    def waiting(self, rules: Collection[str]) -> Sequence[Case]:
        """Every case that still asks for a decision, oldest first."""
        ...

    def coverage(self) -> Sequence[Coverage]:
        """One row a folder, by custodian and folder."""
        ...

    def failures(self) -> Sequence[ReadingFailure]:
        """Everything that could not be read and has not been read since."""
        ...

    def brought(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many copies of messages dated in the period each mailbox holds or held; one that has none is not there."""
        ...

    def runs(self, since: datetime, until: datetime) -> Sequence[ScanRun]:
        """The scans that started in the period, oldest first."""
        ...
