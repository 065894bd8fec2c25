"""The day of a poll in the ways that people write it."""

from __future__ import annotations

from datetime import date

import pytest

from rules.council import Council
from rules.polling import days_about_polling_day_said, names_polling_day, polling_day_said

COUNCIL = Council("Wexcombe", polling_days=(date(2027, 5, 6),))
LONG_BEFORE, NEAR, WEEK, AFTER = date(2027, 1, 11), date(2027, 4, 20), date(2027, 5, 3), date(2027, 5, 10)


@pytest.mark.parametrize(
    ("sent", "text", "said"),
    [
        (LONG_BEFORE, "The poll is on Thursday 6 May 2027.", "The poll is on polling day."),
        (LONG_BEFORE, "back in on the 6th of May", "back in on polling day"),
        (LONG_BEFORE, "MAY 6TH, or Thurs 6 may?", "polling day, or polling day?"),
        (NEAR, "after 6/5, before 06/05/2027", "after polling day, before polling day"),
        (
            NEAR,
            "He says the 6th and his letter is out; on the 6th I go. The 6th please",
            "He says polling day and his letter is out; on polling day I go. polling day please",
        ),
        (AFTER, "since Thursday 6 May", "since polling day"),
        (NEAR, "three cars on the 6th", "three cars on polling day"),
        (NEAR, "Thursday 6th, Thurs the 6th", "polling day, polling day"),
        (NEAR, "I can count on you on THE SIXTH?", "I can count on you on polling day?"),
        (WEEK, "Get them all out on Thursday, every one counts", "Get them all out on polling day, every one counts"),
        (None, "Poll 6 May 2027", "Poll polling day"),
        (LONG_BEFORE, "by 6.5.27, 06.05.2027. The sixth of May, then", "by polling day, polling day. polling day, then"),
        (None, "Thursday the sixth of May 2027", "polling day"),
    ],
)
def test_the_day_of_the_poll_is_called_so(sent: date | None, text: str, said: str) -> None:
    assert polling_day_said(text, COUNCIL, sent) == said


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (LONG_BEFORE, "See you on the 6th, Thursday 6th if you like"),
        (NEAR, "Out on Thursday"),
        (AFTER, "Out on Thursday the 6th"),
        (NEAR, "the 6th of April, the 6 Mayfield houses, 16 May, 6 May 2026, 6/5/2026, 1/6/5, May 2027, 60th, 6 people, the sixth form"),
        (NEAR, "the 6th floor, number 6 may go, Thursday 6.30pm, Thursday 6-8, Thursday 6 people, thunderstorm 6, flat 6/5/1, on the sixth floor"),
        (date(2026, 4, 20), "Cabinet on 6 May"),
        (WEEK, "Thursday week, a week on Thursday, since Thursday, Sent: Thursday, 29 April, Thursday April 29"),
        (LONG_BEFORE, "6/5"),
        (
            NEAR,
            "16.5.27, 6.5.27.1, 1.6.5.27, paragraph 6.5.27, the sixth of May's meetings, 6.5.26, 6.5, the sixth of March, the twenty-sixth of May, the sixth of May 2026",
        ),
        (WEEK, "last Thursday, every Thursday, Thursdays, Thursday 13th"),
        (None, "on the 6th"),
    ],
)
def test_other_days_are_not(sent: date | None, text: str) -> None:
    assert polling_day_said(text, COUNCIL, sent) == text
    assert not names_polling_day(text, COUNCIL, sent)


@pytest.mark.parametrize(
    ("sent", "text", "said"),
    [
        (NEAR, "Weds 5 would be perfect, or Tues 4th?", "the day before polling day would be perfect, or 2 days before polling day?"),
        (NEAR, "The lights go on Wednesday the 5th of May.", "The lights go on the day before polling day."),
        (NEAR, "By the 12th it is no use", "By 6 days after polling day it is no use"),
        (NEAR, "w/c 12 April, April 22nd", "w/c three weeks before polling day, two weeks before polling day"),
        (NEAR, "1.5.27 or 03/05/2027, by 4/5", "5 days before polling day or 3 days before polling day, by 2 days before polling day"),
        (LONG_BEFORE, "Ribbon on 30 April", "Ribbon on 30 April"),
        (AFTER, "Fri 7 May, Mon 10th, 20 May", "the day after polling day, 4 days after polling day, two weeks after polling day"),
        (date(2027, 4, 1), "launch it Tues 4 May 2027", "launch it 2 days before polling day"),
    ],
)
def test_the_days_about_it_are_told_from_it(sent: date, text: str, said: str) -> None:
    assert days_about_polling_day_said(text, COUNCIL, sent) == said


@pytest.mark.parametrize(
    "text",
    [
        "24/7, 3/4 of it, 1/2, 5/6/7, 1/5/26, 1.5, 1.5.27.3, section 1.5.27, 4 May 2026, 30 March, 21 May, 31 April, May 45",
        "4 may go, 4 march past, the 4th floor, on the 4th floor, the 4th, Tuesday 4.30, Tuesday 4 people, Tuesday 3rd, Tuesdays 4, sat 4 of us, 4 Mayfield",
        "on the 31st of, for the 11th of June, 40 May, 0 May, May 2027",
    ],
)
def test_what_is_no_day_about_it_stays(text: str) -> None:
    assert days_about_polling_day_said(text, COUNCIL, NEAR) == text
    assert days_about_polling_day_said("Weds 5 May 2027", Council("Wexcombe"), NEAR) == "Weds 5 May 2027"
    assert days_about_polling_day_said("Weds 5 May 2027", COUNCIL, None) == "Weds 5 May 2027"


def test_a_bare_weekday_does_not_name_it_and_a_council_without_polls_has_none() -> None:
    assert not names_polling_day("Get them out on Thursday", COUNCIL, WEEK)
    assert names_polling_day("Get them out on the 6th", COUNCIL, WEEK)
    assert polling_day_said("Thursday 6 May 2027", Council("Wexcombe"), WEEK) == "Thursday 6 May 2027"


def test_long_text_is_looked_through_in_no_time() -> None:
    council = Council("Wexcombe", polling_days=(date(2027, 5, 6), date(2027, 5, 1)))
    for text in ("thu" * 60_000, "the " * 60_000, "6 " * 90_000, "on the " * 30_000, " " * 200_000, "May " * 50_000):
        assert polling_day_said(text, council, WEEK) == text
        assert days_about_polling_day_said(text, council, WEEK) == text
    assert polling_day_said("Thursday, " * 20_000, council, WEEK) == "polling day, " * 20_000
