"""What `aboveboard check` examines: everything that a scan needs, each with what is wrong and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import closing

from rules.catalogue import RULES
from scanner.app import App
from scanner.config import Configuration
from scanner.errors import ConfigurationError
from scanner.probe import Result, count, probed, result

_NAMED = 8


def examine(configuration: Configuration) -> list[Result]:
    """Everything in turn; one that fails does not stop the next."""
    with closing(App(configuration)) as app:
        parts: tuple[tuple[str, Callable[[], str]], ...] = (
            ("roster", lambda: _roster(app)),
            ("protocol", lambda: f"{app.protocol.title}; clauses for {', '.join(app.protocol.clauses)}"),
            ("store", lambda: f"opened; {count(len(app.cases.coverage()), 'folder')} on record"),
            ("ledger key", lambda: "readable" if app.pseudonym("") else ""),
            ("language model", _name_model),
            ("trained reader", lambda: _reader() if configuration.run.reader else "not used: run.reader is false"),
            ("digests", lambda: _digests(configuration)),
        )
        found = [result(subject, probe) for subject, probe in parts]
        sources = [probed(section, app) for section in configuration.sources]
        scope = frozenset(custodian for source in sources for custodian in source.scope)
        found += [each for source in sources for each in source.results]
        roster = (*_left_out(app, scope), *_without_mailbox(app, scope)) if found[0].passed else ()
        return [*found, *roster]


def _name_model() -> str:
    from scanner.language.model import load_model  # noqa: PLC0415  # as in app.py: what takes long to import is imported where it is used

    load_model()
    return "loaded"


def _reader() -> str:
    from scanner.language.reader import load_reader  # noqa: PLC0415

    load_reader()
    return "loaded"


def _roster(app: App) -> str:
    people, lists = app.filed.people, app.filed.lists
    members = sum(person.is_member for person in people)
    if not members:
        raise ConfigurationError("council.people names no Member, and every rule is about Members; give their rows the kind member")
    return f"{count(members, 'Member')}, {len(people) - members} officers and services, {count(len(lists), 'list')}"


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


def _left_out(app: App, scope: Collection[str]) -> Iterator[Result]:
    """The protected mailboxes, and those that protect nothing because the mailbox goes by another address."""
    protected = app.protected.mailboxes
    if left_out := sorted(protected & set(scope)):
        yield Result("left out", True, f"{count(len(left_out), 'mailbox', 'mailboxes')} left out as protected: {', '.join(left_out)}")
    for address in sorted(protected - set(scope)):
        person = app.filed.person(address)
        if person and person.address in scope and person.address not in protected:
            words = f"is protected, but is another address of {person.name}, whose mailbox {person.address} is scanned"
            yield Result(address, False, f"{words}; protect that one, or remove this")
        else:
            yield Result(address, True, "is protected, and in the scope of no source")


def _without_mailbox(app: App, scope: Collection[str]) -> Iterator[Result]:
    """Members and officers whose mailbox no source holds: their copies, and the Bcc lines of what they sent, stay unseen."""
    found = {app.filed.main_address(address) for address in scope}
    missing = [p.name for p in app.filed.people if app.filed.main_address(p.address) not in found]
    if missing:
        shown = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        yield Result("no mailbox", True, f"{len(missing)} of {len(app.filed.people)} people on the roster have no mailbox in any source: {shown}")
