"""The day of a poll, and the days about it, in the ways that people write them."""

from __future__ import annotations

from datetime import date

import pytest

from rules.council import Council
from rules.polling import names_polling_day, told_from_polls

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
        (NEAR, "Thursday 6th, Thurs the 6th, by 6th", "polling day, polling day, by polling day"),
        (NEAR, "I can count on you on THE SIXTH?", "I can count on you on polling day?"),
        (LONG_BEFORE, "by 6.5.27, 06.05.2027. The sixth of May, then", "by polling day, polling day. polling day, then"),
        (None, "Thursday the sixth of May 2027, 6 May '27, 2027-05-06", "polling day, polling day, polling day"),
        (NEAR, "4-6 May", "2 days before polling day-polling day"),
    ],
)
def test_the_day_of_the_poll_is_called_so(sent: date | None, text: str, said: str) -> None:
    assert told_from_polls(text, COUNCIL, sent) == said
    assert names_polling_day(text, COUNCIL, sent)


@pytest.mark.parametrize(
    ("sent", "text", "said"),
    [
        (NEAR, "Weds 5 would be perfect, or Tues. 4th?", "the day before polling day would be perfect, or 2 days before polling day?"),
        (NEAR, "The lights go on Wednesday the fifth of May.", "The lights go on the day before polling day."),
        (NEAR, "By the 12th it is no use, by 5th it is", "By 6 days after polling day it is no use, by the day before polling day it is"),
        (
            NEAR,
            "w/c 12 April, April 22nd, w/c 26/4",
            "w/c three weeks before polling day, two weeks before polling day, w/c 10 days before polling day",
        ),
        (NEAR, "1.5.27 or 03/05/2027, by 4/5", "5 days before polling day or 3 days before polling day, by 2 days before polling day"),
        (NEAR, "5th may, not 5 may be", "the day before polling day, not 5 may be"),
        (LONG_BEFORE, "Ribbon on 30 April", "Ribbon on 6 days before polling day"),
        (AFTER, "Fri 7 May, Mon 10th, 20 May", "the day after polling day, 4 days after polling day, two weeks after polling day"),
        (
            NEAR,
            "between 3 and 5 May, 1 - 3 May",
            "between 3 days before polling day and the day before polling day, 5 days before polling day - 3 days before polling day",
        ),
        (NEAR, "Dates: 21 May\n4 May", "Dates: 21 May\n2 days before polling day"),
        (date(2027, 12, 20), "back on 4 January", "back on 4 January"),
        (None, "out on 5 May 2027, not 5 May", "out on the day before polling day, not 5 May"),
    ],
)
def test_the_days_about_it_are_told_from_it(sent: date | None, text: str, said: str) -> None:
    assert told_from_polls(text, COUNCIL, sent) == said
    assert not names_polling_day(text, COUNCIL, sent)


def test_the_nearest_of_several_polls_tells_a_day() -> None:
    for days in ((date(2027, 5, 6), date(2027, 5, 13)), (date(2027, 5, 13), date(2027, 5, 6))):
        council = Council("Wexcombe", polling_days=days)
        assert (
            told_from_polls("on 12 May, Thu 13/5, Fri 7 may", council, NEAR)
            == "on the day before polling day, polling day, the day after polling day"
        )


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (LONG_BEFORE, "See you on the 6th, Thursday 6th if you like"),
        (NEAR, "Out on Thursday, tomorrow, next week"),
        (AFTER, "Out on Thursday the 6th"),
        (NEAR, "the 6th of March, the 6 Mayfield houses, 26 May, 6 May 2026, 6/5/2026, 1/6/5, May 2027, 60th, 6 people, the sixth form"),
        (NEAR, "the 6th floor, number 6 may go, Thursday 6.30pm, Thursday 6-8, Thursday 6 people, thunderstorm 6, flat 6/5/1, on the sixth floor"),
        (date(2026, 4, 20), "Cabinet on 6 May"),
        (WEEK, "Thursday week, a week on Thursday, since Thursday, Sent: Thursday, 1 April, Thursday April 1"),
        (LONG_BEFORE, "6/5"),
        (
            NEAR,
            "26.5.27, 6.5.27.1, 1.6.5.27, paragraph 6.5.27, clauses 6.5.27, the sixth of May's meetings, 6.5.26, 6.5, the sixth of March, the sixth of May 2026",
        ),
        (WEEK, "last Thursday, every Thursday, Thursdays"),
        (None, "on the 6th"),
        (NEAR, "24/7, 3/4 of it, 1/2, 5/6/7, 1/5/26, 1.5, 1.5.27.3, section 1.5.27, 4 May 2026, 30 March, 21 May, 31 April, May 45"),
        (NEAR, "4 may go, 4 march past, the 4th floor, on the 4th floor, Tuesday 4.30, Tuesday 4 people, Tuesday 3rd, Tuesdays 4, sat 4 of us"),
        (NEAR, "on the 31st of, for the 11th of June, 40 May, 0 May, May 2027, on the 5th and 6th of June, on the 5th or 6th floor, the 2nd please"),
        (NEAR, "8 May 1945, born 4 May 1961, Thursday 1 May 1997, 3 May last year, on 3 May next year"),
        (NEAR, "Fri 21 May 6 for 6.30pm, 31 May 6 June, Sat 3 April 10 to 12, Friday 21 May 7 to 9pm"),
        (NEAR, "They finish in May. 4 of us can help. In May 12 residents complained. April 25 homes were let. May 5 officers attend?"),
        (NEAR, "12 May Road is flooded; the flat at 3 May Avenue; Option 4 May work; £4 May be; 12:30 April"),
        (NEAR, "by 1/5 of the vote, for 4/5 people, until 4/5pm, FUL-12/05/27, v3.5.27, 5.5.27.pdf, 3.5.27kg, £1.5.27"),
        (NEAR, "3 \u017fept, 3 \u017fep 2027, \u0665 May, ⁵ May"),
    ],
)
def test_other_days_are_not(sent: date | None, text: str) -> None:
    assert told_from_polls(text, COUNCIL, sent) == text
    assert not names_polling_day(text, COUNCIL, sent)


def test_the_weekday_alone_is_told_in_the_last_week_only_and_names_no_polling_day() -> None:
    assert told_from_polls("Get them all out on Thursday, every one counts", COUNCIL, WEEK) == "Get them all out on polling day, every one counts"
    assert told_from_polls("Thursday 13th", COUNCIL, WEEK) == "7 days after polling day"
    assert not names_polling_day("Get them out on Thursday", COUNCIL, WEEK)
    assert names_polling_day("Get them out on the 6th", COUNCIL, WEEK)


def test_a_council_without_polls_about_has_no_such_days() -> None:
    assert told_from_polls("Thursday 6 May 2027", Council("Wexcombe"), WEEK) == "Thursday 6 May 2027"
    assert told_from_polls("Thursday 6 May 2027", COUNCIL, date(2030, 1, 1)) == "Thursday 6 May 2027"
    assert told_from_polls("on the 3rd", Council("Wexcombe", polling_days=(date.max,)), date.max) == "on the 3rd"


def test_long_text_is_looked_through_in_no_time() -> None:
    council = Council("Wexcombe", polling_days=(date(2027, 5, 6), date(2027, 5, 1)))
    for text in ("thu" * 60_000, "the " * 60_000, "6 " * 90_000, "on the " * 30_000, " " * 200_000, "May " * 50_000, "3-" * 90_000, "1 to " * 40_000):
        assert told_from_polls(text, council, WEEK) == text
    assert told_from_polls("Thursday, " * 20_000, council, WEEK) == "polling day, " * 20_000
