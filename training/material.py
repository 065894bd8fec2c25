"""What a fit learns from: the committed texts and councils as rows, and the lessons made of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from training.lessons import Lesson, labelled, unlabelled
from training.rows import HERE, ROOT, Row, council_rows, text_rows

_NEWER_COUNCILS = (
    *("hartmere", "wyrecliffe", "ottershaw", "brindlecote", "netherby", "stonemoor", "aldwick", "fenmarch"),
    *("wensbury", "tarnholt", "pellmouth", "cranbeck", "elvaston"),
)
FITTED = (
    "scanner/demo_council",
    *(f"tests/corpora/{name}" for name in ("marlshire", "haverbrook", "eskmoor", "ashcombe", "dyffryn", "penmoor", "calderwick")),
    *(f"tests/corpora/{name}" for name in ("stourbrook", "lindmere", "farrowdene")),
    *(f"training/councils/{name}" for name in ("harrowmere", "wansheugh", "wendleshire", "ravensmere", "sandhaven", "glanafon")),
    *(f"training/councils/{name}" for name in ("corvendale", "hollinshaw", "pebblesea", "wickhurst", "copperwick", "millhaven", "ambleford")),
    *(f"training/councils/{name}" for name in ("thistledon", "crossgarth", "stellbeck", "ellerfirth", "larkbridge", "cawdale", "saltmere")),
    *(f"training/councils/{name}" for name in _NEWER_COUNCILS),
)
NEWER = frozenset(
    (
        *(f"political-use.{hand}" for hand in ("ct", "cu", "cv", "cy", "db", "dt", "du", "dv", "dw", "dx", "dy", "dz")),
        *_NEWER_COUNCILS,
    )
)
"""The hands and councils whose mails the reader that went before had not read."""
_UNLABELLED = 4_000


@dataclass(frozen=True)
class Material:
    """What is learnt from: rows with their lessons, and texts that nobody labelled."""

    rows: tuple[Row, ...]
    lessons: tuple[Lesson, ...]
    more: tuple[Lesson, ...]


def material(texts: Path = HERE / "texts", councils: Sequence[str] = FITTED, share: float = 1.0) -> Material:
    """All texts and the councils to fit on, or every so manieth of their messages; read by as many processes as there are processors."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        single = pool.map(text_rows, sorted(texts.glob("*.jsonl")))
        whole = pool.map(council_rows, [ROOT / council for council in councils])
        rows = list(chain.from_iterable([*single, *whole]))[:: round(1 / share)]
    return _material(rows, share)


def further(what: Material, share: float) -> Material:
    """What a further fit learns from: the newer hands' and councils' mails, and of what was read before every so manieth, lest it be forgotten."""
    newer = [row for row in what.rows if row.hand in NEWER]
    before = [row for row in what.rows if row.hand not in NEWER]
    return _material([*newer, *before[:: round(1 / share)]], share)


def _material(rows: Sequence[Row], share: float) -> Material:
    return Material(tuple(rows), tuple(labelled(rows)), tuple(unlabelled(rows, round(_UNLABELLED * share))))
