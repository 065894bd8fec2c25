"""What a rule may know about the council itself: its names, its elections, its archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days, both ends included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Council:
    """One council. `pre_election` are its own dates of heightened sensitivity, which differ by council."""

    name: str
    domains: frozenset[str] = frozenset()
    archive_addresses: frozenset[str] = frozenset()
    polling_days: tuple[date, ...] = ()
    pre_election: tuple[Period, ...] = ()
    parties: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    def before_election(self, day: date | None) -> bool:
        """Whether a day lies in a pre-election period (Local Government Act 1986 s.2; Publicity Code 2011)."""
        return day is not None and any(day in period for period in self.pre_election)
