"""A mailbox that falls silent or loses half of what it held is an alarm; one that was never lively, failed or is left out is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reports.casebook import Coverage, ScanRun
from reports.render import html, text

ANN, REED = "ann.marsh@thornburyvale.example", "tom.reed@thornburyvale.example"
COVERED = (Coverage(ANN, "Inbox", 1200, 1200), Coverage(REED, "Inbox", 400, 400))
SILENT = "No mail this week in 1 mailbox that had it every week"
SHRUNK = "1 mailbox holds less than half of what was there"


def dated(world: Any, mailbox: str, week: int, earlier: int) -> list[tuple[str, Any]]:
    """So many copies in the digest's week and in each of the four before it."""
    monday = world.at(12, 12)
    before = [(mailbox, monday - timedelta(weeks=n, minutes=number)) for n in range(1, 5) for number in range(earlier)]
    return [*before, *((mailbox, monday + timedelta(minutes=number)) for number in range(week))]


def alarms(world: Any, **changes: Any) -> list[tuple[str, bool]]:
    return [(a.headline, a.grave) for a in world.digest(world.book(covered=changes.pop("covered", COVERED), **changes)).alarms]


@pytest.mark.parametrize(
    ("ann", "reed", "found"),
    [
        pytest.param((90, 90), (90, 90), [], id="as ever"),
        pytest.param((90, 90), (1, 90), [], id="a quiet week"),
        pytest.param((90, 90), (0, 90), [(SILENT, True)], id="half of the council's mail"),
        pytest.param((400, 400), (0, 11), [(SILENT, False)], id="a small mailbox"),
        pytest.param((400, 400), (0, 9), [], id="never a lively one"),
        pytest.param((0, 0), (90, 0), [], id="a new one"),
        pytest.param((0, 90), (0, 90), [("No mail this week in 2 mailboxes that had it every week", True)], id="all of them"),
    ],
)
def test_a_mailbox_that_falls_silent(world: Any, ann: tuple[int, int], reed: tuple[int, int], found: list[tuple[str, bool]]) -> None:
    assert alarms(world, dated=[*dated(world, ANN, *ann), *dated(world, REED, *reed)]) == found


def test_it_is_named_with_what_it_used_to_bring_and_what_to_do(world: Any) -> None:
    digest = world.digest(world.book(covered=COVERED, dated=dated(world, REED, 0, 30)))
    assert digest.alarms[0].details[1] == f"{REED}: about 30 copies a week before, none dated this week."
    for page in (html(digest), text(digest)):
        assert "Run aboveboard check" in page


@pytest.mark.parametrize(
    "scans",
    [
        pytest.param(lambda w: (), id="no scan"),
        pytest.param(lambda w: w.scans()[:3], id="none that read the week's end"),
        pytest.param(lambda w: tuple(replace(r, shortfalls={REED: "refused"}) for r in w.scans()), id="it failed"),
        pytest.param(lambda w: tuple(replace(r, left_out=(REED,)) for r in w.scans()), id="it is left out"),
    ],
)
def test_what_is_told_elsewhere_is_not_told_twice(world: Any, scans: Any) -> None:
    found = alarms(world, scanned=scans(world), dated=dated(world, REED, 0, 90))
    assert SILENT not in [headline for headline, _ in found]


def earlier(world: Any, held: dict[str, int], **changes: Any) -> tuple[ScanRun, ...]:
    """The week's scans, after one on the Friday before that found the mailboxes holding so much."""
    return (replace(ScanRun(0, world.at(9, 5), world.at(9, 6), held=held), **changes), *world.scans())


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ({ANN: 1200, REED: 800}, []),
        ({ANN: 1200, REED: 801}, [(SHRUNK, True)]),
        ({ANN: 5000, REED: 801}, [("2 mailboxes hold less than half of what was there", True)]),
        ({ANN: 2000, REED: 801}, [(SHRUNK, True)]),
        ({"x@thornburyvale.example": 900}, []),
    ],
)
def test_a_mailbox_that_lost_more_than_half(world: Any, held: dict[str, int], found: list[tuple[str, bool]]) -> None:
    assert alarms(world, scanned=earlier(world, held)) == found


def test_a_small_loss_is_no_grave_one_and_a_tiny_mailbox_none(world: Any) -> None:
    covered = (*COVERED, Coverage("jo@thornburyvale.example", "Inbox", 10, 10), Coverage("al@thornburyvale.example", "Inbox", 1, 1))
    held = {ANN: 1200, REED: 400, "jo@thornburyvale.example": 30, "al@thornburyvale.example": 19}
    assert alarms(world, covered=covered, scanned=earlier(world, held)) == [(SHRUNK, False)]


def test_a_scan_of_one_mailbox_or_one_broken_off_is_no_yardstick(world: Any) -> None:
    for changes in ({"mailbox": REED}, {"finished": None}):
        assert alarms(world, scanned=earlier(world, {ANN: 9000}, **changes)) == []
