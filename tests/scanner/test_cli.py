"""The command as scripts and people meet it: exit codes, what goes to which stream, and words that help."""

from __future__ import annotations

import getpass
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from installation import COMMAND, CONFIG, install, run

from scanner import cli
from scanner.app import App
from scanner.config import load
from scanner.errors import CorpusError, SourceError
from scanner.sources.directory import Forwarding

KEYS = ["id", "rule", "message_id", "date", "severity", "confidence", "strength", "summary", "clauses", "evidence", "copies"]
EARLY, LATE = datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)

Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Main:
    """`aboveboard …` in this process: its exit code, standard output and standard error."""

    def called(*arguments: str | Path) -> tuple[int, str, str]:
        if "--help" not in arguments:
            monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setattr(sys, "argv", ["aboveboard", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code or 0
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return called


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """An installation, and its first scan by a process of its own."""
    config = install(tmp_path_factory.mktemp("scanned"))
    return config, run("scan", "--config", config, "--format", "jsonl")


def test_jsonl_on_standard_output_is_pure_and_complete(scanned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = scanned
    assert done.returncode == 0
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(finding) == KEYS for finding in findings)
    hidden = next(finding for finding in findings if finding["rule"] == "silent-copy")
    assert (hidden["message_id"], hidden["date"]) == ("answer@wexcombe.example", "2026-10-12T08:14:00+00:00")
    assert {tuple(copy) for copy in hidden["copies"]} == {("custodian", "folder", "item")}
    assert "cllr.tom.reed@wexcombe.example" in {copy["custodian"] for copy in hidden["copies"]}
    assert {"kind", "statement", "weight", "place", "excerpt"} == set(hidden["evidence"][0])
    assert done.stdout.isascii()
    assert done.stderr == "New copies read: 5. Messages judged: 2.\n"


def test_a_second_scan_prints_the_same_findings_and_reads_nothing_anew(scanned: tuple[Path, subprocess.CompletedProcess[str]], main: Main) -> None:
    config, first = scanned
    assert main("scan", "-c", config, "--format", "jsonl") == (0, first.stdout, "New copies read: 0. Messages judged: 0.\n")


@pytest.mark.parametrize(
    ("range_", "count"),
    [
        (("--since", "2026-10-12"), 1),
        (("--since", "2026-10-13"), 0),
        (("--until", "2026-10-12"), 0),
        (("--until", "2026-10-13"), 1),
        (("--since", "2026-10-12", "--until", "2026-10-13"), 1),
        (("--mailbox", "cllr.tom.reed@wexcombe.example", "--reason", "a complaint"), 1),
        (("--mailbox", "Ann.Marsh@members.wexcombe.example", "--reason", "a complaint"), 1),
    ],
)
def test_only_the_findings_of_the_range_are_printed(
    scanned: tuple[Path, subprocess.CompletedProcess[str]], main: Main, range_: tuple[str, ...], count: int
) -> None:
    code, out, _ = main("scan", "-c", scanned[0], "--format", "jsonl", *range_)
    assert code == 0
    assert sum(json.loads(line)["rule"] == "silent-copy" for line in out.splitlines()) == count


def test_no_finding_is_no_failure(scanned: tuple[Path, subprocess.CompletedProcess[str]], main: Main) -> None:
    assert main("scan", "-c", scanned[0], "--since", "2027-01-01")[:2] == (0, "No findings.\n")


def test_the_reason_for_scanning_one_mailbox_is_kept_on_record(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path)
    code, out, err = main("scan", "-c", config, "--mailbox", "nobody@wexcombe.example", "--reason", " complaint 14/2026 ")
    assert (code, out) == (1, "No findings.\n")
    assert "NOT READ: No mail was found for nobody@wexcombe.example." in err
    app = App(load(config))
    (asked,) = app.cases.runs(EARLY, LATE)
    assert (asked.mailbox, asked.reason) == ("nobody@wexcombe.example", "complaint 14/2026")
    assert asked.asked_by == getpass.getuser()
    app.close()


def test_who_asks_may_be_said_and_a_scan_of_everything_is_nobodys(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path)
    main("scan", "-c", config)
    main("scan", "-c", config, "--mailbox", "jo.price@wexcombe.example", "--reason", "complaint", "--by", "Priya Nair")
    app = App(load(config))
    assert [run.asked_by for run in app.cases.runs(EARLY, LATE)] == ["", "Priya Nair"]
    app.close()


@pytest.mark.parametrize("asked", ["cllr.ann.marsh@wexcombe.example", "CLLR.Ann.Marsh@wexcombe.example"])
def test_a_left_out_mailbox_is_refused_on_demand_and_counted_otherwise(tmp_path: Path, main: Main, asked: str) -> None:
    config = install(tmp_path, CONFIG.replace("[protected]", '[protected]\nmailboxes = ["cllr.ann.marsh@wexcombe.example"]'))
    code, out, err = main("scan", "-c", config, "--mailbox", asked, "--reason", "complaint")
    assert (code, out) == (2, "")
    assert "cllr.ann.marsh@wexcombe.example is protected (protected.mailboxes) and is not scanned" in err
    code, _, err = main("scan", "-c", config)
    assert code == 0
    assert "Mailboxes left out as protected: 1 (aboveboard check names them)." in err


def test_the_version_is_told(main: Main) -> None:
    assert main("--version") == (0, f"aboveboard {version('aboveboard')}\n", "")


def test_health_without_a_file_is_1_with_what_to_do(tmp_path: Path, main: Main) -> None:
    code, out, err = main("health", "-c", install(tmp_path))
    assert (code, out) == (1, "")
    assert "aboveboard.health.json: cannot be read" in err and "it is written by aboveboard run" in err


def test_health_says_what_ails_and_ends_with_1(tmp_path: Path, main: Main) -> None:
    (tmp_path / "aboveboard.health.json").write_text('{"past": {}, "due": {}, "alive": null}')
    assert main("health", "-c", install(tmp_path)) == (1, "no scan is on record\n", "")


def test_check_and_arrangements_are_there_for_programs(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path)
    code, out, _ = main("check", "-c", config, "--format", "json")
    assert code == 1  # the journal mailbox is not there
    assert [r["subject"] for r in json.loads(out) if not r["passed"]] == ["journal@wexcombe.example"]
    app = App(load(config))
    forwarding = Forwarding("jo.price@wexcombe.example", "cllr.tom.reed@wexcombe.example", "redirect", True)
    outward = Forwarding("cllr.tom.reed@wexcombe.example", "tom@home.example", "mailbox", False)
    for each in (forwarding, outward):
        app.register.record_forwardings("graph", each.custodian, (each,), EARLY)
    app.close()
    code, out, _ = main("arrangements", "-c", config, "--format", "json")
    assert code == 0
    assert [(a["concerns"], a["target"], a["members"]) for a in json.loads(out)] == [
        ("resident-data", "[e-mail address]", []),
        ("silent-copy", "cllr.tom.reed@wexcombe.example", ["Cllr Tom Reed"]),
    ]
    table = main("arrangements", "-c", config)[1]
    assert "redirect, all mail" in table and "home.example" not in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("scan --mailbox ann@wexcombe.example", "add --reason TEXT"),
        ("scan --mailbox ann@wexcombe.example --reason _", "is blank"),
        ("scan --mailbox _ --reason because", "is not an e-mail address"),
        ("scan --mailbox ann --reason because", "'ann' is not an e-mail address"),
        ("scan --reason because", "add --mailbox ADDRESS"),
        ("scan --since 12/10/2026", "'12/10/2026' is not a date; write it as 2026-10-31"),
        ("scan --since 2026-02-30", "is not a date"),
        ("scan --since 0001-01-01", "write a year between"),
        ("scan --since 2026-10-12 --until 2026-10-11", "must be later than --since 2026-10-12"),
        ("scan --since 2026-10-12 --until 2026-10-12", "the day itself is not included"),
        ("scan --format xml", "'xml' is not one of"),
        ("scan --colour", "No such option"),
        ("scan extra", "unexpected extra argument"),
        ("digest --week yesterday", "is not a date"),
        ("rules --protocol county-1923", "choose one of bolsover-2021"),
        ("findings decide abc maybe --by Me", "'maybe' is not one of"),
        ("findings decide abc upheld", "Missing option '--by'"),
        ("findings decide abc upheld --by _", "is blank"),
        ("evaluate", "Missing argument 'CORPUS'"),
        ("evaluate nowhere", "labels.csv: cannot be read"),
        ("gossip", "No such command 'gossip'"),
        ("scan --config nowhere.toml", "nowhere.toml: cannot be read (No such file or directory). Name the file with --config"),
        ("check --config nowhere.toml", "nowhere.toml: cannot be read"),
        ("run --config nowhere.toml", "nowhere.toml: cannot be read"),
    ],
)
def test_wrong_usage_is_2_with_words_on_standard_error(main: Main, arguments: str, words: str) -> None:
    code, out, err = main(*(" " if word == "_" else word for word in arguments.split()))
    assert (code, out) == (2, "")
    assert words in " ".join(err.split())


