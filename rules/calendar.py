"""Dates as people write them in a mail: "Weds 5 May", "May 4th", "3.5.27", "by the 12th"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

MONTHS = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\b"
# A number by itself is a day only where nothing that it counts follows: not "the 6th floor", "6.30pm", "6-8".
_GOES_ON = "and|or|at|for|is|was|would|will|could|should|suits|i|we|you|they|he|she|it|to|if|when|but|please|because|so"
CLOSED = rf"(?=\s*(?:$|[,;?!)]|[.:](?!\d)|(?:{_GOES_ON})\b))"
NO_TIME = r"(?![.:]\d|-\d|\s*[ap]m\b|\d)"
NO_NUMBER_OF = "".join(rf"(?<!\b{word} )" for word in ("section", "paragraph", "para", "clause", "rule", "version", "table", "figure", "item", "no"))
BEFORE = "|".join(rf"(?<=\b{word} )" for word in ("on", "by", "till", "until", "after", "before", "for"))
_BACK, _AHEAD = 7, 28  # days from now in which a number alone means one
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_VERBS_TOO = ("may", "march", "mar")  # in small letters a month after a weekday only


def retold(text: str, sent: date, how: Callable[[date], str]) -> str:
    """A text of this day with each date as `how` tells it; a date that it has no words for stays as it stands."""

    def said(found: re.Match[str]) -> str:
        day = _meant(found.groupdict(), found[0], sent)
        return (how(day) if day else "") or found[0]

    for pattern in _WAYS:
        text = pattern.sub(said, text)
    return text


def _ways() -> Iterator[re.Pattern[str]]:
    """The ways of writing a date, the fullest first."""
    weekday = r"\b(?P<weekday>mon|tue|wed|thu|fri|sat|sun)(?:s|r|rs|day|sday|nesday|rsday|urday)?\b\.?,?\s+(?:the\s+)?"
    full = r"january|february|march|april|june|july|august|september|october|november|december"
    month = rf"(?P<month>{full}|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\b"
    year = r"(?:[.,]?\s+(?P<year>20\d\d)\b(?!\s*(?:hrs|hours)))?"
    day = r"(?P<day>\d{1,2})"
    other = rf"(?!\s+(?:of\s+)?{MONTHS})"
    for pattern in (
        rf"(?:{weekday}|\bthe\s+)?\b{day}(?:st|nd|rd|th)?\s+(?:of\s+)?{month}{year}",
        rf"(?:{weekday})?\b{month}\.?\s+(?:the\s+)?{day}(?:st|nd|rd|th)?\b{NO_TIME}{year}",
        rf"(?<![\d/]){day}/(?P<month>\d{{1,2}})/(?:20)?(?P<year>\d\d)(?![\d/])",
        rf"{NO_NUMBER_OF}(?<![\d.]){day}\.(?P<month>\d{{1,2}})\.(?:20)?(?P<year>\d\d)(?!\.?\d)",
        rf"(?:{weekday}|{BEFORE}){day}/(?P<month>\d{{1,2}})(?![\d/])",
        rf"{weekday}{day}(?:(?:st|nd|rd|th)\b{other}|\b{NO_TIME}{other}{CLOSED})",
        rf"(?:{BEFORE}|(?<=\bfrom ))the\s+{day}(?:st|nd|rd|th)\b{other}{CLOSED}",
    ):
        yield re.compile(pattern, re.IGNORECASE)


_WAYS = tuple(_ways())


def _meant(parts: dict[str, str | None], written: str, sent: date) -> date | None:
    """The date that a text of this day means: the nearest one where it names no year, or no month; none where it is no date."""
    number, month, weekday = int(parts["day"] or 0), (parts.get("month") or "").lower(), (parts.get("weekday") or "").lower()
    if parts.get("month") in _VERBS_TOO and not weekday and " of " not in written:
        return None
    if not month:
        nearby = (sent + timedelta(days=n) for n in (*range(_AHEAD), *range(-1, -_BACK, -1)))
        return next((d for d in nearby if d.day == number and (not weekday or _WEEKDAYS[d.weekday()] == weekday)), None)
    place = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    year = parts.get("year")
    years = [2000 + int(year[-2:])] if year else [sent.year - 1, sent.year, sent.year + 1]
    return min((d for y in years if (d := _date(y, place, number))), key=lambda d: abs(d - sent), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
