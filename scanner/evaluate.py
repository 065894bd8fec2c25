"""How well the scanner does on labelled corpora: precision, recall and F1 per rule, with intervals, and each error."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

from rules.catalogue import RULES
from scanner.app import App
from scanner.corpus import Verdict, configuration_of, verdicts_of
from scanner.errors import CorpusError
from scanner.job import Progress, ScanRequest
from scanner.plan import Range

_DRAWS = 1000
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its 95 % interval, all from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Score:
    """One rule on one corpus or several: counts of messages. The intervals of precision and recall are Wilson's; F1's is a bootstrap's."""

    rule: str
    right: int
    false_alarms: int
    missed: int

    @property
    def precision(self) -> Interval:
        return wilson(self.right, self.right + self.false_alarms)

    @property
    def recall(self) -> Interval:
        return wilson(self.right, self.right + self.missed)

    @property
    def f1(self) -> Interval:
        outcomes = [0] * self.right + [1] * self.false_alarms + [2] * self.missed
        if not outcomes:
            return Interval(0.0, 0.0, 1.0)
        draw = random.Random(0)  # noqa: S311  # a seeded bootstrap, not a secret
        drawn = sorted(_f1(draw.choices(outcomes, k=len(outcomes))) for _ in range(_DRAWS))
        return Interval(_f1(outcomes), drawn[int(_DRAWS * 0.025)], drawn[int(_DRAWS * 0.975) - 1])


@dataclass(frozen=True, slots=True)
class Mistake:
    """One miss or false alarm, with the label's reason where there is one, and what the finding said."""

    corpus: str
    rule: str
    kind: str
    message_id: str
    scenario: str
    why: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of one corpus and its mistakes. `absent` are labelled messages that its mailboxes do not hold: a flag among them is a miss."""

    corpus: str
    scores: tuple[Score, ...]
    mistakes: tuple[Mistake, ...]
    absent: tuple[str, ...] = ()


def evaluate(corpus: Path, progress: Progress) -> Evaluation:
    """Scans a corpus into a store that is thrown away, and compares. Raises CorpusError or ConfigurationError.

    A corpus that could not be scanned in full is not scored.
    """
    verdicts = verdicts_of(corpus)
    with TemporaryDirectory() as folder, closing(App(configuration_of(corpus, Path(folder)))) as app:
        result = app.scan_job().run(ScanRequest(), progress)
        if result.problems:
            raise CorpusError(f"{corpus}: could not be scanned in full: {'; '.join(result.problems)}")
        cases, held = app.standing(Range()), {node.key for node in app.ledger.nodes()}
        named = {v.message_id: app.pseudonym(v.message_id) for v in verdicts if not v.message_id.startswith("missing:")}
    found = {(c.finding.message_id, c.finding.rule): c.finding.summary for c in cases if c.finding.is_potential_breach}
    compared = [_compare(corpus.resolve().name, rule.id, verdicts, found) for rule in RULES]
    scores, mistakes = (score for score, _ in compared), (m for _, several in compared for m in several)
    return Evaluation(corpus.resolve().name, tuple(scores), tuple(mistakes), tuple(name for name, key in named.items() if key not in held))


def _compare(corpus: str, rule: str, verdicts: Sequence[Verdict], found: dict[tuple[str, str], str]) -> tuple[Score, list[Mistake]]:
    labels = {v.message_id: v for v in verdicts if v.rule == rule}
    said = {message: summary for (message, name), summary in found.items() if name == rule}
    wanted = {name for name, v in labels.items() if v.expected == "flag"}
    scored = {name for name in said if name not in labels or labels[name].expected != "any"}
    blank = Verdict("", rule, "clear")
    alarms = [Mistake(corpus, rule, "false alarm", n, (v := labels.get(n, blank)).scenario, v.why or said[n]) for n in sorted(scored - wanted)]
    misses = [Mistake(corpus, rule, "missed", n, labels[n].scenario, labels[n].why) for n in sorted(wanted - scored)]
    return Score(rule, len(scored & wanted), len(alarms), len(misses)), [*alarms, *misses]


def together(evaluations: Iterable[Evaluation]) -> tuple[Score, ...]:
    """The scores of several corpora added up."""
    scores = [score for evaluation in evaluations for score in evaluation.scores]
    return tuple(
        Score(r.id, *(sum(getattr(s, field) for s in scores if s.rule == r.id) for field in ("right", "false_alarms", "missed"))) for r in RULES
    )


def wilson(successes: int, trials: int) -> Interval:
    """A share with Wilson's score interval (1927) at 95 %; nothing tried gives 0 with the whole range."""
    if trials == 0:
        return Interval(0.0, 0.0, 1.0)
    share = successes / trials
    scale = 1 + _Z**2 / trials
    centre = (share + _Z**2 / (2 * trials)) / scale
    spread = _Z * sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2)) / scale
    return Interval(share, max(0.0, centre - spread), min(1.0, centre + spread))


def _f1(outcomes: Sequence[int]) -> float:
    right, wrong = outcomes.count(0), len(outcomes) - outcomes.count(0)
    return 2 * right / (2 * right + wrong) if right else 0.0
