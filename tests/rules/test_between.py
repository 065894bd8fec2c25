"""political-use: whom an officer's mail reaches, and who writes as Returning Officer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.message import Address, Message
from rules.political_use.between import from_electoral_services, from_returning_officer, reaches_somebody_known
from rules.roster import Kind, Person, Roster

OFFICER = Person("kath@wex.example", "Kath Ormond", Kind.OFFICER, "PA to the Leader")
MEMBER = Person("cllr.d.vickers@wex.example", "Cllr Dawn Vickers", Kind.MEMBER)
ROSTER = Roster((OFFICER, MEMBER), {}, frozenset({"wex.example"}))


@pytest.mark.parametrize(
    ("to", "known"),
    [
        ("cllr.d.vickers@wex.example", True),
        ("dawn.vickers@tidemail.example", True),
        ("labour.group@wex.example", True),
        ("all.staff@wex.example", False),
        ("dawn@tidemail.example", False),
        ("pat.jones@tidemail.example", False),
    ],
)
def test_a_member_at_home_is_somebody_known(to: str, known: bool) -> None:
    assert reaches_somebody_known(Message("a@x", None, Address(OFFICER.address), to=(Address(to),)), ROSTER) == known


@pytest.mark.parametrize(
    ("role", "electoral", "both"),
    [
        ("Electoral Services Manager", True, False),
        ("Returning Officer's office", True, False),
        ("Electoral Services Manager; Deputy Returning Officer", True, False),
        ("Chief Executive and Returning Officer", False, True),
        ("Chief Executive & County Returning Officer", False, True),
        ("Monitoring Officer (Deputy Returning Officer)", False, True),
        ("Chief Executive", False, False),
    ],
)
def test_whoever_holds_another_office_too_is_not_always_the_returning_officer(role: str, electoral: bool, both: bool) -> None:
    roster = Roster((replace(OFFICER, role=role),), {}, frozenset({"wex.example"}))
    message = Message("a@x", None, Address(OFFICER.address))
    assert (from_electoral_services(message, roster), from_returning_officer(message, roster)) == (electoral, both)
