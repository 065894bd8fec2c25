"""The weekly digest as a value: everything that its pages show, composed from the casebook for one audience and one week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.alarm import Alarm, alarms, shortfalls
from reports.arrangement import Arrangement, Standings, standings
from reports.casebook import Case, Casebook
from reports.entry import Entry, Reading, entry, order
from reports.hush import hushed
from reports.lead import lead, subject
from reports.statement import Statement, statement
from reports.tally import Tally, Trend, by_mailbox, median_waiting_days, tallies, together, trend, waiting_days, with_shortfalls
from reports.week import Week, aware, moment_words
from rules.council import Council

__all__ = ["Audience", "Digest", "Group", "Heading", "Ruling", "Week", "compose"]

_MOST_IN_FULL = 20
_MOST_IN_BRIEF = 80
_MOST_RULINGS = 60
_FIRST = datetime(2, 1, 1, tzinfo=UTC)
_LAST = datetime(9998, 12, 31, tzinfo=UTC)
_NOTES = {
    "resident-data": "If a finding proves to be a personal data breach that risks people's rights, the ICO must be told within 72 hours of the "
    "council's becoming aware of it (UK GDPR, Article 33); every breach goes on the record (Article 33(5)).",
}
_WHAT = (
    "Everything above is potential. Aboveboard reads the mail that the council has put in its scope and points to what may be a breach of the "
    "Member/Officer protocol; it can be wrong both ways, and a person decides. Excerpts are masked: open the message itself before deciding."
)
_RIGHTS = (
    "People whose mail is read, and people written about in it, have rights: to know that it is read and why, to see what is held about them, and to "
    "challenge a result. See the ICO's guidance on monitoring workers (Employment practices and data protection, October 2023). Pass this digest "
    "only to those who need it, and keep it no longer than its decisions require."
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A rule as people know it: its title, and the question that it asks."""

    rule: str
    title: str
    asks: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a digest is for (`title` without an article: "Monitoring Officer") and the rules that they answer for, in their order."""

    id: str
    title: str
    rules: tuple[str, ...]
    headings: tuple[Heading, ...] = ()

    def heading(self, rule: str) -> Heading:
        """A rule's heading; its id in plain words where none was given."""
        return next((h for h in self.headings if h.rule == rule), Heading(rule, rule.replace("-", " ").capitalize(), ""))


