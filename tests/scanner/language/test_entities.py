"""The engine itself: no network, long texts, hostile texts, overlaps."""

from __future__ import annotations

import socket
import time
from typing import NoReturn, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.entity import Entity, EntityKind
from scanner.language import recognisers
from scanner.language.casing import pieces, readable
from scanner.language.entities import Entities, load_entities, settled, without_towns
from scanner.language.model import NameModel
from scanner.language.names import packaged_words

LETTER = "Mrs Amina Okonkwo (DOB 12/03/1980) of 12 Mill Lane, Barnton BN1 4AB rang from 07700 900123; write to a.okonkwo@home.example.\n"
SIZE = 60_000
HOSTILE = (
    *("a", "A", "1", "07", " ", "\n", "!", "@", "a@", "a.", "a-", "'", "O'", "1 ", "07700 900123 ", "(0) ", "+44 ", "AB12 ", "Flat 1 ", "Aa "),
    *("12 Mill ", "12 mill ", "mr ", "Mr A ", "ref 12/", "rent account 1/", "Aa, ", "12/", "12 march ", "amina ", "Rose Cottage, ", "Aa-", "a\t"),
    *("\u00a0", "\u0130", "\U0001f600", "dear ", "dob 1", "12-34-56 ", "A/1/", "blue badge A1 ", "St ", "12 st ", "no. ", "000000000 "),
)


def nobody(_text: str) -> tuple[()]:
    return ()


@pytest.fixture(scope="module")
def rules_alone() -> Entities:
    """The finder with a model that knows no names: what is timed is our own patterns."""
    return Entities(cast("NameModel", nobody), recognisers.packaged(), packaged_words())


def test_loading_and_finding_open_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    kinds = {e.kind for e in load_entities()(LETTER)}
    assert {EntityKind.PERSON, EntityKind.EMAIL, EntityKind.PHONE, EntityKind.ADDRESS} <= kinds


def test_a_text_beyond_the_models_limit_keeps_its_offsets(rules_alone: Entities) -> None:
    text = "x\n" * 520_000 + LETTER
    found = [(e.kind, text[e.start : e.end]) for e in rules_alone(text)]
    assert (EntityKind.PERSON, "Mrs Amina Okonkwo") in found
    assert (EntityKind.EMAIL, "a.okonkwo@home.example") in found


def test_every_piece_is_found_alike(rules_alone: Entities) -> None:
    text = LETTER * 700
    once = len(rules_alone(LETTER))
    assert len(text) > 80_000
    assert len(rules_alone(text)) == 700 * once


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_text_makes_a_pattern_slow(rules_alone: Entities, unit: str) -> None:
    """60,000 characters take under a second here; a pattern that backtracks would take minutes."""
    text = unit * (SIZE // len(unit))
    began = time.process_time()
    rules_alone(text)
    assert time.process_time() - began < 120


def test_a_megabyte_without_spaces_is_read() -> None:
    began = time.process_time()
    assert load_entities()("Ab1" * 333_000 + "\n" + LETTER)
    assert time.process_time() - began < 120


@given(st.text(max_size=300))
def test_readable_text_keeps_its_length(text: str) -> None:
    assert len(readable(text, frozenset({"the"}))) == len(text)


@given(st.text(alphabet="ab \n", max_size=300), st.integers(min_value=2, max_value=40))
def test_pieces_make_the_text(text: str, size: int) -> None:
    cut = list(pieces(text, size))
    assert "".join(piece for _, piece in cut) == text
    assert all(text.startswith(piece, offset) and len(piece) <= size for offset, piece in cut)


def test_a_piece_ends_with_a_paragraph_or_line() -> None:
    assert [piece for _, piece in pieces("one two\nthree four\nfive", 12)] == ["one two\n", "three four\n", "five"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("MRS OKONKWO CALLED ABOUT THE RENT\n", "Mrs Okonkwo called about the rent\n"),
        ("The DWP wrote to the CPS\n", "The DWP wrote to the CPS\n"),
        ("x" * 100, " " * 100),
        ("Amina;" * 20, "Amina " * 20),
    ],
)
def test_readable(text: str, shown: str) -> None:
    assert readable(text, packaged_words().small) == shown


@pytest.mark.parametrize(
    ("entities", "kept"),
    [
        ([(EntityKind.PERSON, 0, 10, 0.9), (EntityKind.ADDRESS, 5, 20, 0.75)], [EntityKind.ADDRESS]),
        ([(EntityKind.PERSON, 0, 10, 0.9), (EntityKind.CASE, 5, 20, 0.35)], [EntityKind.PERSON]),
        ([(EntityKind.PHONE, 0, 11, 0.9), (EntityKind.CASE, 0, 11, 0.35)], [EntityKind.PHONE]),
        ([(EntityKind.PHONE, 0, 11, 0.9), (EntityKind.PERSON, 11, 20, 0.5)], [EntityKind.PHONE, EntityKind.PERSON]),
    ],
)
def test_of_two_that_overlap_the_likelier_stays(entities: list[tuple[EntityKind, int, int, float]], kept: list[EntityKind]) -> None:
    assert [e.kind for e in settled(Entity(*row) for row in entities)] == kept


def test_a_word_beside_a_postcode_is_a_town() -> None:
    town, code = Entity(EntityKind.PERSON, 0, 7, 0.5), Entity(EntityKind.POSTCODE, 8, 15, 0.8)
    assert list(without_towns("Barnton BN1 4AB", [town, code])) == [code]


def test_nothing_is_found_in_nothing(rules_alone: Entities) -> None:
    assert rules_alone("") == ()
