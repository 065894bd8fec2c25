"""A scan from the mailboxes to the casebook: nothing lost, nothing counted twice, the same in whatever pieces and order it is done."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from parish import (
    ALL,
    ANN,
    BOB,
    DOMAIN,
    JOURNAL,
    OLIVE,
    PETER,
    RESIDENT,
    ROSTER,
    START,
    UNION,
    Parish,
    day,
    encrypted,
    find_entities,
    furnish,
    letter,
    outcome,
    post,
    report,
)

from reports.casebook import Decision, Disposition
from rules.catalogue import RULES
from rules.circulation import Thread
from rules.finding import Finding
from rules.message import Message
from rules.rule import Context, Settings
from scanner import workers
from scanner.app import App
from scanner.collect import Protected
from scanner.corpus import configuration_of
from scanner.errors import SourceError
from scanner.job import ScanJob, ScanRequest, ScanRunningError
from scanner.judge import Judge
from scanner.plan import Range
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.mime import read_message
from scanner.sources.source import Folder

CORPORA = Path(__file__).parents[1] / "corpora"
HIDDEN = ("silent-copy", "hidden-copy")
MAILBOXES = sorted({custodian for custodian, *_ in post()})


def hidden(*names: str) -> list[tuple[str, str, str]]:
    return sorted((*HIDDEN, name) for name in names)


# --- only what is new


def test_a_second_scan_fetches_nothing_but_what_failed(parish: Parish) -> None:
    furnish(parish)
    first = parish.scan()
    assert first.collected == len(post()) and first.judged == 29
    before = outcome(parish.cases)
    parish.source.fetched.clear()
    second = parish.scan()
    assert (second.collected, second.judged) == (0, 0)
    assert parish.source.fetched == [(PETER, "Inbox", "0001.eml")]
    assert outcome(parish.cases) == before


def test_each_message_is_read_closely_once_however_many_hold_it(parish: Parish) -> None:
    for custodian in (ANN, BOB, OLIVE, PETER):
        parish.put(letter("all@x", OLIVE, (ANN, BOB, PETER)), custodian, "Sent Items" if custodian == OLIVE else "Inbox")
    parish.scan()
    assert len(parish.source.fetched) == 4 + 1
    assert parish.source.fetched[-1] == (OLIVE, "Sent Items", "0001.eml")


@pytest.mark.parametrize("name", ["0000.eml", "0001a.eml", "0009.eml"])
def test_a_file_that_arrives_between_older_names_is_the_only_one_read(parish: Parish, name: str) -> None:
    for n in range(1, 4):
        parish.put(letter(f"{n}@x", RESIDENT, subject=str(n)), ANN, name=f"000{n}.eml")
    parish.scan()
    parish.source.fetched.clear()
    parish.put(letter("new@x", RESIDENT, subject="new"), ANN, name=name)
    assert parish.scan().collected == 1
    assert parish.source.fetched == [(ANN, "Inbox", name)]
    assert parish.coverage() == {f"{ANN}/Inbox": (4, 4, 0, 0, 0, 0)}


# --- what goes and what cannot be read


@pytest.mark.parametrize("gone", [BOB, OLIVE])
def test_deleting_a_copy_neither_counts_nor_clears(parish: Parish, gone: str) -> None:
    """A hidden reader who deletes the message has had it all the same."""
    sent = parish.put(letter("a@x", OLIVE, (ANN,)), OLIVE, "Sent Items")
    received = parish.put(letter("a@x", OLIVE, (ANN,)), BOB)
    kept = parish.put(letter("other@x", ANN, (OLIVE,), subject="Other"), BOB if gone == BOB else OLIVE, "Inbox" if gone == BOB else "Sent Items")
    parish.scan()
    assert parish.findings() == hidden("a@x")
    (received if gone == BOB else sent).unlink()
    for afresh in (False, True):
        parish.source.fetched.clear()
        assert parish.scan(afresh=afresh).problems == ()
        assert parish.findings() == hidden("a@x")
        assert (gone, kept.parent.name, "0001.eml") not in parish.source.fetched
    assert parish.coverage()[f"{gone}/{kept.parent.name}"] == (1, 1, 0, 0, 0, 0)


def test_a_message_of_which_every_copy_is_deleted_keeps_its_finding_and_its_decision(parish: Parish) -> None:
    path = parish.put(letter("a@x", OLIVE, (ANN,), Bcc=BOB), OLIVE, "Sent Items")
    parish.put(letter("b@x", OLIVE, (ANN,), subject="Other"), OLIVE, "Sent Items")
    parish.scan()
    (case,) = parish.all_cases()
    parish.cases.decide(case.finding.id, Decision(Disposition.UPHELD, "M. Officer", START))
    path.unlink()
    parish.scan()
    parish.scan(afresh=True)
    (after,) = parish.all_cases()
    assert (after.withdrawn, after.decision, after.finding) == (None, Decision(Disposition.UPHELD, "M. Officer", START), case.finding)


def test_a_folder_that_disappears_is_closed_and_one_that_returns_is_read_again(parish: Parish) -> None:
    furnish(parish)
    parish.scan()
    before = outcome(parish.cases)
    place = parish.mail / BOB / "Inbox"
    place.rename(parish.folder / "aside")
    assert parish.scan().problems == (f"{BOB}: this mailbox was read before, and eml holds no mail of it any more.",)
    assert parish.scan().problems == ()
    assert parish.coverage()[f"{BOB}/Inbox"] == (0, 0, 0, 0, 0, 0)
    assert outcome(parish.cases)[0] == before[0]
    (parish.folder / "aside").rename(place)
    assert parish.scan().collected == 11
    assert outcome(parish.cases) == before


def test_a_folder_that_was_renamed_is_counted_once(parish: Parish) -> None:
    furnish(parish)
    parish.scan()
    (parish.mail / BOB / "Inbox").rename(parish.mail / BOB / "Old")
    assert parish.scan().problems == ()
    found = parish.coverage()
    assert (found[f"{BOB}/Inbox"], found[f"{BOB}/Old"]) == ((0,) * 6, (11, 11, 0, 0, 0, 0))
    copies = {copy for case in parish.all_cases() for copy in case.finding.copies if copy.custodian == BOB}
    assert {copy.folder for copy in copies} == {"Old"}


@pytest.mark.parametrize(
    ("raw", "reason"), [(b"", "is empty"), (b" \r\n\r\n", "is empty"), (b"\x00\x01\x02 nonsense", "no message"), (b"\xff" * 5000, "no message")]
)
def test_what_is_no_message_has_failed(parish: Parish, raw: bytes, reason: str) -> None:
    parish.put(raw)
    parish.scan()
    assert parish.coverage() == {f"{ANN}/Inbox": (1, 0, 0, 0, 1, 0)}
    (failure,) = parish.cases.failures()
    assert reason in failure.reason and (failure.item, failure.part) == ("0001.eml", "")


def test_what_failed_is_tried_again_and_forgotten_when_it_succeeds(parish: Parish) -> None:
    parish.put(letter("ok@x"), OLIVE, "Sent Items")
    (parish.mail / OLIVE / "Sent Items" / "0002.eml").symlink_to(parish.folder / "late.eml")
    parish.scan()
    assert parish.coverage() == {f"{OLIVE}/Sent Items": (2, 1, 0, 0, 1, 0)}
    assert parish.scan().judged == 0 and len(parish.cases.failures()) == 1
    (parish.folder / "late.eml").write_bytes(letter("late@x", subject="Late", Bcc=BOB))
    parish.scan()
    assert parish.coverage() == {f"{OLIVE}/Sent Items": (2, 2, 0, 0, 0, 0)}
    assert parish.findings() == hidden("late@x") and parish.cases.failures() == []


def test_a_source_that_fails_in_the_second_pass_leaves_its_messages_for_the_next_scan(parish: Parish) -> None:
    parish.put(letter("a@x", Bcc=BOB), OLIVE, "Sent Items")
    parish.put(letter("b@x", subject="Other"), PETER, "Sent Items")

    def fail(folder: Folder, item: str) -> None:
        if parish.source.fetched.count((folder.custodian, folder.path, item)) == 1 and folder.custodian == OLIVE:
            raise SourceError("the server went away")

    parish.source.before = fail
    parish.scan()
    assert parish.findings() == [] and parish.states() == {"judged": 1, "pending": 1}
    assert [(f.custodian, f.reason) for f in parish.cases.failures()] == [(OLIVE, "the server went away")]
    assert parish.coverage()[f"{OLIVE}/Sent Items"] == (1, 0, 0, 1, 0, 0)
    parish.source.before = lambda folder, item: None
    parish.scan()
    assert parish.findings() == hidden("a@x") and parish.cases.failures() == []


def test_a_copy_that_cannot_be_opened_gives_way_to_another(parish: Parish) -> None:
    parish.put(letter("a@x", OLIVE, (ANN,)), ANN)
    parish.put(letter("a@x", OLIVE, (ANN,)), BOB)

    def fail(folder: Folder, item: str) -> None:
        if len(parish.source.fetched) >= 2 and folder.custodian == ANN:
            raise SourceError("locked")

    parish.source.before = fail
    parish.scan()
    assert parish.findings() == hidden("a@x") and parish.cases.failures() == []


@pytest.mark.parametrize("where", ["headers", "text"])
def test_mail_that_makes_the_reader_stumble_does_not_stop_the_scan(parish: Parish, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    parish.put(letter("bad@x", subject="Trap"), OLIVE, "Sent Items")
    parish.put(letter("good@x", subject="Other", Bcc=BOB), OLIVE, "Sent Items")
    module, name = ("scanner.collect", "read_envelope") if where == "headers" else ("scanner.judge", "read_message")
    original: Callable[..., Any] = getattr(__import__(module, fromlist=[name]), name)

    def stumble(raw: bytes, fallback: str) -> Any:
        if b"Trap" in raw:
            raise RecursionError("secret words of the letter")
        return original(raw, fallback)

    monkeypatch.setattr(f"{module}.{name}", stumble)
    parish.scan()
    assert parish.findings() == hidden("good@x")
    (failure,) = parish.cases.failures()
    assert "RecursionError" in failure.reason and "secret" not in failure.reason
    assert parish.coverage()[f"{OLIVE}/Sent Items"] in {(2, 1, 0, 0, 1, 0), (2, 1, 0, 1, 0, 0)}


def test_a_source_that_is_configured_no_longer_is_said_and_stops_nothing(parish: Parish) -> None:
    parish.put(letter("a@x", date=day(0)), OLIVE, "Sent Items")
    parish.scan(until=day(-1))
    gone = Judge({}, parish.judge.context, RULES, parish.judge.pseudonym)
    job = replace(parish.job(), build_judge=lambda: gone)
    job.run(ScanRequest(), lambda *_: None)
    assert "configured no longer" in parish.cases.failures()[0].reason


# --- the same in any pieces


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Parish(tmp_path_factory.mktemp("whole")) as parish:
        furnish(parish)
        parish.scan()
        return outcome(parish.cases)


def test_the_month_has_something_of_everything(at_once: Any) -> None:
    """The comparisons below would mean little if there were nothing to compare."""
    findings, coverage, failures = at_once
    assert {(f.rule, f.kind) for f in findings} >= {HIDDEN, ("silent-copy", "forward")}
    assert all(any(getattr(c, kind) for c in coverage) for kind in ("read", "left_out", "unread", "failed"))
    assert len(failures) == 3
    assert "onward@x" not in {f.message_id for f in findings}, "open only to who has seen Ann's own copy"
    assert {f.message_id for f in findings if f.evidence[0].kind == "pasted"} == {"well-gist@x"}


@pytest.mark.parametrize("seed", range(6))
def test_mailbox_by_mailbox_in_any_order_and_then_all_is_the_same_as_all_at_once(parish: Parish, at_once: Any, seed: int) -> None:
    furnish(parish)
    order = list(MAILBOXES)
    random.Random(seed).shuffle(order)
    for mailbox in order[: 3 + seed % 4]:
        parish.scan(mailbox=mailbox)
    parish.scan()
    assert outcome(parish.cases) == at_once


PIECES = [(None, day(3)), (day(3), day(5)), (day(5), day(9)), (day(9), None)]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_period_by_period_is_the_same_as_all_at_once(parish: Parish, at_once: Any, order: tuple[int, ...]) -> None:
    furnish(parish)
    for piece in order:
        since, until = PIECES[piece]
        parish.scan(since=since, until=until)
    assert outcome(parish.cases) == at_once
    assert parish.scan().judged == 0


def test_day_by_day_as_the_mail_comes_is_the_same_as_all_at_once(parish: Parish, at_once: Any) -> None:
    furnish(parish, [])
    mail = post()
    random.Random(1).shuffle(mail)
    for start in range(0, len(mail), 7):
        furnish(parish, mail[start : start + 7])
        parish.scan()
    assert outcome(parish.cases) == at_once


def app_of(corpus: Path, folder: Path) -> tuple[App, ScanJob]:
    folder.mkdir()
    (folder / "aboveboard.key").write_text("a key for tests only")
    app = App(configuration_of(corpus, folder))
    judge = Judge(app.sources, app.context(find_entities), app.rules, app.pseudonym)
    return app, replace(app.scan_job(), build_judge=lambda: judge)


def quietly(job: ScanJob, **wanted: Any) -> None:
    job.run(ScanRequest(Range(**wanted), "because"), lambda *_: None)


@pytest.mark.parametrize("corpus", ["marlshire", "haverbrook"])
def test_a_corpus_in_pieces_is_the_same_as_at_once(tmp_path: Path, corpus: str) -> None:
    whole, job = app_of(CORPORA / corpus, tmp_path / "whole")
    quietly(job)
    pieces, job = app_of(CORPORA / corpus, tmp_path / "pieces")
    mailboxes = sorted(place.name for place in (CORPORA / corpus / "mailboxes").iterdir())
    random.Random(7).shuffle(mailboxes)
    for mailbox in mailboxes[::2]:
        quietly(job, mailbox=mailbox)
    dates = sorted(c.finding.date for c in whole.cases.cases([rule.id for rule in RULES], None, None) if c.finding.date)
    middle = dates[len(dates) // 2]
    quietly(job, since=middle)
    quietly(job, until=middle)
    quietly(job)
    assert len(dates) > 20
    assert outcome(pieces.cases) == outcome(whole.cases)
    whole.close()
    pieces.close()


# --- judged again


def test_a_new_copy_makes_a_message_judged_again_and_its_finding_keeps_identity_and_decision(parish: Parish) -> None:
    parish.put(letter("a@x", OLIVE, (ANN,)), BOB)
    parish.scan()
    (case,) = parish.all_cases()
    assert case.finding.strength == "likely"
    parish.cases.decide(case.finding.id, Decision(Disposition.REFERRED, "M. Officer", START))
    parish.put(letter("a@x", OLIVE, (ANN,), Bcc=BOB), OLIVE, "Sent Items")
    assert parish.scan(mailbox=OLIVE).judged == 1
    (again,) = parish.all_cases()
    assert again.finding.strength == "proved" and again.finding.id == case.finding.id
    assert again.decision and again.decision.disposition is Disposition.REFERRED
    assert again.first_found == case.first_found


def test_a_finding_that_stands_no_longer_is_withdrawn_and_comes_back_when_it_stands_again(parish: Parish) -> None:
    """The forward was no wrong if Bob was in the circulation of the original; only Ann's own mailbox shows that."""
    chain = f"See below.\n\nFrom: Ann Bell <{ANN}>\nSent: Monday\nTo: Olive Dunn <{OLIVE}>\nSubject: Plot\n\nOlive, may I ask about plot 9?"
    original = partial_letter = letter("ask@x", ANN, (OLIVE,), "Olive, may I ask about plot 9?", "Plot", day(0), Cc=BOB)
    parish.put(letter("pass@x", OLIVE, (BOB,), chain, "FW: Plot", day(1), References="<ask@x>"), OLIVE, "Sent Items")
    parish.scan()
    assert parish.findings() == [("silent-copy", "forward", "pass@x")]
    (case,) = parish.all_cases()
    parish.put(partial_letter, ANN, "Sent Items")
    assert parish.scan().judged == 2
    assert parish.findings() == [] and [c.finding.id for c in parish.all_cases()] == [case.finding.id]
    settings = Settings(enabled=False)
    parish.rules = tuple(replace(rule, settings=settings) if rule.id == "silent-copy" else rule for rule in RULES)
    parish.scan(afresh=True)
    parish.rules = RULES
    (parish.mail / ANN / "Sent Items" / "0001.eml").write_bytes(original.replace(f"Cc: {BOB}".encode(), b"X-Cc: nobody"))
    assert parish.scan(afresh=True).judged == 2
    assert parish.findings() == [("silent-copy", "forward", "pass@x")]
    assert parish.all_cases()[0].first_found == case.first_found