@dataclass(frozen=True, slots=True)
class Group:
    """One rule's findings: the first in full, the next in a line each, the rest as a number, so that a backlog stays readable."""

    heading: Heading
    note: str
    entries: tuple[Entry, ...]
    brief: tuple[Entry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of a finding this week: decided by somebody, or withdrawn by a later scan (`by` is then empty)."""

    id: str
    date: str
    title: str
    severity: str
    summary: str
    outcome: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a digest shows, already in words and safe to print. `median_days` and `longest_days` are of the waiting, None if none waits."""

    audience: Audience
    council: str
    week: str
    generated: str
    subject: str
    lead: str
    alarms: tuple[Alarm, ...]
    tallies: tuple[Tally, ...]
    total: Tally
    median_days: float | None
    longest_days: float | None
    trend: Trend
    groups: tuple[Group, ...]
    worth_knowing: tuple[Group, ...]
    rulings: tuple[Ruling, ...]
    more_rulings: int
    statement: Statement
    arrangements: tuple[Standings, ...] = ()
    closing: tuple[str, ...] = (_WHAT, _RIGHTS)

    @property
    def nothing(self) -> str:
        """What stands under a rule without findings: calm only where no grave alarm stands."""
        if any(alarm.grave for alarm in self.alarms):
            return "Nothing waits for a decision under this rule, but not everything was read: see the top."
        return "Nothing waits for a decision under this rule."


def compose(
    casebook: Casebook, audience: Audience, week: Week, council: Council, generated: datetime, arrangements: Sequence[Arrangement] = ()
) -> Digest:
    """One audience's digest of a week as it stands at `generated` (aware). Reads the casebook, changes nothing."""
    reading = Reading(aware(generated), week, council.domains)
    cases = _known_cases(casebook, audience.rules)
    waiting = [c for c in cases if c.is_waiting]
    info = [c for c in cases if not c.finding.is_potential_breach and c.withdrawn is None and c.first_found in reading.known]
    runs = casebook.runs(reading.known.since, reading.known.until)
    later = casebook.runs(reading.known.until, reading.now)
    mailboxes = with_shortfalls(by_mailbox(casebook.coverage()), shortfalls((*runs, *later)))
    warnings = alarms(runs, later, mailboxes, reading, hushed(casebook, mailboxes, reading))
    counted = tallies(cases, audience.rules, reading.known)
    report = statement(mailboxes, casebook.failures(), runs, reading)
    rulings = _rulings(cases, audience, reading)
    group = _grouping(audience, reading)
    return Digest(
        audience=audience,
        council=council.name,
        week=str(week),
        generated=moment_words(generated, week.zone),
        subject=subject(together(counted), audience.title, warnings, week),
        lead=lead(together(counted), cases, report.total, warnings, reading),
        alarms=warnings,
        tallies=counted,
        total=together(counted),
        median_days=median_waiting_days(waiting, reading.now),
        longest_days=max(waiting_days(waiting, reading.now), default=None),
        trend=trend(cases, audience.rules, week),
        groups=tuple(group(rule, waiting) for rule in audience.rules),
        worth_knowing=tuple(g for rule in audience.rules if (g := group(rule, info)).entries),
        rulings=rulings[:_MOST_RULINGS],
        more_rulings=max(0, len(rulings) - _MOST_RULINGS),
        statement=report,
        arrangements=standings(arrangements, audience.rules, reading),
    )


def _known_cases(casebook: Casebook, rules: Sequence[str]) -> tuple[Case, ...]:
    """Every case there is: a message found or decided this week may be dated years ago, or in the future."""
    found = {c.finding.id: c for c in casebook.cases(rules, _FIRST, _LAST)}
    return tuple((found | {c.finding.id: c for c in casebook.waiting(rules)}).values())


def _grouping(audience: Audience, reading: Reading) -> Callable[[str, Iterable[Case]], Group]:
    def group(rule: str, cases: Iterable[Case]) -> Group:
        chosen = sorted((c for c in cases if c.finding.rule == rule), key=order)
        shown = [entry(c, reading) for c in chosen[: _MOST_IN_FULL + _MOST_IN_BRIEF]]
        full, brief = tuple(shown[:_MOST_IN_FULL]), tuple(shown[_MOST_IN_FULL:])
        return Group(audience.heading(rule), _NOTES.get(rule, ""), full, brief, len(chosen) - len(shown))

    return group


def _rulings(cases: Iterable[Case], audience: Audience, reading: Reading) -> tuple[Ruling, ...]:
    """The week's decisions and withdrawals in the order in which they were made."""
    dated = [(c.decision.at, c) for c in cases if c.decision and c.decision.at in reading.known]
    dated += [(c.withdrawn, c) for c in cases if c.withdrawn and c.withdrawn in reading.known and not c.decision]
    return tuple(_ruling(c, at, audience, reading) for at, c in sorted(dated, key=lambda row: (aware(row[0]), row[1].finding.id)))


def _ruling(case: Case, at: datetime, audience: Audience, reading: Reading) -> Ruling:
    finding, decision = case.finding, case.decision
    severity = finding.severity.label if finding.is_potential_breach else "worth knowing"
    outcome, by, note = (decision.disposition.value, decision.by, decision.note) if decision else ("withdrawn by a later scan", "", "")
    title = audience.heading(finding.rule).title
    summary = reading.masked(finding.summary)
    return Ruling(finding.id, reading.moment(at), title, severity, summary, outcome, reading.masked(by, 120), reading.masked(note))
