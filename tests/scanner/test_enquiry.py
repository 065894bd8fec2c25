"""What a server tells of lists and forwarding: it opens lists, it is kept, and where it fails the scan goes on and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from parish import ALL, ANN, BOB, DOMAIN, OLIVE, PETER, ROSTER, START, UNION, Parish, Watched, day, letter

from scanner.arrangements import arrangements
from scanner.collect import Protected
from scanner.enquiry import Enquiry, is_stranger, with_lists
from scanner.errors import SourceError
from scanner.job import ScanJob, ScanRequest, ScanResult
from scanner.judge import Judge
from scanner.pseudonym import pseudonym
from scanner.sources.directory import Directory, Forwarding
from scanner.store.register import Register

CLUB, TEAM = f"club@{DOMAIN}", f"team@{DOMAIN}"
KEY = pseudonym(b"a key for tests only")
SILENT = [("silent-copy", "hidden-copy", "news@x")]


@dataclass
class Server(Watched):
    """A source of mail that knows lists and forwarding, and notes what it is asked."""

    on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: dict[str, tuple[Forwarding, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuses: Callable[[str], bool] = lambda address: False

    def members(self, address: str) -> tuple[str, ...] | None:
        self._answer(address)
        return self.on.get(address)

    def forwardings(self, custodian: str) -> tuple[Forwarding, ...]:
        self._answer(custodian)
        return self.rules.get(custodian, ())

    def _answer(self, address: str) -> None:
        self.asked.append(address)
        if self.refuses(address):
            raise SourceError("no right to ask")


class Council(Parish):
    """The parish with a server that can be asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = Server(super().source.inner)
        self.days = 0

    @property
    def register(self) -> Register:
        return Register(self.engine)

    def enquiry(self) -> Enquiry:
        return Enquiry((self.server,), self.register, self.ledger, ROSTER, KEY, START + timedelta(days=100 + self.days))

    def job(self) -> ScanJob:
        enquiry, made = self.enquiry(), super().job()
        collector = replace(made.collectors[0], source=self.server, roster=enquiry.informed(), notice=enquiry.notice)
        return replace(made, collectors=(collector,), enquiry=enquiry, build_judge=self.informed_judge)

    def informed_judge(self) -> Judge:
        judge = self.judge
        return replace(judge, sources={self.server.label: self.server}, context=replace(judge.context, roster=self.enquiry().informed()))

    def scan(self, *arguments: object, **changes: object) -> ScanResult:
        self.days += 1
        return self.job().run(ScanRequest(**changes), lambda *_: None)  # type: ignore[arg-type]


@pytest.fixture
def council(tmp_path: Path) -> Council:
    made = Council(tmp_path)
    asked = letter("ask@x", ANN, (OLIVE,), "Olive, when is the fair?", "Fair", day(0))
    made.put(asked, ANN, "Sent Items")
    news = letter("news@x", OLIVE, (ANN,), "On Saturday, Ann.", "RE: Fair", day(1), Cc=CLUB, In_Reply_To="<ask@x>")
    made.put(b"Bcc: " + BOB.encode() + b"\r\n" + news, OLIVE, "Sent Items")
    for custodian in (ANN, BOB):
        made.put(news, custodian, "Inbox")
    return made


def test_the_stand_in_is_a_directory_and_the_files_are_none(council: Council) -> None:
    assert isinstance(council.server, Directory)
    assert not isinstance(Watched(council.server.inner), Directory)


def test_an_open_list_that_only_the_server_knows_is_open(council: Council) -> None:
    council.server.on[CLUB] = (BOB.upper(), "member@away.example")
    assert council.scan().problems == ()
    assert council.findings() == []
    assert council.register.lists() == {CLUB: (BOB, "member@away.example")}


def test_a_list_that_the_server_knows_without_that_member_is_no_excuse(council: Council) -> None:
    council.server.on[CLUB] = (PETER,)
    council.scan()
    assert council.findings() == SILENT


def test_without_a_server_the_same_mail_is_a_finding(council: Council) -> None:
    council.scan()
    assert council.findings() == SILENT


def test_who_is_no_list_is_asked_about_once_and_kept_under_a_pseudonym_only(council: Council) -> None:
    council.scan()
    assert council.server.asked.count(CLUB) == 1
    council.put(letter("more@x", OLIVE, (ANN,), Cc=CLUB, date=day(2)), ANN)
    council.scan()
    assert council.server.asked.count(CLUB) == 1
    assert CLUB.encode() not in (council.folder / "parish.db").read_bytes() + (council.folder / "parish.db-wal").read_bytes()[-4096:]
    council.days += 31
    council.put(letter("later@x", OLIVE, (ANN,), Cc=CLUB, date=day(3)), ANN)
    council.server.on[CLUB] = (BOB,)
    council.scan()
    assert council.server.asked.count(CLUB) == 2
    assert council.findings() == []


def test_a_directory_that_fails_is_a_problem_and_what_it_tells_later_is_judged_again(council: Council) -> None:
    council.server.refuses = lambda address: True
    council.server.on[CLUB] = (BOB,)
    result = council.scan()
    assert f"{council.server.label}: who is on the list {CLUB} could not be read: no right to ask" in result.problems
    assert (result.collected, result.judged) == (4, 2)
    assert council.findings() == SILENT
    assert council.register.strangers() == (CLUB,)
    council.server.refuses = lambda address: False
    assert council.scan().problems == ()
    assert council.findings() == []
    assert council.register.strangers() == ()


