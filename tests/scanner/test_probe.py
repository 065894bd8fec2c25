"""What `aboveboard check` finds of a server: each mailbox by itself, with what works and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from installation import CONFIG, install

from scanner import probe
from scanner.checkup import examine
from scanner.config import load
from scanner.errors import SourceError
from scanner.language import model
from scanner.probe import Result
from scanner.sources.clocks import Timed
from scanner.sources.directory import Directory, Forwarding
from scanner.sources.files import EmlSource
from scanner.sources.source import Folder, Head, Page

ANN, JO, TOM = "cllr.ann.marsh@wexcombe.example", "jo.price@wexcombe.example", "cllr.tom.reed@wexcombe.example"
LIST = "all-members@wexcombe.example"


@dataclass
class Server:
    """A server that fails where it is told to."""

    inner: EmlSource
    fails: frozenset[tuple[str, str]] = frozenset()
    skew: timedelta | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    label: str = "graph:wexcombe"

    def mailboxes(self) -> tuple[str, ...]:
        self._step("mailboxes", "")
        return self.inner.mailboxes()

    def folders(self, custodian: str) -> Iterator[Folder]:
        self._step("folders", custodian)
        return self.inner.folders(custodian)

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        self._step("pages", folder.custodian)
        return self.inner.pages(folder, cursor)

    def heads(self, folder: Folder, items: list[str]) -> Iterator[tuple[str, Head]]:
        try:
            self._step("heads", folder.custodian)
        except SourceError as error:
            return iter([(items[0], error)])
        return self.inner.heads(folder, items)

    def fetch(self, folder: Folder, item: str) -> bytes:
        self._step("fetch", folder.custodian)
        return self.inner.fetch(folder, item)

    def members(self, address: str) -> tuple[str, ...] | None:
        self._step("members", address)
        return (ANN, TOM, "x@wexcombe.example")

    def forwardings(self, custodian: str) -> tuple[Forwarding, ...]:
        self._step("forwardings", custodian)
        return (Forwarding(JO, TOM, "redirect", True),) if custodian == JO else ()

    def close(self) -> None:
        self.asked.append(("close", ""))

    def _step(self, what: str, whose: str) -> None:
        self.asked.append((what, whose))
        if (what, whose) in self.fails:
            raise SourceError("no right; grant the role")


Examine = Callable[..., tuple[dict[str, Result], Server]]


@pytest.fixture
def examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    def made(*fails: tuple[str, str], config: str = CONFIG, skew: timedelta | None = None) -> tuple[dict[str, Result], Server]:
        path = install(tmp_path, config.replace('journal = "journal@wexcombe.example"\n', ""))
        server = Server(EmlSource("eml", tmp_path / "mailboxes"), frozenset(fails), skew)
        monkeypatch.setattr(probe, "source_of", lambda *_: server)
        monkeypatch.setattr(model, "load_model", lambda: "a model")
        return {r.subject: r for r in examine(load(path))}, server

    return made


def test_a_sound_server(examined: Examine) -> None:
    found, server = examined(skew=timedelta(seconds=2))
    assert isinstance(server, Directory) and isinstance(server, Timed)
    assert all(result.passed for result in found.values())
    assert found[JO] == Result(JO, True, "2 folders, 2 messages; sends mail on to 1 address", "graph:wexcombe")
    assert found["graph:wexcombe directory"].words == f"answers; {LIST} has 3 members there, 2 rows in council.lists, which wins"
    assert found["graph:wexcombe clock"].words == "within 3 seconds of the server's"
    assert {what for what, whose in server.asked if whose == ANN} == {"folders", "pages", "heads", "fetch", "forwardings"}
    assert [whose for what, whose in server.asked if what == "fetch"] == [ANN, TOM, JO]
    assert server.asked[-1] == ("close", "")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("folders", "no right; grant the role"),
        ("pages", "no right; grant the role"),
        ("heads", "2 folders, 2 messages listed, but Inbox cannot be read: no right"),
        ("fetch", "2 folders, 2 messages listed, but Inbox cannot be read: no right"),
        ("forwardings", "2 folders, 2 messages read, but its forwarding cannot be: no right"),
    ],
)
def test_a_mailbox_that_fails_says_where_and_the_others_are_examined(examined: Examine, step: str, words: str) -> None:
    found, _ = examined((step, JO))
    assert not found[JO].passed
    assert words in found[JO].words
    assert [r.subject for r in found.values() if not r.passed] == [JO]


def test_a_server_that_cannot_be_reached_is_one_fault(examined: Examine) -> None:
    found, server = examined(("mailboxes", ""))
    assert [(r.subject, r.words) for r in found.values() if not r.passed] == [("eml:mailboxes", "no right; grant the role")]
    assert server.asked == [("mailboxes", ""), ("close", "")]


def test_a_directory_that_does_not_answer_is_a_fault_unless_it_is_not_to_be_asked(examined: Examine) -> None:
    found, _ = examined(("members", LIST))
    assert not found["graph:wexcombe directory"].passed
    found, server = examined(("members", LIST), ("forwardings", JO), config=CONFIG.replace("workers = 1", "directory = false"))
    assert all(result.passed for result in found.values())
    assert "graph:wexcombe directory" not in found
    assert not {"members", "forwardings"} & {what for what, _ in server.asked}


@pytest.mark.parametrize(("minutes", "words"), [(6, "clock is 360 seconds behind"), (-6, "clock is 360 seconds ahead of")])
def test_a_clock_that_is_wrong_is_a_fault(examined: Examine, minutes: int, words: str) -> None:
    found, _ = examined(skew=timedelta(minutes=minutes))
    assert not found["graph:wexcombe clock"].passed
    assert words in found["graph:wexcombe clock"].words


def test_mailboxes_that_are_left_out_are_listed_and_not_opened(examined: Examine) -> None:
    config = CONFIG.replace("[protected]", f'[protected]\nmailboxes = ["{TOM}", "ward@wexcombe.example"]')
    found, server = examined(config=config)
    assert found["left out"].words == f"1 mailbox left out as protected: {TOM}"
    assert found[TOM].words == "left out, as configured"
    assert found["ward@wexcombe.example"].words == "is protected, and in the scope of no source"
    assert TOM not in {whose for _, whose in server.asked}


def test_a_protected_mailbox_that_goes_by_another_address_is_a_fault(examined: Examine) -> None:
    found, _ = examined(config=CONFIG.replace("[protected]", '[protected]\nmailboxes = ["ann.marsh@members.wexcombe.example"]'))
    result = found["ann.marsh@members.wexcombe.example"]
    assert not result.passed
    assert f"whose mailbox {ANN} is scanned; protect that one" in result.words


def test_message_traces_are_a_source_without_mailboxes(examined: Examine, tmp_path: Path) -> None:
    more = '[[sources]]\nkind = "trace"\npath = "traces"\n\n[store]'
    found, _ = examined(config=CONFIG.replace("[store]", more))
    assert not found["trace:traces"].passed
    assert "is neither a file nor a folder" in found["trace:traces"].words
    (tmp_path / "traces").mkdir()
    assert examined(config=CONFIG.replace("[store]", more))[0]["trace:traces"].passed
