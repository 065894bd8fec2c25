"""What a rule says: a potential breach that explains itself and holds none of the data that it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from hashlib import blake2b
from math import exp

from rules.circulation import Copy


class Severity(IntEnum):
    """How much a finding would matter if it is borne out. INFO is worth knowing and not a potential breach."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        return self.name.lower()

    def raised(self) -> Severity:
        """One step up; HIGH stays."""
        return Severity(min(self + 1, Severity.HIGH))


class Strength(StrEnum):
    """How far the evidence goes, whatever the severity."""

    PROVED = "proved"
    LIKELY = "likely"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against. `weight` is in log-odds, positive for; `place` says where it stands; `excerpt` is masked."""

    kind: str
    statement: str
    weight: float
    place: str = ""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A potential breach in one message. `kind` is the family of evidence (`hidden-copy`, `forward`, …), part of its identity."""

    rule: str
    kind: str
    message_id: str
    date: datetime | None
    severity: Severity
    strength: Strength
    confidence: float
    summary: str
    clauses: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    settle: str
    next_step: str
    copies: tuple[Copy, ...] = ()

    @property
    def id(self) -> str:
        """Stable for the same rule, message and evidence kind, whatever the text, so that a decision survives a rescan."""
        parts = "\x1f".join((self.rule, self.message_id, self.kind))
        return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def is_potential_breach(self) -> bool:
        return self.severity > Severity.INFO


def confidence(evidence: tuple[Evidence, ...], prior: float = 0.0) -> float:
    """The weights of the evidence added to the prior (both log-odds), as a probability between 0 and 1."""
    total = max(-30.0, min(30.0, prior + sum(e.weight for e in evidence)))
    return 1.0 / (1.0 + exp(-total))
