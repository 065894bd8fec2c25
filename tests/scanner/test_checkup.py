"""`aboveboard check`: everything is examined, and what is wrong says what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from installation import CONFIG, PEOPLE, install

from scanner.checkup import examine
from scanner.config import load
from scanner.errors import ModelError
from scanner.language import model
from scanner.probe import Result


@pytest.fixture(autouse=True)
def _model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "load_model", lambda: "a model")


def examined(config: Path) -> dict[str, Result]:
    return {result.subject: result for result in examine(load(config))}


def test_a_sound_installation_passes_in_every_part(tmp_path: Path) -> None:
    shutil.copytree(
        install(tmp_path).parent / "mailboxes" / "jo.price@wexcombe.example", tmp_path / "mailboxes" / "journal@wexcombe.example", dirs_exist_ok=True
    )
    results = examined(tmp_path / "config.toml")
    assert {name: r.words for name, r in results.items() if not r.passed} == {}
    wanted = ["roster", "protocol", "store", "ledger key", "language model", "digests"]
    assert [name for name in results if name in wanted] == wanted
    assert results["roster"].words == "2 Members, 1 officers and services, 1 list"
    assert results["store"].words == "opened; 0 folders on record"
    assert results["cllr.tom.reed@wexcombe.example"].words == "1 folder, 1 message"
    assert results["jo.price@wexcombe.example"].words == "2 folders, 2 messages"
    assert results["digests"].words == "1 configured; none tells of resident-data"


@pytest.mark.parametrize(
    ("right", "wrong", "subject", "words"),
    [
        ('people = "people.csv"', 'people = "staff.csv"', "roster", "staff.csv: cannot be read"),
        ('people = "people.csv"', 'protocol = "x"\npeople = "people.csv"', "protocol", "choose one or write your own"),
        ("sqlite:///aboveboard.db", "sqlite:///people.csv", "store", "the database cannot be opened"),
        ("file:aboveboard.key", "file:people.csv/key", "ledger key", "cannot be"),
        ("file:aboveboard.key", "file:short", "ledger key", "shorter than 16 characters"),
        ('path = "mailboxes"', 'path = "post"', "eml:post", "is not a folder"),
        ('path = "mailboxes"', 'path = "empty"', "eml:empty", "holds no mailbox"),
        ("", "", "journal@wexcombe.example", "is named as the journal mailbox but is not in this source"),
        ('to = ["mon', 'folder = "people.csv/digests"\nto = ["mon', "digests", "people.csv/digests: cannot be written; check digests.folder"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_examined(tmp_path: Path, right: str, wrong: str, subject: str, words: str) -> None:
    config = install(tmp_path, CONFIG.replace(right, wrong, 1))
    (tmp_path / "short").write_text("secret")
    (tmp_path / "empty").mkdir()
    results = examined(config)
    assert not results[subject].passed
    assert words in results[subject].words
    assert {"roster", "protocol", "store", "ledger key", "language model", "digests"} <= set(results)


def test_a_roster_without_a_member_is_a_fault(tmp_path: Path) -> None:
    results = examined(install(tmp_path, people=PEOPLE.replace(",member,", ",officer,")))
    assert not results["roster"].passed
    assert "names no Member" in results["roster"].words


def test_a_mailbox_of_nobody_on_the_roster_is_told(tmp_path: Path) -> None:
    config = install(tmp_path)
    shutil.copytree(tmp_path / "mailboxes" / "jo.price@wexcombe.example", tmp_path / "mailboxes" / "j.prise@wexcombe.example")
    assert examined(config)["j.prise@wexcombe.example"] == Result(
        "j.prise@wexcombe.example", True, "2 folders, 2 messages; not on the roster", "eml:mailboxes"
    )


def test_a_language_model_that_is_missing_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModelError("run: make model")

    monkeypatch.setattr(model, "load_model", missing)
    assert examined(install(tmp_path))["language model"] == Result("language model", False, "run: make model")
