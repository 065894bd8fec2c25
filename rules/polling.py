"""The day of a poll and the days about it, however people write them: "6 May", "Thursday the 6th", or in the week before it just "on Thursday"."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from rules.calendar import dates_in
from rules.council import Council

_FAR, _WEEK = 400, 6  # days
_BEFORE, _AFTER, _IN_DAYS = 31, 14, 10  # days
_WEEKS = {2: "two weeks", 3: "three weeks", 4: "four weeks"}
_NOTHING = re.compile(r"(?!)")


def names_polling_day(text: str, council: Council, sent: date | None) -> bool:
    """Whether a text of this day names the day of one of the council's polls; a bare weekday is not enough."""
    return _votes_about(council, sent) and any(said.day in council.polling_days for said in dates_in(text, sent))


def told_from_polls(text: str, council: Council, sent: date | None) -> str:
    """A text of this day with the days of the council's polls called "polling day", and those about them told from it.

    "Weds 5 May" becomes "the day before polling day"; a bare weekday is told in the last week only, where it is the poll's own.
    """
    if not _votes_about(council, sent):
        return text
    told, end = [], 0
    for said in dates_in(text, sent):
        if words := _told(said.day, council.polling_days):
            told += [text[end : said.start], words]
            end = said.end
    return _weekday(council.polling_days, sent).sub("polling day", "".join([*told, text[end:]]))


def _votes_about(council: Council, sent: date | None) -> bool:
    return any(sent is None or abs((poll - sent).days) < _FAR for poll in council.polling_days)


def _told(day: date, polls: tuple[date, ...]) -> str:
    """How far a day is from the nearest poll, in words; nothing where it is far from all."""
    ahead = min(((poll - day).days for poll in polls), key=abs)
    if not -_AFTER <= ahead <= _BEFORE:
        return ""
    if not ahead:
        return "polling day"
    many = abs(ahead)
    long = "the day" if many == 1 else f"{many} days" if many <= _IN_DAYS else _WEEKS[round(many / 7)]
    return f"{long} {'before' if ahead > 0 else 'after'} polling day"


@lru_cache(maxsize=256)
def _weekday(days: tuple[date, ...], sent: date | None) -> re.Pattern[str]:
    """The names of the polls' weekdays where nothing says that another week's is meant."""
    soon = [f"{day:%A}" for day in days if sent and 0 < (day - sent).days <= _WEEK]
    month = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\b"
    another = rf"(?!,?\s*(?:the\s+)?\d|\s+(?:next\s+)?week\b|,?\s+{month})"
    return (
        re.compile(rf"(?<!last )(?<!every )(?<!since )(?<!week on )(?<!sent: )\b(?:{'|'.join(soon)})\b{another}", re.IGNORECASE) if soon else _NOTHING
    )
