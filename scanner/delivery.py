"""Writes the digests of a week to their folders: HTML, plain text and a sheet for each audience."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from reports.digest import Audience, Digest, Heading, compose
from reports.render import html, text
from reports.sheet import csv_of
from reports.week import Week
from rules.catalogue import RULES
from scanner.app import App
from scanner.arrangements import arrangements
from scanner.config import DigestSection
from scanner.errors import ConfigurationError, StoreError

_TITLES = {"monitoring-officer": "Monitoring Officer", "data-protection-officer": "Data Protection Officer"}
_HEADINGS = tuple(Heading(rule.id, rule.title, rule.asks) for rule in RULES)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One digest as it was written."""

    digest: Digest
    files: tuple[Path, ...]


def audience_of(section: DigestSection) -> Audience:
    """Who reads a configured digest."""
    return Audience(section.audience, _TITLES[section.audience], tuple(section.rules), _HEADINGS)


def week_of(app: App, day: date | None) -> Week:
    """The week that a day lies in, or the last whole week before now."""
    week = Week.of(day, app.zone) if day else Week.before(app.clock(), app.zone)
    if week.interval.since > app.clock():
        raise ConfigurationError(f"--week: {week} has not begun; name a day of a week that has.")
    return week


def last_written(app: App) -> datetime | None:
    """When the digests were last written, all of them; None where one never was."""
    newest = [max((f.stat().st_mtime for f in _folder(app, s).glob(f"*-{s.audience}.html")), default=0.0) for s in app.configuration.digests]
    return datetime.fromtimestamp(min(newest), UTC) if newest and all(newest) else None


def deliver(app: App, week: Week) -> Iterator[Delivered]:
    """Writes every configured digest of a week. Raises StoreError where a folder cannot be written."""
    for section in app.configuration.digests:
        audience = audience_of(section)
        digest = compose(app.cases, audience, week, app.council, app.clock(), arrangements(app.register.arranged(), app.roster))
        cases = app.cases.cases(audience.rules, *_eight_weeks(week))
        contents = {
            "html": html(digest),
            "txt": text(digest),
            "csv": csv_of(cases, app.zone, app.council.domains),
        }
        stem = _folder(app, section) / f"{week.start:%G-W%V}-{section.audience}"
        yield Delivered(digest, tuple(_write(stem.with_suffix(f".{kind}"), content) for kind, content in contents.items()))


def _folder(app: App, section: DigestSection) -> Path:
    return app.configuration.resolve(section.folder)


def _eight_weeks(week: Week) -> tuple[datetime, datetime]:
    return week.interval.until - timedelta(weeks=8), week.interval.until


def _write(path: Path, content: str) -> Path:
    """Written beside and renamed, so that nobody opens half a digest."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_text(content, "utf-8", newline="")
        part.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}); check digests.folder and the account's rights.") from error
    return path
