"""Tables in attachments: who had a sheet already, and that no excerpt shows a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rules.catalogue import rule
from rules.circulation import Circulation, Thread
from rules.council import Council
from rules.message import Address, Attachment, Body, Message, Table
from rules.protocol import packaged
from rules.roster import Kind, Person, Roster
from rules.rule import Context

ROSTER = Roster(
    (
        Person("ann@larch.gov.uk", "Cllr Ann Bell", Kind.MEMBER, aliases=("ann.bell@larch.gov.uk",)),
        Person("bob@larch.gov.uk", "Cllr Bob Ash", Kind.MEMBER),
        Person("rao@larch.gov.uk", "Jaya Rao", Kind.OFFICER),
    ),
    domains=frozenset({"larch.gov.uk"}),
)
CONTEXT = Context(Council("Larch District Council"), ROSTER, packaged("county-2023"), lambda _text: ())
SHEET = Attachment("list.xlsx", "application/x", 1, "", (Table("Sheet1", (("Tenant", "Address", "Arrears"), ("Ivy Lund", "1 The Pound", "120"))),))


def sent(number: int, sender: str, to: tuple[str, ...], attachment: Attachment, text: str = "Attached.") -> Circulation:
    date = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(hours=number)
    return Circulation(Message(f"{number}@x", date, Address(sender), tuple(map(Address, to)), bcc=(), body=Body(new=text), attachments=(attachment,)))


@pytest.mark.parametrize(("reader", "fires"), [("ann@larch.gov.uk", False), ("bob@larch.gov.uk", True)], ids=["the one who sent it", "somebody new"])
def test_a_sheet_is_no_news_to_who_had_it(reader: str, fires: bool) -> None:
    thread = Thread(
        (sent(1, "ann.bell@larch.gov.uk", ("rao@larch.gov.uk",), SHEET), sent(2, "rao@larch.gov.uk", (reader,), SHEET)), frozenset({"2@x"})
    )
    judged = rule("resident-data")
    assert [f.kind for f in judged.check(thread, CONTEXT, judged.settings)] == (["disclosure"] if fires else [])


def test_no_rule_shows_a_row_of_a_signed_letters_table() -> None:
    text = "The Council will pay Ivy Lund for the fence.\n\nCllr Ann Bell"
    letter = Attachment("letter.docx", "application/x", 1, text, (Table("", (("Ivy Lund", "The Council will pay"),)),))
    thread = Thread((sent(1, "ann@larch.gov.uk", ("pat@post.example",), letter),), frozenset({"1@x"}))
    judged = rule("member-obligation")
    found = list(judged.check(thread, CONTEXT, judged.settings))
    assert [f.kind for f in found] == ["obligation"]
    assert not any("Lund" in e.excerpt for f in found for e in f.evidence)
