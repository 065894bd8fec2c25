"""Labelled texts and councils as rows to train on: each message as its rule would put it before the reader, and what words alone say of it.

Single mails (mails.py) and councils go through the rules' own code with a reader that only takes notes, so that what is trained on is what will
be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rules.catalogue import rule as rule_of
from rules.circulation import Thread
from rules.finding import Finding
from rules.political_use.weighing import PRIOR
from rules.protocol import packaged
from rules.rule import Context, Rule, Settings
from rules.sense import READER, Blend, Occasion, Sense
from scanner.app import App
from scanner.config import Configuration
from scanner.corpus import configuration_of, verdicts_of
from scanner.job import ScanRequest
from training.mails import COUNCIL, JUDGED, ROSTER, conversation, council_of

RULES = ("member-obligation", "political-use", "resident-data")
HERE = Path(__file__).parent
ROOT = HERE.parent
_HEADERS_ALONE = "mass-mail"  # nothing in its text makes it a breach


@dataclass(frozen=True)
class Row:
    """One message under one rule. `words` is what the rule's words say for a breach, `against` what they say against one, both in log-odds; `seen`
    whether they see anything on which the rule would hear a reader. `hand` is who wrote and labelled it.
    """

    hand: str
    id: str
    rule: str
    label: int
    setting: str
    texts: tuple[str, ...]
    words: float
    against: float = 0.0
    key: str = ""
    seen: bool = True


WORDS_ALONE = Blend(prior=PRIOR, words=1.0, against=1.0, sense=0.0)
"""How much words count where no reader has been fitted yet: what a message inherits from the one that it answers hangs on that one's confidence."""


@dataclass
class _Notes:
    """A reader that notes what it is first given to read; it has the opinions of another, or none."""

    reader: Sense | None
    taken: list[Occasion] = field(default_factory=list)

    def opinions(self, rule: str, occasions: Sequence[Occasion], /) -> Sequence[float]:
        self.taken = self.taken or list(occasions)
        return self.reader.opinions(rule, occasions) if self.reader else [0.0] * len(occasions)

    def blend(self, rule: str, /) -> Blend:
        return (self.reader and self.reader.blend(rule)) or WORDS_ALONE

    def nearest(self, rule: str, occasion: Occasion, /) -> str:
        return ""


def rows_of_turn(thread: Thread, message_id: str, context: Context, labels: dict[str, int], hand: str) -> Iterator[Row]:
    """The rows of one message, for each rule that would read it. A reader in the context is heard on the messages that this one answers."""
    for name, label in labels.items():
        notes = _Notes(context.sense)
        judged = replace(thread, fresh=frozenset({message_id}))
        found = list(rule_of(name).check(judged, replace(context, sense=notes), Settings(threshold=0.0)))
        if notes.taken and not any(f.kind == _HEADERS_ALONE for f in found):
            best = max((f for f in found if f.is_potential_breach), key=lambda f: f.confidence, default=None)
            words, against = _unscaled(best, notes.blend(name)) if best else (0.0, 0.0)
            seen = best is not None and any(e.kind == READER for e in best.evidence)
            yield Row(hand, message_id, name, label, notes.taken[0].setting, tuple(o.text for o in notes.taken), words, against, seen=seen)


def _unscaled(finding: Finding, scale: Blend) -> tuple[float, float]:
    """What words say for and against, before the scale of a blend."""
    weights = [e.weight for e in finding.evidence if e.kind != READER]
    return (
        round(sum(w for w in weights if w > 0) / scale.words if scale.words else 0.0, 4),
        round(sum(w for w in weights if w < 0) / scale.against if scale.against else 0.0, 4),
    )


def council_rows(corpus: Path, reader: Sense | None = None) -> list[Row]:
    """Every message from inside of a labelled corpus, read and put together as a scan with this reader does; arguable ones are left out.

    In the order of their names: a scan's own order hangs on the key of its installation, which is another each time.
    """
    expected = {(v.message_id, v.rule): v.expected for v in verdicts_of(corpus)}
    with TemporaryDirectory() as folder, closing(App(_without_reader(configuration_of(corpus, Path(folder))))) as app:
        threads, context = conversations(app)
    context = replace(context, sense=reader)
    found: list[Row] = []
    for thread in threads:
        for turn in thread.turns():
            verdicts = {name: expected.get((turn.message.id, name), "clear") for name in RULES}
            labels = {name: int(verdict == "flag") for name, verdict in verdicts.items() if verdict != "any"}
            found += rows_of_turn(thread, turn.message.id, context, labels, corpus.name)
    return sorted(found, key=lambda row: (row.id, row.rule, row.texts))


def _without_reader(configuration: Configuration) -> Configuration:
    """The reader that ships is being made, and may lie half written."""
    return configuration.model_copy(update={"run": configuration.run.model_copy(update={"reader": False})})


def conversations(app: App) -> tuple[list[Thread], Context]:
    """The conversations that a scan of this installation would judge, and the context without a reader."""
    threads: list[Thread] = []

    def take(thread: Thread, _context: Context, _settings: Settings, /) -> Iterator[Finding]:
        threads.append(thread)
        return iter(())

    judge = replace(app.judge(), rules=(Rule("take", "", "", take),))
    job = replace(app.scan_job(), build_judge=lambda: judge, workers=1)
    job.run(ScanRequest(), lambda *_: None)
    return list(_last_said(threads)), replace(judge.context, sense=None)


def _last_said(threads: list[Thread]) -> Iterator[Thread]:
    """Each message to be judged in the conversation that it was put before the rules with last: one that pastes a letter comes again with that."""
    seen: frozenset[str] = frozenset()
    for thread in reversed(threads):
        yield replace(thread, fresh=thread.fresh - seen)
        seen |= thread.fresh


def text_rows(path: Path) -> list[Row]:
    """Single mails: `<rule>.<hand>.jsonl`, one JSON object a line (training/README.md)."""
    return list(_text_rows(path))


def _text_rows(path: Path) -> Iterator[Row]:
    rule, hand, _ = path.name.split(".")
    context = Context(COUNCIL, ROSTER, packaged("county-2023"), lambda _: ())
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        mail = json.loads(line)
        label = int(mail["expected"] == "flag")
        here = replace(context, council=council_of(mail))
        for row in rows_of_turn(conversation(mail, rule), JUDGED, here, {rule: label}, f"{rule}.{hand}"):
            yield replace(row, id=f"{rule}.{hand}:{number}", key=mail.get("key", ""))
