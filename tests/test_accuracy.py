"""Accuracy is a test: on the councils that nothing was fitted to, no rule may lose more than .02 of its F1 on record (docs/accuracy.md)."""

from __future__ import annotations

import tomllib
from pathlib import Path

from scanner.evaluate import evaluate, together

HERE = Path(__file__).parent
RECORD = tomllib.loads((HERE / "accuracy.toml").read_text("utf-8"))


def test_no_rule_has_become_worse_on_councils_that_nothing_was_fitted_to() -> None:
    evaluations = [evaluate(HERE / "corpora" / name, lambda *_: None) for name in RECORD["councils"]]
    found = {score.rule: round(score.f1.value, 3) for score in together(evaluations)}
    lost = {rule: (RECORD["f1"][rule], f1) for rule, f1 in found.items() if f1 < RECORD["f1"][rule] - RECORD["loss"]}
    assert lost == {}, "on record, and now; if the change is worth it, say why in docs/accuracy.md and put the new figures into accuracy.toml"
