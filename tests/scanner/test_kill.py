"""A scan that is killed at any moment, and scanned again, comes to what an undisturbed scan comes to."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from parish import Parish, furnish, outcome
from sqlalchemy import event

DRIVER = Path(__file__).with_name("killed_scan.py")
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], Any]:
    """How many fetches and statements a whole scan takes, and what it comes to."""
    steps = {"fetch": 0, "statement": 0}

    def step(*_: object) -> None:
        steps["statement"] += 1

    with Parish(tmp_path_factory.mktemp("undisturbed")) as parish:
        furnish(parish)
        event.listen(parish.engine, "before_cursor_execute", step)
        event.listen(parish.engine, "commit", step)
        parish.scan()
        return {**steps, "fetch": len(parish.source.fetched)}, outcome(parish.cases)


def killed(folder: Path, what: str, moment: int) -> int:
    return subprocess.run([sys.executable, DRIVER, folder, what, str(moment)], check=False, capture_output=True, timeout=60).returncode


@pytest.mark.parametrize("what", ["fetch", "statement"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.75, 0.9, 0.99])
def test_a_killed_scan_is_taken_up_where_it_stood(tmp_path: Path, undisturbed: tuple[dict[str, int], Any], what: str, share: float) -> None:
    steps, expected = undisturbed
    with Parish(tmp_path) as parish:
        furnish(parish)
        assert killed(tmp_path, what, max(1, int(steps[what] * share))) == -signal.SIGKILL
        parish.scan()
        assert outcome(parish.cases) == expected
        assert [run.finished is None for run in parish.cases.runs(*ALWAYS)][-1] is False


def test_a_scan_killed_again_and_again_ends_all_the_same(tmp_path: Path, undisturbed: tuple[dict[str, int], Any]) -> None:
    steps, expected = undisturbed
    with Parish(tmp_path) as parish:
        furnish(parish)
        codes = [killed(tmp_path, "fetch", steps["fetch"] // 3) for _ in range(3)]
        parish.scan()
        assert codes[0] == -signal.SIGKILL
        assert outcome(parish.cases) == expected


def test_a_scan_of_new_mail_killed_between_judgements_still_judges_what_the_news_touches(tmp_path: Path) -> None:
    """What was judged before and must be judged anew stays marked so, though the news itself was judged before the kill."""
    with Parish(tmp_path / "whole") as whole, Parish(tmp_path / "killed") as broken:
        late = [("cllr.carr@tarnside.gov.uk", "Inbox"), ("cllr.bell@tarnside.gov.uk", "Sent Items")]
        for parish in (whole, broken):
            furnish(parish)
            for custodian, folder in late:
                place = parish.mail / custodian / folder
                place.rename(parish.folder / f"{custodian}-{folder}")
            parish.scan()
            for custodian, folder in late:
                (parish.folder / f"{custodian}-{folder}").rename(parish.mail / custodian / folder)
        whole.source.fetched.clear()
        whole.scan()
        total = len(whole.source.fetched)
        for moment in (total // 3, total // 3, total // 4):
            killed(broken.folder, "fetch", moment)
        broken.scan()
        assert outcome(broken.cases) == outcome(whole.cases)
