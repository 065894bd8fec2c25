"""How results look on a terminal, and as lines for other programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.arrangement import Arrangement
from reports.casebook import Case, Coverage
from reports.mask import legible, masked
from reports.sheet import csv_of
from reports.week import local, moment_words
from rules.protocol import Protocol
from rules.rule import Rule
from scanner.app import App
from scanner.demo import Demonstration
from scanner.evaluate import Evaluation, Interval, Score, together
from scanner.plan import Range
from scanner.probe import Result

_PIPED = 160
_WIDE = 120
_LONGEST = 2000


class Layout(StrEnum):
    """How a table is printed: for people, or for other programs as one JSON array (ASCII)."""

    TABLE = "table"
    JSON = "json"


class Format(StrEnum):
    """How findings are printed."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


def _console() -> Console:
    """A terminal has its own width; a file or a pipe gets enough for a finding a line."""
    return Console(highlight=False) if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=_PIPED, highlight=False)


def _plain(text: str, style: str = "") -> Text:
    """Text from mail, folders or files as it may stand on a terminal: no escape sequence and no markup has any effect."""
    return Text(legible(text, _LONGEST), style=style)


def findings(cases: Sequence[Case], print_as: Format, app: App) -> None:
    """Findings as a table, as CSV, or one JSON object a line (ASCII, so that it is the same whatever the terminal's encoding)."""
    match print_as:
        case Format.JSONL:
            for each in cases:
                print(json.dumps(as_object(each)))
        case Format.CSV:
            print(csv_of(cases, app.zone, app.council.domains), end="")
        case Format.TABLE:
            console = _console()
            console.print(_table(cases, app.zone, wide=console.width >= _WIDE) if cases else "No findings.")


def not_read(rows: Sequence[Coverage], mailboxes: int) -> None:
    """On standard error, what all scans so far have not read, and how many mailboxes this one left out: silence would look like all."""
    unread, left_out = sum(row.unread + row.failed + row.not_reached for row in rows), sum(row.left_out for row in rows)
    if unread or left_out:
        print(f"Copies not read, or not in full: {unread} (the digest says which and why). Left out as protected: {left_out}.", file=sys.stderr)
    if mailboxes:
        print(f"Mailboxes left out as protected: {mailboxes} (aboveboard check names them).", file=sys.stderr)


def as_object(each: Case) -> dict[str, object]:
    """A finding as other programs read it; times are ISO 8601 in UTC."""
    finding = each.finding
    return {
        "id": finding.id,
        "rule": finding.rule,
        "message_id": finding.message_id,
        "date": finding.date.isoformat() if finding.date else None,
        "severity": finding.severity.label,
        "confidence": round(finding.confidence, 4),
        "strength": finding.strength.value,
        "summary": finding.summary,
        "clauses": list(finding.clauses),
        "evidence": [asdict(evidence) for evidence in finding.evidence],
        "copies": [{"custodian": c.custodian, "folder": c.folder, "item": c.item} for c in finding.copies],
    }


def _table(cases: Iterable[Case], zone: tzinfo, *, wide: bool) -> Table:
    """A finding a line; on a narrow terminal its particulars stand above its summary, so that the id is never cut."""
    table = Table("Id", *(("Date", "Rule", "Severity", "Strength") if wide else ()), "Finding", box=None, pad_edge=False)
    for each in cases:
        finding = each.finding
        day = f"{local(finding.date, zone):%d %b %Y}" if finding.date else "undated"
        particulars = [_plain(part) for part in (day, finding.rule, finding.severity.label, finding.strength.value)]
        summary = _plain(finding.summary + (f" [{each.decision.disposition}]" if each.decision else ""))
        cells = (*particulars, summary) if wide else (Text("\n").join((Text(", ").join(particulars), summary)),)
        table.add_row(_plain(finding.id), *cells)
    table.columns[0].no_wrap = True
    return table


def case(each: Case, app: App) -> None:
    """One finding in full."""
    finding, console = each.finding, _console()
    when = moment_words(finding.date, app.zone) if finding.date else "undated"
    console.print(_plain(finding.summary, "bold"))
    console.print(_plain(f"{finding.rule}, {finding.severity.label}, {finding.strength.value}, {finding.confidence:.0%}; message of {when}"))
    table = Table.grid(padding=(0, 2, 0, 0))
    for head, text in _particulars(each):
        table.add_row(head, _plain(text))
    console.print(table)


def _particulars(each: Case) -> Iterator[tuple[str, str]]:
    finding, decision = each.finding, each.decision
    for evidence in finding.evidence:
        excerpt = f": “{evidence.excerpt}”" if evidence.excerpt else ""
        yield "For" if evidence.weight > 0 else "Against", f"{evidence.statement} ({evidence.place}){excerpt}"
    yield "Clauses", "; ".join(finding.clauses)
    yield "To settle it", finding.settle
    yield "Next step", finding.next_step
    yield from (("Copy", f"{copy.custodian} / {copy.folder} / {copy.item} ({copy.role})") for copy in finding.copies)
    if each.withdrawn:
        yield "Withdrawn", "a later scan did not find it again"
    if decision:
        yield "Decided", f"{decision.disposition} by {decision.by}. {decision.note}"


