"""A council whose mail lies on the Exchange server of ews.py: the server, sources that read it, and a parish that scans it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from live.ews import Exchange, serving
from parish import ANN, BOB, DOMAIN, JOURNAL, OLIVE, PETER, Parish, furnish, post

from scanner.sources.ews.wire import Gate, SignIn, Way
from scanner.sources.exchange import ExchangeSource
from scanner.sources.patience import Patience
from scanner.sources.source import Folder, Page, Source

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SECRET = "Tarn-and-fell-77"
INBOX, SENT = Folder(ANN, "Inbox"), Folder(OLIVE, "Sent Items")
EVERYBODY = (ANN, BOB, OLIVE, PETER, JOURNAL)
STAFF, PLANNERS, HIDDEN, BIG = (f"{name}@{DOMAIN}" for name in ("staff", "planners", "hidden", "big"))


@dataclass
class Office:
    """A server, how to reach it, and how long a client was asked to wait."""

    exchange: Exchange
    url: str
    waits: list[float]

    def source(self, *scope: str, **more: Any) -> ExchangeSource:
        signed = more.pop("sign_in", SignIn("TARNSIDE\\svc", SECRET))
        way = more.pop("way", Way(lambda: datetime.now(UTC), timeout=5))
        wanted: Any = more.pop("group", "") or tuple(scope or (ANN, OLIVE))
        settings = {"server": self.url, "patience": Patience(sleep=self.waits.append), **more}
        return ExchangeSource("exchange", Gate(signed, way), lambda: wanted, **settings)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.exchange.arrived]


@contextmanager
def opened() -> Iterator[Office]:
    """An office with two mailboxes in it."""
    exchange = Exchange()
    for address in (ANN, OLIVE):
        exchange.mailbox(address)
    with serving(exchange) as url:
        yield Office(exchange, url, [])


def listed(source: Source, folder: Folder, cursor: str | None = None) -> tuple[list[str], Page]:
    """All items after a cursor, and the last page."""
    pages = list(source.pages(folder, cursor))
    return [item for page in pages for item in page.items], pages[-1]


class Council(Parish):
    """A parish whose mail lies on the server."""

    def __init__(self, office: Office, *scope: str, **settings: Any) -> None:
        self._folder = tempfile.TemporaryDirectory()
        super().__init__(Path(self._folder.name))
        self.office, self.scope, self.settings = office, scope, settings

    @cached_property
    def source(self) -> ExchangeSource:  # type: ignore[override]  # a parish watches a source of files
        return self.office.source(*self.scope, **self.settings)

    def scan(self, *args: Any, **changes: Any) -> Any:
        """Each scan has its own source, as each run of the program does."""
        self.source.close()
        self.__dict__.pop("source")
        return super().scan(*args, **changes)

    def __enter__(self) -> Council:
        return self

    def close(self) -> None:
        try:
            self.source.close()
            super().close()
        finally:
            self._folder.cleanup()

    def furnish(self) -> None:
        """The month's mail of the parish."""
        furnish(self, ())
        for address in {custodian for custodian, _, _, _ in post()} - set(self.office.exchange.owners):
            self.office.exchange.mailbox(address)
        for custodian, folder, _, raw in post():
            self.office.exchange.put(custodian, folder, raw)

    def told(self) -> tuple[Any, ...]:
        """What must be the same wherever the mail lies: findings but for the names of items, coverage, and what could not be read."""
        findings = [replace(case.finding, copies=()) for case in self.all_cases() if case.withdrawn is None]
        places = {(c.finding.id, *sorted((copy.custodian, copy.folder, copy.role) for copy in c.finding.copies)) for c in self.all_cases()}
        failures = sorted((each.custodian, each.folder, each.part) for each in self.cases.failures())
        read = {place: row for place, row in self.coverage().items() if any(row)}
        return sorted(findings, key=lambda finding: finding.id), places, read, failures


def told_of_files(folder: Path) -> tuple[Any, ...]:
    with Parish(folder) as parish:
        furnish(parish)
        parish.scan()
        return Council.told(parish)  # type: ignore[arg-type]  # it asks nothing of the server
