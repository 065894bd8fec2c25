"""How much weight the reader's opinion gets beside the words: a logistic regression on councils that neither had seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rules.sense import Blend, Occasion, Sense
from training.rows import Row

# What a unit of words for, of words against, and of the reader's opinion count for before anything is known: what they did with earlier readers
# on five councils. It takes the place of some ten messages that tell otherwise.
_EXPECTED = (0.8, 0.7, 1.0)
_FIRMNESS = 10.0
_STEPS = 50


def opinion_on(row: Row, reader: Sense) -> float:
    """The reader's opinion on a row's worst stretch, in log-odds."""
    return max(reader.opinions(row.rule, [Occasion(row.setting, text) for text in row.texts]))


def score(blend: Blend, row: Row, opinion: float) -> float:
    """What words and reader together make of a row, in log-odds; where the words see nothing to judge there is no finding."""
    return float("-inf") if not row.seen else blend.prior + blend.words * row.words + blend.against * row.against + blend.sense * opinion


def fitted(rows: Sequence[Row], opinions: Sequence[float]) -> Blend:
    """The blend that makes confidences true on these rows of a rule: a logistic regression by Newton's method, drawn towards what is expected."""
    several = [(row, opinion) for row, opinion in zip(rows, opinions, strict=True) if row.seen]
    facts = np.array([[1.0, row.words, row.against, opinion] for row, opinion in several])
    prior, words, against, sense = _regression(facts, np.array([float(row.label) for row, _ in several]))
    return Blend(round(prior, 3), *(max(0.0, round(weight, 3)) for weight in (words, against, sense)))


def scores_left_out(rows: Sequence[Row], opinions: Sequence[float]) -> list[float]:
    """The score of each row by a blend that was fitted to the other councils' rows."""
    blends = {}
    for council in {row.hand for row in rows}:
        others = [(row, opinion) for row, opinion in zip(rows, opinions, strict=True) if row.hand != council]
        blends[council] = fitted(*zip(*others, strict=True))
    return [score(blends[row.hand], row, opinion) for row, opinion in zip(rows, opinions, strict=True)]


def _regression(facts: np.ndarray, labels: np.ndarray) -> Sequence[float]:
    """The weights of facts: the first, which is always 1, by itself; the others near what is expected."""
    weights, expected = np.zeros(facts.shape[1]), np.array([0.0, *_EXPECTED])
    ridge = _FIRMNESS * np.diag([0.0] + [1.0] * len(_EXPECTED))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(facts @ weights)))
        slope = facts.T @ (labels - chance) - ridge @ (weights - expected)
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
