"""Dates as people write them in a mail: "Weds 5 May", "May 4th", "3.5.27", "the sixth of May", "by the 12th"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_AGO, _COMING = 60, 305  # days: a date without its year lies among these
_SOON = 28  # days: a number alone means one of these
_NEVER_ALONE = 3  # "the first", "the second" and "the third" are days only with their month
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth"),
    *("fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty-first", "twenty-second"),
    *(
        "twenty-third",
        "twenty-fourth",
        "twenty-fifth",
        "twenty-sixth",
        "twenty-seventh",
        "twenty-eighth",
        "twenty-ninth",
        "thirtieth",
        "thirty-first",
    ),
)


@dataclass(frozen=True, slots=True)
class DateSaid:
    """A date that a text names from `start` to `end`, in characters."""

    start: int
    end: int
    day: date


def dates_in(text: str, sent: date | None) -> Iterator[DateSaid]:
    """The dates that a text of this day names, in their order; where its day is not known, those with a year.

    A date without its year is the one from 60 days before to 305 after; a number alone is a day of the next four weeks. A bare weekday is none.
    """
    for found in _DATE.finditer(text):
        parts = {name.rstrip("_"): said for name, said in found.groupdict().items() if said is not None}
        month, year = _month(parts.get("month", "")), _year(parts.get("year", ""))
        if _is_verb(parts, found[0]):
            continue
        weekday = parts.get("weekday", "").lower()
        last = _day(_number(parts), month, year, weekday, sent)
        if "from" in parts and (first := _day(int(parts["from"]), month, year, "", sent)):
            yield DateSaid(found.start("from"), found.end("from"), first)
            if last:
                yield DateSaid(found.start("day"), found.end(), last)
        elif last:
            yield DateSaid(*found.span(), last)


def _patterns() -> Iterator[str]:
    """The ways of writing a date, the fullest first. A group's name ends in as many underscores as it has been used before."""
    weekday = (
        r"\b(?P<weekday>mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b\.?,?\s+(?:the\s+)?"
    )
    full = "january|february|march|april|june|july|august|september|october|november|december"
    month = rf"(?P<month>{full}|(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\b)"
    year = r"(?:[.,]?\s+(?P<year>(?:19|20)[0-9]{2}|['’][0-9]{2})\b(?!\s*(?:hrs|hours)))?(?!\s+(?:last|next)\s+year)"
    # Not the end of another number, an amount, a time, or the number of something else.
    numbered = ("section", "paragraph", "para", "clause", "rule", "version", "table", "figure", "item", "option", "line", "room", "unit", "flat")
    alone = r"(?<![\w£$€.:/#])(?<![a-z]-)" + "".join(
        rf"(?<!\b{word} )(?<!\b{word}s )" for word in (*numbered, "page", "policy", "firmware", "no", "no.")
    )
    number, suffix = r"(?P<day>[0-9]{1,2})", r"(?:st|nd|rd|th)\b"
    ordinal = rf"the\s+(?P<ordinal>{'|'.join(reversed(_ORDINALS))})\b"
    no_street = r"(?!\s+(?:road|street|avenue|close|cottages?|lane|drive|house|court|place|gardens|terrace|way)\b)"
    no_month = r"(?!\s+(?:of\s+)?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\b)"
    no_time = r"(?![.:/-]?[0-9]|\s*[ap]m\b|\s*(?:-|–)\s*[0-9])"
    # A number by itself is a day only where nothing that it counts follows: not "the 6th floor", nor "the 5th or 6th".
    goes_on = "at|for|is|was|would|will|could|should|suits|ok|okay|then|i|we|you|they|he|she|it|if|when|but|please|because|so"
    closed = rf"(?=\s*(?:$|[,;?!)]|[.:](?![0-9])|(?:{goes_on})\b|(?:and|or|to)\b(?!\s+(?:the\s+)?[0-9])))"
    before = "(?:" + "|".join(rf"(?<=\b{word} )" for word in ("on", "by", "till", "until", "after", "before", "for", "from", "since", "w/c")) + ")"
    with_year = r"(?=,?\s+20[0-9]{2}\b)"
    span = rf"(?:(?P<from>[0-9]{{1,2}})(?:{suffix})?\s?(?:-|–|to|and|or|&)\s?(?:the\s+)?)?"
    yield rf"(?:{weekday}|\bthe\s+)?{alone}{span}{number}(?:{suffix})?\s+(?:of\s+)?{month}\b{year}{no_street}"
    yield rf"(?:{weekday})?\b{ordinal}\s+of\s+{month}\b(?!['’]s){year}"
    in_figures = rf"(?:{suffix}{no_month}|\b{no_time}{no_month}(?:{closed}|{with_year}))"
    yield rf"(?:{weekday})?\b{month}(?:(?<=\b[a-z]{{3}})\.)?\s+(?:the\s+)?{number}{in_figures}{year}"
    yield rf"(?:{weekday})?{alone}{number}/(?P<month>[0-9]{{1,2}})/(?P<year>(?:20)?[0-9]{{2}})(?!\.?\w|[/-])"
    yield rf"(?:{weekday})?{alone}{number}\.(?P<month>[0-9]{{1,2}})\.(?P<year>(?:20)?[0-9]{{2}})(?!\.?\w|[/-])"
    yield rf"{alone}(?P<year>20[0-9]{{2}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})(?!\.?\w|[/-])"
    yield rf"(?:{weekday}|{before}){alone}{number}/(?P<month>[0-9]{{1,2}})\b(?![/-]|\s*[ap]m){closed}"
    yield rf"{weekday}{number}(?:{suffix}{no_month}|\b{no_time}{no_month}{closed})"
    yield rf"(?:\bthe\s+|{before}){alone}{number}{suffix}{no_month}{closed}"
    yield rf"{before}{ordinal}{no_month}{closed}"


