"""What a terminal shows: readable at any width, and nothing that came from mail has any effect on it."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from installation import install

from reports.casebook import Case, Decision, Disposition
from rules.circulation import Copy, Role
from rules.finding import Evidence, Finding, Severity, Strength
from scanner import output
from scanner.app import App
from scanner.config import load
from scanner.evaluate import Evaluation, Mistake, Score
from scanner.output import Format
from scanner.probe import Result
from scanner.progress import progress_bar

HOSTILE = "\x1b[31mred\x1b[0m \x9b2J\u202e[red]bold[/red] [/] :bomb:\r\x07"
MARSH = "Cllr Tom Reed had a copy of Jo Price's message to Cllr Ann Marsh that its open readers could not see, long after the meeting had ended"

FINDING = Finding(
    rule="silent-copy",
    kind="hidden-copy",
    message_id="m1@wexcombe.example",
    date=datetime(2026, 10, 14, 15, 5, tzinfo=UTC),
    severity=Severity.HIGH,
    strength=Strength.CANNOT_TELL,
    confidence=0.97,
    summary=MARSH,
    clauses=("County Council Protocol 2023, 25.12",),
    evidence=(
        Evidence("bcc", "The sender's own copy shows Cllr Tom Reed in Bcc", 3.2, "header Bcc"),
        Evidence("told", "The text may say so", -0.5, "message", "I am keeping colleagues in the picture, £▒▒▒"),
    ),
    settle="Nothing more.",
    next_step="Ask Jo Price.",
    copies=(Copy("jo.price@wexcombe.example", "Sent Items", "0001.eml", Role.SENT),),
)


def case(**changes: object) -> Case:
    return Case(replace(FINDING, **changes), datetime(2026, 10, 19, tzinfo=UTC))  # type: ignore[arg-type]  # each test names fields of a finding


HOSTILE_CASE = Case(
    replace(
        FINDING,
        message_id=HOSTILE,
        summary=HOSTILE,
        settle=HOSTILE,
        next_step=HOSTILE,
        clauses=(HOSTILE,),
        evidence=(Evidence("bcc", HOSTILE, 3.2, HOSTILE, HOSTILE),),
        copies=(Copy(HOSTILE, HOSTILE, HOSTILE, Role.SENT),),
    ),
    datetime(2026, 10, 19, tzinfo=UTC),
    decision=Decision(Disposition.UPHELD, HOSTILE, datetime(2026, 10, 20, tzinfo=UTC), HOSTILE),
)


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(load(install(tmp_path)))


def shown(app: App, made: Case, how: str) -> None:
    """One case in one of the ways in which it can be printed."""
    if how == "show":
        output.case(made, app)
    else:
        output.findings([made], Format(how), app)


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_table_fits_its_terminal_and_cuts_nothing(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    output.findings([case(), case(rule="member-obligation", kind="letter")], Format.TABLE, app)
    lines = capsys.readouterr().out.splitlines()
    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    assert "…" not in text
    for each in (case(), case(rule="member-obligation", kind="letter")):
        assert f"\n{each.finding.id}  " in "\n".join(lines)
        assert each.finding.rule in text
    for words in ("14 Oct 2026", "high", "cannot tell", "open readers"):
        assert words in text
    assert len(lines) <= 9


@pytest.mark.parametrize("width", [80, 160])
def test_a_finding_shown_in_full_fits_its_terminal(app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    output.case(case(), app)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= width
    for words in ("For ", "Against ", "Clauses ", "To settle it ", "Next step ", "Copy ", "Wednesday 14 October 2026, 16:05", "£▒▒▒"):
        assert words in out
    assert "Decided" not in out


@pytest.mark.parametrize("how", ["table", "jsonl", "csv", "show"])
def test_nothing_from_mail_has_any_effect_on_a_terminal(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for colours in ("0", "1"):
        monkeypatch.setenv("FORCE_COLOR", colours)
        shown(app, case(summary="plain"), how)
        harmless = capsys.readouterr().out
        shown(app, HOSTILE_CASE, how)
        out = capsys.readouterr().out
        assert not [c for c in out.replace("\r\n", "\n") if c in "\x07\x9b\u202e\r" or (c == "\x1b" and c not in harmless)]
        assert "\x1b[31m" not in out
        assert "[red]bold[/red]" in out
        assert ":bomb:" in out


def test_check_and_evaluate_are_as_safe(capsys: pytest.CaptureFixture[str]) -> None:
    output.checks([Result(HOSTILE, False, HOSTILE)])
    score = Score("silent-copy", 1, 0, 0)
    mistake = Mistake(HOSTILE, "silent-copy", "missed", HOSTILE, HOSTILE, HOSTILE)
    output.evaluations([Evaluation(HOSTILE, (score,), (mistake,))], errors=True, as_json=False)
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x9b\u202e\r\x07")
    assert out.count("[red]bold[/red]") == 6


def test_jsonl_is_one_ascii_object_a_line_whatever_the_text_holds(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    odd = case(summary="line\nbreak\u2028and\ud800half", date=None, message_id="a\x85b")
    output.findings([odd, case()], Format.JSONL, app)
    lines = capsys.readouterr().out.split("\n")
    assert lines.pop() == ""
    first, second = (json.loads(line) for line in lines)
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert (first["summary"], first["date"], first["message_id"]) == ("line\nbreak\u2028and\ud800half", None, "a\x85b")
    assert second == {
        "id": FINDING.id,
        "rule": "silent-copy",
        "message_id": "m1@wexcombe.example",
        "date": "2026-10-14T15:05:00+00:00",
        "severity": "high",
        "confidence": 0.97,
        "strength": "cannot tell",
        "summary": MARSH,
        "clauses": ["County Council Protocol 2023, 25.12"],
        "evidence": [
            {"kind": e.kind, "statement": e.statement, "weight": e.weight, "place": e.place, "excerpt": e.excerpt} for e in FINDING.evidence
        ],
        "copies": [{"custodian": "jo.price@wexcombe.example", "folder": "Sent Items", "item": "0001.eml"}],
    }


@pytest.mark.parametrize("how", ["table", "show"])
def test_a_date_at_the_end_of_the_calendar_is_shown(app: App, capsys: pytest.CaptureFixture[str], how: str) -> None:
    for date in (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), None):
        shown(app, case(date=date), how)
    assert "undated" in capsys.readouterr().out


def test_without_findings_the_table_says_so_and_the_data_formats_stay_data(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    for how, out in ((Format.TABLE, "No findings.\n"), (Format.JSONL, "")):
        output.findings([], how, app)
        assert capsys.readouterr().out == out
    output.findings([], Format.CSV, app)
    assert capsys.readouterr().out.startswith('\ufeff"Finding","Rule"')


def test_evaluations_as_json_keep_corpora_of_one_name_apart(capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        Evaluation("vale", (Score("silent-copy", right, 1, 0),), (Mistake("vale", "silent-copy", "missed", "m", "s", "w"),)) for right in (3, 5)
    ]
    output.evaluations(results, errors=False, as_json=True)
    plain = json.loads(capsys.readouterr().out)
    assert [c["scores"][0]["right"] for c in plain["corpora"]] == [3, 5]
    assert [c["mistakes"] for c in plain["corpora"]] == [[], []]
    together = plain["together"][0]
    assert (together["rule"], together["right"], together["false_alarms"]) == ("silent-copy", 8, 2)
    assert together["precision"]["value"] == pytest.approx(0.8)
    assert together["precision"]["low"] < 0.8 < together["precision"]["high"]
    output.evaluations(results, errors=True, as_json=True)
    assert json.loads(capsys.readouterr().out)["corpora"][0]["mistakes"][0]["kind"] == "missed"


def test_evaluations_as_tables_add_up_several_corpora(capsys: pytest.CaptureFixture[str]) -> None:
    results = [Evaluation(name, (Score("silent-copy", 3, 1, 0),), ()) for name in ("vale", "moor")]
    output.evaluations(results[:1], errors=False, as_json=False)
    assert "together" not in capsys.readouterr().out
    output.evaluations(results, errors=False, as_json=False)
    out = capsys.readouterr().out
    assert [line.strip() for line in out.splitlines() if " " not in line.strip()] == ["vale", "moor", "together"]
    assert "0.75 (0.30 to 0.95)" in out


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "seen"), [(_Terminal(), True), (io.StringIO(), False)])
def test_the_progress_bar_is_for_people_who_watch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stream: io.StringIO, *, seen: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar() as watch:
        watch("Reading envelopes", 5, None)
        watch("Judging", 1, 2)
        watch("Judging", 2, 2)
    assert bool(stream.getvalue()) is seen
    assert ("Judging" in stream.getvalue()) is seen
    assert capsys.readouterr().out == ""
