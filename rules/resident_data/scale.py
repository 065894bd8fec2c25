"""From weights, as the words were given them, to a chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.finding import Evidence, confidence
from rules.sense import Opinion

PRIOR = -2.0
"""What speaks against a disclosure before anything is read, on the scale of the words' weights."""

# Slope and bias (log-odds) of a logistic regression with Platt's targets on all messages of five labelled councils on which the rule has
# something to say: the mean of the fits that leave each council out, where the expected calibration error is .01 to .04.
_SLOPE, _BIAS = 2.1, -0.2


def scaled(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Evidence whose weights are log-odds of a breach."""
    return tuple(replace(e, weight=_SLOPE * e.weight) for e in evidence)


def chance(evidence: tuple[Evidence, ...]) -> float:
    """The confidence of scaled evidence, 0 to 1."""
    return confidence(evidence, _SLOPE * PRIOR + _BIAS)


@dataclass(frozen=True, slots=True)
class Judged:
    """Evidence to the scale of the confidence that it adds up to."""

    evidence: tuple[Evidence, ...]
    confidence: float


def judged(words: tuple[Evidence, ...], heard: Opinion | None) -> Judged:
    """Evidence from words, as they were weighed, beside a trained reader's opinion where there is one. No excerpt tells what was found."""
    if heard is None:
        evidence = scaled(words)
        return Judged(evidence, chance(evidence))
    evidence = heard.beside(words)
    return Judged(evidence, confidence(evidence, heard.blend.prior))