def checks(results: Iterable[Result], print_as: Layout = Layout.TABLE) -> None:
    """What a check found, a line each."""
    if print_as is Layout.JSON:
        print(json.dumps([asdict(result) for result in results], indent=2))
        return
    table = Table("", "What", "Result", box=None, pad_edge=False)
    for result in results:
        mark = Text("ok", style="green") if result.passed else Text("MEND", style="bold red")
        table.add_row(mark, _plain(result.subject), _plain(result.words))
    _console().print(table)


def arrangements(found: Sequence[Arrangement], print_as: Layout, app: App) -> None:
    """Standing arrangements, a line each. Addresses outside the council are masked as in the digests."""
    rows = [_arranged(each, app) for each in found]
    if print_as is Layout.JSON:
        print(json.dumps(rows, indent=2))
        return
    table = Table("Whose mail", "Goes to", "How", "First seen", "Ended", box=None, pad_edge=False)
    for row in rows:
        how = f"{row['kind']}, {'all mail' if row['copies_all'] else 'some mail'}"
        whom = ", ".join((*row["members"], row["target"]))
        table.add_row(*map(_plain, (row["custodian"], whom, how, row["first_seen"], row["ended"] or "")))
    _console().print(table if rows else "No mailbox is known to send mail on to a Member or out of the council.")


def _arranged(each: Arrangement, app: App) -> dict[str, Any]:
    """An arrangement as other programs read it; times are ISO 8601 in UTC."""
    return {
        "concerns": each.concerns,
        "custodian": each.custodian,
        "owner": each.owner.kind.value if each.owner else None,
        "target": masked(each.target, app.council.domains),
        "members": [member.name for member in each.members],
        "kind": each.kind,
        "copies_all": each.copies_all,
        "first_seen": each.first_seen.isoformat(),
        "ended": each.ended.isoformat() if each.ended else None,
    }


def rules(catalogue: Iterable[Rule], protocol: Protocol) -> None:
    """The rules with their clauses."""
    console = _console()
    console.print(Text(protocol.title, style="bold"))
    for rule in catalogue:
        console.print(Text(f"\n{rule.id}: {rule.asks}", style="bold"))
        for clause in protocol.clauses.get(rule.id, ()):
            console.print(Text(f"  {clause.number}: {' '.join(clause.text.split())}"))
        if rule.id not in protocol.clauses:
            console.print("  This protocol says nothing of it.")


def evaluations(results: Sequence[Evaluation], *, errors: bool, as_json: bool) -> None:
    """Scores by corpus, then together where there are several."""
    if as_json:
        corpora = [asdict(r) | {"scores": _as_json(r.scores), "mistakes": [asdict(m) for m in r.mistakes if errors]} for r in results]
        print(json.dumps({"corpora": corpora, "together": _as_json(together(results))}, indent=2))
        return
    console = _console()
    for result in results:
        console.print(_scores(result.corpus, result.scores))
        if result.absent:
            console.print(_plain(f"Labelled but in none of these mailboxes, so that a breach counts as missed: {', '.join(result.absent)}"))
        if errors:
            for m in result.mistakes:
                console.print(Text(f"  {m.rule:18} {m.kind:12} ").append_text(_plain(f"{m.message_id} [{m.scenario}] {m.why}")))
    if len(results) > 1:
        console.print(_scores("together", together(results)))


def _scores(title: str, scores: Iterable[Score]) -> Table:
    table = Table(
        "Rule", "Right", "False alarms", "Missed", "Precision", "Recall", "F1", title=_plain(title), title_justify="left", box=None, pad_edge=False
    )
    for s in scores:
        table.add_row(s.rule, *map(str, (s.right, s.false_alarms, s.missed)), *map(_interval, (s.precision, s.recall, s.f1)))
    return table


def _interval(interval: Interval) -> str:
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _as_json(scores: Iterable[Score]) -> list[dict[str, object]]:
    return [asdict(s) | {name: asdict(getattr(s, name)) for name in ("precision", "recall", "f1")} for s in scores]


def demonstration(shown: Demonstration) -> None:
    """What the demonstration made, where it lies, and what to do next."""
    console = _console()
    cases = shown.app.standing(Range())
    table = Table("Rule", "High", "Medium", "Low", "Worth knowing", "Waiting", box=None, pad_edge=False)
    for rule in dict.fromkeys(c.finding.rule for c in cases):
        mine = [c for c in cases if c.finding.rule == rule]
        counts = [sum(c.finding.severity == level for c in mine) for level in (3, 2, 1, 0)]
        table.add_row(rule, *map(str, (*counts, sum(c.is_waiting for c in mine))))
    copies = sum(row.read for row in shown.app.cases.coverage())
    console.print(Text(f"{shown.app.council.name} (fictional): four weeks, {copies} copies of messages read.\n"))
    console.print(table)
    console.print("\nThe digests of the last week:")
    for delivered in shown.digests:
        console.print(Text(f"  {delivered.digest.audience.title}: {delivered.files[0]}"), soft_wrap=True)
    config = shown.digests[0].files[0].parents[1] / "demo.toml"
    console.print(Text(f"\nTry the other commands on it, such as: aboveboard findings list --config {config}"), soft_wrap=True)
    console.print("\nNext: open them in a browser; then copy config.example.toml to config.toml, name your council, and run: aboveboard check")