def test_a_letter_from_outside_that_comes_to_light_later_is_context_of_what_was_judged(parish: Parish) -> None:
    parish.put(
        letter("told@x", OLIVE, (ANN,), "Mrs Moss has written, 01632 960123.", "RE: Roof", day(2), In_Reply_To="<joan@x>"), OLIVE, "Sent Items"
    )
    assert parish.scan().judged == 1
    parish.put(letter("joan@x", RESIDENT, (OLIVE, ANN), "My roof leaks.", "Roof", day(1)), ANN)
    parish.source.fetched.clear()
    assert parish.scan().judged == 1
    assert {item[:2] for item in parish.source.fetched} == {(ANN, "Inbox"), (OLIVE, "Sent Items")}
    assert parish.scan().judged == 0


@pytest.mark.parametrize(("wanted", "judged"), [({}, 3), ({"since": day(1)}, 2), ({"until": day(1)}, 2), ({"mailbox": ANN}, 1)])
def test_afresh_judges_again_what_its_range_holds_and_what_is_undated(parish: Parish, wanted: dict[str, Any], judged: int) -> None:
    parish.put(letter("a@x", ANN, (OLIVE,), subject="A", date=day(0)), ANN, "Sent Items")
    parish.put(letter("b@x", subject="B", date=day(1)), OLIVE, "Sent Items")
    parish.put(letter("c@x", subject="C", date=None), OLIVE, "Sent Items")
    parish.scan()
    assert parish.scan(afresh=True, **wanted).judged == judged
    assert parish.states() == {"judged": 3}


