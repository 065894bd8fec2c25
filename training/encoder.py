"""Fits an encoder with a head for each rule on lessons; the small one is exported, quantised to eight bits, as the scan will run it.

A message is as much of a breach as its worst stretch, so that only what the whole amounts to is needed. Needs PyTorch
(requirements/train.txt), which nobody who scans has to install. Seeded: on one machine the same lessons give the same files.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import AutoModel, AutoTokenizer

from scanner.language.reader import LONGEST
from training.lessons import Lesson
from training.rows import RULES

_FIRST_WORD = 1_003  # of the vocabularies that both bases share, above marks and punctuation
_READ_AT_ONCE = 64
_GRID = 16  # few shapes, since each is prepared for and kept


@dataclass(frozen=True)
class Recipe:
    """How an encoder is fitted. `masked` is the share of words hidden at random; `most` stretches of a message are read at a time."""

    seed: int = 7
    epochs: int = 4
    batch: int = 16
    rate: float = 8e-5
    head_rate: float = 1e-3
    masked: float = 0.06
    breach: float = 1.5
    most: int = 4


FURTHER = Recipe(epochs=2, rate=3e-5, head_rate=2e-4)
"""How an encoder that was fitted before goes on."""


class Encoder(nn.Module):
    """Words to a log-odds for each rule, and to a unit vector that stands for the meaning. The word vectors stay as they came."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        quiet = {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}  # dropout inside costs more time here than it gains
        self.base = AutoModel.from_pretrained(str(base), attn_implementation="eager", **quiet)
        self.base.embeddings.requires_grad_(requires_grad=False)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(self.base.config.hidden_size, len(RULES))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **kinds: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.base(input_ids=input_ids, attention_mask=attention_mask, **kinds).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).float()
        mean = (states * mask).sum(1) / mask.sum(1)
        return self.head(self.dropout(mean)), nn.functional.normalize(mean, dim=-1)


