"""What single mails that no fit has read are judged to be: by the rule as it ships, and by the trained reader alone.

    python -m benchmarks.unseen training/unseen/*.jsonl

The reader alone at the threshold that serves it best, so that readers can be compared before a blend is learnt for them.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

from rules.catalogue import rule as rule_of
from rules.entity import FindEntities
from rules.protocol import packaged
from rules.rule import Context
from rules.sense import Sense
from scanner.language.entities import load_entities
from scanner.language.reader import load_reader
from training.blend import best_f1, f1, opinion_on
from training.mails import COUNCIL, JUDGED, ROSTER, conversation, council_of
from training.rows import text_rows


@dataclass(frozen=True)
class Judged:
    """F1 on the mails of one hand: of the rule, and of the reader alone on those that the rule puts before it."""

    mails: int
    breaches: int
    rule: float
    alone: float


def judged(path: Path, reader: Sense, find_entities: FindEntities) -> Judged:
    """The mails of `<rule>.<hand>.jsonl`, as training/README.md says."""
    judge = rule_of(path.name.partition(".")[0])
    context = Context(COUNCIL, ROSTER, packaged("county-2023"), find_entities, sense=reader)
    mails = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = []
    for mail in mails:
        thread = replace(conversation(mail, judge.id), fresh=frozenset({JUDGED}))
        findings = judge.check(thread, replace(context, council=council_of(mail)), judge.settings)
        found.append(float(any(finding.is_potential_breach for finding in findings)))
    labels = [int(mail["expected"] == "flag") for mail in mails]
    rows = text_rows(path)
    alone = best_f1([opinion_on(row, reader) for row in rows], [row.label for row in rows])
    return Judged(len(mails), sum(labels), f1(found, labels, 0.0), alone)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("mails", nargs="+", type=Path, help="`<rule>.<hand>.jsonl`, as training/README.md says")
    arguments.add_argument("--reader", type=Path, help="the folder of another reader than the one that ships")
    chosen = arguments.parse_args()
    reader, find_entities = load_reader(chosen.reader), load_entities()
    for path in chosen.mails:
        found = judged(path, reader, find_entities)
        f1s = f"F1 {found.rule:.3f} of the rule, {found.alone:.3f} of the reader alone"
        print(f"{path.stem}: {f1s}; {found.mails} mails, {found.breaches} breaches", flush=True)


if __name__ == "__main__":
    main()
