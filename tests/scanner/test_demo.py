"""The demonstration: a whole council in one command, and nothing of its residents in what it writes."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO
from pathlib import Path

import pytest
from story import read

from scanner import output
from scanner.delivery import deliver, week_of
from scanner.demo import Demonstration, council, demonstrate
from scanner.errors import ConfigurationError

STORY = Path(__file__).parents[1] / "corpora" / "stories" / "thornbury-vale.txt"
RESIDENTS = ("Name", "Elector")
RULES = ("silent-copy", "member-obligation", "political-use", "resident-data")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an earlier demonstration and a council's real store lie."""
    made = tmp_path_factory.mktemp("demo")
    (made / "demo.db").write_bytes(b"an earlier demonstration, damaged")
    (made / "demo.db-wal").write_bytes(b"and its log")
    (made / "aboveboard.db").write_bytes(b"a council's real store")
    return made


@pytest.fixture(scope="module")
def shown(folder: Path) -> Demonstration:
    return demonstrate(folder, lambda *_: None)


@pytest.fixture(scope="module")
def written(shown: Demonstration, folder: Path) -> dict[str, str]:
    return {path.name: unescape(path.read_text("utf-8")) for path in (folder / "digests").iterdir()}


def test_both_digests_of_the_last_week_are_written(shown: Demonstration, written: dict[str, str]) -> None:
    assert [delivered.files[0].name for delivered in shown.digests] == [
        "2026-W45-monitoring-officer.html",
        "2026-W45-data-protection-officer.html",
    ]
    assert all(file.is_file() for delivered in shown.digests for file in delivered.files)
    weeks = [
        f"2026-W{week}-{who}.{kind}"
        for week in (42, 43, 44, 45)
        for who in ("monitoring-officer", "data-protection-officer")
        for kind in ("html", "txt", "csv")
    ]
    assert sorted(written) == sorted(weeks)
    for name, text in written.items():
        assert "Thornbury Vale" in text or name.endswith(".csv")
    assert "<html" in written["2026-W45-monitoring-officer.html"]


def test_an_earlier_demonstration_is_replaced_and_a_real_store_left_alone(shown: Demonstration, folder: Path) -> None:
    assert shown.scan.problems == ()
    assert (folder / "demo.db").read_bytes().startswith(b"SQLite format 3")
    assert (folder / "aboveboard.db").read_bytes() == b"a council's real store"


def test_every_rule_finds_something_and_some_is_decided(shown: Demonstration) -> None:
    cases = shown.app.cases.cases(RULES, None, None)
    shown.app.close()
    assert {case.finding.rule for case in cases} == set(RULES)
    assert {case.decision.disposition.value for case in cases if case.decision} == {"upheld", "dismissed"}
    assert any(case.is_waiting for case in cases)


def test_nobody_in_the_sheets_of_residents_is_named(written: dict[str, str]) -> None:
    private = _private()
    assert len(private) > 20
    told = {(name, cell) for name, text in written.items() for cell in private if re.search(rf"(?<!\w){re.escape(cell)}(?!\w)", text)}
    assert not told


def _private() -> set[str]:
    """Each cell of the sheets that list residents which says who somebody is: names, and what holds a digit and a letter or many digits."""
    found = set()
    for entry in read(STORY).entries.values():
        for paper in entry.papers:
            rows = list(csv.DictReader(StringIO(paper.text))) if paper.name.endswith((".csv", ".xlsx")) else []
            if rows and set(RESIDENTS) & set(rows[0]):
                found |= {cell for row in rows for column, cell in row.items() if cell and (column in RESIDENTS or _tells(cell))}
    return found


def _tells(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return digits >= 6 or (digits > 0 and any(character.isalpha() for character in cell))


def test_it_says_where_the_digests_lie_and_what_to_do_next(shown: Demonstration, capsys: pytest.CaptureFixture[str]) -> None:
    output.demonstration(shown)
    shown.app.close()
    out = capsys.readouterr().out
    for delivered in shown.digests:
        assert str(delivered.files[0]) in out
    for words in ("Thornbury Vale District Council (fictional)", "silent-copy", "Waiting", "aboveboard check"):
        assert words in out


def test_a_digest_that_cannot_be_written_is_an_error_in_words(shown: Demonstration, folder: Path) -> None:
    hidden = (folder / "digests").rename(folder / "elsewhere")
    (folder / "digests").write_text("in the way")
    try:
        with pytest.raises(Exception, match=r"cannot be written .*; check digests\.folder"):
            list(deliver(shown.app, week_of(shown.app, None)))
    finally:
        shown.app.close()
        (folder / "digests").unlink()
        hidden.rename(folder / "digests")


def test_an_installation_is_no_place_for_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    with pytest.raises(ConfigurationError, match=r"is an installation of its own .*--folder"):
        demonstrate(tmp_path, lambda *_: None)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"cannot be written .*--folder"):
        demonstrate(tmp_path / "file", lambda *_: None)


def test_its_council_is_bundled() -> None:
    assert sorted(path.name for path in council().iterdir()) == ["council.json", "labels.csv", "lists.csv", "mailboxes", "people.csv"]