class Exported(nn.Module):
    """The encoder with its inputs in a row, as an exported graph wants them."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        opinions: tuple[torch.Tensor, torch.Tensor] = self.encoder(input_ids, attention_mask, token_type_ids=token_type_ids)
        return opinions


class Fitter:
    """One fit of an encoder, which starts from the weights of `base`, to lessons."""

    def __init__(self, base: Path, recipe: Recipe, threads: int = 2) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(recipe.seed)
        torch.use_deterministic_algorithms(mode=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # all of it is written before it is read
        self.recipe = recipe
        self.chance = random.Random(recipe.seed)  # noqa: S311  # a seeded shuffle
        self.tokenizer = AutoTokenizer.from_pretrained(str(base))
        self.encoder = Encoder(base)

    def fit(self, lessons: Sequence[Lesson]) -> None:
        """All epochs, with the rate going up for a tenth of the way and down to nothing.

        What is learnt is kept in full precision; a copy in sixteen bits reads, in little more than half the time that autocast takes.
        """
        recipe, net, reading = self.recipe, self.encoder, deepcopy(self.encoder)
        reading.base.to(torch.bfloat16)
        kept, read = ([p for p in module.parameters() if p.requires_grad] for module in (net, reading))
        groups = [
            {"params": [p for p in net.base.parameters() if p.requires_grad], "lr": recipe.rate},
            {"params": net.head.parameters(), "lr": recipe.head_rate},
        ]
        optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        steps = recipe.epochs * len(self._batches(lessons))
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, (s + 1) / (0.1 * steps)) * max(0.0, 1 - s / steps))
        reading.train()
        for epoch in range(recipe.epochs):
            started, total = monotonic(), 0.0
            batches = self._batches(lessons)
            for batch in batches:
                loss = self._loss(reading, batch)
                loss.backward()
                for master, copy in zip(kept, read, strict=True):
                    master.grad, copy.grad = (None if copy.grad is None else copy.grad.float()), None
                nn.utils.clip_grad_norm_(kept, 1.0)
                optimizer.step()
                schedule.step()
                _copy(kept, read)
                total += loss.item()
            print(f"epoch {epoch + 1} of {recipe.epochs}: loss {total / len(batches):.4f}, {monotonic() - started:.0f} s", flush=True)
        net.eval()

    def opinions(self, lessons: Sequence[Lesson]) -> list[list[float]]:
        """What it makes of lessons: the log-odds of each one's worst stretch under each rule."""
        pairs = [(place, lesson.setting, text) for place, lesson in enumerate(lessons) for text in lesson.texts]
        pairs.sort(key=lambda pair: len(pair[1]) + len(pair[2]))
        found = [[float("-inf")] * len(RULES) for _ in lessons]
        self.encoder.eval()
        for start in range(0, len(pairs), _READ_AT_ONCE):
            several = pairs[start : start + _READ_AT_ONCE]
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                heard, _ = self.encoder(**self._words([(setting, text) for _, setting, text in several]))
            for (place, _, _), opinion in zip(several, heard.tolist(), strict=True):
                found[place] = [max(pair) for pair in zip(found[place], opinion, strict=True)]
        return found

    def _batches(self, lessons: Sequence[Lesson]) -> list[list[Lesson]]:
        """Lessons in chance order, those of like length together."""
        shuffled = self.chance.sample(list(lessons), len(lessons))
        size, found = self.recipe.batch, []
        for start in range(0, len(shuffled), size * 16):
            pool = sorted(shuffled[start : start + size * 16], key=lambda r: sum(map(len, r.texts[: self.recipe.most])))
            found += [pool[i : i + size] for i in range(0, len(pool), size)]
        return self.chance.sample(found, len(found))

    def _loss(self, reading: Encoder, batch: Sequence[Lesson]) -> torch.Tensor:
        """Cross-entropy between what the lessons say and the worst stretch of each, under the rules that they speak of."""
        worst = self._worst(reading, [(lesson.setting, self._some(lesson.texts)) for lesson in batch])
        taught = torch.tensor([[target is not None for target in lesson.targets] for lesson in batch])
        wanted = torch.tensor([[target or 0.0 for target in lesson.targets] for lesson in batch])
        weight = torch.where(wanted > 0.5, self.recipe.breach, 1.0) * taught
        return nn.functional.binary_cross_entropy_with_logits(worst, wanted, weight=weight, reduction="sum") / taught.sum()

    def _some(self, texts: Sequence[str]) -> Sequence[str]:
        return self.chance.sample(list(texts), self.recipe.most) if len(texts) > self.recipe.most else texts

    def _worst(self, reading: Encoder, taken: Sequence[tuple[str, Sequence[str]]]) -> torch.Tensor:
        """The log-odds of each lesson's worst stretch under each rule."""
        words = self._words([(setting, text) for setting, texts in taken for text in texts])
        ids = words["input_ids"]
        hidden = (torch.rand(ids.shape) < self.recipe.masked) & (ids > _FIRST_WORD)
        words["input_ids"] = torch.where(hidden, torch.tensor(self.tokenizer.mask_token_id), ids)
        opinions, _ = reading(**words)
        return torch.stack([part.max(0).values for part in _parts(opinions, [len(texts) for _, texts in taken])])

    def _words(self, pairs: Sequence[tuple[str, str]]) -> dict[str, torch.Tensor]:
        settings, texts = [p[0] for p in pairs], [p[1] for p in pairs]
        bounds = {"padding": True, "pad_to_multiple_of": _GRID, "truncation": "longest_first", "max_length": LONGEST}
        return dict(self.tokenizer(settings, texts, return_tensors="pt", **bounds))

    def export(self, folder: Path) -> None:
        """model.onnx in eight bits, and tokenizer.json."""
        folder.mkdir(parents=True, exist_ok=True)
        words: dict[str, Any] = self._words([("who writes to whom", "about what")])
        names = ["input_ids", "attention_mask", "token_type_ids"]
        full = folder / "full.onnx"
        with torch.no_grad():
            torch.onnx.export(
                Exported(self.encoder),
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


@torch.no_grad()
def _copy(kept: Sequence[nn.Parameter], read: Sequence[nn.Parameter]) -> None:
    for master, copy in zip(kept, read, strict=True):
        copy.copy_(master)


def _parts(opinions: torch.Tensor, sizes: Sequence[int]) -> Iterator[torch.Tensor]:
    start = 0
    for size in sizes:
        yield opinions[start : start + size]
        start += size
