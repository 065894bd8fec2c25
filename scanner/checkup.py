"""What `aboveboard check` examines: everything that a scan needs, each with what is wrong and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from rules.catalogue import RULES
from scanner.app import App, source_of
from scanner.config import Configuration
from scanner.errors import AboveboardError, ConfigurationError
from scanner.language.model import ModelError, load_model
from scanner.source_sections import SourceSection
from scanner.sources.source import Source

_NAMED = 8


@dataclass(frozen=True, slots=True)
class Result:
    """One thing examined: what it is, whether it will serve, and in words what was found or what to do."""

    subject: str
    passed: bool
    words: str


def examine(configuration: Configuration) -> list[Result]:
    """Everything in turn; one that fails does not stop the next."""
    with closing(App(configuration)) as app:
        parts: tuple[tuple[str, Callable[[], str]], ...] = (
            ("roster", lambda: _roster(app)),
            ("protocol", lambda: f"{app.protocol.title}; clauses for {', '.join(app.protocol.clauses)}"),
            ("store", lambda: f"opened; {_count(len(app.cases.coverage()), 'folder')} on record"),
            ("ledger key", lambda: "readable" if app.pseudonym("") else ""),
            ("language model", lambda: "loaded" if load_model() else ""),
            ("digests", lambda: _digests(configuration)),
        )
        found = [*(_result(subject, probe) for subject, probe in parts), *(r for section in configuration.sources for r in _source(section, app))]
        return [*found, *_without_mailbox(app)]


def _result(subject: str, probe: Callable[[], str]) -> Result:
    try:
        return Result(subject, True, probe())
    except (AboveboardError, ModelError) as error:
        return Result(subject, False, str(error))


def _roster(app: App) -> str:
    members = sum(person.is_member for person in app.roster.people)
    if not members:
        raise ConfigurationError("council.people names no Member, and every rule is about Members; give their rows the kind member")
    others = len(app.roster.people) - members
    return f"{_count(members, 'Member')}, {others} officers and services, {_count(len(app.roster.lists), 'list')}"


def _digests(configuration: Configuration) -> str:
    """Every folder can be written, and which rules nobody would read."""
    for section in configuration.digests:
        folder = configuration.resolve(section.folder)
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            raise ConfigurationError(f"{folder}: cannot be written; check digests.folder and the account's rights")
    read = {rule for section in configuration.digests for rule in section.rules}
    unread = [rule.id for rule in RULES if rule.id not in read]
    return f"{len(configuration.digests)} configured" + (f"; none tells of {', '.join(unread)}" if unread else "")


def _source(section: SourceSection, app: App) -> Iterator[Result]:
    """Each mailbox as the scan would list it."""
    try:
        source = source_of(section, app.configuration)
        scope = source.mailboxes()
    except AboveboardError as error:
        yield Result(section.label, False, str(error))
        return
    if not scope:
        words = "holds no mailbox: it should hold one folder a mailbox, named by its address, with folders of messages in it"
        yield Result(section.label, False, words)
    with closing(source):
        for custodian in sorted(scope):
            left_out = custodian in app.protected.mailboxes
            yield (
                Result(custodian, True, "left out, as configured")
                if left_out
                else _result(custodian, partial(_mailbox, source, custodian, section, app))
            )
    if section.journal and section.journal not in scope:
        yield Result(section.journal, False, "is named as the journal mailbox but is not in this source")


def _mailbox(source: Source, custodian: str, section: SourceSection, app: App) -> str:
    counts = [next(iter(source.pages(folder, None))).expected for folder in source.folders(custodian)]
    known = "" if custodian == section.journal or _on_roster(app, custodian) else "; not on the roster"
    return f"{_count(len(counts), 'folder')}, {_count(sum(counts), 'message')}{known}"


def _without_mailbox(app: App) -> Iterator[Result]:
    """Members and officers whose mailbox no source holds: their copies, and the Bcc lines of what they sent, stay unseen."""
    try:
        found = {app.roster.main_address(address) for source in app.sources.values() for address in source.mailboxes()}
    except AboveboardError:
        return
    missing = [p.name for p in app.roster.people if app.roster.main_address(p.address) not in found]
    if missing:
        shown = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        yield Result("no mailbox", True, f"{len(missing)} of {len(app.roster.people)} people on the roster have no mailbox in any source: {shown}")


def _on_roster(app: App, custodian: str) -> bool:
    try:
        return app.roster.person(custodian) is not None
    except ConfigurationError:
        return True


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
