"""Who is who, by every form an address takes."""

from __future__ import annotations

import pytest

from rules.message import Address
from rules.roster import Kind, Person, Roster, canonical, plain_name

ANN = Person("ann.bell@larch.gov.uk", "Cllr Ann Bell", Kind.MEMBER, aliases=("ann@members.larch.gov.uk", "/o=larch/ou=ag/cn=recipients/cn=abell"))
RAO = Person("j.rao@larch.gov.uk", "Jaya Rao", Kind.OFFICER)
ROSTER = Roster(
    people=(ANN, RAO),
    lists={
        "all@larch.gov.uk": ("Members@Larch.gov.uk", "j.rao@larch.gov.uk"),
        "members@larch.gov.uk": ("ann@members.larch.gov.uk", "all@larch.gov.uk"),
        "self@larch.gov.uk": ("self@larch.gov.uk",),
    },
    domains=frozenset({"larch.gov.uk"}),
)


@pytest.mark.parametrize(
    "form",
    [
        "ann.bell@larch.gov.uk",
        "Ann.Bell@LARCH.GOV.UK",
        "SMTP:ann.bell@larch.gov.uk",
        "mailto:ann.bell@larch.gov.uk",
        "<ann.bell@larch.gov.uk>",
        "ann.bell+ward@larch.gov.uk",
        "ann@members.larch.gov.uk",
        "/O=LARCH/OU=AG/CN=RECIPIENTS/CN=ABELL",
        "X500:/o=larch/ou=ag/cn=recipients/cn=abell",
        "IMCEAEX-_o=LARCH_ou=AG_cn=RECIPIENTS_cn=ABELL@larch.gov.uk",
    ],
)
def test_every_form_of_an_address_finds_its_person(form: str) -> None:
    assert ROSTER.person(form) is ANN
    assert ROSTER.main_address(form) == "ann.bell@larch.gov.uk"


@pytest.mark.parametrize("form", ["ann.bell@larch.gov.uk.example", "bell@larch.gov.uk", "", "@", "ann.bell+ward", "cn=abell"])
def test_what_only_looks_alike_finds_nobody(form: str) -> None:
    assert ROSTER.person(form) is None


@pytest.mark.parametrize("name", ["Cllr Ann Bell", "Councillor Ann Bell", "Bell, Ann (Cllr)", "ANN  BELL", "Dr Ann Bell"])
def test_a_name_without_an_address_finds_its_person(name: str) -> None:
    assert ROSTER.who(Address("", name)) is ANN


def test_a_display_name_never_overrules_an_outside_address() -> None:
    assert ROSTER.who(Address("ann.bell@mail.example", "Cllr Ann Bell")) is None


@pytest.mark.parametrize("name", ["all@larch.gov.uk", "MEMBERS@larch.gov.uk"])
def test_nested_lists_are_opened_and_a_cycle_ends(name: str) -> None:
    assert ROSTER.reached((Address(name),)) == {"ann.bell@larch.gov.uk", "j.rao@larch.gov.uk"}


def test_a_list_of_itself_reaches_nobody() -> None:
    assert ROSTER.reached((Address("self@larch.gov.uk"),)) == frozenset()


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("anybody@larch.gov.uk", True),
        ("anybody@Planning.Larch.gov.uk", True),
        ("all@larch.gov.uk", True),
        ("/o=larch/ou=ag/cn=recipients/cn=abell", True),
        ("anybody@notlarch.gov.uk", False),
        ("larch.gov.uk@mail.example", False),
    ],
)
def test_inside_is_by_domain_roster_or_list(address: str, inside: bool) -> None:
    assert ROSTER.inside(address) is inside


def test_canonical_forms() -> None:
    assert canonical(" <SIP:Ann@X.example> ") == "ann@x.example"
    assert canonical("IMCEAEX-_o=A+20B_cn=C@x.example") == "/o=a b/cn=c"
    assert canonical("X500:/o=A/ou=Group (FYDIBOHF23SPDLT)/cn=C") == canonical("/o=A/ou=Group/cn=C") == "/o=a/ou=group/cn=c"
    assert plain_name("Cllr. Mrs Ann Bell") == "ann bell"
