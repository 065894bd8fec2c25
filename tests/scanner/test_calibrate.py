"""Thresholds advised from decisions: high enough to spare readers, never at the cost of more than one upheld finding in twenty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reports.casebook import Case, Decision, Disposition
from rules.finding import Finding, Severity, Strength
from scanner.calibrate import LEAST, advise

DAY = datetime(2026, 3, 2, tzinfo=UTC)
RULE = "political-use"
FINDING = Finding(RULE, "x", "a@x", DAY, Severity.MEDIUM, Strength.LIKELY, 0.5, "s", (), (), "", "")
UPHELD, DISMISSED, REFERRED = Disposition.UPHELD, Disposition.DISMISSED, Disposition.REFERRED


def cases(disposition: Disposition | None, *confidences: float, rule: str = RULE) -> list[Case]:
    decision = Decision(disposition, "M. Officer", DAY, "") if disposition else None
    return [Case(replace(FINDING, rule=rule, confidence=c), DAY, decision=decision) for c in confidences]


def spread(number: int, low: float, high: float) -> list[float]:
    return [low + (high - low) * i / max(1, number - 1) for i in range(number)]


@pytest.mark.parametrize(
    ("decided", "threshold"),
    [
        ([*cases(UPHELD, *spread(20, 0.8, 0.99)), *cases(DISMISSED, *spread(20, 0.5, 0.7))], 0.8),
        ([*cases(REFERRED, *spread(20, 0.8, 0.99)), *cases(DISMISSED, *spread(20, 0.5, 0.7))], 0.8),
        ([*cases(UPHELD, 0.51, *spread(19, 0.8, 0.99)), *cases(DISMISSED, *spread(20, 0.5, 0.7))], 0.8),
        ([*cases(UPHELD, *spread(20, 0.5, 0.6)), *cases(DISMISSED, *spread(20, 0.7, 0.9))], 0.5),
        (cases(UPHELD, *spread(40, 0.5, 0.9)), None),
        (cases(DISMISSED, *spread(40, 0.5, 0.9)), None),
        ([*cases(UPHELD, *spread(9, 0.8, 0.9)), *cases(DISMISSED, *spread(LEAST - 10, 0.5, 0.6))], None),
        ([*cases(UPHELD, *spread(20, 0.8, 0.9)), *cases(None, *spread(20, 0.5, 0.6))], None),
        ([*cases(UPHELD, *spread(20, 0.8, 0.9)), *cases(DISMISSED, *spread(20, 0.5, 0.6), rule="silent-copy")], None),
    ],
    ids=[
        "apart",
        "referred counts as upheld",
        "one in twenty may go",
        "mixed up",
        "all upheld",
        "all dismissed",
        "too few",
        "undecided",
        "another rule",
    ],
)
def test_the_threshold_keeps_what_was_upheld(decided: list[Case], threshold: float | None) -> None:
    found = advise(RULE, decided)
    assert found.threshold == (None if threshold is None else pytest.approx(threshold, abs=0.011))
    assert found.lost <= found.upheld * 0.05
