"""The command line. Standard output is data; standard error is for people; exit codes are 0 done, 1 failed, 2 wrong usage or configuration."""

from __future__ import annotations

import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from reports.casebook import Case, Decision, Disposition
from reports.mask import legible
from rules.catalogue import RULES
from rules.protocol import available, packaged
from scanner import ending, output
from scanner.app import App
from scanner.arrangements import arrangements as arranged
from scanner.asking import account, contradiction, range_of
from scanner.calibrate import advise, worded
from scanner.checkup import examine
from scanner.config import load
from scanner.delivery import deliver, week_of
from scanner.demo import demonstrate
from scanner.errors import AboveboardError, ConfigurationError, CorpusError
from scanner.evaluate import evaluate as evaluate_corpus
from scanner.job import ScanRequest, ScanResult
from scanner.options import (
    DEFAULT,
    WORDS,
    By,
    Config,
    Corpora,
    FindingId,
    Folder,
    FormatOption,
    LayoutOption,
    Mailbox,
    Reason,
    Since,
    Until,
    Week,
)
from scanner.output import Format, Layout
from scanner.plan import Range
from scanner.progress import progress_bar
from scanner.rota import ailments, keep, run_once

_HELP = "Aboveboard: the correspondence compliance scanner for local councils."
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=_HELP)
findings_app = typer.Typer(no_args_is_help=True, help="Lists findings; shows one; records a person's decision.")
app.add_typer(findings_app, name="findings")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"aboveboard {version('aboveboard')}")
        raise typer.Exit


@app.callback()
def _aboveboard(_: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")] = False) -> None:
    pass


@app.command()
def demo(folder: Folder = Path("demo")) -> None:
    """Scans a fictional council and writes its two weekly digests."""
    with progress_bar() as progress:
        shown = demonstrate(folder, progress)
    with closing(shown.app):
        output.demonstration(shown)


@app.command()
def check(config: Config = DEFAULT, print_as: LayoutOption = Layout.TABLE) -> None:
    """Checks all that a scan needs and says what to mend.

    Configuration, roster, protocol, store, key, language model, digest folders, servers and every mailbox, of which one message is read.
    """
    results = examine(load(config))
    output.checks(results, print_as)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


@app.command()
def scan(
    config: Config = DEFAULT,
    mailbox: Mailbox = None,
    reason: Reason = None,
    by: By = None,
    since: Since = None,
    until: Until = None,
    print_as: FormatOption = Format.TABLE,
    afresh: Annotated[bool, typer.Option("--afresh", help="Judge again what earlier scans have judged.")] = False,
) -> None:
    """Scans what is new and prints the findings.

    Exit code 0: the scan is complete, with findings or without. 1: something could not be scanned. 2: wrong usage or configuration.
    """
    asked = (mailbox, reason, since, until)
    if wrong := contradiction(asked):
        raise typer.BadParameter(wrong[0], param_hint=wrong[1])
    with closing(App(load(config))) as parts:
        wanted = range_of(asked, parts)
        with progress_bar() as progress:
            result = parts.scan_job().run(ScanRequest(wanted, reason or "", afresh, (by or account()) if mailbox else ""), progress)
        output.findings(parts.standing(wanted), print_as, parts)
        output.not_read(parts.cases.coverage(), len(result.left_out))
    _conclude(result)


@app.command()
def digest(config: Config = DEFAULT, week: Week = None) -> None:
    """Writes the digests of a week and prints where they lie."""
    with closing(App(load(config))) as parts:
        if not parts.configuration.digests:
            raise ConfigurationError(f"{config}: there is no [[digests]]; add one for each audience (config.example.toml shows two).")
        typer.echo("\n".join(str(file) for delivered in deliver(parts, week_of(parts, week)) for file in delivered.files))


@findings_app.command("list")
def list_findings(
    config: Config = DEFAULT,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that ask for a decision.")] = False,
    print_as: FormatOption = Format.TABLE,
) -> None:
    """Lists the findings on record."""
    with closing(App(load(config))) as parts:
        output.findings([case for case in parts.standing(Range()) if case.is_waiting or not waiting], print_as, parts)


@findings_app.command()
def show(finding_id: FindingId, config: Config = DEFAULT) -> None:
    """Shows one finding with all its evidence."""
    with closing(App(load(config))) as parts:
        output.case(_case(parts, finding_id), parts)


@findings_app.command()
def decide(
    finding_id: FindingId,
    disposition: Annotated[Disposition, typer.Argument(help="What was decided.")],
    by: Annotated[str, typer.Option(metavar="NAME", parser=WORDS, help="Who decides.")],
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept on record.")] = "",
    config: Config = DEFAULT,
) -> None:
    """Records a person's decision on a finding.

    A later decision replaces an earlier one; all stay on record.
    """
    with closing(App(load(config))) as parts:
        found = _case(parts, finding_id)
        parts.cases.decide(finding_id, Decision(disposition, by, parts.clock(), note.strip()))
    typer.echo(legible(f"{finding_id} {disposition}: {found.finding.summary}"), err=True)


@app.command()
def run(config: Config = DEFAULT, once: Annotated[bool, typer.Option("--once", help="Scan and write the digests now, then end.")] = False) -> None:
    """Runs scans and digests on schedule until told to stop.

    The schedule stands in the configuration. What was missed while the machine slept or was off is made up for at once.
    """
    ending.log()
    configuration = load(config)
    if once:
        _conclude(run_once(configuration))
    else:
        keep(configuration)


@app.command()
def health(config: Config = DEFAULT) -> None:
    """Says whether scheduled scans are well, by its exit code."""
    found = ailments(load(config))
    typer.echo("\n".join(map(legible, found or ["well"])))
    if found:
        raise typer.Exit(1)


@app.command()
def arrangements(config: Config = DEFAULT, print_as: LayoutOption = Layout.TABLE) -> None:
    """Lists mailboxes that send mail on by themselves."""
    with closing(App(load(config))) as parts:
        output.arrangements(arranged(parts.register.arranged(), parts.roster), print_as, parts)


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


@app.command()
def calibrate(config: Config = DEFAULT) -> None:
    """Advises thresholds from the decisions on record.

    It prints lines for config.toml and changes nothing by itself.
    """
    with closing(App(load(config))) as parts:
        cases = parts.cases.cases([rule.id for rule in RULES], None, None)
    for rule in RULES:
        typer.echo(worded(advise(rule.id, cases)))


def main() -> None:
    """The entry point of the command."""
    ending.settle()
    try:
        app(prog_name="aboveboard")
    except AboveboardError as error:
        ending.refused(error)
        sys.exit(2 if isinstance(error, ConfigurationError | CorpusError) else 1)
    except Exception as error:  # noqa: BLE001  # an unforeseen error's own words may hold mail, so only its place is printed
        ending.stumbled(error)
        sys.exit(1)


def _case(parts: App, finding_id: str) -> Case:
    if (found := parts.cases.case(finding_id)) is None:
        raise typer.BadParameter(f"there is no finding {legible(finding_id)}; aboveboard findings list shows them", param_hint="ID")
    return found


def _conclude(result: ScanResult) -> None:
    ending.scanned(result)
    if result.problems:
        raise typer.Exit(1)
