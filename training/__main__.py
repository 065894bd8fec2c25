"""`make train`: from the committed texts and councils to the files of the trained reader, and what they are worth."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import file_digest
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from rules.sense import Blend, Occasion
from scanner.language.reader import FILES, TrainedReader
from training.blend import fitted, opinion_on
from training.encoder import Fitter, Recipe
from training.rows import HERE, ROOT, RULES, Row, council_rows, text_rows

SHIPPED = ROOT / "scanner" / "language" / "reader_model"
FITTED = ("scanner/demo_council", "tests/corpora/marlshire", "tests/corpora/haverbrook")
WEIGHED = ("tests/corpora/penmoor", "tests/corpora/calderwick")
_SHOWN = 160


def main() -> None:
    """Fits the encoder, learns on two other councils how far to trust it, and writes what ships."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=SHIPPED, help="the folder for the files")
    arguments.add_argument("--seed", type=int, default=Recipe.seed)
    arguments.add_argument("--epochs", type=int, default=Recipe.epochs)
    arguments.add_argument("--share", type=float, default=1.0, help="the share of the rows to fit on, for a learning curve")
    chosen = arguments.parse_args()
    recipe = Recipe(seed=chosen.seed, epochs=chosen.epochs)
    rows = [*chain.from_iterable(map(text_rows, sorted((HERE / "texts").glob("*.jsonl"))))]
    rows = (rows + list(chain.from_iterable(council_rows(ROOT / council) for council in FITTED)))[:: round(1 / chosen.share)]
    weighed = list(chain.from_iterable(council_rows(ROOT / council) for council in WEIGHED))
    fit(rows, recipe, chosen.out)
    write_card(chosen.out, rows, weigh(weighed, bare(chosen.out)))


def fit(rows: Sequence[Row], recipe: Recipe, folder: Path) -> None:
    """An encoder fitted to rows, exported into a folder."""
    print(f"{len(rows)} rows to fit on", flush=True)
    fitter = Fitter(recipe)
    fitter.fit(rows)
    fitter.export(folder)


def bare(folder: Path) -> TrainedReader:
    """The reader of a folder before anything was fitted to it."""
    np.savez_compressed(folder / "examples.npz")
    return TrainedReader(folder, {"rules": RULES, "blends": {}, "examples": {}})


def weigh(weighed: Sequence[Row], reader: TrainedReader) -> dict[str, Blend]:
    """The blend of each rule on councils that the reader has not seen, with what it is worth there."""
    blends = {rule: fitted([row for row in weighed if row.rule == rule], reader) for rule in RULES}
    for rule, blend in blends.items():
        report(rule, blend, [row for row in weighed if row.rule == rule], reader)
    return blends


def write_card(folder: Path, rows: Sequence[Row], blends: Mapping[str, Blend]) -> None:
    """card.json with the blends, and the authored breaches with their meanings."""
    reader = bare(folder)
    breaches = {rule: [row for row in rows if row.rule == rule and row.label and row.key] for rule in RULES}
    meanings = {rule: np.array([reader.meaning(_occasion(row)) for row in several], dtype=np.float16) for rule, several in breaches.items()}
    np.savez_compressed(folder / "examples.npz", allow_pickle=False, **meanings)
    sums = {}
    for name in FILES:
        with (folder / name).open("rb") as file:
            sums[name] = file_digest(file, "sha256").hexdigest()
    card: dict[str, Any] = {
        "rules": RULES,
        "blends": {rule: asdict(blend) for rule, blend in blends.items()},
        "examples": {rule: [row.key[:_SHOWN] for row in several] for rule, several in breaches.items()},
        "sha256": sums,
    }
    (folder / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _occasion(row: Row) -> Occasion:
    """The stretch that carries a breach."""
    text = next((text for text in row.texts if row.key[:40] in text), row.texts[0])
    return Occasion(row.setting, text)


def report(rule: str, blend: Blend, rows: Sequence[Row], reader: TrainedReader) -> None:
    """F1 at one half of words and reader together, and of each alone at its best, on the rows that the blend was fitted to."""
    heard = [opinion_on(row, reader) for row in rows]
    both = [blend.prior + blend.words * row.words + blend.sense * opinion for row, opinion in zip(rows, heard, strict=True)]
    labels = [row.label for row in rows]
    alone = (best_f1([row.words for row in rows], labels), best_f1(heard, labels))
    print(f"{rule}: {blend}; F1 {f1(both, labels, 0.0):.3f} together, {alone[0]:.3f} words alone, {alone[1]:.3f} reader alone (each at its best)")


def f1(scores: Sequence[float], labels: Sequence[int], least: float) -> float:
    """F1 of what scores more than `least`."""
    right = sum(score > least and label for score, label in zip(scores, labels, strict=True))
    wrong = sum((score > least) != bool(label) for score, label in zip(scores, labels, strict=True))
    return 2 * right / (2 * right + wrong) if right else 0.0


def best_f1(scores: Sequence[float], labels: Sequence[int]) -> float:
    """F1 at the threshold that suits these scores best."""
    return max(f1(scores, labels, least) for least in scores)


if __name__ == "__main__":
    main()
