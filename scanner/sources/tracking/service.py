"""Message traces that a service tells, such as Microsoft 365 through Graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

from scanner.errors import SourceError
from scanner.reading.mail.envelope import message_id
from scanner.sources.sightings import Batch, Sighting
from scanner.sources.tracking.sightings import by_status

_PLACE = "messageTraces"
_KEPT = timedelta(days=90)
_LATE = timedelta(days=2)  # a trace may show hours after its message, and what became of it may change
_BATCH = 5_000


class Told(Protocol):
    """One delivery, in the service's words; `recipient` and `sender` are canonical."""

    @property
    def message_id(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def time(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class ServiceTraces:
    """The traces of a service, asked by period; each time from somewhat before where the last one ended, at first from 90 days ago."""

    label: str
    ask: Callable[[datetime, datetime], Iterable[Told]]
    clock: Callable[[], datetime]

    def batches(self, cursor: Callable[[str], str | None]) -> Iterator[Batch | SourceError]:
        """What is new. Where the service breaks off, what came before is kept and the period is asked for again."""
        now = self.clock()
        known = cursor(_PLACE)
        since = datetime.fromisoformat(known) - _LATE if known else now - _KEPT
        told = (found for each in self.ask(since, now) if (found := _sighting(each)))
        try:
            while batch := tuple(islice(told, _BATCH)):
                yield Batch(_PLACE, None, batch)
            yield Batch(_PLACE, now.astimezone(UTC).isoformat(), ())
        except SourceError as error:
            yield SourceError(f"message traces: {error}")


def _sighting(told: Told) -> Sighting | None:
    way, name = by_status(told.status), message_id(told.message_id)
    return Sighting(name, told.recipient, way, "", told.time, told.sender) if way and name else None
