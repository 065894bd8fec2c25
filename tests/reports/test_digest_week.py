"""Weeks on the council's clock: how they are written, and which news a digest may tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reports.week import Interval, Week, local, moment_words

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 10, 12), "Monday 12 to Sunday 18 October 2026"),
        (date(2026, 10, 18), "Monday 12 to Sunday 18 October 2026"),
        (date(2026, 10, 1), "Monday 28 September to Sunday 4 October 2026"),
        (date(2027, 1, 1), "Monday 28 December 2026 to Sunday 3 January 2027"),
    ],
)
def test_a_week_runs_from_monday_to_sunday_and_reads_so(day: date, words: str) -> None:
    assert str(Week.of(day, LONDON)) == words


@pytest.mark.parametrize(
    ("moment", "start"),
    [
        (datetime(2026, 10, 19, 7, tzinfo=LONDON), date(2026, 10, 12)),
        (datetime(2026, 10, 18, 22, 59, tzinfo=UTC), date(2026, 10, 5)),
        (datetime(2026, 10, 18, 23, 0, tzinfo=UTC), date(2026, 10, 12)),
    ],
)
def test_the_week_before_goes_by_the_local_clock(moment: datetime, start: date) -> None:
    assert Week.before(moment, LONDON).start == start


def test_a_week_with_the_change_of_clocks_is_an_hour_longer() -> None:
    interval = Week.of(date(2026, 10, 25), LONDON).interval
    assert interval.until.astimezone(UTC) - interval.since.astimezone(UTC) == timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("generated", "since", "until"),
    [
        pytest.param(datetime(2026, 10, 19, 7, 0, 40), datetime(2026, 10, 12, 7), datetime(2026, 10, 19, 7), id="the usual Monday morning"),
        pytest.param(datetime(2026, 10, 20, 9, 30), datetime(2026, 10, 13, 9, 30), datetime(2026, 10, 20, 9, 30), id="a Tuesday habit"),
        pytest.param(datetime(2026, 10, 16, 12), datetime(2026, 10, 12), datetime(2026, 10, 19), id="the week still runs"),
        pytest.param(datetime(2026, 11, 20, 7), datetime(2026, 10, 12), datetime(2026, 10, 19), id="a look back"),
    ],
)
def test_the_news_of_a_digest_begins_where_the_last_one_ended(generated: datetime, since: datetime, until: datetime) -> None:
    known = Week.of(date(2026, 10, 12), LONDON).known(generated.replace(tzinfo=LONDON))
    assert known == Interval(since.replace(tzinfo=LONDON), until.replace(tzinfo=LONDON))


def test_digests_of_following_weeks_neither_overlap_nor_leave_a_gap_over_the_change_of_clocks() -> None:
    first = Week.of(date(2026, 10, 19), LONDON).known(datetime(2026, 10, 26, 7, 0, 3, tzinfo=LONDON))
    second = Week.of(date(2026, 10, 26), LONDON).known(datetime(2026, 11, 2, 7, 0, 9, tzinfo=LONDON))
    assert first.until == second.since


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 10, 14, 15, 5, tzinfo=UTC), "Wednesday 14 October 2026, 16:05"),
        (datetime(2026, 12, 1, 9, 0), "Tuesday 1 December 2026, 09:00"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "Friday 31 December 9999, 23:59"),
    ],
)
def test_moments_are_written_on_the_local_clock_however_odd(moment: datetime, words: str) -> None:
    assert moment_words(moment, LONDON) == words


def test_a_forged_date_at_the_end_of_the_calendar_does_no_harm() -> None:
    assert local(datetime.max.replace(tzinfo=UTC), ZoneInfo("Pacific/Auckland")).year == 9999
