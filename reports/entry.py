"""One finding as people read it: every number turned into words, every text that came from mail made safe to show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.casebook import Case
from reports.mask import legible, masked
from reports.week import Interval, Week, aware, moment_words
from rules.circulation import Copy, Role
from rules.finding import Evidence, Finding, Strength

_MOST_COPIES = 12
_WEIGHTS = ((2.0, "strongly "), (1.0, ""), (0.3, "slightly "))
_STRENGTHS = {
    Strength.PROVED: "proved",
    Strength.LIKELY: "likely, not proved",
    Strength.CANNOT_TELL: "cannot tell from what was found",
}
_ROLES = {Role.SENT: "the sender's copy", Role.RECEIVED: "received copy", Role.JOURNAL: "journal report"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What it takes to put things in words: when the digest is written (aware), the week that it is about, the council's domains."""

    now: datetime
    week: Week
    domains: Collection[str]

    @property
    def known(self) -> Interval:
        """The period whose news the digest tells."""
        return self.week.known(self.now)

    def masked(self, text: str, longest: int = 600) -> str:
        return masked(text, self.domains, longest)

    def moment(self, moment: datetime | None) -> str:
        return moment_words(moment, self.week.zone) if moment else "undated"


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: how it weighs, what it says, where it stands. `excerpt` is empty where the reason before shows the same."""

    weighs: str
    statement: str
    place: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy lies, and what it is to its mailbox."""

    mailbox: str
    folder: str
    item: str
    role: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding, ready to print. `new` says that it came to light this week; `standing` the same in words, or how long it waits."""

    id: str
    severity: str
    new: bool
    standing: str
    date: str
    summary: str
    strength: str
    confidence: str
    speaks_for: tuple[Reason, ...]
    speaks_against: tuple[Reason, ...]
    clauses: tuple[str, ...]
    settle: str
    next_step: str
    places: tuple[Place, ...]
    more_places: int = 0


def entry(case: Case, reading: Reading) -> Entry:
    """One case as an entry."""
    finding = case.finding
    places = tuple(dict.fromkeys(_place(copy, reading) for copy in finding.copies))
    return Entry(
        id=finding.id,
        severity=finding.severity.label,
        new=case.first_found in reading.known,
        standing=standing(case, reading),
        date=reading.moment(finding.date),
        summary=reading.masked(finding.summary),
        strength=_STRENGTHS[finding.strength],
        confidence=percentage(finding.confidence),
        speaks_for=tuple(_reasons(sorted((e for e in finding.evidence if e.weight >= 0), key=lambda e: -e.weight), reading)),
        speaks_against=tuple(_reasons(sorted((e for e in finding.evidence if e.weight < 0), key=lambda e: e.weight), reading)),
        clauses=tuple(legible(clause) for clause in finding.clauses),
        settle=reading.masked(finding.settle),
        next_step=reading.masked(finding.next_step),
        places=places[:_MOST_COPIES],
        more_places=max(0, len(places) - _MOST_COPIES),
    )


def standing(case: Case, reading: Reading) -> str:
    """`new this week`, or how long it has waited; a look back at a past week says what was found after it."""
    if case.first_found in reading.known:
        return "new this week"
    if aware(case.first_found) >= reading.known.until:
        return "found after this week"
    return f"waiting {plural(max(0, (reading.now - aware(case.first_found)).days), 'day')}"


def order(case: Case) -> tuple[int, bool, datetime, str]:
    """The order of findings: the gravest first, then the oldest message, the undated last."""
    finding = case.finding
    return -finding.severity, finding.date is None, aware(finding.date or case.first_found), finding.id


def percentage(confidence: float) -> str:
    """A probability as people say it: never 0 % or 100 %, which no scanner can know."""
    whole = round(confidence * 100)
    return "under 1%" if whole < 1 else "over 99%" if whole > 99 else f"{whole}%"


def weighing(weight: float) -> str:
    """Log-odds in words: `strongly for`, `for`, `slightly against`."""
    size = next((word for least, word in _WEIGHTS if abs(weight) >= least), None)
    if size is None:
        return "hardly weighs"
    return f"weighs {size}{'for' if weight > 0 else 'against'}"


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 day`, `2 days`, `12,408 copies`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def because(finding: Finding, domains: Collection[str]) -> str:
    """All the evidence in one line of prose, for a cell of a sheet."""
    weighed = sorted(finding.evidence, key=lambda e: -e.weight)
    return "; ".join(f"{masked(e.statement, domains)} ({weighing(e.weight)})" for e in weighed)


def _reasons(evidence: Sequence[Evidence], reading: Reading) -> Iterator[Reason]:
    shown: set[tuple[str, str]] = set()
    for piece in evidence:
        where = (piece.place, piece.excerpt)
        excerpt = "" if where in shown else reading.masked(piece.excerpt)
        shown.add(where)
        yield Reason(weighing(piece.weight), reading.masked(piece.statement), reading.masked(piece.place, 120), excerpt)


def _place(copy: Copy, reading: Reading) -> Place:
    role = _ROLES[copy.role] + (", brought by a mailbox rule" if copy.rerouted else "")
    return Place(legible(copy.custodian, 120), reading.masked(copy.folder, 120), reading.masked(copy.item, 120), role)