# --- what is never read


PLACES: list[tuple[str, dict[str, Any]]] = [
    ("To", {"to": (UNION,)}),
    ("Cc", {"Cc": f"Union <{UNION.upper()}>"}),
    ("From", {"sender": UNION}),
    ("Sender", {"Sender": UNION}),
    ("an alias", {"to": (UNION.replace("union", "unison"),)}),
    ("a list", {"to": (ALL,)}),
    ("Bcc", {"Bcc": UNION}),
    ("a list in Bcc", {"Bcc": ALL}),
    ("the subject", {"subject": "RE: Legally Privileged: plot"}),
]


@pytest.mark.parametrize("changes", [changes for _, changes in PLACES], ids=[name for name, _ in PLACES])
@pytest.mark.parametrize("first", ["before", "after", "later scan"])
def test_a_protected_message_is_left_out_with_every_copy_of_it(
    parish: Parish, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], first: str
) -> None:
    """The protected name may stand in one copy alone: the other copies say nothing of a Bcc."""
    parish.protected = Protected(frozenset({UNION}), ("legally privileged",))
    monkeypatch.setattr("scanner.judge.read_message", lambda raw, name: pytest.fail("its text was read"))
    telling = letter("a@x", **{"sender": PETER, "to": (ANN,), **changes})
    silent = letter("a@x", PETER, (ANN,)) if "Bcc" in changes else telling
    tells, says_nothing = (BOB, PETER) if first == "before" else (PETER, ANN)
    if first == "later scan":
        monkeypatch.undo()
        parish.put(letter("a@x", PETER, (ANN,)), BOB)
        parish.scan()
        assert parish.findings() == hidden("a@x")
        monkeypatch.setattr("scanner.judge.read_message", lambda raw, name: pytest.fail("its text was read"))
    parish.put(telling, tells, "Sent Items")
    parish.put(silent, says_nothing, "Sent Items")
    parish.scan()
    parish.scan(afresh=True)
    assert parish.states() == {"left out": 1} and parish.findings() == []
    assert all(row[0] == row[2] == 1 for row in parish.coverage().values())
    assert parish.cases.failures() == []