def test_a_wrong_configuration_is_2_one_line_a_fault(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path, CONFIG.replace("workers = 1", "workers = 0").replace("threshold = 0.5", "treshold = 0.5"))
    code, out, err = main("scan", "-c", config)
    assert (code, out) == (2, "")
    assert [line.partition(str(config))[0] for line in err.splitlines()] == ["aboveboard: ", "aboveboard: "]


def test_a_wrong_roster_is_2(tmp_path: Path, main: Main) -> None:
    code, out, err = main("scan", "-c", install(tmp_path, people="address,name\n"))
    assert (code, out) == (2, "")
    assert "people.csv: line 1: has no column 'kind'" in err


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SourceError("mail\x1b[31m: is gone"), 1, "aboveboard: mail [31m: is gone"),
        (CorpusError("labels: no"), 2, "aboveboard: labels: no"),
        (RuntimeError("Mrs Okafor of 4 Mill Lane"), 1, "an unforeseen fault, RuntimeError at test_cli.py"),
    ],
)
def test_a_failure_is_said_in_words_that_hold_no_mail(main: Main, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, words: str) -> None:
    def broken(_path: Path) -> None:
        raise error

    monkeypatch.setattr(cli, "load", broken)
    got, out, err = main("scan")
    assert (got, out) == (code, "")
    assert words in err
    assert "Okafor" not in err
    assert "\x1b" not in err


