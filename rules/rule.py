"""What every rule is: an id, its settings, and a pure function from a conversation to findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol as Interface

from rules.circulation import Thread
from rules.council import Council
from rules.entity import FindEntities
from rules.finding import Finding
from rules.protocol import Protocol
from rules.roster import Roster
from rules.sense import Sense


@dataclass(frozen=True, slots=True)
class Context:
    """All that a rule may know beside the conversation. `sense` is None where no trained reader is at hand."""

    council: Council
    roster: Roster
    protocol: Protocol
    find_entities: FindEntities
    sense: Sense | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a council may set for any rule: whether it runs, and the confidence from which a finding is made (0 to 1)."""

    enabled: bool = True
    threshold: float = 0.5


class Check(Interface):
    """Judges the fresh messages of a conversation; yields findings, changes nothing, raises nothing."""

    def __call__(self, thread: Thread, context: Context, settings: Settings, /) -> Iterator[Finding]: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue: `asks` is the question that the rule answers, for people."""

    id: str
    title: str
    asks: str
    check: Check
    settings: Settings = Settings()
