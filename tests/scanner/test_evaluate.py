"""Counts, intervals, and corpora that are refused."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from reports.casebook import Case
from rules.finding import Finding, Severity, Strength
from scanner import evaluate as evaluation
from scanner.corpus import configuration_of, verdicts_of
from scanner.errors import AboveboardError, CorpusError
from scanner.evaluate import Evaluation, Score, evaluate, together, wilson
from scanner.job import ScanResult

LABELS = "message_id,rule,expected,difficulty,scenario,why\n"
COUNCIL = {"name": "Wexcombe", "domains": ["wexcombe.example"], "polling_days": ["2027-05-06"], "pre_election": [["2027-03-23", "2027-05-06"]]}
PEOPLE = "address,name,kind\nann@wexcombe.example,Cllr Ann Marsh,member\n"


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_intervals_are_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    interval = wilson(successes, trials)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)
    assert interval.low <= interval.value <= interval.high


def test_precision_recall_and_f1_are_what_they_are_called() -> None:
    score = Score("silent-copy", right=8, false_alarms=2, missed=4)
    assert score.precision.value == pytest.approx(8 / 10)
    assert score.recall.value == pytest.approx(8 / 12)
    assert score.f1.value == pytest.approx(2 * 0.8 * (8 / 12) / (0.8 + 8 / 12))


def test_the_bootstrap_is_the_same_every_time_and_takes_no_other_chance() -> None:
    score = Score("silent-copy", 8, 2, 4)
    random.seed(1)
    first, after = score.f1, random.random()
    random.seed(1)
    assert random.random() == after
    assert score.f1 == first
    assert 0 < first.low < first.value < first.high < 1
    assert Score("silent-copy", 80, 20, 40).f1.low > first.low


def test_nothing_found_of_nothing_says_nothing() -> None:
    score = Score("silent-copy", 0, 0, 0)
    assert [(i.value, i.low, i.high) for i in (score.precision, score.recall, score.f1)] == [(0.0, 0.0, 1.0)] * 3
    assert Score("silent-copy", 0, 0, 3).f1.value == 0


def corpus(folder: Path, labels: str, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mailboxes").mkdir(exist_ok=True)
    for name, text in {"labels.csv": LABELS + labels, "council.json": json.dumps(COUNCIL), "people.csv": PEOPLE, **files}.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def found(message_id: str, rule: str = "silent-copy", severity: Severity = Severity.HIGH) -> Case:
    finding = Finding(rule, "kind", message_id, None, severity, Strength.LIKELY, 0.9, "A summary", (), (), "", "")
    return Case(finding, datetime(2026, 10, 19, tzinfo=UTC))


class _App:
    """An app whose scan is over: it found these, with these problems."""

    cases: tuple[Case, ...] = ()
    problems: tuple[str, ...] = ()
    ledger = SimpleNamespace(nodes=list)
    pseudonym = staticmethod(str.upper)

    def __init__(self, _configuration: object) -> None: ...

    def scan_job(self) -> _App:
        return self

    def run(self, *_: object) -> ScanResult:
        return ScanResult(1, 1, 1, self.problems)

    def standing(self, _: object) -> list[Case]:
        return list(self.cases)

    def close(self) -> None: ...


def evaluated(monkeypatch: pytest.MonkeyPatch, folder: Path, *cases: Case) -> Evaluation:
    monkeypatch.setattr(evaluation, "App", type("Fake", (_App,), {"cases": cases}))
    return evaluate(folder, lambda *_: None)


def test_each_message_counts_once_for_each_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = (
        "hit@w,silent-copy,flag,easy,bcc,hidden\n"
        "miss@w,silent-copy,flag,hard,forward,passed on\n"
        "negative@w,silent-copy,clear,hard,open-cc,openly on it\n"
        "arguable@w,silent-copy,any,hard,told,says so\n"
        "unfound@w,silent-copy,any,hard,told,says so\n"
        "info@w,silent-copy,flag,easy,bcc,hidden\n"
        "missing:ann@wexcombe.example/Inbox/0001.eml,silent-copy,flag,easy,no-id,hidden\n"
        "hit@w,political-use,flag,easy,leaflet,asks for votes\n"
    )
    result = evaluated(
        monkeypatch,
        corpus(tmp_path / "vale", labels),
        found("hit@w"),
        replace(found("hit@w"), finding=replace(found("hit@w").finding, kind="another")),
        found("negative@w"),
        found("arguable@w"),
        found("unlabelled@w"),
        found("info@w", severity=Severity.INFO),
        found("missing:ann@wexcombe.example/Inbox/0001.eml"),
    )
    assert result.corpus == "vale"
    assert result.scores == (
        Score("silent-copy", 2, 2, 2),
        Score("member-obligation", 0, 0, 0),
        Score("political-use", 0, 0, 1),
        Score("resident-data", 0, 0, 0),
    )
    assert {(m.rule, m.kind, m.message_id, m.why) for m in result.mistakes} == {
        ("silent-copy", "false alarm", "negative@w", "openly on it"),
        ("silent-copy", "false alarm", "unlabelled@w", "A summary"),
        ("silent-copy", "missed", "miss@w", "passed on"),
        ("silent-copy", "missed", "info@w", "hidden"),
        ("political-use", "missed", "hit@w", "asks for votes"),
    }


def test_labels_may_write_the_angle_brackets_of_a_message_id_and_absent_messages_are_named(tmp_path: Path) -> None:
    labels = "<held@w>,silent-copy,clear,,,\n <Gone@w> ,silent-copy,flag,,,\nmissing:ann@wexcombe.example/Inbox/1.eml,silent-copy,clear,,,\n"
    folder = corpus(tmp_path / "vale", labels)
    inbox = folder / "mailboxes" / "ann@wexcombe.example" / "Inbox"
    inbox.mkdir(parents=True)
    mail = "From: pat@postbox.example\nTo: ann@wexcombe.example\nDate: Mon, 5 Oct 2026 09:00:00 +0100\nMessage-ID: <held@w>\n\nThe bins.\n"
    (inbox / "0001.eml").write_text(mail, "ascii")
    result = evaluate(folder, lambda *_: None)
    assert [v.message_id for v in verdicts_of(folder)][:2] == ["held@w", "Gone@w"]
    assert (result.absent, result.scores[0].missed) == (("Gone@w",), 1)


def test_several_corpora_add_up() -> None:
    one, two = Evaluation("one", (Score("silent-copy", 1, 2, 3),), ()), Evaluation("two", (Score("silent-copy", 10, 20, 30),), ())
    assert together([one, two])[0] == Score("silent-copy", 11, 22, 33)
    assert together([])[3] == Score("resident-data", 0, 0, 0)


def test_a_corpus_that_could_not_be_read_in_full_is_not_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "App", type("Fake", (_App,), {"problems": ("ann@w/Inbox: cannot be listed",)}))
    with pytest.raises(CorpusError, match=r"could not be scanned in full: ann@w/Inbox: cannot be listed"):
        evaluate(corpus(tmp_path / "vale", ""), lambda *_: None)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("a@w,silent-copy,maybe,,,\n", "line 2: expected is 'maybe'; write flag, clear or any"),
        ("a@w,silent-copy,flag,,,\n\nb@w,silentcopy,flag,,,\n", "line 4: rule is 'silentcopy'; write one of silent-copy, member-obligation"),
        (",silent-copy,flag,,,\n", "line 2: names no message"),
        ("a@w,silent-copy\n", "line 2: expected is ''"),
        ("a@w,silent-copy,flag,,,\na@w,silent-copy,clear,,,\n", "line 3: a@w is labelled twice for silent-copy"),
        ('a@w,silent-copy,flag,easy,x,"two\nlines"\nb@w,silent-copy,no,,,\n', "line 4: expected is 'no'"),
        ('a@w,silent-copy,flag,easy,x,"open\n', "is not well-formed CSV"),
    ],
)
def test_labels_that_do_not_fit_are_refused(tmp_path: Path, labels: str, words: str) -> None:
    with pytest.raises(CorpusError) as refused:
        verdicts_of(corpus(tmp_path, labels))
    assert str(refused.value).startswith(f"{tmp_path / 'labels.csv'}: ")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("labels.csv", None, "labels.csv: cannot be read (No such file or directory); a corpus holds people.csv"),
        ("labels.csv", b"", "labels.csv: has no column 'message_id'"),
        ("labels.csv", b"message_id,rule\n", "labels.csv: has no column 'expected'"),
        ("labels.csv", LABELS.encode("utf-16"), "labels.csv: is not UTF-8"),
        ("council.json", None, "council.json: cannot be read"),
        ("council.json", b"{", "council.json: is not JSON"),
        ("council.json", b"[]", "council.json: needs at least name and domains"),
        ("council.json", b'{"name": "W"}', "council.json: needs at least name and domains"),
        ("council.json", b'{"name": "W", "domains": "w.example"}', "council.json: council.domains: write a list"),
        ("council.json", b'{"name": "W", "domains": ["w.example"], "polling_days": ["6 May 2027"]}', "council.json: a date is not written as"),
        ("council.json", b'{"name": "W", "domains": ["w.example"], "pre_election": [["2027-03-23"]]}', "council.json: a date is not written as"),
        ("council.json", b'{"name": "W", "domains": ["w.example"], "journal": "journal"}', "council.json: sources[1].journal: 'journal' is not an"),
        ("council.json", '{"name": "Wéx"}'.encode("latin-1"), "council.json: is not UTF-8"),
        ("people.csv", None, "people.csv: cannot be read"),
        ("people.csv", b"address\n", "people.csv: line 1: has no column 'name'"),
    ],
)
def test_a_corpus_that_is_none_is_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    folder = corpus(tmp_path / "vale", "")
    (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
    with pytest.raises(AboveboardError) as refused:
        evaluate(folder, lambda *_: None)
    assert words in str(refused.value)
    assert str(folder) in str(refused.value)


def test_a_corpus_without_mail_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"No mailbox was found"):
        evaluate(corpus(tmp_path / "vale", ""), lambda *_: None)


def test_the_journal_may_stand_among_the_archive_addresses_and_what_is_none_may_be_null(tmp_path: Path) -> None:
    facts = {"name": "W", "domains": ["w.example"], "journal": "Journal@w.example", "parties": None, "candidates": None, "polling_days": None}
    council = json.dumps(facts | {"pre_election": None, "archive_addresses": ["files@w.example", "journal@w.example"]})
    made = configuration_of(corpus(tmp_path / "vale", "", **{"council.json": council}), tmp_path)
    assert (made.council.archive_addresses, made.sources[0].journal) == (["files@w.example"], "journal@w.example")
    bare = corpus(tmp_path / "bare", "", **{"council.json": json.dumps(facts | {"archive_addresses": None})})
    assert configuration_of(bare, tmp_path).council.archive_addresses == []


def test_a_corpus_is_scanned_beside_itself(tmp_path: Path) -> None:
    made = configuration_of(corpus(tmp_path / "vale", ""), tmp_path / "elsewhere")
    assert made.base == tmp_path / "elsewhere"
    assert made.sources[0].path == str(tmp_path / "vale" / "mailboxes")
    assert (made.elections.polling_days[0].year, made.council.lists, made.sources[0].journal) == (2027, None, None)


@pytest.mark.parametrize(("written", "read"), [("journal@w", "journal@w"), (["journal@w"], "journal@w"), ([], None), (None, None)])
def test_a_corpus_names_its_journal_by_itself_or_alone_in_a_list(tmp_path: Path, written: object, read: str | None) -> None:
    council = corpus(tmp_path / "vale", "")
    (council / "council.json").write_text(json.dumps({**COUNCIL, "journal": written}), "utf-8")
    assert configuration_of(council, tmp_path).sources[0].journal == read


def test_two_journals_are_refused_by_name(tmp_path: Path) -> None:
    council = corpus(tmp_path / "vale", "")
    (council / "council.json").write_text(json.dumps({**COUNCIL, "journal": ["a@w", "b@w"]}), "utf-8")
    with pytest.raises(CorpusError, match="names 2 mailboxes"):
        configuration_of(council, tmp_path)
