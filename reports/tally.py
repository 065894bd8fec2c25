"""Counts for the digest: cases by rule and severity, eight weeks of them, how long they wait, and how much was read.

The only door to pandas: what comes in are values of the vocabulary, what goes out are frozen tallies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

import pandas as pd

from reports.casebook import Case, Coverage
from reports.week import Interval, Week, aware, local, monday
from rules.finding import Severity


@dataclass(frozen=True, slots=True)
class BySeverity:
    """A number of potential breaches, told apart by how much each would matter."""

    high: int = 0
    medium: int = 0
    low: int = 0

    @property
    def total(self) -> int:
        return self.high + self.medium + self.low


@dataclass(frozen=True, slots=True)
class Tally:
    """One rule's potential breaches. A case can be new and waiting, or new and decided, within one week."""

    rule: str
    new: BySeverity
    waiting: BySeverity
    decided: BySeverity


@dataclass(frozen=True, slots=True)
class TrendRow:
    """One rule's potential breaches by the week of their message; `counts` run beside the trend's weeks."""

    rule: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Weeks by their Mondays, oldest first, with a row for each rule."""

    weeks: tuple[date, ...]
    rows: tuple[TrendRow, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(row.counts[place] for row in self.rows) for place in range(len(self.weeks)))

    @property
    def highest(self) -> int:
        """The largest count of any rule in any week: the full height of a bar."""
        return max((count for row in self.rows for count in row.counts), default=0)


@dataclass(frozen=True, slots=True)
class Read:
    """How many copies were expected and what became of them, in one mailbox (`custodian`) or, where that is empty, in all.

    `shortfall` says why the last scan could not read the mailbox in full, where it could not.
    """

    custodian: str = ""
    expected: int = 0
    read: int = 0
    left_out: int = 0
    unread: int = 0
    failed: int = 0
    not_reached: int = 0
    shortfall: str = field(default="", kw_only=True)

    @property
    def missing(self) -> int:
        """Copies that ought to have been read in full and were not."""
        return self.unread + self.failed + self.not_reached


def is_new(case: Case, known: Interval) -> bool:
    """Whether a potential breach came to light in the period and was not withdrawn since."""
    return case.finding.is_potential_breach and case.withdrawn is None and case.first_found in known


def is_decided(case: Case, known: Interval) -> bool:
    """Whether a potential breach got its latest decision in the period."""
    return case.finding.is_potential_breach and case.decision is not None and case.decision.at in known


def tallies(cases: Iterable[Case], rules: Sequence[str], known: Interval) -> tuple[Tally, ...]:
    """New, waiting and decided by rule and severity, one tally a rule in the order given, none left out for being empty."""
    rows = [(c.finding.rule, c.finding.severity, is_new(c, known), c.is_waiting, is_decided(c, known)) for c in cases]
    frame = pd.DataFrame(rows, columns=["rule", "severity", "new", "waiting", "decided"])
    return tuple(Tally(rule, *(_by_severity(frame, rule, standing) for standing in ("new", "waiting", "decided"))) for rule in rules)


def together(counted: Iterable[Tally]) -> Tally:
    """The sum over rules, under no rule's name."""
    frame = pd.DataFrame([[n for s in (t.new, t.waiting, t.decided) for n in (s.high, s.medium, s.low)] for t in counted], columns=range(9))
    sums = [int(n) for n in frame.sum()]
    return Tally("", BySeverity(*sums[:3]), BySeverity(*sums[3:6]), BySeverity(*sums[6:]))


def trend(cases: Iterable[Case], rules: Sequence[str], week: Week, weeks: int = 8) -> Trend:
    """Potential breaches by rule and by the week in which the message was sent (undated: first found), weeks ending with this one."""
    mondays = week.last(weeks)
    span = Interval(Week.of(mondays[0], week.zone).interval.since, Week.of(mondays[-1], week.zone).interval.until)
    frame = pd.DataFrame(_placed(cases, span, week.zone), columns=["rule", "week"])
    counts = pd.crosstab(frame["rule"], frame["week"]).reindex(index=list(rules), columns=list(mondays), fill_value=0)
    return Trend(mondays, tuple(TrendRow(rule, tuple(int(n) for n in counts.loc[rule].to_numpy())) for rule in rules))


def waiting_days(cases: Collection[Case], now: datetime) -> tuple[float, ...]:
    """For each waiting case the days, at least 0, since it was first found."""
    return tuple(max(0.0, (now - aware(c.first_found)).total_seconds() / 86_400) for c in cases if c.is_waiting)


def median_waiting_days(cases: Collection[Case], now: datetime) -> float | None:
    """The days that half of the waiting cases have waited or more; None where none waits."""
    days = waiting_days(cases, now)
    return float(pd.Series(days).median()) if days else None


def by_mailbox(coverage: Iterable[Coverage]) -> tuple[Read, ...]:
    """Coverage summed over each mailbox's folders, in the order of mailboxes' addresses."""
    rows = [(c.custodian, c.expected, c.read, c.left_out, c.unread, c.failed, c.not_reached) for c in coverage]
    frame = pd.DataFrame(rows, columns=["custodian", *_COUNTS])
    sums = frame.groupby("custodian", sort=True)[list(_COUNTS)].sum()
    return tuple(Read(str(name), *(int(n) for n in row)) for name, row in zip(sums.index, sums.to_numpy(), strict=True))


def with_shortfalls(mailboxes: Iterable[Read], shortfalls: Mapping[str, str]) -> tuple[Read, ...]:
    """The mailboxes with why the last scan could not read them in full; one that was never read is among them with nothing."""
    known = {m.custodian: replace(m, shortfall=shortfalls.get(m.custodian, "")) for m in mailboxes}
    return tuple(known.values()) + tuple(Read(name, shortfall=words) for name, words in shortfalls.items() if name not in known)


def altogether(mailboxes: Iterable[Read]) -> Read:
    """The sum over mailboxes; all zero where there are none."""
    frame = pd.DataFrame([[getattr(m, count) for count in _COUNTS] for m in mailboxes], columns=list(_COUNTS))
    return Read("", *(int(n) for n in frame.sum()))


_COUNTS = ("expected", "read", "left_out", "unread", "failed", "not_reached")
_SEVERITIES = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def _by_severity(frame: pd.DataFrame, rule: str, standing: str) -> BySeverity:
    chosen = frame[(frame["rule"] == rule) & frame[standing].astype(bool)]["severity"]
    return BySeverity(*(int((chosen == severity).sum()) for severity in _SEVERITIES))


def _placed(cases: Iterable[Case], span: Interval, zone: tzinfo) -> Iterator[tuple[str, date]]:
    for case in cases:
        moment = case.finding.date or case.first_found
        if case.finding.is_potential_breach and case.withdrawn is None and moment in span:
            yield case.finding.rule, monday(local(moment, zone).date())
