"""The trained reader: a small encoder that weighs a text in its setting, and the one door to onnxruntime and tokenizers.

`make train` makes its files from the texts in training/ (docs/model-card.md). Each occasion is read by itself, never in a batch: a
quantised model's sums depend on what it reads together, and a finding must not. Nothing here reaches the network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tokenizers

from rules.sense import Blend, Occasion
from scanner.errors import ModelError

FILES = ("model.onnx", "tokenizer.json", "examples.npz")
LONGEST = 256
_KEPT = 8192
_NEAR = 0.6
_REMEDY = "install Aboveboard again, or set run.reader = false to scan without it (docs/accuracy.md says at what loss)"


@dataclass(frozen=True, slots=True)
class _Read:
    """What the encoder gives for one occasion: a log-odds for each rule, and its meaning as a unit vector."""

    opinions: tuple[float, ...]
    meaning: np.ndarray[Any, Any]


class TrainedReader:
    """The encoder with what was fitted to it: the blend with words for each rule, and the authored breaches with their meanings."""

    def __init__(self, folder: Path, card: Mapping[str, Any]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST, strategy="longest_first")
        self._rules: list[str] = card["rules"]
        self._blends = {rule: Blend(**blend) for rule, blend in card["blends"].items()}
        with np.load(folder / "examples.npz", allow_pickle=False) as examples:
            self._examples = {rule: (_unit(examples[rule]), card["examples"][rule]) for rule in self._blends if rule in examples}
        self._read = lru_cache(_KEPT)(self._read_afresh)

    def opinions(self, rule: str, occasions: Sequence[Occasion], /) -> Sequence[float]:
        place = self._rules.index(rule)
        return [self._read(o.setting, o.text).opinions[place] for o in occasions]

    def blend(self, rule: str, /) -> Blend | None:
        return self._blends.get(rule)

    def nearest(self, rule: str, occasion: Occasion, /) -> str:
        if rule not in self._examples:
            return ""
        meanings, texts = self._examples[rule]
        near = meanings @ self.meaning(occasion)
        place = int(near.argmax())
        return str(texts[place]) if near[place] >= _NEAR else ""

    def meaning(self, occasion: Occasion) -> np.ndarray[Any, Any]:
        """An occasion's meaning as a unit vector of 384 numbers; near ones mean alike."""
        return self._read(occasion.setting, occasion.text).meaning

    def _read_afresh(self, setting: str, text: str) -> _Read:
        encoding = self._tokenizer.encode(setting, text)
        ids = np.array([encoding.ids], dtype=np.int64)
        kinds = np.array([encoding.type_ids], dtype=np.int64)
        opinions, meaning = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": kinds})
        return _Read(tuple(float(x) for x in opinions[0]), meaning[0])


def in_bytes(meanings: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Unit vectors, one a row, as they are kept: their directions in eight bits."""
    kept: np.ndarray[Any, Any] = np.rint(meanings * (127 / np.abs(meanings).max(axis=1, keepdims=True))).astype(np.int8)
    return kept


def _unit(kept: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    directions = kept.astype(np.float32)
    unit: np.ndarray[Any, Any] = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return unit


def load_reader(folder: Path | None = None) -> TrainedReader:
    """The reader that ships, or one trained into another folder. Raises ModelError where a file is missing or is not the one that was tested."""
    place = folder or Path(str(resources.files("scanner.language").joinpath("reader_model")))
    try:
        card = json.loads((place / "card.json").read_text("utf-8"))
        for name in FILES:
            with (place / name).open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != card["sha256"][name]:
                    raise ModelError(f"the trained reader's file {name} is not the one that was tested: {_REMEDY}")
        return TrainedReader(place, card)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"the trained reader could not be opened ({type(error).__name__}): {_REMEDY}") from error
