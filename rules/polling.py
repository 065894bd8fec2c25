"""The day of a poll as people write it: "6 May", "Thursday the 6th", or in the week before it just "on Thursday"; and the days about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from rules.calendar import BEFORE, CLOSED, MONTHS, NO_NUMBER_OF, NO_TIME, retold
from rules.council import Council

_LONG_BEFORE, _AFTER, _NEAR, _WEEK = 300, 60, 28, 6  # days
_ORDINALS = (
    *("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth"),
    *("fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second"),
    *("twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth"),
    *("thirtieth", "thirty-first"),
)
_NEVER_ALONE = 3  # "the first", "the second" and "the third" are days only with their month
_VERBS = (3, 5)
_NOTHING = re.compile(r"(?!)")
_SPOKEN_BEFORE, _SPOKEN_AFTER, _IN_DAYS = 31, 14, 10  # days
_WEEKS = {1: "a week", 2: "two weeks", 3: "three weeks", 4: "four weeks"}


def names_polling_day(text: str, council: Council, sent: date | None) -> bool:
    """Whether a text of this day names the day of one of the council's polls; a bare weekday is not enough."""
    return _written(council.polling_days, sent).search(text) is not None


def polling_day_said(text: str, council: Council, sent: date | None) -> str:
    """A text of this day with the days of the council's polls called "polling day", bare weekdays of its last week too."""
    said = _written(council.polling_days, sent).sub("polling day", text)
    return _weekday(council.polling_days, sent).sub("polling day", said)


def days_about_polling_day_said(text: str, council: Council, sent: date | None) -> str:
    """A text of this day with the dates about the council's polls told from those: "Weds 5 May" as "the day before polling day"."""
    polls = [day for day in council.polling_days if sent and -_AFTER <= (day - sent).days <= _NEAR + _SPOKEN_BEFORE]
    if not polls or sent is None:
        return text
    return retold(text, sent, lambda day: next(filter(None, (_told_from(poll, day) for poll in polls)), ""))


def _told_from(poll: date, day: date) -> str:
    """How far a day is from a poll, in words; nothing where it is the day itself or far from it."""
    ahead = (poll - day).days
    if not ahead or not -_SPOKEN_AFTER <= ahead <= _SPOKEN_BEFORE:
        return ""
    many = abs(ahead)
    long = "the day" if many == 1 else f"{many} days" if many <= _IN_DAYS else _WEEKS[round(many / 7)]
    return f"{long} {'before' if ahead > 0 else 'after'} polling day"


@lru_cache(maxsize=256)
def _written(days: tuple[date, ...], sent: date | None) -> re.Pattern[str]:
    return _any(pattern for day in days for pattern in _dates(day, sent))


@lru_cache(maxsize=256)
def _weekday(days: tuple[date, ...], sent: date | None) -> re.Pattern[str]:
    soon = (day for day in days if sent and 0 < (day - sent).days <= _WEEK)
    another = rf"(?!,?\s*(?:the\s+)?\d|\s+(?:next\s+)?week\b|,?\s+{MONTHS})"
    return _any(rf"(?<!last )(?<!every )(?<!since )(?<!week on )(?<!sent: )\b{day:%A}\b{another}" for day in soon)


def _dates(day: date, sent: date | None) -> Iterator[str]:
    """Patterns for a date with its year; about the time of the poll for one without; near the day for its number alone."""
    ahead = (day - sent).days if sent else None
    word = _ORDINALS[day.day]
    number, weekday = rf"\b0?{day.day}(?:st|nd|rd|th)?", rf"\b(?:{_weekdays(day)})\b\.?,?\s+(?:the\s+)?"
    # "May" and "March" are verbs too: in small letters they are months after a weekday only.
    month = rf"(?:{day:%B}|{day:%b}\.?)"
    capital = rf"(?-i:{day:%B}|{day:%b}\b|{f'{day:%B}'.upper()}|{f'{day:%b}'.upper()}\b)" if day.month in _VERBS else month
    year = rf",?\s+{day.year}\b"
    yield rf"(?:\bthe\s+)?(?:{weekday})?{number}\s+(?:of\s+)?{month}{year}"
    yield rf"(?:{weekday})?\b{month}\s+(?:the\s+)?{number}{year}"
    yield rf"(?<![\d/])0?{day.day}/0?{day.month}/(?:20)?{day:%y}(?![\d/])"
    yield rf"{NO_NUMBER_OF}(?<![\d.])0?{day.day}\.0?{day.month}\.(?:20)?{day:%y}(?!\.?\d)"
    yield rf"(?:{weekday})?\bthe\s+{word}\s+of\s+{month}{year}"
    if ahead is None or not -_AFTER <= ahead <= _LONG_BEFORE:
        return
    no_year = r"\b(?!,?\s+\d{4}\b(?!\s*(?:hrs|hours)))"
    yield rf"{weekday}{number}\s+(?:of\s+)?{month}{no_year}"
    yield rf"(?:\bthe\s+)?{number}\s+(?:of\s+)?{capital}{no_year}"
    yield rf"(?:{weekday})?\bthe\s+{word}\s+of\s+{month}(?!['’]s){no_year}"
    yield rf"(?:{weekday})?\b{capital}\s+(?:the\s+)?{number}{NO_TIME}{no_year}"
    if not 0 <= ahead <= _NEAR:
        return
    ordinal = rf"{day.day}(?:st|nd|rd|th)\b"
    other = rf"(?!\s+(?:of\s+)?{MONTHS})"
    yield rf"(?<![\d/])0?{day.day}/0?{day.month}(?![\d/])"
    yield rf"{weekday}(?:{ordinal}{other}|{day.day}\b{NO_TIME}{other}{CLOSED})"
    yield rf"\bthe\s+{ordinal}{other}{CLOSED}"
    if day.day > _NEVER_ALONE:
        yield rf"(?:{BEFORE})the\s+{word}\b{other}{CLOSED}"


def _weekdays(day: date) -> str:
    """The day's name with the short ones in use: Thursday, Thurs, Thur, Thu."""
    short = {"Tue": "Tues|Tue", "Wed": "Weds|Wed", "Thu": "Thurs|Thur|Thu"}
    return f"{day:%A}|{short.get(f'{day:%a}', f'{day:%a}')}"


def _any(patterns: Iterator[str]) -> re.Pattern[str]:
    several = list(patterns)
    return re.compile("|".join(several), re.IGNORECASE) if several else _NOTHING
