"""The command line. Standard output is data; standard error is for people; exit codes are 0 done, 1 failed, 2 wrong usage or configuration."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from traceback import format_tb
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from reports.casebook import Case, Decision, Disposition
from reports.mask import legible
from rules.catalogue import RULES
from rules.protocol import available, packaged
from scanner import output, values
from scanner.app import App, now
from scanner.checkup import examine
from scanner.config import load
from scanner.delivery import deliver, week_of
from scanner.demo import demonstrate
from scanner.errors import AboveboardError, ConfigurationError, CorpusError
from scanner.evaluate import evaluate as evaluate_corpus
from scanner.faults import unforeseen
from scanner.job import ScanRequest, ScanResult
from scanner.output import Format
from scanner.plan import Range
from scanner.progress import progress_bar
from scanner.rota import digest_now, jobs, scan_now
from scanner.schedule import Stop, scheduler
from scanner.schedule import run as run_scheduler

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Aboveboard: the correspondence compliance scanner for local councils.",
)
findings_app = typer.Typer(no_args_is_help=True, help="Lists findings; shows one; records a person's decision.")
app.add_typer(findings_app, name="findings")


def _typed(parse: Callable[[str], object]) -> Callable[[str], object]:
    """A value's own words where it is not one, beside the option's name."""

    def typed(text: str) -> object:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return typed


_DAY, _EMAIL, _WORDS = _typed(values.day), _typed(values.email), _typed(values.words)
_DEFAULT = Path("config.toml")

Config = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="The configuration file.")]
Folder = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the demonstration keeps its store and digests.")]
Mailbox = Annotated[str | None, typer.Option(metavar="ADDRESS", parser=_EMAIL, help="Scan only this mailbox; needs --reason.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", parser=_WORDS, help="Why this mailbox is scanned; kept on record.")]
Since = Annotated[date | None, typer.Option(metavar="DATE", parser=_DAY, help="Only mail dated from this day on, such as 2026-10-01.")]
Until = Annotated[date | None, typer.Option(metavar="DATE", parser=_DAY, help="Only mail dated before this day.")]
Week = Annotated[date | None, typer.Option(metavar="DATE", parser=_DAY, help="Any day of the week; the last whole week if left out.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the findings.")]
FindingId = Annotated[str, typer.Argument(metavar="ID", help="The finding's id, as findings list and the digests print it.")]
Corpora = Annotated[list[Path], typer.Argument(metavar="CORPUS", help="Folders of labelled correspondence.")]


@app.command()
def demo(folder: Folder = Path("demo")) -> None:
    """Scans a fictional council and writes its two weekly digests."""
    with progress_bar() as progress:
        shown = demonstrate(folder, progress)
    with closing(shown.app):
        output.demonstration(shown)


@app.command()
def check(config: Config = _DEFAULT) -> None:
    """Checks all that a scan needs and says what to mend.

    Configuration, roster, protocol, store, key, language model, digest folders and every mailbox.
    """
    results = examine(load(config))
    output.checks(results)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


@app.command()
def scan(
    config: Config = _DEFAULT,
    mailbox: Mailbox = None,
    reason: Reason = None,
    since: Since = None,
    until: Until = None,
    print_as: FormatOption = Format.TABLE,
    afresh: Annotated[bool, typer.Option("--afresh", help="Judge again what earlier scans have judged.")] = False,
) -> None:
    """Scans what is new and prints the findings.

    Exit code 0: the scan is complete, with findings or without. 1: something could not be scanned. 2: wrong usage or configuration.
    """
    if mailbox and not reason:
        raise typer.BadParameter("scanning one mailbox asks for a reason, which is kept on record: add --reason TEXT", param_hint="--mailbox")
    if reason and not mailbox:
        raise typer.BadParameter("is for scanning one mailbox: add --mailbox ADDRESS, or leave it out to scan them all", param_hint="--reason")
    if since and until and until <= since:
        raise typer.BadParameter(f"must be later than --since {since}; the day itself is not included", param_hint="--until")
    with closing(App(load(config))) as parts:
        wanted = Range(_midnight(parts, since), _midnight(parts, until), parts.roster.main_address(mailbox) if mailbox else "")
        with progress_bar() as progress:
            result = parts.scan_job().run(ScanRequest(wanted, reason or "", afresh), progress)
        output.findings(parts.standing(wanted), print_as, parts)
        output.not_read(parts.cases.coverage())
    _conclude(result)


@app.command()
def digest(config: Config = _DEFAULT, week: Week = None) -> None:
    """Writes the digests of a week and prints where they lie."""
    with closing(App(load(config))) as parts:
        if not parts.configuration.digests:
            raise ConfigurationError(f"{config}: there is no [[digests]]; add one for each audience (config.example.toml shows two).")
        for delivered in deliver(parts, week_of(parts, week)):
            for file in delivered.files:
                typer.echo(file)


@findings_app.command("list")
def list_findings(
    config: Config = _DEFAULT,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that ask for a decision.")] = False,
    print_as: FormatOption = Format.TABLE,
) -> None:
    """Lists the findings on record."""
    with closing(App(load(config))) as parts:
        output.findings([case for case in parts.standing(Range()) if case.is_waiting or not waiting], print_as, parts)


@findings_app.command()
def show(finding_id: FindingId, config: Config = _DEFAULT) -> None:
    """Shows one finding with all its evidence."""
    with closing(App(load(config))) as parts:
        output.case(_case(parts, finding_id), parts)


@findings_app.command()
def decide(
    finding_id: FindingId,
    disposition: Annotated[Disposition, typer.Argument(help="What was decided.")],
    by: Annotated[str, typer.Option(metavar="NAME", parser=_WORDS, help="Who decides.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")] = "",
    config: Config = _DEFAULT,
) -> None:
    """Records a person's decision on a finding.

    A later decision replaces an earlier one; all stay on record.
    """
    with closing(App(load(config))) as parts:
        found = _case(parts, finding_id)
        parts.cases.decide(finding_id, Decision(disposition, by, parts.clock(), note.strip()))
    typer.echo(legible(f"{finding_id} {disposition}: {found.finding.summary}"), err=True)


@app.command()
def run(config: Config = _DEFAULT, once: Annotated[bool, typer.Option("--once", help="Scan and write the digests now, then end.")] = False) -> None:
    """Runs scans and digests on schedule until told to stop.

    The schedule stands in the configuration. What was missed while the machine slept or was off is made up for at once.
    """
    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("aboveboard").setLevel(logging.INFO)
    configuration, stop = load(config), Stop()
    if once:
        result = scan_now(configuration, stop)
        digest_now(configuration)
        _conclude(result)
        return
    run_scheduler(scheduler(jobs(configuration, stop), ZoneInfo(configuration.council.timezone), now(), stop), stop)


@app.command()
def rules(protocol: Annotated[str, typer.Option(metavar="NAME", help="Whose clauses to print.")] = "county-2023") -> None:
    """Prints the rules and the clauses they rest on."""
    if protocol not in available():
        raise typer.BadParameter(f"choose one of {', '.join(available())}", param_hint="--protocol")
    output.rules(RULES, packaged(protocol))


@app.command()
def evaluate(
    corpora: Corpora,
    errors: Annotated[bool, typer.Option("--errors", help="Print each miss and false alarm.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Measures the scanner on labelled corpora.

    Precision, recall and F1 for each rule, with 95 % intervals; several corpora are also added up.
    """
    with progress_bar() as progress:
        evaluations = [evaluate_corpus(corpus, progress) for corpus in corpora]
    output.evaluations(evaluations, errors=errors, as_json=as_json)