def test_a_mailbox_that_cannot_be_read_is_1_and_the_rest_is_printed(
    scanned: tuple[Path, subprocess.CompletedProcess[str]], main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise SourceError("the share is not mounted")

    app = App(load(scanned[0]))
    source = type(app.sources["eml:mailboxes"])
    app.close()
    monkeypatch.setattr(source, "mailboxes", broken)
    code, out, err = main("scan", "-c", scanned[0], "--format", "jsonl")
    assert code == 1
    assert "silent-copy" in out
    assert "NOT READ: eml:mailboxes: the share is not mounted" in err


def test_findings_are_listed_shown_and_decided(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path)
    assert main("findings", "list", "-c", config)[:2] == (0, "No findings.\n")
    name = next(json.loads(line)["id"] for line in run("scan", "-c", config, "--format", "jsonl").stdout.splitlines() if "silent-copy" in line)
    code, out, _ = main("findings", "show", name, "-c", config)
    assert code == 0
    for words in ("Cllr Tom Reed", "25.12", "To settle it", "Next step", "Monday 12 October 2026, 09:14", "Sent Items / 0001.eml"):
        assert words in out
    assert name in main("findings", "list", "-c", config, "--waiting")[1]
    code, out, err = main("findings", "decide", name, "dismissed", "--by", "M. Officer", "--note", "Cllr Marsh knew.", "-c", config)
    assert (code, out) == (0, "")
    assert f"{name} dismissed" in err
    assert name not in main("findings", "list", "-c", config, "--waiting")[1]
    assert "[dismissed]" in main("findings", "list", "-c", config)[1]
    assert "dismissed by M. Officer. Cllr Marsh knew." in main("findings", "show", name, "-c", config)[1]
    code, _, err = main("findings", "show", "0123456789abcdef", "-c", config)
    assert code == 2
    assert "there is no finding 0123456789abcdef" in err


def test_digest_prints_the_places_of_the_files(scanned: tuple[Path, subprocess.CompletedProcess[str]], main: Main) -> None:
    code, out, err = main("digest", "-c", scanned[0], "--week", "2026-10-14")
    assert (code, err) == (0, "")
    files = [Path(line) for line in out.splitlines()]
    assert [file.name for file in files] == [f"2026-W42-monitoring-officer.{kind}" for kind in ("html", "txt", "csv")]
    assert all(file.is_file() for file in files)


def test_digest_without_an_audience_says_so(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path, CONFIG.partition("[[digests]]")[0])
    code, out, err = main("digest", "-c", config)
    assert (code, out) == (2, "")
    assert "there is no [[digests]]; add one for each audience" in err


def test_rules_prints_every_rule_with_its_clauses(main: Main) -> None:
    for protocol in ("county-2023", "herefordshire-2003"):
        code, out, err = main("rules", "--protocol", protocol)
        assert (code, err) == (0, "")
        assert all(f"\n{rule}: " in out for rule in ("silent-copy", "member-obligation", "political-use", "resident-data"))
    assert "  8.1: " in out


def test_no_argument_shows_the_help() -> None:
    done = run()
    assert done.returncode == 2
    assert "correspondence compliance scanner" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    ["", "demo", "check", "scan", "digest", "run", "rules", "evaluate", "findings", "findings list", "findings show", "findings decide"],
)
def test_help_reads_well(main: Main, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    code, out, err = main(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert f"Usage: aboveboard {command}".strip() in out
    assert max(map(len, out.splitlines())) <= 80
    assert "..." not in out.replace("[ARGS]...", "").replace("{CORPUS}...", "")
    options = out.partition("Options:")[2].partition("Commands:")[0]
    for line in options.splitlines():
        if line.startswith("  -"):
            assert len(line.split("  ")) > 2 or len(line) > 20, f"{line!r} explains nothing"


# A shell has what runs in its background ignore Ctrl-C; a person's terminal does not.
LISTENING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


def test_ctrl_c_ends_without_a_traceback_and_the_next_scan_goes_on(tmp_path: Path) -> None:
    config = install(tmp_path)
    command = [sys.executable, "-c", LISTENING, COMMAND, "scan", "-c", config]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 30
        while not (tmp_path / "aboveboard.lock").exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert out == ""
    again = run("scan", "-c", config, "--format", "jsonl")
    assert again.returncode == 0
    assert "silent-copy" in again.stdout


def test_a_reader_that_goes_away_and_a_poor_terminal_do_no_harm(scanned: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    script = f"'{COMMAND}' findings show 0 -c '{scanned[0]}'; '{COMMAND}' rules --protocol west-suffolk | head -1"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr.replace("Error: Invalid value", "")
    assert len(done.stdout.splitlines()) == 1


def test_another_key_than_the_ledgers_is_refused_and_the_old_one_taken_back(tmp_path: Path, main: Main) -> None:
    config = install(tmp_path)
    assert main("scan", "--config", config)[0] == 0
    key = tmp_path / "aboveboard.key"
    old = key.read_bytes()
    key.unlink()
    code, out, err = main("scan", "--config", config)
    assert (code, out) == (2, "")
    assert "store.key" in err
    assert "put the old key back" in err
    key.write_bytes(old)
    assert main("scan", "--config", config)[0] == 0
