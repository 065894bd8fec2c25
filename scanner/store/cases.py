"""Findings, decisions, runs and coverage: the casebook that reports read, and the writes that fill it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, insert, or_, select, update

from reports.casebook import Case, Coverage, Decision, Disposition, ReadingFailure, ScanRun
from rules.circulation import Copy, Role
from rules.finding import Evidence, Finding, Severity, Strength
from scanner.store.arrival import chunks, forget
from scanner.store.entry import Outcome, State, Wording
from scanner.store.tables import circulation, copy, decision, failure, finding, folder, scan, storable
from scanner.store.wording import keep_wording

_COUNTED = (Outcome.READ, Outcome.LEFT_OUT, Outcome.UNREAD, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What judging one circulation came to. `unread` names the parts that could not be read, with reasons; `wording` is what was read.

    Where it is not `complete`, no copy could be opened or a rule failed: earlier findings stay as they are, and the next scan tries again.
    """

    key: str
    findings: tuple[Finding, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    complete: bool = True
    wording: tuple[Wording, ...] = ()


class Cases:
    """The casebook on a database. Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin_scan(self, at: datetime, mailbox: str = "", reason: str = "", asked_by: str = "") -> int:
        """Puts a scan on record before it reads anything; gives its number."""
        with self._engine.begin() as connection:
            done = connection.execute(insert(scan).values(started=at, mailbox=mailbox, reason=reason, asked_by=asked_by, problems=[]))
            return int(done.inserted_primary_key[0])  # type: ignore[index]  # one row always has a key

    def finish_scan(
        self, number: int, at: datetime, problems: Sequence[str], shortfalls: Mapping[str, str] | None = None, left_out: Collection[str] = ()
    ) -> None:
        """Puts on record that a scan came to its end, what failed in it, and how many copies each mailbox holds now."""
        held = select(folder.c.custodian, func.sum(folder.c.expected).label("number")).group_by(folder.c.custodian)
        with self._engine.begin() as connection:
            holding = {row.custodian: int(row.number) for row in connection.execute(held)}
            account = {"problems": list(problems), "shortfalls": dict(shortfalls or {}), "left_out": sorted(left_out), "held": holding}
            connection.execute(update(scan).where(scan.c.id == number).values(finished=at, **account))

    def record(self, judgements: Iterable[Judgement], at: datetime) -> None:
        """Findings of judged circulations; an earlier finding that no longer stands is withdrawn, one that stands again is restored."""
        with self._engine.begin() as connection:
            for judgement in judgements:
                _record(connection, judgement, at)

    def withdraw_left_out(self, at: datetime) -> None:
        """Withdraws the findings of circulations that have been left out since they were made."""
        left_out = select(circulation.c.key).where(circulation.c.state == State.LEFT_OUT)
        with self._engine.begin() as connection:
            mine = (finding.c.circulation_key.in_(left_out), finding.c.withdrawn.is_(None))
            connection.execute(update(finding).where(*mine).values(withdrawn=at))

    def decide(self, finding_id: str, choice: Decision) -> bool:
        """Adds a decision; false where there is no such finding."""
        with self._engine.begin() as connection:
            if connection.scalar(select(func.count()).select_from(finding).where(finding.c.id == finding_id)) == 0:
                return False
            connection.execute(
                insert(decision).values(finding_id=finding_id, disposition=choice.disposition, by=choice.by, at=choice.at, note=choice.note)
            )
            return True

    def case(self, finding_id: str) -> Case | None:
        """One case by the finding's id."""
        return next(iter(self._cases(select(finding).where(finding.c.id == finding_id))), None)

    def cases(self, rules: Collection[str], since: datetime | None, until: datetime | None) -> list[Case]:
        moment = func.coalesce(finding.c.date, finding.c.first_found)
        bounds = [moment >= since] if since else []
        bounds += [moment < until] if until else []
        return self._cases(select(finding).where(finding.c.rule.in_(list(rules)), *bounds).order_by(moment, finding.c.id))

    def waiting(self, rules: Collection[str]) -> list[Case]:
        return [case for case in self.cases(rules, None, None) if case.is_waiting]

    def coverage(self) -> list[Coverage]:
        counted = select(copy.c.folder_id, copy.c.outcome, func.count().label("number")).group_by(copy.c.folder_id, copy.c.outcome)
        with self._engine.begin() as connection:
            numbers = {(row.folder_id, row.outcome): row.number for row in connection.execute(counted)}
            rows = connection.execute(select(folder)).all()
        found = (Coverage(row.custodian, row.path, row.expected, *(numbers.get((row.id, outcome), 0) for outcome in _COUNTED)) for row in rows)
        return sorted(found, key=lambda each: (each.custodian, each.folder))

    def failures(self) -> list[ReadingFailure]:
        chosen = select(failure, folder.c.custodian, folder.c.path).join(folder, folder.c.id == failure.c.folder_id)
        with self._engine.begin() as connection:
            rows = connection.execute(chosen.order_by(failure.c.id)).all()
        found = (ReadingFailure(row.custodian, row.path, row.item, row.part, row.reason) for row in rows)
        return sorted(found, key=lambda each: (each.custodian, each.folder, each.item))

    def brought(self, since: datetime, until: datetime) -> dict[str, int]:
        chosen = select(folder.c.custodian, func.count().label("number")).select_from(copy)
        joined = chosen.join(folder, folder.c.id == copy.c.folder_id).join(circulation, circulation.c.key == copy.c.circulation_key)
        dated = joined.where(circulation.c.date >= since, circulation.c.date < until).group_by(folder.c.custodian)
        with self._engine.begin() as connection:
            return {row.custodian: row.number for row in connection.execute(dated)}

    def runs(self, since: datetime, until: datetime) -> list[ScanRun]:
        chosen = select(scan).where(scan.c.started >= since, scan.c.started < until).order_by(scan.c.started)
        with self._engine.begin() as connection:
            return [_run(row) for row in connection.execute(chosen)]

    def _cases(self, chosen: Select[Any]) -> list[Case]:
        with self._engine.begin() as connection:
            rows = connection.execute(chosen).all()
            decided = _latest(connection, [row.id for row in rows])
        return [Case(_finding(row), row.first_found, row.withdrawn, decided.get(row.id)) for row in rows]


def _run(row: Any) -> ScanRun:
    spoken = (row.mailbox, row.reason, tuple(row.problems), row.asked_by)
    return ScanRun(row.id, row.started, row.finished, *spoken, tuple(row.left_out), row.shortfalls, row.held)


def _latest(connection: Connection, ids: Sequence[str]) -> dict[str, Decision]:
    chosen = select(decision).order_by(decision.c.at, decision.c.id)
    rows = (row for part in chunks(ids) for row in connection.execute(chosen.where(decision.c.finding_id.in_(part))))
    return {row.finding_id: Decision(Disposition(row.disposition), row.by, row.at, row.note) for row in rows}


def _finding(row: Any) -> Finding:
    return Finding(
        rule=row.rule,
        kind=row.kind,
        message_id=row.message_id,
        date=row.date,
        severity=Severity(row.severity),
        strength=Strength(row.strength),
        confidence=row.confidence,
        summary=row.summary,
        clauses=tuple(row.clauses),
        evidence=tuple(Evidence(**e) for e in row.evidence),
        settle=row.settle,
        next_step=row.next_step,
        copies=tuple(Copy(**{**c, "role": Role(c["role"])}) for c in row.copies),
    )


def _row(value: Finding) -> dict[str, Any]:
    row = asdict(value)
    return {**row, "id": value.id, "severity": int(value.severity), "strength": value.strength.value, "withdrawn": None}


def _record(connection: Connection, judgement: Judgement, at: datetime) -> None:
    named = (replace(f, message_id=storable(f.message_id)) for f in judgement.findings)
    stands = {f.id: f for f in named}
    held = set(connection.scalars(select(finding.c.id).where(or_(finding.c.circulation_key == judgement.key, finding.c.id.in_(stands)))))
    for name, value in stands.items():
        if name in held:
            connection.execute(update(finding).where(finding.c.id == name).values(_row(value)))
        else:
            connection.execute(insert(finding).values(**_row(value), circulation_key=judgement.key, first_found=at))
    _unread(connection, judgement)
    if judgement.complete:
        keep_wording(connection, judgement.key, judgement.wording)
        gone = finding.c.id.in_(held - stands.keys())
        connection.execute(update(finding).where(gone, finding.c.withdrawn.is_(None)).values(withdrawn=at))
        connection.execute(update(circulation).where(circulation.c.key == judgement.key).values(state=State.JUDGED))


def _unread(connection: Connection, judgement: Judgement) -> None:
    """What could not be read is said of every copy; a later reading that succeeds clears it."""
    mine = (copy.c.circulation_key == judgement.key, copy.c.outcome.in_([Outcome.READ, Outcome.UNREAD]))
    copies = connection.execute(select(copy.c.folder_id, copy.c.item, copy.c.outcome).where(*mine)).all()
    forget(connection, [(place.folder_id, place.item) for place in copies if place.outcome == Outcome.UNREAD])
    missing = [{"folder_id": c.folder_id, "item": c.item, "part": part, "reason": reason} for c in copies for part, reason in judgement.unread]
    if missing:
        connection.execute(insert(failure), missing)
    outcome = Outcome.UNREAD if judgement.unread else Outcome.READ
    if any(place.outcome != outcome for place in copies):
        connection.execute(update(copy).where(*mine).values(outcome=outcome))
