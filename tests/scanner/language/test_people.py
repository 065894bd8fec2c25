"""Names of people: how many are found in sentences of a council's mail, and how many that are none."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.entity import Entity, EntityKind, FindEntities
from scanner.language.entities import load_entities
from scanner.language.names import packaged_words
from scanner.language.people import people

HERE = Path(__file__).parent
CASES: dict[str, Callable[[str], str]] = {
    "written": str,
    "small": str.lower,
    "capitals": lambda text: "".join(c.upper() if len(c.upper()) == 1 else c for c in text),
}


@pytest.fixture(scope="module")
def find() -> FindEntities:
    return load_entities()


def sentences(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text("utf-8").splitlines() if not line.startswith("#")]


def unmarked(sentence: str) -> tuple[str, list[tuple[int, int]]]:
    """A sentence without braces, and the places of the names that they marked."""
    places: list[tuple[int, int]] = []
    for match in re.finditer(r"\{(.+?)\}", sentence):
        start = match.start() - 2 * len(places)
        places.append((start, start + len(match[1])))
    return re.sub(r"[{}]", "", sentence), places


def named(find: FindEntities, text: str) -> list[Entity]:
    return [e for e in find(text) if e.kind is EntityKind.PERSON]


def recall(find: FindEntities, name: str, case: Callable[[str], str]) -> float:
    met = total = 0
    for text, places in map(unmarked, sentences(name)):
        spans = named(find, case(text))
        total += len(places)
        met += sum(any(s.start < end and s.end > start for s in spans) for start, end in places)
    return met / total


@pytest.mark.parametrize(
    ("name", "case", "least"),
    [
        ("people_sentences.txt", "written", 0.98),
        ("people_sentences.txt", "small", 0.95),
        ("people_sentences.txt", "capitals", 0.98),
        ("people_unseen.txt", "written", 0.8),
        ("people_unseen.txt", "small", 0.5),
        ("people_unseen.txt", "capitals", 0.6),
    ],
)
def test_names_are_found(find: FindEntities, name: str, case: str, least: float) -> None:
    assert recall(find, name, CASES[case]) >= least


@pytest.mark.parametrize(("case", "most"), [("written", 5), ("small", 12), ("capitals", 9)])
def test_other_capitals_are_left(find: FindEntities, case: str, most: int) -> None:
    wrong = [s for s in sentences("other_capitals.txt") if any(e.score >= 0.5 for e in named(find, CASES[case](s)))]
    assert len(wrong) <= most, wrong


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("We met Mrs Okonkwo.", 0.9),
        ("We met Amina Okonkwo.", 0.85),
        ("We met Cllr Jane Whitlock.", 0.85),
        ("Amina asked again.", 0.5),
        ("we met amina patel again", 0.6),
    ],
)
def test_score_says_how_a_name_stands(find: FindEntities, text: str, score: float) -> None:
    assert [e.score for e in named(find, text)] == [score]


@pytest.mark.parametrize(
    ("text", "marked", "left"),
    [
        ("Thanks Jane Whitlock's", (0, 22), ["Jane Whitlock"]),
        ("Jane Whitlock\nHead of Planning", (0, 30), ["Jane Whitlock"]),
        ("Regards\nJane Whitlock", (0, 21), ["Jane Whitlock"]),
        ("Jane Whitlock 12 Mill", (0, 21), ["Jane Whitlock"]),
        ("Jane Whitlock Tel", (0, 17), ["Jane Whitlock"]),
        ("Cllr Whitlock", (0, 13), ["Whitlock"]),
        ("Whitlock Road", (0, 8), []),
        ("Whitlock Housing Association", (0, 28), []),
        ("March", (0, 5), []),
        ("J. P.", (0, 5), []),
        ("42", (0, 2), []),
    ],
)
def test_what_the_model_marks_is_cleaned(text: str, marked: tuple[int, int], left: list[str]) -> None:
    assert [text[s.start : s.end] for s in people(text, [marked], [], packaged_words())] == left


@pytest.mark.parametrize(
    ("text", "marked", "scores"),
    [
        ("Uzoamaka Ibekwe has lost her job", (0, 15), [0.55]),
        ("Uzoamaka Ibekwe of that ilk", (0, 15), []),
        ("Mrs Uzoamaka Ibekwe", (4, 19), [0.9]),
        ("Uzoamaka of the widow", (0, 8), []),
        ("Citizens Advice Bureau Service", (0, 30), []),
    ],
)
def test_what_the_model_takes_for_an_organisation_may_be_a_person(text: str, marked: tuple[int, int], scores: list[float]) -> None:
    assert [s.score for s in people(text, [], [marked], packaged_words())] == scores


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("She lives at 12 Victoria Road, Barnton BN1 4AB.", [EntityKind.ADDRESS, EntityKind.POSTCODE]),
        ("amina.okonkwo@home.example", [EntityKind.EMAIL]),
        ("Rose Cottage, Mill Lane, Barnton BN1 4AB", [EntityKind.ADDRESS, EntityKind.POSTCODE]),
    ],
)
def test_names_within_other_data_are_not_people(find: FindEntities, text: str, kinds: list[EntityKind]) -> None:
    assert [e.kind for e in find(text)] == kinds