@pytest.mark.parametrize("changes", [changes for _, changes in PLACES], ids=[name for name, _ in PLACES])
def test_a_protected_message_is_known_by_its_envelope(changes: dict[str, Any]) -> None:
    protected = Protected(frozenset({UNION}), ("legally privileged",))
    assert protected.covers(read_envelope(letter("a@x", **{"sender": PETER, **changes}), "").message, ROSTER)
    assert not protected.covers(read_envelope(letter("a@x", PETER, (ANN, BOB)), "").message, ROSTER, (OLIVE, ""))
    assert not Protected().covers(read_envelope(letter("a@x", **{"sender": PETER, **changes}), "").message, ROSTER)


def test_what_lies_in_a_protected_mailbox_is_left_out(parish: Parish) -> None:
    parish.protected = Protected(frozenset({UNION}))
    parish.put(letter("a@x", PETER, (ANN,)), UNION)
    parish.put(letter("a@x", PETER, (ANN,)), ANN)
    parish.scan()
    assert parish.states() == {"left out": 1}
    assert len(parish.source.fetched) == 2


def test_a_protected_recipient_whom_only_the_journal_names_is_enough(parish: Parish) -> None:
    parish.protected, parish.journal = Protected(frozenset({UNION})), JOURNAL
    parish.put(letter("a@x", PETER, (ANN,)), ANN)
    parish.put(report(letter("a@x", PETER, (ANN,)), f"To: {ANN}", f"Bcc: {UNION}"), JOURNAL)
    parish.scan()
    assert parish.states() == {"left out": 1}
    assert parish.coverage() == {f"{ANN}/Inbox": (1, 0, 1, 0, 0, 0), f"{JOURNAL}/Inbox": (1, 0, 1, 0, 0, 0)}


