"""The ledger and the casebook: a page whole or not at all, in few statements, the same whatever came first; findings and decisions that last."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from parish import ANN, BOB, START, day
from sqlalchemy import Engine, event

from reports.casebook import Coverage, Decision, Disposition, ReadingFailure
from rules.circulation import Copy, Role
from rules.finding import Evidence, Finding, Severity, Strength
from scanner.sources.source import Folder, Page
from scanner.store.arrival import chunks
from scanner.store.cases import Cases, Judgement
from scanner.store.database import open_database
from scanner.store.entry import Entry, Outcome, Participant, State
from scanner.store.ledger import Ledger

INBOX, SENT = Folder(ANN, "Inbox"), Folder(ANN, "Sent Items")
EVERY = ("silent-copy", "resident-data")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_database("sqlite:///store.db", tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def cases(engine: Engine) -> Cases:
    return Cases(engine)


def key(name: str) -> str:
    return name.rjust(32, "0")


def entry(item: str, name: str | None = None, **changes: Any) -> Entry:
    return Entry(item, key(name or item) if name != "" else None, changes.pop("role", Role.RECEIVED), changes.pop("outcome", Outcome.READ), **changes)


def record(ledger: Ledger, *entries: Entry, folder: Folder = INBOX, cursor: str = "1", restarted: bool = False) -> None:
    ledger.record("eml", folder, Page(tuple(e.item for e in entries), cursor, len(entries), restarted), entries)


def state(ledger: Ledger, name: str) -> str:
    return next(node.state.value for node in ledger.nodes() if node.key == key(name))


def finding(message_id: str = "a@x", kind: str = "hidden-copy", **changes: Any) -> Finding:
    whole = Finding(
        rule="silent-copy",
        kind=kind,
        message_id=message_id,
        date=START,
        severity=Severity.HIGH,
        strength=Strength.PROVED,
        confidence=0.98,
        summary="Bob Carr had a copy",
        clauses=("County, 25.12",),
        evidence=(Evidence("bcc-header", "it shows Bob Carr in Bcc", 4.0, "header Bcc"),),
        settle="Nothing more.",
        next_step="Ask.",
        copies=(Copy(ANN, "Sent Items", "1", Role.SENT), Copy(BOB, "Inbox", "1", Role.RECEIVED, True)),
    )
    return replace(whole, **changes)


# --- a page


def test_a_page_is_stored_with_its_cursor_or_not_at_all(ledger: Ledger, engine: Engine) -> None:
    record(ledger, entry("1"), cursor="first")

    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE folder"):
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(KeyboardInterrupt):
        record(ledger, entry("2"), entry("3", "", outcome=Outcome.FAILED, failure="no"), cursor="second")
    event.remove(engine, "before_cursor_execute", fail)
    assert ledger.cursor("eml", INBOX) == "first"
    assert ledger.unknown("eml", INBOX, ["1", "2", "3"]) == ["2", "3"]
    assert [node.key for node in ledger.nodes()] == [key("1")]
    assert ledger.failed("eml", INBOX) == frozenset()


def test_a_page_recorded_twice_counts_once(ledger: Ledger, cases: Cases) -> None:
    page = (entry("1", references=frozenset({key("0")})), entry("2", "1"), entry("3", "", outcome=Outcome.FAILED, failure="torn"))
    record(ledger, *page)
    record(ledger, *page)
    assert cases.coverage() == [Coverage(ANN, "Inbox", 3, read=2, failed=1)]
    assert cases.failures() == [ReadingFailure(ANN, "Inbox", "3", "", "torn")]
    assert len(ledger.copies([key("1")])[key("1")]) == 2


def test_a_page_takes_a_handful_of_statements_however_long_it_is(ledger: Ledger, engine: Engine) -> None:
    people = [Participant(key(f"p{n}"), "to") for n in range(40)]
    entries = [entry(str(n), references=frozenset({key(f"r{n}")}), participants=frozenset(people[n % 30 : n % 30 + 9])) for n in range(1000)]
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda c, cursor, statement, *_: statements.append(statement))
    record(ledger, *entries)
    record(ledger, *entries, folder=SENT)
    assert len(statements) < 50
    assert len(ledger.nodes()) == 1000


def test_no_statement_has_more_variables_than_an_old_sqlite_takes(tmp_path: Path) -> None:
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)

    made = open_database("sqlite:///store.db", tmp_path)
    made.dispose()
    event.listen(made, "connect", limit)
    ledger, cases = Ledger(made), Cases(made)
    entries = [entry(str(n), participants=frozenset({Participant(key(f"p{n}"), "to")})) for n in range(1500)]
    record(ledger, *entries)
    keys = [node.key for node in ledger.nodes()]
    assert ledger.unknown("eml", INBOX, [e.item for e in entries]) == []
    assert len(ledger.copies(keys)) == len(keys) == 1500
    assert ledger.envelopes(keys) == {}
    ledger.settle(keys)
    cases.record((Judgement(k, (finding(f"{k}@x"),)) for k in keys), START)
    assert len(cases.cases(EVERY, None, None)) == 1500
    ledger.leave_out([key(f"p{n}") for n in range(1200)])
    ledger.keep_only("eml", INBOX, [])
    record(ledger, *entries, restarted=True)
    made.dispose()


@pytest.mark.parametrize("number", [0, 1, 500, 501, 1000])
def test_chunks_lose_nothing(number: int) -> None:
    cut = list(chunks(range(number)))
    assert [value for part in cut for value in part] == list(range(number))
    assert all(0 < len(part) <= 500 for part in cut)


# --- a circulation


FACES = {
    "inside": entry("1", "m", date=day(1), subject_key=key("s"), references=frozenset({key("a")})),
    "by its legacy address": entry("2", "m", date=day(1), subject_key=key("t"), to_judge=False, references=frozenset({key("b")})),
    "undated": entry("3", "m", participants=frozenset({Participant(key("p"), "envelope-bcc")})),
    "protected": entry("4", "m", date=day(0), outcome=Outcome.LEFT_OUT),
}


@pytest.mark.parametrize("names", [("inside", "by its legacy address", "undated"), tuple(FACES)])
@pytest.mark.parametrize("apart", [True, False], ids=["page by page", "in one page"])
def test_what_copies_say_comes_to_the_same_in_any_order(tmp_path: Path, names: tuple[str, ...], apart: bool) -> None:
    seen = set()
    for number, order in enumerate(list(permutations(names))[:: len(names) - 2]):
        engine = open_database(f"sqlite:///{number}.db", tmp_path)
        ledger = Ledger(engine)
        pages = [[FACES[name]] for name in order] if apart else [[FACES[name] for name in order]]
        for page in pages:
            record(ledger, *page)
        (row,) = ledger.nodes()
        counted = [(c.read, c.left_out) for c in Cases(engine).coverage()]
        seen.add((row, str(counted), str(ledger.envelopes([row.key]))))
        engine.dispose()
    assert len(seen) == 1
    row, outcome, _ = seen.pop()
    left_out = "protected" in names
    assert row.state is (State.LEFT_OUT if left_out else State.PENDING)
    assert row.date == (day(0) if left_out else day(1)) and len(row.references) == 2
    assert outcome == ("[(0, 4)]" if left_out else "[(3, 0)]")


@pytest.mark.parametrize(
    ("known", "arrives", "becomes"),
    [
        (Judgement(key("m")), entry("2", "m"), "pending"),
        (Judgement(key("m")), entry("2", "m", to_judge=False), "pending"),
        (Judgement(key("m")), entry("2", "m", outcome=Outcome.LEFT_OUT), "left out"),
        (Judgement(key("m"), complete=False), entry("2", "other"), "pending"),
        (Judgement(key("m")), entry("2", "other"), "judged"),
    ],
)
def test_a_new_copy_makes_a_judged_message_pending(ledger: Ledger, cases: Cases, known: Judgement, arrives: Entry, becomes: str) -> None:
    record(ledger, entry("1", "m"))
    cases.record([known], START)
    record(ledger, arrives, folder=SENT)
    assert state(ledger, "m") == becomes


def test_news_is_settled_once(ledger: Ledger) -> None:
    record(ledger, entry("1", "m"), entry("2", "n", to_judge=False))
    assert all(node.news for node in ledger.nodes()) and not ledger.is_quiet()
    ledger.settle([key("n")])
    assert not any(node.news for node in ledger.nodes())
    assert state(ledger, "n") == "pending"
    record(ledger, entry("1", "m"), folder=SENT)
    assert [node.key for node in ledger.nodes() if node.news] == [key("m")]


def test_the_ledger_is_quiet_when_all_is_judged_and_nothing_has_come(ledger: Ledger, cases: Cases) -> None:
    assert ledger.is_quiet()
    record(ledger, entry("1", "m"), entry("2", "n", to_judge=False))
    ledger.settle([])
    assert not ledger.is_quiet()
    cases.record([Judgement(key("m"))], START)
    assert ledger.is_quiet()
    record(ledger, entry("3", "n", to_judge=False))
    assert not ledger.is_quiet()


# --- what goes


def outcomes(cases: Cases) -> list[tuple[int, ...]]:
    return [(c.expected, c.read, c.left_out, c.unread, c.failed) for c in cases.coverage()]


def test_what_is_gone_counts_no_more_and_still_proves_who_had_it(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m"), entry("2", "n"), entry("3", "", outcome=Outcome.FAILED, failure="torn"))
    ledger.record("eml", INBOX, Page((), "2", 1), ())
    ledger.keep_only("eml", INBOX, {"2"})
    assert outcomes(cases) == [(1, 1, 0, 0, 0)]
    assert cases.failures() == []
    (proof,) = ledger.copies([key("m")])[key("m")]
    assert proof.gone and proof.copy.custodian == ANN
    assert ledger.unknown("eml", INBOX, ["1", "2", "3"]) == ["1", "3"]


def test_what_was_moved_is_shown_where_it_lies_now(ledger: Ledger) -> None:
    record(ledger, entry("1", "m"))
    ledger.keep_only("eml", INBOX, [])
    record(ledger, entry("9", "m"), folder=Folder(ANN, "Archive"))
    assert [(p.copy.folder, p.gone) for p in ledger.copies([key("m")])[key("m")]] == [("Archive", False)]


def test_a_restarted_folder_forgets_its_old_names_and_no_circulation(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("0-10", "m"), entry("10-10", "n"), entry("20-9", "", outcome=Outcome.FAILED, failure="torn"))
    record(ledger, entry("0-10", "n"), restarted=True)
    ledger.keep_only("eml", INBOX, {"0-10"})
    assert outcomes(cases) == [(1, 1, 0, 0, 0)]
    assert [(p.copy.item, p.gone) for p in ledger.copies([key("n")])[key("n")]] == [("0-10", False)]
    assert cases.failures() == []


def test_a_folder_that_is_missing_is_closed_and_may_come_back(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m"))
    record(ledger, entry("1", "m"), folder=SENT)
    record(ledger, entry("1", "m"), folder=Folder(BOB, "Inbox"))
    assert ledger.close_missing("eml", [ANN], [INBOX]) == [SENT]
    assert ledger.close_missing("eml", [ANN], [INBOX]) == []
    assert ledger.close_missing("mbox", None, []) == []
    assert outcomes(cases) == [(1, 1, 0, 0, 0), (0, 0, 0, 0, 0), (1, 1, 0, 0, 0)]
    assert ledger.cursor("eml", SENT) is None and ledger.cursor("eml", INBOX) == "1"
    record(ledger, entry("1", "m"), folder=SENT)
    assert outcomes(cases)[1] == (1, 1, 0, 0, 0)


def test_a_channel_protected_later_leaves_out_what_is_known_of_it(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m", participants=frozenset({Participant(key("u"), "bcc")})), entry("2", "n"))
    cases.record([Judgement(key("m"), (finding("m"),), (("message", "encrypted"),)), Judgement(key("n"))], START)
    ledger.leave_out({key("u")})
    cases.withdraw_left_out(day(1))
    assert [state(ledger, name) for name in "mn"] == ["left out", "judged"]
    assert outcomes(cases) == [(2, 1, 1, 0, 0)]
    assert cases.failures() == []
    assert [case.withdrawn for case in cases.cases(EVERY, None, None)] == [day(1)]


# --- cases


def test_a_finding_comes_back_from_the_store_as_it_went_in(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m"))
    undated = finding("b@x", date=None, severity=Severity.INFO)
    cases.record([Judgement(key("m"), (finding(), undated))], day(3))
    found = {case.finding.message_id: case for case in cases.cases(EVERY, None, None)}
    assert found["a@x"].finding == finding() and found["b@x"].finding == undated
    assert {case.first_found for case in found.values()} == {day(3)}
    assert cases.case(finding().id) == found["a@x"]
    assert cases.case("nothing") is None


@pytest.mark.parametrize("name", ["a\x00b@x", "a\ud800b@x"])
def test_a_finding_of_a_spoilt_message_id_is_kept_under_an_id_that_finds_it(ledger: Ledger, cases: Cases, name: str) -> None:
    record(ledger, entry("1", "m"))
    cases.record([Judgement(key("m"), (finding(name),))], START)
    cases.record([Judgement(key("m"), (finding(name),))], START)
    (case,) = cases.cases(EVERY, None, None)
    assert case.finding.message_id == "a\ufffdb@x"
    assert cases.case(case.finding.id) == case


def test_a_finding_is_withdrawn_when_it_stands_no_longer_and_comes_back_with_its_decision(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m"))
    cases.record([Judgement(key("m"), (finding(),))], day(1))
    choice = Decision(Disposition.UPHELD, "M. Officer", day(2), "Spoken to.")
    assert cases.decide(finding().id, choice)
    cases.record([Judgement(key("m"))], day(3))
    cases.record([Judgement(key("m"))], day(4))
    (gone,) = cases.cases(EVERY, None, None)
    assert gone.withdrawn == day(3) and gone.decision == choice
    cases.record([Judgement(key("m"), (finding(summary="Now put otherwise"),))], day(5))
    (back,) = cases.cases(EVERY, None, None)
    assert (back.withdrawn, back.decision, back.first_found) == (None, choice, day(1))
    assert back.finding.summary == "Now put otherwise"


def test_a_message_that_could_not_be_read_again_keeps_its_findings(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m"))
    cases.record([Judgement(key("m"), (finding(),))], day(1))
    record(ledger, entry("2", "m"))
    cases.record([Judgement(key("m"), (), (("message", "no server"),), complete=False)], day(2))
    assert [case.withdrawn for case in cases.cases(EVERY, None, None)] == [None]
    assert state(ledger, "m") == "pending"
    assert {f.reason for f in cases.failures()} == {"no server"}


def test_the_latest_decision_counts_and_all_are_kept(ledger: Ledger, cases: Cases, engine: Engine) -> None:
    record(ledger, entry("1", "m"))
    cases.record([Judgement(key("m"), (finding(),))], START)
    assert cases.waiting(EVERY)
    for number, choice in enumerate([Disposition.REFERRED, Disposition.DISMISSED]):
        cases.decide(finding().id, Decision(choice, "M. Officer", day(number)))
    assert cases.cases(EVERY, None, None)[0].decision == Decision(Disposition.DISMISSED, "M. Officer", day(1))
    assert not cases.waiting(EVERY)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM decision").scalar() == 2
    assert not cases.decide("nothing", Decision(Disposition.UPHELD, "M. Officer", START))


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, ["early", "late", "undated"]),
        (day(1), None, ["late", "undated"]),
        (None, day(1), ["early"]),
        (day(9), day(11), ["undated"]),
        (day(10), day(10), []),
    ],
)
def test_cases_of_a_period_are_those_dated_or_else_found_in_it(
    ledger: Ledger, cases: Cases, since: datetime | None, until: datetime | None, found: list[str]
) -> None:
    record(ledger, entry("1", "m"))
    several = (finding("late", date=day(1)), finding("undated", date=None), finding("early", date=day(0)))
    cases.record([Judgement(key("m"), several)], day(10))
    assert [case.finding.message_id for case in cases.cases(EVERY, since, until)] == found
    assert cases.cases(("resident-data",), since, until) == []


def test_what_could_not_be_read_is_said_of_every_copy_until_it_can(ledger: Ledger, cases: Cases) -> None:
    record(ledger, entry("1", "m"), entry("2", "n"))
    record(ledger, entry("7", "m", role=Role.JOURNAL), folder=SENT)
    cases.record([Judgement(key("m"), unread=(("message", "encrypted"), ("attachment 1 (.pdf)", "damaged")))], START)
    assert [(f.folder, f.item, f.part) for f in cases.failures()] == [
        ("Inbox", "1", "message"),
        ("Inbox", "1", "attachment 1 (.pdf)"),
        ("Sent Items", "7", "message"),
        ("Sent Items", "7", "attachment 1 (.pdf)"),
    ]
    assert outcomes(cases) == [(2, 1, 0, 1, 0), (1, 0, 0, 1, 0)]
    cases.record([Judgement(key("m"))], START)
    assert cases.failures() == []
    assert outcomes(cases) == [(2, 2, 0, 0, 0), (1, 1, 0, 0, 0)]


def test_a_scan_is_on_record_before_it_reads_and_when_it_ended(cases: Cases) -> None:
    first = cases.begin_scan(day(0))
    second = cases.begin_scan(day(1), ANN, "a complaint")
    cases.finish_scan(second, day(2), ["Bob's mailbox: gone"])
    assert [(r.id, r.finished, r.mailbox, r.reason, r.problems) for r in cases.runs(day(0), day(2))] == [
        (first, None, "", "", ()),
        (second, day(2), ANN, "a complaint", ("Bob's mailbox: gone",)),
    ]
    assert [r.id for r in cases.runs(day(1), day(2))] == [second]
    assert cases.runs(day(2), day(3)) == []


def test_times_come_back_in_utc_whatever_zone_they_went_in(cases: Cases) -> None:
    summer = datetime.fromisoformat("2026-07-01T10:00:00+01:00")
    cases.begin_scan(summer)
    assert cases.runs(summer, day(365))[0].started == datetime(2026, 7, 1, 9, tzinfo=UTC)
