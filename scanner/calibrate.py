"""Thresholds from a council's own decisions: what would have spared readers most dismissed findings at hardly any cost in upheld ones.

Only what was shown can have been decided, so that a threshold can be raised by this, and lowered only after a scan with a lower one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from reports.casebook import Case, Disposition

LEAST = 20
_KEPT = 0.95


@dataclass(frozen=True, slots=True)
class Advice:
    """For one rule: how many findings were decided which way, and the threshold to set; None where too few were decided to tell."""

    rule: str
    upheld: int
    dismissed: int
    threshold: float | None
    spared: int = 0
    lost: int = 0


def advise(rule: str, cases: Iterable[Case]) -> Advice:
    """The highest threshold that keeps at least 95 in a hundred of the upheld findings (referred ones count as upheld).

    None below twenty decisions, or where all went one way.
    """
    decided = [(c.finding.confidence, c.decision.disposition is not Disposition.DISMISSED) for c in cases if c.decision and c.finding.rule == rule]
    upheld = sorted(confidence for confidence, right in decided if right)
    dismissed = [confidence for confidence, right in decided if not right]
    if len(decided) < LEAST or not upheld or not dismissed:
        return Advice(rule, len(upheld), len(dismissed), None)
    highest = upheld[floor(len(upheld) * (1 - _KEPT))]
    threshold = floor(highest * 100) / 100
    spared = sum(confidence < threshold for confidence in dismissed)
    return Advice(rule, len(upheld), len(dismissed), threshold, spared, sum(confidence < threshold for confidence in upheld))


def worded(advice: Advice) -> str:
    """Advice as lines for config.toml, with what it would have meant for the findings decided so far."""
    decided = f"{advice.upheld} upheld or referred, {advice.dismissed} dismissed"
    if advice.threshold is None:
        return f"# {advice.rule}: {decided}: too few to tell, or all alike; at least {LEAST} decisions of both kinds are needed.\n"
    meant = f"would have spared {advice.spared} of the dismissed and lost {advice.lost} of the upheld"
    return f"# {advice.rule}: {decided}; this {meant}.\n[rules.{advice.rule}]\nthreshold = {advice.threshold}\n"
