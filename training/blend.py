"""How much weight the reader's opinion gets beside the words: a logistic regression on councils that neither had seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rules.sense import Blend, Occasion, Sense
from training.rows import Row

_RIDGE = 0.02
_STEPS = 50


def opinion_on(row: Row, reader: Sense) -> float:
    """The reader's opinion on a row's worst stretch, in log-odds."""
    return max(reader.opinions(row.rule, [Occasion(row.setting, text) for text in row.texts]))


def fitted(rows: Iterable[Row], reader: Sense) -> Blend:
    """The blend that makes confidences true on these rows (logistic regression by Newton's method, with a little ridge)."""
    several = list(rows)
    facts = np.array([[1.0, row.words, opinion_on(row, reader)] for row in several])
    prior, words, sense = _regression(facts, np.array([float(row.label) for row in several]))
    return Blend(round(prior, 3), round(words, 3), round(sense, 3))


def _regression(facts: np.ndarray, labels: np.ndarray) -> Sequence[float]:
    weights = np.zeros(facts.shape[1])
    ridge = _RIDGE * len(labels) / 100 * np.diag([0.0, 1.0, 1.0])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-facts @ weights))
        slope = facts.T @ (labels - chance) - ridge @ weights
        curve = (facts * (chance * (1 - chance))[:, None]).T @ facts + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return [float(w) for w in weights]