def test_an_address_that_is_protected_later_is_left_out_from_then_on(parish: Parish) -> None:
    parish.put(letter("a@x", PETER, (UNION,), Bcc=BOB), PETER, "Sent Items")
    parish.put(letter("b@x", PETER, (ALL, ANN), subject="To all", Bcc=BOB), PETER, "Sent Items")
    parish.put(letter("c@x", PETER, (ANN,), subject="Other", Bcc=BOB), PETER, "Sent Items")
    parish.scan()
    assert parish.findings() == hidden("b@x", "c@x")
    parish.protected = Protected(frozenset({UNION}))
    parish.source.fetched.clear()
    parish.scan(afresh=True)
    assert parish.findings() == hidden("c@x") and parish.states() == {"judged": 1, "left out": 2}
    assert parish.source.fetched == [(PETER, "Sent Items", "0003.eml")]


def test_a_reply_to_a_protected_message_is_judged_without_it(parish: Parish, monkeypatch: pytest.MonkeyPatch) -> None:
    parish.protected = Protected(frozenset({UNION}))
    parish.put(letter("a@x", PETER, (UNION, OLIVE), "the protected words", "Pay", day(0)), PETER, "Sent Items")
    parish.put(letter("b@x", OLIVE, (PETER,), "Noted.", "RE: Pay", day(1), In_Reply_To="<a@x>"), OLIVE, "Sent Items")
    read: list[bytes] = []

    def noted(raw: bytes, name: str) -> Message:
        read.append(raw)
        return read_message(raw, name)

    monkeypatch.setattr("scanner.judge.read_message", noted)
    assert parish.scan().judged == 1
    assert not any(b"protected words" in raw for raw in read)


MARKS = ("zebedee", "quagmire", "marzipan", "ocelot", "xylophone", "peregrine", "tamarind")


def test_nothing_of_innocent_mail_stands_in_the_database_in_clear(parish: Parish) -> None:
    """Looked for in the raw bytes of the file and of its write-ahead log, unread parts and failures included."""
    parish.journal = JOURNAL
    attached = (
        'Content-Type: multipart/mixed; boundary="cut"\r\n\r\n--cut\r\n\r\nabout ocelot\r\n'
        '--cut\r\nContent-Type: application/pdf; name="xylophone.pdf"\r\nContent-Disposition: attachment; filename="xylophone.pdf"\r\n\r\n%PDF-broken\r\n--cut--'
    )
    plain = letter("marzipan@id.example", OLIVE, ("zebedee@post.example",), "about ocelot", "the quagmire", date=day(1), References="<marzipan@r>")
    asked = letter("marzipan2@id.example", "zebedee <zebedee@post.example>", (OLIVE,), "ocelot", "the quagmire", date=day(0))
    torn = letter("marzipan3@id.example", OLIVE, ("zebedee@post.example",), "", "the quagmire").removesuffix(b"\r\n\r\n") + attached.encode()
    parish.put(plain, OLIVE, "Sent Items")
    parish.put(asked, OLIVE, "Inbox")
    parish.put(torn.replace(b"\r\nContent-Type", b"\r\nMIME-Version: 1.0\r\nContent-Type", 1), OLIVE, "Sent Items")
    parish.put(encrypted("marzipan4@id.example", subject="quagmire", body="ocelot"), OLIVE, "Sent Items")
    parish.put(
        report(letter("marzipan5@id", OLIVE, ("zebedee@post.example",), "ocelot"), "To: zebedee@post.example, Expanded: tamarind@x.example"), JOURNAL
    )
    parish.put(report(b"", "To: peregrine@post.example"), JOURNAL)
    parish.scan()
    assert len(parish.cases.failures()) >= 3
    raw = b"".join(path.read_bytes() for path in sorted(parish.folder.glob("parish.db*")))
    assert (parish.folder / "parish.db-wal").stat().st_size
    assert OLIVE.encode() in raw and b"0001.eml" in raw
    assert [word for word in MARKS if word.encode() in raw.lower()] == []


