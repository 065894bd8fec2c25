"""What an encoder is taught: texts in a setting, and how likely each rule's breach is.

A reader is taught the labels. Where a larger one was fitted first, the small one may be taught what that makes of the same messages, beside their
labels, and of texts that nobody labelled: single sentences, texts in another message's setting or without the mail that they answer, two in one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import exp
from pathlib import Path

import numpy as np

from rules.passage import Passage
from training.rows import RULES, Row

_SMOOTH = 0.02
_UNASKED = 0.05  # the chance of a breach of the other rule of meaning in a mail that was written for one
_OF_MEANING = frozenset({"member-obligation", "political-use"})
_TRUST = 0.6  # in the teacher's opinion on a labelled message; the rest in its label
_ANSWERING = " | answering "
_LONG = 60
_ENOUGH = 0.97


@dataclass(frozen=True)
class Lesson:
    """Stretches of a text in a setting. `targets` are the chances of a breach, in the order of RULES; None where nothing is taught."""

    setting: str
    texts: tuple[str, ...]
    targets: tuple[float | None, ...] = ()

    @property
    def name(self) -> str:
        """A digest of what is to be judged."""
        return sha256("\x1f".join((self.setting, *self.texts)).encode()).hexdigest()[:16]


def labelled(rows: Sequence[Row]) -> list[Lesson]:
    """Rows with what their labels say, those of one message under several rules as one lesson.

    A mail that was written for one rule hardly ever breaks another by chance: for the two rules that lie near each other that is taught too.
    """
    found: dict[tuple[str, tuple[str, ...]], dict[str, float]] = {}
    for row in rows:
        taught = found.setdefault((row.setting, row.texts), {})
        if row.id.startswith(row.rule):
            taught |= dict.fromkeys(_OF_MEANING - taught.keys() - {row.rule}, _UNASKED)
        taught[row.rule] = row.label * (1 - 2 * _SMOOTH) + _SMOOTH
    return [Lesson(*place, tuple(taught.get(rule) for rule in RULES)) for place, taught in found.items()]


def unlabelled(rows: Sequence[Row], number: int, seed: int = 7) -> list[Lesson]:
    """Texts that nobody wrote so, made from parts of rows; each by a chance of its own, so that a row that changes changes few."""
    made = dict.fromkeys(_made(rows, place, random.Random(f"{seed} {place}")) for place in range(number))  # noqa: S311  # seeded
    return list(made)


def _made(rows: Sequence[Row], place: int, chance: random.Random) -> Lesson:
    row, other = rows[chance.randrange(len(rows))], rows[chance.randrange(len(rows))]
    text = chance.choice(row.texts)
    match place % 4:
        case 0:
            sentences = [s for s in Passage(text, "").sentences() if s] or [text]
            return Lesson(row.setting, (chance.choice(sentences),))
        case 1:
            return Lesson(other.setting, (text,))
        case 2 if _ANSWERING in row.setting:
            return Lesson(row.setting.partition(_ANSWERING)[0], (text,))
        case _:
            words = f"{chance.choice(other.texts)} {text}".split()
            start = max(0, len(words) - _LONG) if chance.random() < 0.5 else 0
            return Lesson(row.setting, (" ".join(words[start : start + _LONG]),))


def opinions_on(lessons: Sequence[Lesson], path: Path) -> dict[str, list[float]]:
    """What a teacher made of lessons, by their names. Raises ValueError where it was asked about too few of them."""
    with np.load(path, allow_pickle=False) as kept:
        opinions = {str(name): [float(x) for x in row] for name, row in zip(kept["names"], kept["opinions"], strict=True)}
    heard = sum(lesson.name in opinions for lesson in lessons) / len(lessons)
    print(f"{path.name} tells of {heard:.1%} of the texts", flush=True)
    if heard < _ENOUGH:
        raise ValueError(f"{path.name} tells of other texts than these: run make teach, which takes an hour or more.")
    return opinions


def taught_by(lessons: Iterable[Lesson], opinions: Mapping[str, Sequence[float]]) -> Iterator[Lesson]:
    """Lessons with the teacher's opinions (log-odds for each rule) beside what their labels say; one unheard and unlabelled teaches nothing."""
    for lesson in lessons:
        if (opinion := opinions.get(lesson.name)) is None:
            if lesson.targets:
                yield lesson
            continue
        heard = [1 / (1 + exp(-max(-30.0, min(30.0, x)))) for x in opinion]
        own = lesson.targets or (None,) * len(RULES)
        yield Lesson(lesson.setting, lesson.texts, tuple(h if t is None else _TRUST * h + (1 - _TRUST) * t for t, h in zip(own, heard, strict=True)))
