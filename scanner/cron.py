"""When a job is due: the five fields of crontab(5), with its weekdays (0 and 7 are Sunday)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"(?P<all>\*)(?:/(?P<every>\d{1,4}))?|(?P<low>\w{1,3})(?:-(?P<high>\w{1,3})(?:/(?P<step>\d{1,4}))?)?")
_LEAP_YEAR = 2028


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def numbers(self, text: str) -> frozenset[int]:
        return frozenset(n for part in text.split(",") for n in self._range(part))

    def _range(self, text: str) -> range:
        match = _PART.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no {self.name}")
        if match["all"]:
            return range(self.low, self.high + 1, self._step(match["every"]))
        low = self._number(match["low"])
        high = self._number(match["high"], last=True) if match["high"] else low
        if high < low:
            raise ValueError(f"the {self.name}s {text!r} run backwards")
        return range(low, high + 1, self._step(match["step"]))

    def _number(self, text: str, *, last: bool = False) -> int:
        if text in self.names:
            return len(self.names) - 1 - self.names[::-1].index(text) if last else self.names.index(text)
        if not text.isdecimal() or not self.low <= int(text) <= self.high:
            raise ValueError(f"{text!r} is no {self.name}; they run from {self.low} to {self.high}")
        return int(text)

    @staticmethod
    def _step(text: str | None) -> int:
        if text and not int(text):
            raise ValueError("a step of 0 never comes round")
        return int(text or 1)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """The minutes, hours, days, months and weekdays (by name) on which all five agree."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[str]


def cron(text: str) -> Cron:
    """A cron expression. Raises ValueError in words for one that cannot be, that never comes, or that crontab(5) reads otherwise than people do."""
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError('give five cron fields: minute, hour, day, month, weekday, such as "0 5 * * *"')
    if not fields[2].startswith("*") and not fields[4].startswith("*"):
        raise ValueError("give a day or a weekday and leave the other as *: cron would take either, not both together")
    minutes, hours, days, months, weekdays = (field.numbers(part) for field, part in zip(_FIELDS, fields, strict=True))
    if not any(min(days) <= monthrange(_LEAP_YEAR, month)[1] for month in months):
        raise ValueError("these months have no such day, so it would never run")
    return Cron(minutes, hours, days, months, frozenset(_WEEKDAYS[n] for n in weekdays))
