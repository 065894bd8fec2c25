"""Workbooks of every age, and what is written beside their cells."""

from __future__ import annotations

import pytest
from office_files import S, xls, xlsb, xlsx

from scanner.reading.documents.documents import extract
from scanner.reading.mail.limits import Limits

LIMITS = Limits()
CELLS = [(0, 0, "Name"), (0, 1, "Street"), (2, 0, "Jane Hill"), (2, 1, "12 High St")]
SHEET = "".join(
    f'<row r="{row}">'
    + "".join(f'<c r="{letter}{row}" t="inlineStr"><is><t>{word}</t></is></c>' for letter, word in zip("AB", words, strict=True))
    + "</row>"
    for row, words in ((1, ("Name", "Street")), (3, ("Jane Hill", "12 High St")))
)


@pytest.mark.parametrize(("name", "content"), [("a.xls", xls(CELLS)), ("a.xlsb", xlsb(CELLS)), ("a.xlsx", xlsx(SHEET)), ("no name", xlsb(CELLS))])
def test_a_sheet_begins_with_what_its_columns_hold(name: str, content: bytes) -> None:
    found = extract(name, "", content, LIMITS)
    assert found.unread is None
    assert [(t.name, t.rows) for t in found.tables] == [("S", (("Name", "Street"), ("Jane Hill", "12 High St")))]
    assert found.text == "Name\tStreet\nJane Hill\t12 High St"


def test_remarks_of_a_workbook() -> None:
    remark = f"<comments {S}><commentList><comment><text><r><t>Jane is </t></r><r><t>ill</t></r></text></comment></commentList></comments>"
    drawn = '<x:wsDr xmlns:x="x" xmlns:a="a"><a:p><a:r><a:t>in a box</a:t></a:r></a:p></x:wsDr>'
    found = extract("a.xlsx", "", xlsx(SHEET, {"xl/comments1.xml": remark, "xl/drawings/drawing1.xml": drawn}), LIMITS)
    assert found.text.endswith("12 High St\nJane is ill\nin a box")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", xls([(0, 0, "a"), (60_000, 200, "b")])),
        ("a.xlsb", xlsb([(0, 0, "a"), (900_000, 9, "b")])),
        ("a.xlsx", xlsx('<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="J900000"><v>1</v></c></row>')),
    ],
)
def test_two_far_cells_are_not_laid_out(name: str, content: bytes) -> None:
    assert extract(name, "", content, LIMITS).unread == "workbook is larger than can be laid out"


def test_far_cells_that_fit_are_read() -> None:
    assert extract("a.xls", "", xls([(0, 0, "a"), (60_000, 3, "b")]), LIMITS).text == "a\t\t\t\n\t\t\tb"