def test_known_lists_are_asked_about_in_every_scan_and_a_failure_leaves_what_is_known(council: Council) -> None:
    council.server.on[CLUB] = (BOB,)
    council.scan()
    council.server.refuses = lambda address: address == CLUB
    assert len(council.scan().problems) == 1
    assert council.findings() == []
    council.server.refuses, council.server.on[CLUB] = (lambda address: False), (BOB, PETER)
    council.scan()
    assert council.register.lists() == {CLUB: (BOB, PETER)}


def test_a_server_that_refuses_one_after_another_is_not_asked_for_the_rest(council: Council) -> None:
    council.server.refuses = lambda address: True
    for number in range(9):
        council.put(letter(f"n{number}@x", OLIVE, (f"post{number}@{DOMAIN}",), date=day(3)), OLIVE, "Sent Items")
    problems = council.scan().problems
    assert sum("who is on the list" in problem for problem in problems) == 3
    assert len(council.register.strangers()) == 10


def test_a_list_whose_member_is_protected_is_a_protected_channel(council: Council) -> None:
    council.server.on[CLUB] = (UNION,)
    council.protected = Protected(frozenset({UNION}))
    council.scan()
    assert council.states()["left out"] == 1
    assert council.findings() == []


def test_the_files_win(council: Council) -> None:
    assert with_lists(ROSTER, {ALL: (BOB,), ANN: (BOB,), CLUB: (BOB,)}).lists == {**ROSTER.lists, CLUB: (BOB,)}
    assert with_lists(ROSTER, {}) is ROSTER
    nested = replace(ROSTER, lists={ALL: (TEAM, OLIVE, "x@away.example")})
    assert replace(council.enquiry(), roster=nested).known() == (TEAM,)


@pytest.mark.parametrize(
    ("address", "stranger"),
    [(CLUB, True), (ALL, False), (ANN, False), (f"ann.bell+ward@{DOMAIN}", False), ("club@away.example", False), ("club", False)],
)
def test_only_what_may_be_a_list_of_the_council_is_asked_about(address: str, *, stranger: bool) -> None:
    assert is_stranger(address, ROSTER) is stranger


# --- forwarding


def rule(custodian: str, target: str, kind: str = "redirect", *, copies_all: bool = True) -> tuple[Forwarding, ...]:
    return (Forwarding(custodian, target, kind, copies_all),)


def test_forwarding_is_kept_with_when_it_was_seen_ends_and_begins_anew(council: Council) -> None:
    council.server.rules[OLIVE] = (*rule(OLIVE, BOB, copies_all=False), *rule(OLIVE, BOB))
    council.scan()
    council.scan()
    (first,) = council.register.arranged()
    assert first.forwarding == rule(OLIVE, BOB)[0]
    assert (first.last_seen - first.first_seen, first.ended) == (timedelta(days=1), None)
    del council.server.rules[OLIVE]
    council.scan()
    (gone,) = council.register.arranged()
    assert gone.ended and gone.ended - gone.last_seen == timedelta(days=1)
    council.server.rules[OLIVE] = rule(OLIVE, BOB)
    council.scan()
    (again,) = council.register.arranged()
    assert (again.ended, again.first_seen > gone.last_seen) == (None, True)


def test_a_mailbox_that_cannot_be_asked_keeps_what_is_known_and_the_others_are_asked(council: Council) -> None:
    council.server.rules[OLIVE] = rule(OLIVE, BOB)
    council.scan()
    council.server.refuses = lambda address: address == OLIVE
    council.server.asked.clear()
    assert council.scan().problems == (f"{OLIVE}: its forwarding could not be read: no right to ask",)
    assert council.server.asked == [ANN, BOB, OLIVE]
    assert [each.ended for each in council.register.arranged()] == [None]


def test_what_a_mailboxes_own_rule_passes_on_is_no_finding(council: Council) -> None:
    council.server.on[CLUB], council.server.rules[OLIVE] = (BOB,), rule(OLIVE, BOB)
    council.scan()
    assert council.findings() == []


def test_a_left_out_mailbox_is_not_asked_either(council: Council) -> None:
    council.protected = Protected(mailboxes=frozenset({BOB}))
    result = council.scan()
    assert BOB not in council.server.asked
    assert result.left_out == (BOB,)


@pytest.mark.parametrize(
    ("custodian", "target", "concerns", "members"),
    [
        (OLIVE, BOB, "silent-copy", ["Bob Carr"]),
        (OLIVE, f"ann.bell@{DOMAIN}", "silent-copy", ["Ann Bell"]),
        (UNION, BOB, "silent-copy", ["Bob Carr"]),
        (f"lost@{DOMAIN}", BOB, "silent-copy", ["Bob Carr"]),
        (OLIVE, CLUB, "silent-copy", ["Ann Bell", "Bob Carr"]),
        (ANN, "ann@home.example", "resident-data", []),
        (OLIVE, "olive@home.example", "resident-data", []),
        (OLIVE, PETER, None, []),
        (ANN, BOB, None, ["Bob Carr"]),
        (ANN, f"ann.bell@{DOMAIN}", None, []),
        (OLIVE, OLIVE, None, []),
    ],
)
def test_whom_an_arrangement_concerns(council: Council, custodian: str, target: str, concerns: str | None, members: list[str]) -> None:
    council.register.record_forwardings("graph", custodian, rule(custodian, target), START)
    found = arrangements(council.register.arranged(), with_lists(ROSTER, {CLUB: (ANN, BOB, PETER)}))
    assert [each.concerns for each in found] == ([concerns] if concerns else [])
    assert [member.name for each in found for member in each.members] == (members if concerns else [])
