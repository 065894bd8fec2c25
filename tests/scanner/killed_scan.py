"""A scan that kills its own process, as `kill -9` would, at its n-th fetch or its n-th statement: killed_scan.py FOLDER (fetch|statement) N."""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))

from parish import JOURNAL, UNION, Parish

from scanner.collect import Protected


def main(folder: str, what: str, moment: str) -> None:
    numbers = count(1)

    def step(*_: object) -> None:
        if next(numbers) == int(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    with Parish(Path(folder)) as parish:
        parish.protected, parish.journal = Protected(frozenset({UNION})), JOURNAL
        if what == "fetch":
            parish.source.before = step
        else:
            event.listen(parish.engine, "before_cursor_execute", step)
            event.listen(parish.engine, "commit", step)
        parish.scan()


if __name__ == "__main__":
    main(*sys.argv[1:])
