"""The health file: written whole, read by a monitor, and sick where a scan is late, failed, or nobody is heard of."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from scanner.errors import StoreError
from scanner.health import Health, Past, Pulse, Result, ails, read

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
MORNING = NOW.replace(hour=5)
DUE = {"scan": MORNING + timedelta(days=1), "digest": NOW + timedelta(days=5)}


def due(after: datetime) -> datetime:
    """Each day at five."""
    five = after.replace(hour=5, minute=0)
    return five if five > after else five + timedelta(days=1)


def scanned(result: Result | None = Result.COMPLETE, hours: float = 0, **changes: object) -> Health:
    began = MORNING - timedelta(hours=hours)
    past = {"scan": Past(began, began + timedelta(minutes=9) if result else None, result)}
    return Health(**{"past": past, "due": DUE, "alive": NOW, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("health", "words"),
    [
        pytest.param(scanned(), [], id="well"),
        pytest.param(Health({}, DUE, NOW), [], id="waiting for its first scan"),
        pytest.param(scanned(due={}, alive=None), [], id="a timer's"),
        pytest.param(scanned(Result.STOPPED), [], id="told to stop"),
        pytest.param(scanned(None, hours=40), [], id="a long scan under way"),
        pytest.param(scanned(Result.PROBLEMS), ["could not read everything"], id="problems"),
        pytest.param(scanned(Result.FAILED), ["the last scan failed"], id="failed"),
        pytest.param(scanned(alive=NOW - timedelta(minutes=6)), ["has not been heard of since 18 Nov 2026 11:54"], id="dead"),
        pytest.param(scanned(None, hours=40, due={}, alive=None), ["no scan has begun since 16 Nov 2026 13:00"], id="a timer's that was killed"),
        pytest.param(scanned(hours=24), ["one was due on 18 Nov 2026 05:00"], id="late"),
        pytest.param(Health(), ["no scan is on record"], id="nothing"),
        pytest.param(Health({**scanned().past, "digest": Past(MORNING, NOW, Result.FAILED)}, DUE, NOW), ["the last digest failed"], id="digest"),
    ],
)
def test_what_ails_it_is_said(health: Health, words: list[str]) -> None:
    found = ails(health, due, NOW)
    assert len(found) == len(words), found
    assert all(word in line for word, line in zip(words, found, strict=True))


def pulse(folder: Path) -> Pulse:
    minutes = count()
    return Pulse(folder / "health.json", lambda: NOW + timedelta(minutes=next(minutes)))


def test_a_job_is_put_down_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    made = pulse(tmp_path)
    with made.watching("scan") as tell:
        assert read(tmp_path / "health.json").past == {"scan": Past(NOW)}
        tell(Result.PROBLEMS)
    assert read(tmp_path / "health.json").past == {"scan": Past(NOW, NOW + timedelta(minutes=1), Result.PROBLEMS)}
    with pytest.raises(RuntimeError), made.watching("digest"):
        raise RuntimeError("Mrs Okafor")
    assert read(tmp_path / "health.json").past["digest"].result is Result.FAILED
    assert "Okafor" not in (tmp_path / "health.json").read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["health.json"]


def test_the_next_program_knows_what_the_last_one_did_and_is_not_taken_for_it(tmp_path: Path) -> None:
    first = pulse(tmp_path)
    with first.watching("scan") as tell:
        tell(Result.COMPLETE)
    first.beat(DUE)
    again = pulse(tmp_path)
    with again.watching("digest") as tell:
        tell(Result.COMPLETE)
    found = read(tmp_path / "health.json")
    assert (set(found.past), found.due, found.alive) == ({"scan", "digest"}, {}, None)


def test_it_beats_once_a_minute_and_when_an_hour_changes(tmp_path: Path) -> None:
    seconds = count(step=10)
    made = Pulse(tmp_path / "health.json", lambda: NOW + timedelta(seconds=next(seconds)))
    beats = []
    for number in range(14):
        made.beat(DUE if number < 12 else {**DUE, "scan": NOW})
        beats.append(read(tmp_path / "health.json").alive)
    assert len(set(beats)) == 3
    assert beats[-1] == NOW + timedelta(seconds=120)


def test_a_file_that_cannot_be_written_is_logged_once_and_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = Pulse(tmp_path / "nowhere" / "health.json", lambda: NOW)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with made.watching("scan") as tell:
                tell(Result.COMPLETE)
    assert len(caplog.records) == 1
    assert "cannot be written (No such file or directory)" in caplog.text


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"past": {"scan": {}}, "due": {}, "alive": null}', '{"past": {}, "due": {}, "alive": "2026-11-18"}', "\x00"]
)
def test_a_file_that_is_none_is_refused_in_words_and_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "health.json").write_text(text)
    with pytest.raises(StoreError, match="is no health file"):
        read(tmp_path / "health.json")
    pulse(tmp_path).beat(DUE)
    assert read(tmp_path / "health.json").due == DUE
    assert json.loads((tmp_path / "health.json").read_text())["past"] == {}