# --- journals


def test_several_reports_of_one_message_merge_and_the_wrapper_is_no_correspondence(parish: Parish) -> None:
    parish.journal = JOURNAL
    original = letter("a@x", OLIVE, (ANN,))
    for recipients in ((f"To: {ANN}",), (f"Bcc: {BOB}",), (f"Recipient: {PETER}",)):
        parish.put(report(original, *recipients), JOURNAL)
    result = parish.scan()
    assert (result.collected, result.judged) == (3, 1)
    assert parish.findings() == hidden("a@x") and parish.all_cases()[0].finding.strength == "proved"
    assert parish.states() == {"judged": 1}
    assert parish.coverage() == {f"{JOURNAL}/Inbox": (3, 3, 0, 0, 0, 0)}


def test_a_report_joins_the_copies_of_its_message(parish: Parish) -> None:
    parish.journal = JOURNAL
    parish.put(letter("a@x", OLIVE, (ANN,)), ANN)
    parish.scan()
    assert parish.findings() == []
    parish.put(report(letter("a@x", OLIVE, (ANN,)), f"To: {ANN}", f"Bcc: {BOB}"), JOURNAL)
    assert parish.scan().judged == 1
    assert parish.findings() == hidden("a@x")
    assert {copy.custodian for copy in parish.all_cases()[0].finding.copies} == {ANN, JOURNAL}


@pytest.mark.parametrize("journal", [None, f"other@{JOURNAL.partition('@')[2]}"])
def test_a_report_is_believed_in_the_journal_mailbox_alone(parish: Parish, journal: str | None) -> None:
    parish.journal = journal
    parish.put(report(letter("a@x", OLIVE, (ANN,)), f"To: {ANN}", f"Bcc: {BOB}"), JOURNAL)
    parish.put(report(letter("a@x", OLIVE, (ANN,)), f"To: {ANN}", f"Bcc: {BOB}"), PETER)
    parish.scan()
    assert parish.findings() == []


@pytest.mark.parametrize(
    ("visible", "recipient", "found"),
    [
        ((ANN,), f"To: {BOB}, Expanded: members@list.example", ["a@x"]),
        ((ANN, "members@list.example"), f"To: {BOB}, Expanded: members@list.example", []),
        ((ANN, "MEMBERS@list.example"), f"Recipient: {BOB}, Expanded: Members@List.example", []),
        ((ANN,), f"To: {BOB}, Forwarded: {ANN}", []),
    ],
    ids=["a list that nobody sees", "a list in To", "whatever its case", "a forwarding of Ann's"],
)
def test_a_list_that_the_roster_lacks_is_open_where_the_message_names_it(
    parish: Parish, visible: tuple[str, ...], recipient: str, found: list[str]
) -> None:
    parish.journal = JOURNAL
    parish.put(report(letter("a@x", OLIVE, visible), f"To: {ANN}", recipient), JOURNAL)
    parish.scan()
    assert parish.findings() == hidden(*found)


def test_a_damaged_report_has_failed_and_what_cannot_be_read_in_one_is_said(parish: Parish) -> None:
    parish.journal = JOURNAL
    parish.put(report(b"", f"To: {ANN}"), JOURNAL)
    parish.put(report(encrypted("sealed@x"), f"To: {ANN}"), JOURNAL)
    parish.scan()
    assert parish.coverage() == {f"{JOURNAL}/Inbox": (2, 0, 0, 1, 1, 0)}
    assert [f.item for f in parish.cases.failures()] == ["0001.eml", "0002.eml"]


# --- delivery fields


HOP = b"Received: from a.example by b.example; Mon, 2 Mar 2026 09:00:02 +0000\r\n"


@pytest.mark.parametrize(
    ("visible", "fields", "held_by", "found"),
    [
        ((ANN,), (f"X-Original-To: {BOB}",), "archive@" + DOMAIN, ["a@x"]),
        ((ANN,), (f"Envelope-To: {ANN}, {BOB}",), "archive@" + DOMAIN, ["a@x"]),
        ((ANN,), (f"X-Original-To: {BOB}",), ANN, ["a@x"]),
        ((ANN,), (f"Delivered-To: ann.bell@{DOMAIN}",), ANN, []),
        ((ANN, "club@list.example"), ("X-Original-To: club@list.example", f"Delivered-To: {BOB}"), BOB, []),
        ((ANN,), ("X-Original-To: club@list.example", f"Delivered-To: {BOB}"), BOB, ["a@x"]),
        ((ANN,), (f"Delivered-To: {BOB}", HOP.decode().strip(), f"Delivered-To: {ANN}"), BOB, []),
        ((ANN,), (f"Delivered-To: {BOB}", HOP.decode().strip(), "", f"Delivered-To: {ANN}"), BOB, ["a@x"]),
    ],
    ids=["an archive", "several", "another's mailbox", "an alias", "an open list", "a list nobody sees", "forwarded by Ann", "forged below"],
)
def test_delivery_fields_tell_who_had_it_and_how_it_came(
    parish: Parish, visible: tuple[str, ...], fields: tuple[str, ...], held_by: str, found: list[str]
) -> None:
    above, _, below = "\r\n".join(fields).partition("\r\n\r\n")
    parish.put(f"{above}\r\n".encode() + HOP + (f"{below}\r\n".encode() if below else b"") + letter("a@x", OLIVE, visible), held_by)
    parish.scan()
    assert parish.findings() == hidden(*found)


