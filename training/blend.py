"""How much weight the reader's opinion gets beside the words: a logistic regression on councils that neither had seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from rules.sense import Blend, Occasion, Sense
from training.rows import Row

# What words for and against count for, learnt on five councils beside the reader that shipped before, which had seen none of them. The two
# councils below would trust words too much: they had been tried there.
WORDS = {"member-obligation": (0.81, 0.67), "political-use": (0.62, 0.82)}
_RIDGE = 0.02
_STEPS = 50


def opinion_on(row: Row, reader: Sense) -> float:
    """The reader's opinion on a row's worst stretch, in log-odds."""
    return max(reader.opinions(row.rule, [Occasion(row.setting, text) for text in row.texts]))


def score(blend: Blend, row: Row, opinion: float) -> float:
    """What words and reader together make of a row, in log-odds."""
    return blend.prior + blend.words * row.words + blend.against * row.against + blend.sense * opinion


def fitted(rows: Iterable[Row], rule: str, reader: Sense) -> Blend:
    """The blend that makes confidences true on these rows of a rule (logistic regression by Newton's method, with a little ridge)."""
    several = list(rows)
    words, against = WORDS[rule]
    said = np.array([words * row.words + against * row.against for row in several])
    facts = np.array([[1.0, opinion_on(row, reader)] for row in several])
    prior, sense = _regression(facts, np.array([float(row.label) for row in several]), said)
    return Blend(round(prior, 3), words, against, round(sense, 3))


def _regression(facts: np.ndarray, labels: np.ndarray, offset: np.ndarray) -> Sequence[float]:
    """Weights of facts, beside an offset that is given."""
    weights = np.zeros(facts.shape[1])
    ridge = _RIDGE * len(labels) / 100 * np.diag([0.0] + [1.0] * (facts.shape[1] - 1))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(facts @ weights + offset)))
        slope = facts.T @ (labels - chance) - ridge @ weights
        curve = (facts * (chance * (1 - chance))[:, None]).T @ facts + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return [float(w) for w in weights]


def f1(scores: Sequence[float], labels: Sequence[int], least: float) -> float:
    """F1 of what scores more than `least`."""
    right = sum(score > least and label for score, label in zip(scores, labels, strict=True))
    wrong = sum((score > least) != bool(label) for score, label in zip(scores, labels, strict=True))
    return 2 * right / (2 * right + wrong) if right else 0.0


def best_f1(scores: Sequence[float], labels: Sequence[int]) -> float:
    """F1 at the threshold that suits these scores best."""
    return max(f1(scores, labels, least) for least in scores)
