"""What the trained reader is taught: lessons made from rows, the teacher's opinions beside labels, and how far to trust what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log

import numpy as np
import pytest

from rules.sense import Blend, Occasion
from training.blend import WORDS, best_f1, f1, fitted, score
from training.lessons import Lesson, labelled, taught_by, unlabelled
from training.rows import HERE, RULES, Row, text_rows

ROWS = [
    Row("h", str(n), RULES[n % 2], int(n % 3 == 0), f"member to officer: {n} | answering member: Could you?", (f"Do {n}. Then stop.",), n % 4)
    for n in range(60)
]


class Reader:
    """Takes a text for a breach as far as its number is high."""

    def opinions(self, rule: str, read: Sequence[Occasion], /) -> Sequence[float]:
        return [2.0 if int(o.text.split()[1].strip(".")) % 3 == 0 else -2.0 for o in read]

    def blend(self, rule: str, /) -> Blend | None:
        return None

    def nearest(self, rule: str, occasion: Occasion, /) -> str:
        return ""


def test_a_label_teaches_its_own_rule() -> None:
    first, second = labelled(ROWS[:2])
    assert first.targets == (pytest.approx(0.98), None)
    assert second.targets == (None, pytest.approx(0.02))


def test_texts_beside_are_the_same_each_time_and_few_change_with_a_row() -> None:
    made = unlabelled(ROWS, 200)
    assert made == unlabelled(ROWS, 200)
    assert not any(lesson.targets for lesson in made)
    changed = unlabelled([replace(ROWS[0], texts=("Something else.",)), *ROWS[1:]], 200)
    assert 0 < len(set(made) - set(changed)) < 30


def test_the_teacher_stands_beside_the_label_and_alone_where_there_is_none() -> None:
    label, bare = labelled(ROWS[:1])[0], Lesson("s", ("t",))
    opinions = {label.name: [log(3), 0.0], bare.name: [0.0, -30.0]}
    heard, alone = taught_by([label, bare], opinions)
    assert heard.targets == (pytest.approx(0.6 * 0.75 + 0.4 * 0.98), 0.5)
    assert alone.targets == (0.5, pytest.approx(0.0, abs=1e-9))
    assert list(taught_by([label, bare], {})) == [label]


def test_the_teachers_opinions_are_of_the_texts_that_are_here() -> None:
    with np.load(HERE / "opinions.npz", allow_pickle=False) as kept:
        names = {str(name) for name in kept["names"]}
    rows = list(text_rows(HERE / "texts" / "political-use.g.jsonl"))
    assert rows and {lesson.name for lesson in labelled(rows)} <= names


def test_a_blend_trusts_a_reader_who_is_right() -> None:
    rows = [row for row in ROWS if row.rule == "political-use"]
    blend = fitted(rows, "political-use", Reader())
    assert (blend.words, blend.against) == WORDS["political-use"]
    assert blend.sense > 0
    scores = [score(blend, row, Reader().opinions(row.rule, [Occasion("", row.texts[0])])[0]) for row in rows]
    assert best_f1(scores, [row.label for row in rows]) == 1.0


def test_f1_counts_what_stands_above_the_least() -> None:
    assert f1([1.0, 2.0, 3.0], [0, 1, 1], 1.5) == 1.0
    assert f1([1.0, 2.0, 3.0], [1, 0, 1], 1.5) == 0.5
    assert f1([], [], 0.0) == 0.0
