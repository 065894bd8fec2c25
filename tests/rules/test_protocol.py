"""The packaged protocols: each one parses, and says for each rule which clauses stand behind it."""

from __future__ import annotations

import pytest

from rules import protocol

RULES = ("silent-copy", "member-obligation", "political-use", "resident-data")
SILENT_ON = {
    "bolsover-2021": frozenset[str](),
    "cheshire-east-2009": frozenset({"silent-copy"}),
    "county-2023": frozenset[str](),
    "herefordshire-2003": frozenset({"resident-data"}),
    "west-suffolk": frozenset({"silent-copy"}),
}


def test_five_protocols_are_packaged() -> None:
    assert protocol.available() == tuple(sorted(SILENT_ON))


@pytest.mark.parametrize("name", SILENT_ON)
def test_a_protocol_has_clauses_for_every_rule_that_it_speaks_on(name: str) -> None:
    packaged = protocol.packaged(name)
    assert packaged.id == name
    assert packaged.title
    assert frozenset(packaged.clauses) == frozenset(RULES) - SILENT_ON[name]


@pytest.mark.parametrize("name", SILENT_ON)
def test_clauses_are_complete_and_cited_once(name: str) -> None:
    packaged = protocol.packaged(name)
    for rule, clauses in packaged.clauses.items():
        assert clauses, rule
        assert all(clause.number == clause.number.strip() != "" and len(clause.text) > 40 for clause in clauses), rule
        assert len(set(packaged.cite(rule))) == len(clauses), rule


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_rests_on_at_least_two_protocols(rule: str) -> None:
    assert sum(bool(protocol.packaged(name).cite(rule)) for name in protocol.available()) >= 2


@pytest.mark.parametrize(
    ("name", "rule", "first"),
    [
        ("county-2023", "silent-copy", "Protocol for Member/Officer Relations (County, 2023), 25.12"),
        ("herefordshire-2003", "silent-copy", "Herefordshire Council, Protocol for Member/Officer Relations (2003), 8.1"),
        ("bolsover-2021", "resident-data", "Bolsover District Council, Protocol on Member/Officer Relations (2021), 5.4.6"),
        ("cheshire-east-2009", "political-use", "Cheshire East Council, Member/Officer Relations Protocol (2009), 9.2"),
        ("west-suffolk", "resident-data", "West Suffolk Council, Member/Officer Protocol, Local Member Protocol"),
    ],
)
def test_the_weightiest_clause_is_cited_first(name: str, rule: str, first: str) -> None:
    assert protocol.packaged(name).cite(rule)[0] == first


def test_a_protocol_silent_on_a_rule_cites_nothing() -> None:
    assert protocol.packaged("herefordshire-2003").cite("resident-data") == ()


@pytest.mark.parametrize("name", ["", "bolsover", "bolsover-2021.toml", "../protocol"])
def test_an_unknown_protocol_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        protocol.packaged(name)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('title = "Ours"', id="no clauses"),
        pytest.param('[[clauses.silent-copy]]\nnumber = "1"\ntext = "x"', id="no title"),
        pytest.param('title = "Ours"\n[[clauses.silent-copy]]\ntext = "x"', id="no number"),
        pytest.param('title = "Ours"\n[[clauses.silent-copy]]\nnumber = "1"', id="no text"),
        pytest.param('title = "Ours"\n[[clauses.silent-copy]]\nnumber = "1"\ntext = 1', id="text is a number"),
        pytest.param('title = "Ours"\nclauses = ["1"]', id="clauses is a list"),
        pytest.param('title = "Ours"\n[clauses]\nsilent-copy = ["1"]', id="clause is a string"),
    ],
)
def test_a_malformed_protocol_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="protocol ours: needs a title"):
        protocol.parse("ours", text)


def test_text_that_is_not_toml_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="line 1"):
        protocol.parse("ours", "title = Ours")


def test_a_protocol_of_ones_own_parses() -> None:
    own = protocol.parse("ours", 'title = "Ours"\n[[clauses.silent-copy]]\nnumber = "1"\ntext = """\nNo silent copies.\n"""')
    assert own.clauses["silent-copy"] == (protocol.Clause("1", "No silent copies."),)
    assert own.cite("silent-copy") == ("Ours, 1",)
