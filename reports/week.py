"""A digest's week in the council's own time zone, and dates as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_LAG = timedelta(days=2)


def aware(moment: datetime) -> datetime:
    """A moment that can be compared with any other; one without a zone (RFC 5322 3.3, `-0000`) is taken as UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def local(moment: datetime, zone: tzinfo) -> datetime:
    """A moment on the council's clock. Dates at the very ends of the calendar, which forged mail carries, stay in their own zone."""
    try:
        return aware(moment).astimezone(zone)
    except OverflowError:
        return aware(moment)


def monday(day: date) -> date:
    """The Monday on or before a day."""
    return day - timedelta(days=day.weekday())


def day_words(day: date) -> str:
    """`Monday 12 October 2026`, whatever the machine's locale."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """`12 Oct`, for the head of a narrow column."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def moment_words(moment: datetime, zone: tzinfo) -> str:
    """`Monday 12 October 2026, 16:05` on the council's clock."""
    here = local(moment, zone)
    return f"{day_words(here.date())}, {here:%H:%M}"


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time; `since` is included, `until` is not."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= aware(moment) < self.until


@dataclass(frozen=True, slots=True)
class Week:
    """The days that a digest is about, `start` and `end` included, on the clock of `zone`."""

    start: date
    end: date
    zone: tzinfo

    @classmethod
    def of(cls, day: date, zone: tzinfo) -> Week:
        """The week, Monday to Sunday, that a day lies in."""
        first = monday(day)
        return cls(first, first + timedelta(days=6), zone)

    @classmethod
    def before(cls, moment: datetime, zone: tzinfo) -> Week:
        """The last whole week before a moment: what a digest written then is about."""
        return cls.of(local(moment, zone).date() - timedelta(days=7), zone)

    @property
    def interval(self) -> Interval:
        """From midnight at the start to midnight after the end."""
        return Interval(self._midnight(self.start), self._midnight(self.end + timedelta(days=1)))

    def known(self, generated: datetime) -> Interval:
        """What a digest written at `generated` has to tell that last week's, written at the same hour of its week, could not.

        A scan on Monday morning reads Sunday's mail, so a digest written after it must count what that scan found, and the next
        must not count it again. The week is therefore moved by the time from its end to the minute of writing, on the clock of its zone;
        a digest written more than two days late is a look back at a past week and keeps to its days.
        """
        end = self.end + timedelta(days=1)
        lag = local(generated, self.zone).replace(tzinfo=None, second=0, microsecond=0) - datetime.combine(end, time())
        if not timedelta() < lag <= _LAG:
            return self.interval
        return Interval(*((datetime.combine(day, time()) + lag).replace(tzinfo=self.zone) for day in (self.start, end)))

    def last(self, count: int) -> tuple[date, ...]:
        """The Mondays of `count` weeks, oldest first, that end with this one."""
        return tuple(monday(self.end) - timedelta(weeks=back) for back in reversed(range(count)))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def __str__(self) -> str:
        """`Monday 12 to Sunday 18 October 2026`, with the month and year of the start only where they differ."""
        start = f"{_WEEKDAYS[self.start.weekday()]} {self.start.day}"
        if self.start.year != self.end.year:
            return f"{day_words(self.start)} to {day_words(self.end)}"
        month = f" {_MONTHS[self.start.month - 1]}" if self.start.month != self.end.month else ""
        return f"{start}{month} to {day_words(self.end)}"


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