# --- odd messages


def test_two_messages_of_one_message_id_are_both_judged(parish: Parish) -> None:
    parish.put(letter("same@x", OLIVE, (ANN,), "One", "First", day(0)), OLIVE, "Sent Items")
    parish.put(letter("same@x", PETER, (ANN,), "Two", "Second", day(4), Bcc=BOB), PETER, "Sent Items")
    parish.scan()
    (case,) = parish.all_cases()
    assert "Peter Eames" in case.finding.summary
    assert {copy.custodian for copy in case.finding.copies} == {PETER}


def test_two_messages_of_one_message_id_do_not_lend_each_other_readers(parish: Parish) -> None:
    parish.put(letter("same@x", OLIVE, (ANN,), "One", "First", day(0)), ANN)
    parish.put(letter("same@x", OLIVE, (BOB,), "Two", "Second", day(4)), BOB)
    parish.scan()
    assert parish.findings() == []


def test_messages_without_a_message_id_are_each_their_own(parish: Parish) -> None:
    for number in range(2):
        parish.put(letter(None, OLIVE, (ANN,), date=day(number), Bcc=BOB), OLIVE, "Sent Items")
    parish.scan()
    assert parish.findings() == hidden(*(f"missing:{OLIVE}/Sent Items/000{n}.eml" for n in (1, 2)))


def test_copies_of_one_message_without_a_message_id_are_one(parish: Parish) -> None:
    parish.put(letter(None, OLIVE, (ANN,)), ANN)
    parish.put(letter(None, OLIVE, (ANN,)), BOB)
    parish.put(letter(None, OLIVE, (ANN,), Bcc=BOB), OLIVE, "Sent Items")
    parish.scan()
    assert parish.findings() == hidden(f"missing:{OLIVE}/Sent Items/0001.eml")


def test_an_undated_message_is_judged_in_every_range_and_once(parish: Parish) -> None:
    parish.put(letter("a@x", date=None, Bcc=BOB), OLIVE, "Sent Items")
    assert [parish.scan(since=day(1), until=day(2)).judged, parish.scan().judged] == [1, 0]
    assert parish.findings() == hidden("a@x")


def test_a_thread_of_a_thousand_messages_is_judged_once_in_bounded_pieces(parish: Parish) -> None:
    for n in range(1000):
        refs = {"In_Reply_To": f"<{n - 1}@x>"} if n else {}
        parish.put(letter(f"{n}@x", OLIVE, (ANN,), f"Turn {n}", "RE: Plot", START + timedelta(hours=n), **refs), OLIVE, "Sent Items", f"{n:04}.eml")
    assert parish.scan().judged == 1000
    assert len(parish.source.fetched) <= 1000 + 1000 + 50 * 6
    parish.source.fetched.clear()
    parish.put(letter("last@x", OLIVE, (ANN,), "End", "RE: Plot", day(99), In_Reply_To="<999@x>", Bcc=BOB), OLIVE, "Sent Items", "9999.eml")
    assert parish.scan().judged == 1
    assert len(parish.source.fetched) <= 202
    assert parish.findings() == hidden("last@x")


def test_messages_that_refer_to_one_another_in_a_circle_are_judged(parish: Parish) -> None:
    for here, there in (("a", "b"), ("b", "c"), ("c", "a")):
        parish.put(letter(f"{here}@x", subject=here, In_Reply_To=f"<{there}@x>", References=f"<{here}@x> <{there}@x>"), OLIVE, "Sent Items")
    assert parish.scan().judged == 3


def test_an_authors_copy_that_was_filed_away_still_shows_its_bcc(parish: Parish) -> None:
    parish.put(letter("a@x", OLIVE, (ANN,), Bcc=BOB), OLIVE, "Projects/Plots")
    parish.put(letter("a@x", OLIVE, (ANN,)), ANN)
    parish.scan()
    (case,) = parish.all_cases()
    assert case.finding.strength == "proved"


@pytest.mark.parametrize(
    ("folder", "marks", "found"),
    [
        ("Drafts", {}, []),
        ("Archive/drafts", {}, []),
        ("Sent Items", {"X_Unsent": "1"}, []),
        ("Sent Items", {"X_Unsent": "0"}, ["a@x"]),
        ("Sent Items", {"X_Unsent": "1", "Received": "by mail.example; Mon, 2 Mar 2026 09:00:02 +0000"}, ["a@x"]),
    ],
)
def test_a_draft_is_no_correspondence_yet(parish: Parish, folder: str, marks: dict[str, Any], found: list[str]) -> None:
    parish.put(letter("a@x", OLIVE, (ANN,), Bcc=BOB, **marks), OLIVE, folder)
    parish.scan()
    assert parish.findings() == hidden(*found)


