"""A mailbox that fails, one that is left out, a server that hangs up on the idle: the rest is read, and what is missing is told by mailbox."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from parish import ANN, BOB, COUNCIL, OLIVE, PETER, Parish, Watched, day, furnish, letter, outcome, post

from reports.digest import Audience, Digest, compose
from reports.render import html, text
from reports.week import Week
from rules.catalogue import RULES
from rules.finding import Finding
from scanner.collect import Protected
from scanner.errors import ConfigurationError, SourceError
from scanner.job import ScanRequest
from scanner.plan import Range
from scanner.sources.patience import Patience, TransientError
from scanner.sources.source import Folder, Head, Page, heads_by

ZONE = ZoneInfo("Europe/London")
OFFICER = Audience("monitoring-officer", "Monitoring Officer", ("silent-copy",))
SCANNED = datetime(2026, 6, 1, tzinfo=UTC)


def digest(parish: Parish) -> Digest:
    """The digest of the week in which the parish's clock begins."""
    return compose(parish.cases, OFFICER, Week.of(SCANNED.date(), ZONE), COUNCIL, SCANNED + timedelta(days=6))


class Refusing(Watched):
    """A source of which one mailbox cannot be listed, and one other's folder cannot."""

    def folders(self, custodian: str) -> Iterator[Folder]:
        if custodian == BOB:
            raise SourceError("no right to this mailbox; grant it")
        yield from super().folders(custodian)

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        if folder == Folder(PETER, "Sent Items"):
            raise SourceError("the server is busy")
        yield from super().pages(folder, cursor)


def test_why_a_mailbox_fell_short_stands_beside_it_in_the_coverage(parish: Parish) -> None:
    for custodian in (ANN, BOB, PETER):
        parish.put(letter(f"a-{custodian}", OLIVE, (custodian,)), custodian)
    parish.put(letter("b@x", PETER), PETER, "Sent Items")
    parish.source = Refusing(parish.source.inner)
    parish.scan()
    shown = digest(parish)
    told = {m.custodian: m.shortfall for m in shown.statement.mailboxes}
    assert told == {BOB: "no right to this mailbox; grant it", PETER: "the server is busy", ANN: ""}
    assert [m.custodian for m in shown.statement.mailboxes][-1] == ANN
    for page in (html(shown), text(shown)):
        assert "Not read in full: no right to this mailbox; grant it" in " ".join(page.split())
    parish.source = Watched(parish.source.inner)
    parish.scan()
    assert {m.shortfall for m in digest(parish).statement.mailboxes} == {""}


def test_mailboxes_that_are_left_out_are_counted_and_never_opened(parish: Parish) -> None:
    for custodian in (ANN, BOB):
        parish.put(letter("a@x", OLIVE, (custodian,)), custodian)
    parish.protected = Protected(mailboxes=frozenset({BOB}))
    result = parish.scan()
    assert (result.left_out, result.collected) == ((BOB,), 1)
    assert {custodian for custodian, _, _ in parish.source.fetched} == {ANN}
    shown = digest(parish)
    assert "1 mailbox left out as protected." in shown.statement.scans
    for page in (html(shown), text(shown)):
        assert "1 mailbox left out as protected." in " ".join(page.split())
        assert BOB not in page


def test_a_left_out_mailbox_is_not_scanned_on_demand_either(parish: Parish) -> None:
    parish.put(letter("a@x", OLIVE, (BOB,)), BOB)
    parish.protected = Protected(mailboxes=frozenset({BOB}))
    with pytest.raises(ConfigurationError, match=f"{BOB} is protected"):
        parish.scan(mailbox=BOB)
    assert parish.source.fetched == []
    assert parish.cases.runs(day(-999), day(999)) == []


