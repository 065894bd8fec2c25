"""people.csv and lists.csv as councils save them, and refused with the line where they do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.message import Address
from rules.roster import Kind, Roster
from scanner.errors import ConfigurationError
from scanner.people import read_roster

HEAD = "address,name,kind,role,group,aliases\n"
ANN = "ann@w.example,Cllr Ann Marsh,member,Leader,Labour,a.marsh@w.example;/o=WEX/ou=AG/cn=Recipients/cn=amarsh\n"
JO = 'jo@w.example,Jo Price,officer,"Head of Roads, Parks and Bins",,\n'
LISTS = "list,member\nall@w.example,ann@w.example\n"


def roster(folder: Path, people: str | bytes, lists: str | bytes | None = None) -> Roster:
    (folder / "people.csv").write_bytes(people if isinstance(people, bytes) else people.encode())
    if lists is not None:
        (folder / "lists.csv").write_bytes(lists if isinstance(lists, bytes) else lists.encode())
    return read_roster(folder / "people.csv", folder / "lists.csv" if lists is not None else None, frozenset({"w.example"}))


@pytest.mark.parametrize(
    "people",
    [
        HEAD + ANN + JO,
        b"\xef\xbb\xbf" + (HEAD + ANN + JO).encode(),
        (HEAD + ANN + JO).replace("\n", "\r\n"),
        (HEAD + "\n" + ANN + ",,,,,\n   \n" + JO).rstrip("\n"),
        "Address, Name ,KIND,role,group,aliases,notes\n" + ANN.replace("member", "Member").replace("\n", ",met\n") + JO,
        HEAD + ANN.replace("ann@w", " ANN@W") + JO.replace("Jo Price", "Jo  Price "),
        HEAD + ANN + '"jo@w.example","Jo\nPrice","officer","Head of Roads, Parks and Bins"\n',
    ],
    ids=["plain", "byte-order mark", "Windows line ends", "blank rows", "capitals and a column more", "stray spaces", "quoted line end, short row"],
)
def test_a_roster_is_read_however_it_was_saved(tmp_path: Path, people: str | bytes) -> None:
    made = roster(tmp_path, people)
    assert [(p.address, p.name, p.kind) for p in made.people] == [
        ("ann@w.example", "Cllr Ann Marsh", Kind.MEMBER),
        ("jo@w.example", "Jo Price", Kind.OFFICER),
    ]
    assert made.people[1].role == "Head of Roads, Parks and Bins"
    assert made.main_address("/O=wex/ou=ag/CN=Recipients/cn=amarsh") == "ann@w.example"


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("", "line 1: has no column 'address'"),
        ("address,name\n", "line 1: has no column 'kind'; the first line must name address, name, kind"),
        (HEAD.replace(",", ";") + ANN, "with commas between"),
        (HEAD, "names nobody"),
        (HEAD + ",,,,,\n", "names nobody"),
        (HEAD + ANN.replace("member", "councillor"), "line 2: kind is 'councillor'; write member, officer or service"),
        (HEAD + ANN.replace("member", ""), "line 2: kind is ''"),
        (HEAD + "\n" + ANN.replace("ann@w.example", ""), "line 3: address and name must both be given"),
        (HEAD + ANN.replace("Cllr Ann Marsh", " "), "line 2: address and name must both be given"),
        (HEAD + ANN.replace("ann@w.example", "/o=WEX/cn=ann"), "line 2: '/o=WEX/cn=ann' is not an e-mail address; a legacy"),
        (HEAD + ANN + ANN, "line 3: ann@w.example belongs to Cllr Ann Marsh and to Cllr Ann Marsh"),
        (
            HEAD + ANN + JO.replace(",,\n", ",,A.Marsh@w.example\n"),
            "line 3: a.marsh@w.example belongs to Cllr Ann Marsh and to Jo Price; an address can have one",
        ),
        (HEAD + ANN + JO.replace(",,\n", ",,ann@w.example\n"), "line 3: ann@w.example belongs to Cllr Ann Marsh and to Jo Price"),
        (HEAD + ANN + JO.replace('"', "").replace(",,\n", ",,jp@w.example\n"), "line 3: has 7 values for 6 columns; put quotation marks round"),
        (HEAD + ANN + JO.replace('Bins"', "Bins"), "look for a quotation mark left open"),
        ((HEAD + ANN).encode("utf-16"), "is not UTF-8; save it as “CSV UTF-8”"),
        ((HEAD + ANN.replace("Marsh", "Müller")).encode("cp1252"), "is not UTF-8"),
        ((HEAD + ANN).encode("utf-16-le"), "has no column 'address'"),
    ],
)
def test_a_roster_that_does_not_fit_is_refused(tmp_path: Path, people: str | bytes, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        roster(tmp_path, people)
    assert words in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "people.csv"))


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ("name,member\n", "line 1: has no column 'list'"),
        ("list,member\nall@w.example,\n", "line 2: list and member must both be given"),
        ("list,member\neveryone,ann@w.example\n", "line 2: 'everyone' is not an e-mail address"),
        ("list,member\n\nAnn@w.example,jo@w.example\n", "line 3: ann@w.example is a list here and Cllr Ann Marsh in people.csv"),
        ("list,member\na.marsh@w.example,jo@w.example\n", "line 2: a.marsh@w.example is a list here and Cllr Ann Marsh"),
        (LISTS.encode("utf-16"), "is not UTF-8"),
    ],
)
def test_lists_that_do_not_fit_are_refused(tmp_path: Path, lists: str | bytes, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        roster(tmp_path, HEAD + ANN + JO, lists)
    assert words in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "lists.csv"))


def test_a_list_opens_into_its_members_by_any_alias_and_through_lists(tmp_path: Path) -> None:
    lists = (
        "list,member\nall@w.example,A.Marsh@w.example\nAll@w.example,staff@w.example\nstaff@w.example,jo@w.example\nstaff@w.example,all@w.example\n"
    )
    made = roster(tmp_path, HEAD + ANN + JO, lists)
    assert made.reached([Address("ALL@w.example")]) >= {"ann@w.example", "jo@w.example"}


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"people\.csv: cannot be read \(No such file or directory\); council\.people"):
        read_roster(tmp_path / "people.csv", None, frozenset())
