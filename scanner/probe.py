"""Whether a source serves: it connects, lists, and reads one header and one message of each mailbox, and its directory answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from scanner.app import App, source_of
from scanner.errors import AboveboardError, ConfigurationError, SourceError
from scanner.live import trace_of
from scanner.source_sections import SourceSection, TraceSection
from scanner.sources.clocks import Timed
from scanner.sources.directory import Directory
from scanner.sources.source import Folder, Source

_SKEW = timedelta(minutes=5)  # Kerberos and Entra refuse beyond it


@dataclass(frozen=True, slots=True)
class Result:
    """One thing examined: what it is, whether it will serve, and in words what was found or what to do. `source` is the source it lies in."""

    subject: str
    passed: bool
    words: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """What one source came to: its results, and the mailboxes in its scope."""

    results: tuple[Result, ...]
    scope: frozenset[str] = frozenset()


def result(subject: str, probe: Callable[[], str], source: str = "") -> Result:
    """What a probe found, or the error that it met."""
    try:
        return Result(subject, True, probe(), source)
    except AboveboardError as error:
        return Result(subject, False, str(error), source)


def probed(section: SourceSection, app: App) -> Probed:
    """One source, as a scan would use it."""
    if isinstance(section, TraceSection):
        return Probed((result(section.label, lambda: f"message traces of {trace_of(section, app.configuration).label}", section.label),))
    try:
        source = source_of(section, app.configuration)
    except AboveboardError as error:
        return Probed((Result(section.label, False, str(error), section.label),))
    with closing(source):
        try:
            scope = source.mailboxes()
        except AboveboardError as error:
            return Probed((Result(section.label, False, str(error), section.label),))
        return Probed(tuple(_results(source, scope, section.journal, app)), frozenset(scope))


def _results(source: Source, scope: Collection[str], journal: str | None, app: App) -> Iterator[Result]:
    if not scope:
        words = "holds no mailbox: it should hold one folder a mailbox, named by its address, with folders of messages in it"
        yield Result(source.label, False, words, source.label)
    for custodian in sorted(scope):
        if custodian in app.protected.mailboxes:
            yield Result(custodian, True, "left out, as configured", source.label)
        else:
            yield result(custodian, lambda custodian=custodian: _mailbox(source, custodian, journal, app), source.label)  # type: ignore[misc]  # a default binds it
    if journal and journal not in scope:
        yield Result(journal, False, "is named as the journal mailbox but is not in this source", source.label)
    if scope and isinstance(source, Directory) and app.configuration.run.directory:
        yield result(f"{source.label} directory", lambda: _directory(source, min(scope), app), source.label)
    if isinstance(source, Timed) and (skew := source.skew) is not None:
        yield result(f"{source.label} clock", lambda: _clock(skew), source.label)


def _mailbox(source: Source, custodian: str, journal: str | None, app: App) -> str:
    """What works in one mailbox. Raises SourceError for what does not, with what did before it."""
    pages = [(folder, next(iter(source.pages(folder, None)))) for folder in source.folders(custodian)]
    listed = f"{count(len(pages), 'folder')}, {count(sum(page.expected for _, page in pages), 'message')}"
    first = next(((folder, page.items[0]) for folder, page in pages if page.items), None)
    if first:
        _read(source, *first, listed)
    known = "" if custodian == journal or _on_roster(app, custodian) else "; not on the roster"
    return f"{listed}{_sent_on(source, custodian, listed, app)}{known}"


def _read(source: Source, folder: Folder, item: str, listed: str) -> None:
    try:
        _, head = next(iter(source.heads(folder, [item])))
        if isinstance(head, SourceError):
            raise head
        source.fetch(folder, item)
    except SourceError as error:
        raise SourceError(f"{listed} listed, but {folder.path} cannot be read: {error}") from error


def _sent_on(source: Source, custodian: str, listed: str, app: App) -> str:
    """Whether the mailbox sends mail on, where the server can be asked."""
    if not isinstance(source, Directory) or not app.configuration.run.directory:
        return ""
    try:
        found = source.forwardings(custodian)
    except SourceError as error:
        raise SourceError(f"{listed} read, but its forwarding cannot be: {error}") from error
    return f"; sends mail on to {count(len({each.target for each in found}), 'address', 'addresses')}" if found else ""


def _directory(source: Directory, mailbox: str, app: App) -> str:
    """One question about a list, with what the files say of it; about a mailbox, which is none, where the files have no list."""
    name = next(iter(app.filed.lists), mailbox)
    members = source.members(name)
    if name == mailbox:
        return "answers"
    known = f"{name} has {count(len(members), 'member')} there" if members is not None else f"{name} is no list there"
    return f"answers; {known}, {count(len(app.filed.lists[name]), 'row')} in council.lists, which wins"


def _clock(skew: timedelta) -> str:
    seconds = round(abs(skew.total_seconds()))
    if abs(skew) > _SKEW:
        raise SourceError(f"this machine's clock is {seconds} seconds {'behind' if skew > timedelta() else 'ahead of'} the server's; set it.")
    return f"within {count(seconds + 1, 'second')} of the server's"


def _on_roster(app: App, custodian: str) -> bool:
    try:
        return app.filed.person(custodian) is not None
    except ConfigurationError:
        return True


def count(number: int, noun: str, nouns: str = "") -> str:
    """`1 folder`, `2 folders`."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"
