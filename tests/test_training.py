"""What the trained reader is taught: lessons made from rows, the teacher's opinions beside labels, and how far to trust what comes of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rules.sense import Blend, Occasion
from training.blend import best_f1, f1, fitted, opinion_on, score, scores_left_out
from training.lessons import Lesson, labelled, opinions_on, taught_by, unlabelled
from training.material import NEWER, Material, further, material
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
    assert first.targets == (pytest.approx(0.98), None, None)
    assert second.targets == (None, pytest.approx(0.02), None)


def test_a_message_judged_under_several_rules_is_one_lesson() -> None:
    row = ROWS[0]
    assert [lesson.targets for lesson in labelled([row, replace(row, rule="resident-data", label=0)])] == [
        (pytest.approx(0.98), None, pytest.approx(0.02))
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("member-obligation", (0.98, 0.05, None)),
        ("political-use", (0.05, 0.98, None)),
        ("resident-data", (0.05, 0.05, 0.98)),
    ],
)
def test_a_mail_written_for_one_rule_hardly_breaks_the_others_of_meaning(rule: str, expected: tuple[float | None, ...]) -> None:
    (lesson,) = labelled([replace(ROWS[0], rule=rule, id=f"{rule}.h:0")])
    assert lesson.targets == pytest.approx(expected)


def test_texts_beside_are_the_same_each_time_and_few_change_with_a_row() -> None:
    made = unlabelled(ROWS, 200)
    assert made == unlabelled(ROWS, 200)
    assert not any(lesson.targets for lesson in made)
    changed = unlabelled([replace(ROWS[0], texts=("Something else.",)), *ROWS[1:]], 200)
    assert 0 < len(set(made) - set(changed)) < 30


def test_the_teacher_stands_beside_the_label_and_alone_where_there_is_none() -> None:
    label, bare = labelled(ROWS[:1])[0], Lesson("s", ("t",))
    opinions = {label.name: [log(3), 0.0, 0.0], bare.name: [0.0, -30.0, 0.0]}
    heard, alone = taught_by([label, bare], opinions)
    assert heard.targets == (pytest.approx(0.6 * 0.75 + 0.4 * 0.98), 0.5, 0.5)
    assert alone.targets == (0.5, pytest.approx(0.0, abs=1e-9), 0.5)
    assert list(taught_by([label, bare], {})) == [label]


@pytest.mark.parametrize(("share", "enough"), [(1.0, True), (0.98, True), (0.95, False)])
def test_a_teacher_who_read_other_texts_is_refused(tmp_path: Path, share: float, enough: bool) -> None:
    lessons = labelled(ROWS)
    known = lessons[: round(len(lessons) * share)]
    np.savez_compressed(tmp_path / "o.npz", opinions=np.zeros((len(known), len(RULES)), np.float16), names=np.array([k.name for k in known]))
    if enough:
        assert opinions_on(lessons, tmp_path / "o.npz").keys() == {lesson.name for lesson in known}
    else:
        with pytest.raises(ValueError, match="run make teach"):
            opinions_on(lessons, tmp_path / "o.npz")


def test_a_blend_trusts_a_reader_who_is_right() -> None:
    rows = [row for row in ROWS if row.rule == "political-use"]
    heard = [opinion_on(row, Reader()) for row in rows]
    blend = fitted(rows, heard)
    assert blend.sense > abs(blend.words)
    scores = [score(blend, row, opinion) for row, opinion in zip(rows, heard, strict=True)]
    assert best_f1(scores, [row.label for row in rows]) == 1.0


def test_a_council_that_is_left_out_is_scored_by_what_the_others_teach() -> None:
    rows = [row for row in ROWS if row.rule == "political-use"]
    heard = [opinion_on(row, Reader()) for row in rows]
    misled = [replace(row, hand="elsewhere", label=1 - row.label) for row in rows]
    scores = scores_left_out([*rows, *misled], [*heard, *heard])
    ours, theirs = scores[: len(rows)], scores[len(rows) :]
    assert theirs == [score(fitted(rows, heard), row, opinion) for row, opinion in zip(misled, heard, strict=True)]
    assert ours == [score(fitted(misled, heard), row, opinion) for row, opinion in zip(rows, heard, strict=True)]
    assert ours != theirs


def test_where_the_words_see_nothing_there_is_no_finding_and_nothing_to_learn() -> None:
    rows = [row for row in ROWS if row.rule == "political-use"]
    blind = [replace(row, label=1, seen=False) for row in rows if not row.label]
    heard = [opinion_on(row, Reader()) for row in rows]
    assert fitted([*rows, *blind], [*heard, *[9.0] * len(blind)]) == fitted(rows, heard)
    assert score(Blend(5.0, 1.0, 1.0, 1.0), blind[0], 9.0) == float("-inf")


@pytest.mark.parametrize(
    ("mail", "setting"),
    [
        ({}, "officer to member: Re: list"),
        ({"answers": "Could you?", "answers_from": "member"}, "officer to member: Re: list | answering member: Could you?"),
        (
            {"answers": "Well?", "answers_from": "member", "earlier": [{"from": "member", "text": "A list?"}, {"from": "officer", "text": "Of?"}]},
            "officer to member: Re: list | answering member: Well? | before that officer: Of? | before that member: A list?",
        ),
        ({"forwards": {"from": "outsider", "name": "Mo Roe", "text": "Help me."}}, "officer to member: Re: list | forwarding outsider: Help me."),
        ({"attachment": {"name": "list.csv", "rows": [["Name", "Rent"], ["Mo Roe", "£9"]]}}, "officer to member: Re: list | attaching list.csv"),
    ],
)
def test_a_single_mail_stands_in_its_conversation(tmp_path: Path, mail: dict[str, Any], setting: str) -> None:
    plain = {"expected": "flag", "from": "officer", "to": "member", "subject": "Re: list", "text": "Here it is.", "key": "Here it is."}
    (tmp_path / "resident-data.x.jsonl").write_text(json.dumps(plain | mail), "utf-8")
    (row,) = text_rows(tmp_path / "resident-data.x.jsonl")
    assert (row.id, row.label, row.setting) == ("resident-data.x:0", 1, setting)
    assert row.texts[0] == "Here it is."
    assert any("Mo Roe" in text or "Help me" in text for text in row.texts) is ("forwards" in mail or "attachment" in mail)


def test_what_a_fit_learns_from_is_read_by_several_processes_and_comes_in_order(tmp_path: Path) -> None:
    texts = Path(__file__).parent.parent / "training" / "unseen"
    for name in ("political-use.ue", "member-obligation.ud"):
        (tmp_path / f"{name}.jsonl").write_text("\n".join((texts / f"{name}.jsonl").read_text("utf-8").splitlines()[:6]), "utf-8")
    rows = material(tmp_path, councils=()).rows
    assert list(rows) == [*text_rows(tmp_path / "member-obligation.ud.jsonl"), *text_rows(tmp_path / "political-use.ue.jsonl")]
    assert material(tmp_path, councils=(), share=0.5).rows == rows[::2]


def test_f1_counts_what_stands_above_the_least() -> None:
    assert f1([1.0, 2.0, 3.0], [0, 1, 1], 1.5) == 1.0
    assert f1([1.0, 2.0, 3.0], [1, 0, 1], 1.5) == 0.5
    assert f1([], [], 0.0) == 0.0


def test_a_further_fit_reads_the_newer_hands_and_councils_whole_and_some_of_the_rest() -> None:
    rows = [replace(ROWS[0], hand=hand, id=f"{hand}:{n}") for hand in (min(NEWER), max(NEWER), "political-use.first") for n in range(8)]
    taken = further(Material(tuple(rows), (), ()), 0.25)
    assert Counter(row.hand for row in taken.rows) == {min(NEWER): 8, max(NEWER): 8, "political-use.first": 2}
    assert len(taken.lessons) == len(labelled(taken.rows))


def test_the_newer_hands_and_councils_are_there() -> None:
    assert all((HERE / "texts" / f"{name}.jsonl").exists() or (HERE / "councils" / name).is_dir() for name in NEWER)
