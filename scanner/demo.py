"""The demonstration: a fictional council's four weeks, scanned each Monday as the schedule would, with both digests of the last week."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from reports.casebook import Case, Decision, Disposition
from rules.catalogue import RULES
from scanner.app import App
from scanner.config import Configuration, check
from scanner.corpus import document_of
from scanner.delivery import Delivered, deliver, week_of
from scanner.errors import ConfigurationError
from scanner.job import Progress, ScanRequest, ScanResult
from scanner.plan import Range
from scanner.source_sections import FileSection

_ZONE = ZoneInfo("Europe/London")
_MONDAYS = tuple(datetime(2026, 10, 19, 5, tzinfo=_ZONE) + timedelta(weeks=n) for n in range(4))
_DIGEST = timedelta(hours=2)
_DECIDED = 3
_CONFIG = "demo.toml"
_NOTES = {Disposition.UPHELD: "Spoken to both; reminded of the clause.", Disposition.DISMISSED: "The Member knew and had agreed."}
_STORE = "demo.db"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demonstration made: its app, its last scan, and the digests."""

    app: App
    scan: ScanResult
    digests: tuple[Delivered, ...]


def council() -> Path:
    """The bundled council's corpus."""
    return Path(str(resources.files("scanner").joinpath("demo_council")))


def configuration(folder: Path) -> Configuration:
    """The configuration of the demonstration, which keeps everything in its folder."""
    document = document_of(council(), "county-2023")
    document["store"] = {"url": f"sqlite:///{_STORE}", "key": "file:demo.key"}
    document["digests"] = [
        {"audience": "monitoring-officer", "rules": ["silent-copy", "member-obligation", "political-use"]},
        {"audience": "data-protection-officer", "rules": ["resident-data"]},
    ]
    return check(document, folder / _CONFIG)


def _written(made: Configuration, folder: Path) -> None:
    """The demonstration's configuration as a file, so that every other command can be tried on it."""
    council, elections, source = made.council, made.elections, made.sources[0]
    assert isinstance(source, FileSection)
    period = elections.pre_election[0]
    (folder / _CONFIG).write_text(
        f"""[council]
name = {json.dumps(council.name)}
domains = {json.dumps(council.domains)}
people = {json.dumps(council.people)}
lists = {json.dumps(council.lists)}

[elections]
polling_days = [{elections.polling_days[0]}]
pre_election = [{{ from = {period.from_}, to = {period.to} }}]
parties = {json.dumps(elections.parties, ensure_ascii=False)}
candidates = {json.dumps(elections.candidates, ensure_ascii=False)}

[[sources]]
kind = "eml"
path = {json.dumps(source.path)}
journal = {json.dumps(source.journal)}

[store]
url = "{made.store.url}"
key = "{made.store.key}"
"""
        + "".join(f'\n[[digests]]\naudience = "{d.audience}"\nrules = {json.dumps(d.rules)}\n' for d in made.digests),
        "utf-8",
    )


def demonstrate(folder: Path, progress: Progress) -> Demonstration:
    """Scans the bundled council anew into a folder and writes the digests. An earlier demonstration there is replaced.

    Raises ConfigurationError for a folder that is an installation or cannot be written.
    """
    _clear(folder)
    made = configuration(folder)
    _written(made, folder)
    judge = cache(App(made).judge)
    for monday in _MONDAYS:
        with closing(App(made, partial(_always, monday))) as app:
            job = replace(app.scan_job(), build_judge=judge)
            scan = job.run(ScanRequest(Range(until=monday)), progress)
        with closing(App(made, partial(_always, monday + _DIGEST))) as app:
            _decide_some(app, monday)
            digests = tuple(deliver(app, week_of(app, None)))
    return Demonstration(app, scan, digests)


def _clear(folder: Path) -> None:
    if (folder / "config.toml").exists():
        raise ConfigurationError(f"{folder}: is an installation of its own (it holds config.toml); name another with --folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{_STORE}*"):
            old.unlink()
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written ({error.strerror}); name another with --folder.") from error


def _always(moment: datetime) -> datetime:
    return moment


def _decide_some(app: App, monday: datetime) -> None:
    """The fictional Monitoring Officer decides a few of the oldest, so that the digest shows decisions."""
    waiting = app.cases.waiting([rule.id for rule in RULES])
    for number, case in enumerate(_oldest(waiting, monday)):
        choice = Disposition.DISMISSED if number % 3 == 2 else Disposition.UPHELD
        app.cases.decide(case.finding.id, Decision(choice, "monitoring.officer (demonstration)", monday, _NOTES[choice]))


def _oldest(cases: list[Case], monday: datetime) -> Iterator[Case]:
    earlier = [c for c in cases if c.first_found < monday]
    yield from earlier[:_DECIDED]