def test_who_asked_for_one_mailbox_is_on_record_and_in_the_digest(parish: Parish) -> None:
    parish.put(letter("a@x", OLIVE, (ANN,)), ANN)
    parish.job().run(ScanRequest(Range(mailbox=ANN), "complaint 7", by="Priya Nair"), lambda *_: None)
    (run,) = parish.cases.runs(day(-999), day(999))
    assert (run.mailbox, run.reason, run.asked_by) == (ANN, "complaint 7", "Priya Nair")
    shown = digest(parish)
    assert [(scan.reason, scan.by) for scan in shown.statement.on_demand] == [("complaint 7", "Priya Nair")]
    assert "Asked by: Priya Nair." in " ".join(text(shown).split()) and "Asked by: Priya Nair." in html(shown)


def test_how_much_each_mailbox_holds_and_brought_is_kept(parish: Parish) -> None:
    for number in range(3):
        parish.put(letter(f"{number}@x", OLIVE, (ANN,), date=day(number)), ANN)
    parish.put(letter("undated@x", OLIVE, (ANN,), date=None), ANN)
    parish.put(letter("0@x", OLIVE, (ANN,), date=day(0)), OLIVE, "Sent Items")
    parish.scan()
    (run,) = parish.cases.runs(day(-999), day(999))
    assert run.held == {ANN: 4, OLIVE: 1}
    assert parish.cases.brought(day(0), day(2)) == {ANN: 2, OLIVE: 1}
    assert parish.cases.brought(day(5), day(9)) == {}


# --- a server that hangs up

IDLE = 0.05


class _Talk(socketserver.StreamRequestHandler):
    """One line asks for a file, and the line is cut when nothing is asked for a while."""

    def handle(self) -> None:
        self.connection.settimeout(IDLE)
        try:
            while line := self.rfile.readline():
                raw = (self.server.mail / line.decode().strip()).read_bytes()  # type: ignore[attr-defined]
                self.wfile.write(len(raw).to_bytes(4, "big") + raw)
        except TimeoutError:
            return


class Hasty(Watched):
    """A source whose messages come over a line that dies of every pause; it connects again, as live sources do."""

    connections = 0
    _line: socket.socket | None = None

    def fetch(self, folder: Folder, item: str) -> bytes:
        return Patience(attempts=2, sleep=lambda _: None)(lambda: self._asked(f"{folder.custodian}/{folder.path}/{item}"))

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        return heads_by(self.fetch, folder, items)

    def close(self) -> None:
        if self._line:
            self._line.close()
            self._line = None

    def _asked(self, name: str) -> bytes:
        try:
            return self._answer(name)
        except OSError as error:
            self.close()
            raise TransientError("the line broke") from error

    def _answer(self, name: str) -> bytes:
        if self._line is None:
            self.connections += 1
            self._line = socket.create_connection(self.address, timeout=5)  # type: ignore[attr-defined]
        self._line.sendall(f"{name}\n".encode())
        return self._exactly(int.from_bytes(self._exactly(4), "big"))

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            assert self._line
            if not (part := self._line.recv(size - len(found))):
                raise ConnectionResetError("cut")
            found += part
        return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as made:
        made.daemon_threads, made.mail = True, tmp_path / "hasty" / "mail"  # type: ignore[attr-defined]
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_a_judge_slower_than_the_servers_patience_finds_the_same(tmp_path: Path, server: socketserver.ThreadingTCPServer) -> None:
    def slow(*arguments: Any) -> Iterator[Finding]:
        time.sleep(IDLE * 2)
        return iter(())

    mail = [row for row in post() if row[0] in {ANN, BOB, OLIVE}][:24]
    with Parish(tmp_path / "calm") as calm, Parish(tmp_path / "hasty") as hasty:
        furnish(calm, mail)
        furnish(hasty, mail)
        source = Hasty(hasty.source.inner)
        source.address = server.server_address  # type: ignore[attr-defined]
        hasty.source = source
        hasty.rules = (*RULES, replace(RULES[0], check=slow))
        with closing(source):
            assert calm.scan().problems == hasty.scan().problems == ()
        assert len(calm.findings()) > 3
        assert outcome(hasty.cases) == outcome(calm.cases)
        assert source.connections > 2, "the line was never cut, so nothing was tried"
