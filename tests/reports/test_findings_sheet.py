"""The sheet of findings: opens in Excel, runs nothing, leaks nothing."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from reports.casebook import Decision, Disposition
from reports.sheet import csv_of
from rules.circulation import Copy, Role


def rows(sheet: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(sheet.removeprefix("\ufeff"), newline="")))


def test_a_row_tells_the_case(world: Any) -> None:
    case = world.case(decision=Decision(Disposition.UPHELD, "Priya Nair", world.at(16, 11, 20), "Spoken to."))
    sheet = csv_of([case], world.zone, world.council.domains)
    assert sheet.startswith("\ufeff") and sheet.encode("utf-8").startswith(b"\xef\xbb\xbf")
    assert sheet.count("\r\n") == sheet.count("\n") == 2
    (row,) = rows(sheet)
    assert row["Finding"] == case.finding.id
    assert row["Message date"] == "2026-10-14 16:05"
    assert (row["Severity"], row["Evidence"], row["Confidence"]) == ("high", "proved", "97%")
    assert row["Copies"] == "jo.price@thornburyvale.example, Sent Items; tom.reed@thornburyvale.example, Inbox"
    assert "(weighs strongly for)" in row["Why"]
    assert (row["Decision"], row["Decided by"], row["Decided on"], row["Note"]) == ("upheld", "Priya Nair", "2026-10-16 11:20", "Spoken to.")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\u200b=", "\uff1d", "\ufeff+"])
def test_no_cell_is_a_formula(world: Any, start: str) -> None:
    poison = f"{start}cmd|' /C calc'!A0"
    decision = Decision(Disposition.UPHELD, poison, world.at(16), poison)
    case = world.case(
        summary=poison, settle=poison, next_step=poison, clauses=(poison,), copies=(Copy(poison, poison, "1", Role.SENT),), decision=decision
    )
    (row,) = rows(csv_of([case]))
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))]
    assert row["Summary"].startswith("'")


def test_no_cell_breaks_its_row_or_shows_private_details(world: Any) -> None:
    sheet = csv_of([world.case(summary='a "quoted", line\r\nbreak \u202e mary@post.example 07700 900123')])
    (row,) = rows(sheet)
    assert row["Summary"] == 'a "quoted", line break [e-mail address] [phone number]'
    assert len(row) == 18 and None not in row


def test_no_cases_make_a_sheet_of_headings() -> None:
    assert rows(csv_of([])) == [] and csv_of([]).count("\r\n") == 1
