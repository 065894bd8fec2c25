"""Traces into the ledger: under pseudonyms, the council's own recipients only, and nothing of a protected channel but that it is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.message import Address, Message
from rules.roster import Roster
from scanner.collect import Protected
from scanner.errors import SourceError
from scanner.pseudonym import Pseudonym
from scanner.sources.sightings import Sighting, Trace, Way
from scanner.store.entry import Participant, Traced
from scanner.store.ledger import Ledger
from scanner.ways import TRACE


@dataclass(frozen=True, slots=True)
class TraceCollector:
    """Reads what is new in one place of traces."""

    trace: Trace
    ledger: Ledger
    roster: Roster
    protected: Protected
    pseudonym: Pseudonym

    def collect(self) -> Iterator[str]:
        """Puts what is new into the ledger; gives in words what could not be read."""
        label = self.trace.label
        for batch in self.trace.batches(lambda place: self.ledger.trace_cursor(label, place)):
            if isinstance(batch, SourceError):
                yield f"{label}: {batch}"
            else:
                self.ledger.record_traces(label, batch.place, batch.cursor, list(self._traced(batch.sightings)))

    def _traced(self, sightings: Iterable[Sighting]) -> Iterator[Traced]:
        """Each message that somebody inside was sent. Recipients outside are nobody that a rule asks for: they are not kept."""
        messages: dict[str, list[Sighting]] = {}
        for sighting in sightings:
            messages.setdefault(sighting.message_id, []).append(sighting)
        for name, told in messages.items():
            if inside := [each for each in told if self.roster.inside(each.recipient)]:
                participants = frozenset(self._participant(each) for each in inside)
                yield Traced(self.pseudonym(name), _earliest(told), self._is_protected(told), participants)

    def _participant(self, sighting: Sighting) -> Participant:
        """Another address of somebody whom the roster knows by both led nowhere else."""
        person, via = self._person(sighting.recipient), self._person(sighting.via) if sighting.via else ""
        way, via = (Way.DELIVERED, "") if person == via else (sighting.way, via)
        return Participant(person, f"{TRACE}{way}", via, way is Way.FORWARDED)

    def _is_protected(self, told: list[Sighting]) -> bool:
        first = told[0]
        message = Message(first.message_id, None, Address(first.sender), subject=first.subject)
        return self.protected.covers(message, self.roster, [address for each in told for address in (each.recipient, each.via)])

    def _person(self, email: str) -> str:
        return self.pseudonym(self.roster.main_address(email))


def _earliest(told: Iterable[Sighting]) -> datetime | None:
    return min((each.date for each in told if each.date), default=None)
