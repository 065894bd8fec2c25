"""Counts by rule and severity, the eight weeks, waiting and coverage."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from reports.casebook import Coverage, Decision, Disposition
from reports.tally import BySeverity, Read, altogether, by_mailbox, median_waiting_days, tallies, together, trend
from rules.finding import Severity

RULES = ("silent-copy", "political-use")


def counted(world: Any, case: Any) -> tuple[int, int, int]:
    tally = tallies([case], RULES, world.week.known(world.generated))[0]
    return tally.new.total, tally.waiting.total, tally.decided.total


def test_new_waiting_and_decided(world: Any) -> None:
    def ruled(day: int) -> Decision:
        return Decision(Disposition.UPHELD, "Priya Nair", world.at(day))

    assert counted(world, world.case()) == (1, 1, 0)
    assert counted(world, world.case(found=world.at(9))) == (0, 1, 0)
    assert counted(world, world.case(decision=ruled(16))) == (1, 0, 1)
    assert counted(world, world.case(found=world.at(9), decision=ruled(16))) == (0, 0, 1)
    assert counted(world, world.case(found=world.at(9), decision=ruled(10))) == (0, 0, 0)
    assert counted(world, world.case(withdrawn=world.at(16))) == (0, 0, 0)
    assert counted(world, world.case(severity=Severity.INFO)) == (0, 0, 0)
    assert counted(world, world.case(found=world.at(19, 5))) == (1, 1, 0), "found by Monday's scan, before the digest was written"
    assert counted(world, world.case(found=world.at(12, 5))) == (0, 1, 0), "told by last week's digest"


def test_severities_and_rules_are_kept_apart_and_sum(world: Any) -> None:
    cases = [world.case(message_id=str(n), severity=s) for n, s in enumerate((Severity.HIGH, Severity.HIGH, Severity.LOW))]
    cases.append(world.case(rule="political-use", severity=Severity.MEDIUM))
    found = tallies(cases, RULES, world.week.known(world.generated))
    assert [t.rule for t in found] == list(RULES)
    assert [t.new for t in found] == [BySeverity(2, 0, 1), BySeverity(0, 1, 0)]
    assert together(found).new == BySeverity(2, 1, 1)
    assert together(()).new == BySeverity()


def test_the_trend_goes_by_the_local_week_of_the_message(world: Any) -> None:
    cases = [
        world.case(date=datetime(2026, 10, 11, 23, 30, tzinfo=UTC)),  # half past midnight on Monday, by the council's clock
        world.case(date=datetime(2026, 10, 11, 22, 30, tzinfo=UTC)),
        world.case(date=None, found=world.at(8)),
        world.case(date=datetime(2026, 8, 23, 22, 59, tzinfo=UTC)),
        world.case(date=datetime(1, 1, 1, tzinfo=UTC)),
        world.case(date=datetime(9999, 12, 31, tzinfo=UTC)),
        world.case(severity=Severity.INFO),
        world.case(withdrawn=world.at(16)),
    ]
    eight = trend(cases, RULES, world.week)
    assert eight.weeks[0] == date(2026, 8, 24) and eight.weeks[-1] == date(2026, 10, 12)
    assert eight.rows[0].counts == (0, 0, 0, 0, 0, 0, 2, 1)
    assert eight.rows[1].counts == (0,) * 8
    assert eight.totals == eight.rows[0].counts and eight.highest == 2


@pytest.mark.parametrize(("days", "median"), [((), None), ((4,), 4.0), ((1, 2, 9), 2.0), ((1, 2), 1.5)])
def test_half_of_the_waiting_have_waited_so_long(world: Any, days: tuple[int, ...], median: float | None) -> None:
    cases = [world.case(message_id=str(n), found=world.generated - n * world.day) for n in days]
    decided = world.case(found=world.at(1, month=1), decision=Decision(Disposition.UPHELD, "Priya Nair", world.at(2)))
    assert median_waiting_days([*cases, decided], world.generated) == median


def test_coverage_sums_by_mailbox() -> None:
    rows = [Coverage("b@x.example", "Inbox", 10, 5, 1, 1, 1), Coverage("a@x.example", "Inbox", 4, 4), Coverage("b@x.example", "Sent", 3, 3)]
    mailboxes = by_mailbox(rows)
    assert mailboxes == (Read("a@x.example", 4, 4), Read("b@x.example", 13, 8, 1, 1, 1, 2))
    assert altogether(mailboxes) == Read("", 17, 12, 1, 1, 1, 2)
    assert altogether(by_mailbox([])) == Read()
