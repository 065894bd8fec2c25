"""Findings as a sheet for Excel and its kin: one row each, nothing in any cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, tzinfo
from io import StringIO

from reports.casebook import Case, Decision
from reports.entry import because, order, percentage
from reports.mask import legible, masked
from reports.week import local
from rules.circulation import Copy

_BOM = "\ufeff"
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_HEADINGS = (
    *("Finding", "Rule", "Severity", "Evidence", "Confidence", "Message date", "First found", "Summary", "Why", "Clauses", "To settle it"),
    *("Next step", "Copies", "Withdrawn", "Decision", "Decided by", "Decided on", "Note"),
)


def csv_of(cases: Iterable[Case], zone: tzinfo = UTC, domains: Collection[str] = ()) -> str:
    """The cases as CSV (RFC 4180, CRLF) with the byte-order mark by which Excel knows UTF-8; encode it as plain `utf-8`.

    Dates are `2026-10-12 16:05` on the clock of `zone`. E-mail addresses outside `domains`, and numbers that name people, are masked.
    """
    sheet = StringIO(newline="")
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    writer.writerows([_inert(cell) for cell in _row(case, zone, domains)] for case in sorted(cases, key=order))
    return _BOM + sheet.getvalue()


def _row(case: Case, zone: tzinfo, domains: Collection[str]) -> tuple[str, ...]:
    finding = case.finding
    return (
        *(finding.id, finding.rule, finding.severity.label, finding.strength.value, percentage(finding.confidence)),
        *(_date(finding.date, zone), _date(case.first_found, zone)),
        *(masked(finding.summary, domains), because(finding, domains), legible("; ".join(finding.clauses), 2000), masked(finding.settle, domains)),
        *(masked(finding.next_step, domains), _places(finding.copies, domains), _date(case.withdrawn, zone)),
        *_decided(case.decision, zone, domains),
    )


def _places(copies: Iterable[Copy], domains: Collection[str]) -> str:
    return "; ".join(dict.fromkeys(f"{legible(c.custodian)}, {masked(c.folder, domains)}" for c in copies))


def _decided(decision: Decision | None, zone: tzinfo, domains: Collection[str]) -> tuple[str, ...]:
    if decision is None:
        return ("",) * 4
    return decision.disposition.value, masked(decision.by, domains), _date(decision.at, zone), masked(decision.note, domains)


def _date(moment: datetime | None, zone: tzinfo) -> str:
    return f"{local(moment, zone):%Y-%m-%d %H:%M}" if moment else ""


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_LIVE) else cell