def main() -> None:
    """The entry point of the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace", newline="")
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())  # Ctrl-C in mid-return of a connection is no fault to report
    try:
        app(prog_name="aboveboard")
    except AboveboardError as error:
        for line in str(error).splitlines():
            typer.echo(f"aboveboard: {legible(line, 2000)}", err=True)
        sys.exit(2 if isinstance(error, ConfigurationError | CorpusError) else 1)
    except Exception as error:  # noqa: BLE001  # an unforeseen error's own words may hold mail, so only its place is printed
        places = "".join(format_tb(error.__traceback__))
        typer.echo(f"{places}aboveboard: an unforeseen fault, {unforeseen(error)}. What was stored stands. Please report these lines.", err=True)
        sys.exit(1)


def _midnight(parts: App, day: date | None) -> datetime | None:
    return datetime.combine(day, time(), parts.zone) if day else None


def _case(parts: App, finding_id: str) -> Case:
    if (found := parts.cases.case(finding_id)) is None:
        raise typer.BadParameter(f"there is no finding {legible(finding_id)}; aboveboard findings list shows them", param_hint="ID")
    return found


def _conclude(result: ScanResult) -> None:
    """What the scan came to, for people; exit 1 where a mailbox failed."""
    typer.echo(f"New copies read: {result.collected}. Messages judged: {result.judged}.", err=True)
    for problem in result.problems:
        typer.echo(f"NOT READ: {legible(problem)}", err=True)
    if result.problems:
        raise typer.Exit(1)
