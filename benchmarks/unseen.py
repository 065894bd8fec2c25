"""What the trained reader alone makes of single mails that no fit has seen.

    python -m benchmarks.unseen training/unseen/*.jsonl

Each at the threshold that serves it best, so that readers can be compared before a blend is learnt for them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from scanner.language.reader import load_reader
from training.blend import best_f1, opinion_on
from training.rows import text_rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("mails", nargs="+", type=Path, help="`<rule>.<hand>.jsonl`, as training/README.md says")
    arguments.add_argument("--reader", type=Path, help="the folder of another reader than the one that ships")
    chosen = arguments.parse_args()
    reader = load_reader(chosen.reader)
    for path in chosen.mails:
        rows = list(text_rows(path))
        labels = [row.label for row in rows]
        found = best_f1([opinion_on(row, reader) for row in rows], labels)
        print(f"{path.stem}: F1 {found:.3f} on {len(rows)} mails, {sum(labels)} of them breaches")


if __name__ == "__main__":
    main()
