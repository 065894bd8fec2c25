"""In whose name a letter goes out: signatures in the ways that Members sign, and what only looks like one."""

from __future__ import annotations

import pytest

from rules.member_obligation.name import name_of
from rules.message import Address, Body, Message
from rules.roster import Kind, Person, Roster

MEMBER, OFFICER = Kind.MEMBER, Kind.OFFICER
ROSTER = Roster(
    (
        Person("patricia.vellacott@wexcombe.gov.uk", "Cllr Trish Vellacott", MEMBER, "Leader of the Council", "", ("leader.office@wexcombe.gov.uk",)),
        Person("cllr.ash@wexcombe.gov.uk", "Cllr Martin Ash", MEMBER, "Chair of Planning"),
        Person("michael.ash@wexcombe.gov.uk", "Michael Ash", OFFICER, "Housing Officer"),
        Person("seat.nine@wexcombe.gov.uk", "(vacant)", MEMBER),
        Person("s.webb@wexcombe.gov.uk", "Susan Webb", OFFICER, "Head of Housing"),
        Person(".@wexcombe.gov.uk", ".", MEMBER, aliases=("...",)),
    ),
    domains=frozenset({"wexcombe.gov.uk"}),
)


def _signed(text: str, sender: str = "s.webb@wexcombe.gov.uk") -> str:
    found = name_of(Message("1@x", None, Address(sender), (Address("pat@home.example"),), body=Body(new=text)), ROSTER)
    return found.member.name if found else ""


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("It is done.\n\nPatricia Vellacott\nLeader", "Cllr Trish Vellacott"),
        ("It is done.\n\nP. Vellacott", "Cllr Trish Vellacott"),
        ("It is done.\nYours sincerely,\nP. M. Vellacott\nMember for Castle", "Cllr Trish Vellacott"),
        ("It is done.\nT.P. Vellacott", "Cllr Trish Vellacott"),
        ("It is done.\nM. J. Ash", ""),
        ("It is done.\nMartin Ash", "Cllr Martin Ash"),
        ("It is done.\nPauline Vellacott", ""),
        ("It is done. Yours, Trish Vellacott, Leader of the Council", "Cllr Trish Vellacott"),
        ("Sent on behalf of Cllr Vellacott:\n\nIt is done.", "Cllr Trish Vellacott"),
        ("Dear Pat,\nOn behalf of the Leader:\nIt is done.\nSusan Webb", "Cllr Trish Vellacott"),
        ("Sent on behalf of Martin Ash, Chair of Planning:\nIt is done.", "Cllr Martin Ash"),
        ("It is done.\nM. Ash\nHousing Officer", ""),
        ("Sent on behalf of Cllr Ash:\nIt is done.", ""),
        ("It is done.\nLeader Office\nSusan Webb", ""),
        ("Please give my regards Martin Ash, if you see him.\nSusan Webb", ""),
        ("It is done.\nSusan Webb\ncc:\nCllr Martin Ash", ""),
        ("On behalf of Cllr Vellacott, thank you for your letter of 3 May.\nSusan Webb", ""),
        ("On behalf of Cllr Vellacott" + " " * 160 + "I write in reply to you.\nSusan Webb", ""),
        ("", ""),
    ],
)
def test_a_letter_goes_out_in_the_name_of_whoever_signs_it(text: str, member: str) -> None:
    assert _signed(text) == member


def test_nobody_outside_writes_in_a_members_name() -> None:
    assert not _signed("It is done.\n\nPatricia Vellacott", "pat@home.example")


@pytest.mark.parametrize("line", ["On behalf of Cllr Ash" + " " * 200_000 + "x", "pp cllr " + "." * 200_000, "Yours. " * 50_000, "regards " * 50_000])
def test_long_lines_are_looked_through_in_no_time(line: str) -> None:
    assert _signed(f"{line}\n{line}") == ""