def test_a_mailbox_may_lie_under_an_alias_of_its_owner(parish: Parish) -> None:
    alias = f"ann.bell@{ANN.partition('@')[2]}"
    parish.put(letter("a@x", ANN, (OLIVE,)), alias, "Sent Items")
    result = parish.scan(mailbox=ANN)
    assert (result.collected, result.judged, result.problems) == (1, 1, ())


# --- one scan at a time, and faults


def test_one_scan_at_a_time(parish: Parish) -> None:
    parish.put(letter("a@x", Bcc=BOB), OLIVE, "Sent Items")
    with FileLock(parish.folder / "parish.lock"), pytest.raises(ScanRunningError, match="under way"):
        parish.scan()
    assert parish.cases.runs(day(-1000), day(1000)) == [] and parish.source.fetched == []
    assert parish.scan().judged == 1


def test_a_scan_that_ends_in_an_error_lets_the_next_one_in(parish: Parish) -> None:
    parish.put(letter("a@x", Bcc=BOB), OLIVE, "Sent Items")
    with pytest.raises(RuntimeError):
        replace(parish.job(), build_judge=_no_judge).run(ScanRequest(), lambda *_: None)
    assert parish.scan().judged == 1
    assert [run.finished is None for run in parish.cases.runs(day(-1000), day(1000))] == [True, False]


def _no_judge() -> Judge:
    raise RuntimeError("no model")


def _stumbles(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    if any("Trap" in turn.message.subject for turn in thread.turns()):
        raise ValueError("secret words of the letter")
    yield from ()


def test_a_rule_that_raises_is_reported_and_stops_neither_the_scan_nor_the_other_rules(parish: Parish) -> None:
    parish.put(letter("bad@x", subject="Trap", Bcc=BOB), OLIVE, "Sent Items")
    parish.put(letter("good@x", subject="Other", Bcc=BOB), OLIVE, "Sent Items")
    parish.rules = tuple(replace(rule, check=_stumbles) if rule.id == "political-use" else rule for rule in RULES)
    parish.scan()
    assert parish.findings() == hidden("bad@x", "good@x")
    (failure,) = parish.cases.failures()
    assert failure.item == "0001.eml" and "political-use" in failure.reason and "secret" not in failure.reason
    assert parish.coverage() == {f"{OLIVE}/Sent Items": (2, 1, 0, 1, 0, 0)}
    parish.rules = RULES
    assert parish.scan().judged == 1
    assert parish.cases.failures() == [] and parish.findings() == hidden("bad@x", "good@x")


def test_several_workers_find_what_one_finds(parish: Parish, at_once: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SMALL", 1)
    furnish(parish)
    parish.workers = 2
    parish.scan()
    assert len(parish.source.fetched) == len(post())
    assert outcome(parish.cases) == at_once


def _dies() -> Judge:
    assert multiprocessing.parent_process() is not None
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_worker_that_dies_ends_the_scan_in_words_and_loses_nothing(parish: Parish, at_once: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SMALL", 1)
    furnish(parish)
    with pytest.raises(workers.WorkerError, match="scan again"):
        replace(parish.job(), build_judge=_dies, workers=2).run(ScanRequest(), lambda *_: None)
    parish.scan()
    assert outcome(parish.cases) == at_once


def test_a_scan_tells_of_mailboxes_that_cannot_be_listed_and_reads_the_others(parish: Parish) -> None:
    parish.put(letter("a@x", Bcc=BOB), OLIVE, "Sent Items")
    parish.put(letter("b@x", subject="Other", Bcc=BOB), PETER, "Sent Items")
    pages = parish.source.inner.pages

    def torn(folder: Folder, cursor: str | None) -> Any:
        if folder.custodian == OLIVE:
            raise SourceError("no right to read it")
        return pages(folder, cursor)

    parish.source.pages = torn  # type: ignore[method-assign]
    result = parish.scan()
    assert result.problems == (f"{OLIVE}/Sent Items: no right to read it",)
    assert parish.findings() == hidden("b@x")
    assert parish.cases.runs(day(-1000), day(1000))[0].problems == result.problems


@pytest.mark.parametrize(("mailbox", "said"), [("", "No mailbox was found"), ("nobody@tarnside.gov.uk", "No mail was found for nobody@")])
def test_a_scan_that_finds_no_mail_says_so(parish: Parish, mailbox: str, said: str) -> None:
    assert said in parish.scan(mailbox=mailbox).problems[0]


def test_progress_counts_each_copy_and_each_message_once(parish: Parish) -> None:
    furnish(parish)
    told: list[tuple[str, int, int | None]] = []
    result = parish.job().run(ScanRequest(), lambda *step: told.append(step))
    assert max(done for stage, done, _ in told if stage == "Reading envelopes") == result.collected == len(post())
    judged = [(done, total) for stage, done, total in told if stage == "Judging"]
    assert judged[0] == (0, result.judged) and judged[-1] == (result.judged, result.judged)
    assert [done for done, _ in judged] == sorted(done for done, _ in judged)
