"""The day of a poll as people write it: "6 May", "Thursday the 6th", or in the week before it just "on Thursday"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from rules.council import Council

_NEAR, _WEEK = 28, 6
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_FIRST = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = ("tenth", "eleventh", "twelfth", *(f"{n}teenth" for n in ("thir", "four", "fif", "six", "seven", "eigh", "nine")))
_ORDINALS = (*_FIRST, *_TEENS, "twentieth", *(f"twenty[ -]{n}" for n in _FIRST), "thirtieth", "thirty[ -]first")
_AFTER = "|".join(f"(?<={word} )" for word in ("on", "by", "till", "until", "after", "before", "to"))
_NOTHING = re.compile(r"(?!)")


def names_polling_day(text: str, council: Council, sent: date | None) -> bool:
    """Whether a text of this day names the day of one of the council's polls; a bare weekday is not enough."""
    return _written(council.polling_days, sent).search(text) is not None


def polling_day_said(text: str, council: Council, sent: date | None) -> str:
    """A text of this day with the days of the council's polls called "polling day", bare weekdays of its last week too."""
    said = _written(council.polling_days, sent).sub("polling day", text)
    return _weekday(council.polling_days, sent).sub("polling day", said)


@lru_cache(maxsize=256)
def _written(days: tuple[date, ...], sent: date | None) -> re.Pattern[str]:
    return _any(pattern for day in days for pattern in _dates(day, sent))


@lru_cache(maxsize=256)
def _weekday(days: tuple[date, ...], sent: date | None) -> re.Pattern[str]:
    soon = (day for day in days if sent and 0 < (day - sent).days <= _WEEK)
    return _any(rf"(?<!last )(?<!every )\b{day:%A}\b(?!\s+(?:the\s+)?\d)" for day in soon)


def _dates(day: date, sent: date | None) -> Iterator[str]:
    """Patterns for a date with its month, and near the day for its number alone. Another year's date is another day."""
    number, weekday = rf"{day.day}(?:st|nd|rd|th)?", rf"(?:{day:%a}[a-z]*\.?,?\s+)"
    month, year = rf"(?:{day:%B}|{day:%b}\.?)", rf"(?:,?\s+{day.year})?\b(?!,?\s+\d{{4}}\b)"
    yield rf"(?:\bthe\s+)?{weekday}?(?:the\s+)?\b{number}\s+(?:of\s+)?{month}{year}"
    yield rf"(?:{weekday})?\b{month}\s+(?:the\s+)?{number}{year}"
    yield rf"(?<![\d/])0?{day.day}/0?{day.month}(?:/(?:20)?{day:%y})?(?![\d/])"
    if sent and 0 <= (day - sent).days <= _NEAR:
        other = rf"\b(?!\s+(?:of\s+)?(?:{_MONTHS}))"
        yield rf"\b{weekday}(?:the\s+)?{number}{other}"
        yield rf"\bthe\s+{day.day}(?:st|nd|rd|th){other}"
        yield rf"(?:{_AFTER})the\s+{_ORDINALS[day.day - 1]}{other}"


def _any(patterns: Iterator[str]) -> re.Pattern[str]:
    several = list(patterns)
    return re.compile("|".join(several), re.IGNORECASE) if several else _NOTHING
