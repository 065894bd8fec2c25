"""What the transport knows of a message without having kept it: who was sent it, and on which way. The vocabulary of message traces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from scanner.errors import SourceError


class Way(StrEnum):
    """How a recipient is known."""

    ADDRESSED = "addressed"  # the sender's own submission names them
    EXPANDED = "expanded"  # `via`, a list or another address of theirs, led to them
    FORWARDED = "forwarded"  # `via`, a mailbox, sent it on, or a mailbox's rule did
    DELIVERED = "delivered"  # it was sent to them; on which way is not told
    LIST = "list"  # a list that was opened; into whom is not told


@dataclass(frozen=True, slots=True)
class Sighting:
    """One recipient of one message. `message_id` has no angle brackets; addresses are canonical."""

    message_id: str
    recipient: str
    way: Way
    via: str = ""
    date: datetime | None = None
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Sightings from one place (a file, a service) that are stored together. `cursor` says how far that place has been read with them;
    None where it is in the midst.
    """

    place: str
    cursor: str | None
    sightings: tuple[Sighting, ...]


class Trace(Protocol):
    """A place where traces lie."""

    @property
    def label(self) -> str:
        """Its name in the store and in reports."""
        ...

    def batches(self, cursor: Callable[[str], str | None]) -> Iterator[Batch | SourceError]:
        """What is new in each place since the cursor that the store keeps of it. A place that cannot be read is an error among the others."""
        ...