def _numbered(patterns: Iterator[str]) -> str:
    """Patterns in one, since a name may stand only once in an expression."""
    return "|".join(re.sub(r"\(\?P<(\w+)>", rf"(?P<\1{'_' * place}>", pattern) for place, pattern in enumerate(patterns))


_DATE = re.compile(_numbered(_patterns()), re.IGNORECASE | re.ASCII)


def _is_verb(parts: dict[str, str], written: str) -> bool:
    """Whether "may" or "march" in small letters is no month: it is one after a weekday, with "of", or with "5th"."""
    if parts.get("month", "") not in {"may", "march", "mar"} or "weekday" in parts:
        return False
    return re.search(r"\bof\b|[0-9](?:st|nd|rd|th)\b", written, re.IGNORECASE) is None


def _number(parts: dict[str, str]) -> int:
    return int(parts["day"]) if "day" in parts else _ORDINALS.index(parts["ordinal"].lower()) + 1


def _month(said: str) -> int:
    return int(said) if said.isdigit() else _MONTHS.index(said[:3].lower()) + 1 if said else 0


def _year(said: str) -> int:
    return 2000 + int(said[-2:]) if said and len(said.strip("'’")) == 2 else int(said or 0)


def _day(number: int, month: int, year: int, weekday: str, sent: date | None) -> date | None:
    """The day that is meant, if there is one: `month` and `year` are 0 where the text names none."""
    if year:
        return _date(year, month, number)
    if sent is None or (not month and not weekday and number <= _NEVER_ALONE):
        return None
    if month:
        near = (_date(sent.year + y, month, number) for y in (-1, 0, 1))
        return next((day for day in near if day and -_AGO <= (day - sent).days <= _COMING), None)
    soon = (sent + timedelta(days=n) for n in range(_SOON + 1))
    return next((day for day in soon if day.day == number and (not weekday or _WEEKDAYS[day.weekday()] == weekday[:3])), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
