"""Every kind of personal data: what must be found, what is a mere hint, and what must be left."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rules.entity import EntityKind, FindEntities
from scanner.language.entities import load_entities

CASES = tomllib.loads((Path(__file__).parent / "recogniser_cases.toml").read_text("utf-8"))


def rows(verdict: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, table in CASES.items() for text in table.get(verdict, ())]


@pytest.fixture(scope="module")
def find() -> FindEntities:
    return load_entities()


def unmarked(text: str) -> tuple[str, tuple[int, int]]:
    """The text without its braces, and where they were."""
    marked = re.search(r"\{(.+?)\}", text)
    assert marked, text
    return text.replace("{", "").replace("}", ""), (marked.start(), marked.start() + len(marked[1]))


def found(find: FindEntities, kind: str, text: str) -> dict[tuple[int, int], float]:
    return {(e.start, e.end): e.score for e in find(text) if e.kind is EntityKind[kind]}


@pytest.mark.parametrize(("kind", "text"), rows("right"))
def test_found(find: FindEntities, kind: str, text: str) -> None:
    plain, place = unmarked(text)
    assert found(find, kind, plain).get(place, 0) >= 0.5, {plain[s:e]: n for (s, e), n in found(find, kind, plain).items()}


@pytest.mark.parametrize(("kind", "text"), rows("hint"))
def test_hint(find: FindEntities, kind: str, text: str) -> None:
    plain, place = unmarked(text)
    assert 0 < found(find, kind, plain).get(place, 0) < 0.5


@pytest.mark.parametrize(("kind", "text"), rows("wrong"))
def test_left(find: FindEntities, kind: str, text: str) -> None:
    assert not {text[s:e]: n for (s, e), n in found(find, kind, text).items() if n >= 0.5}


@pytest.mark.parametrize("kind", EntityKind)
def test_every_kind_has_a_table(kind: EntityKind) -> None:
    table = CASES[kind.name]
    assert len(table.get("right", ())) + len(table.get("hint", ())) >= 5
    assert len(table["wrong"]) >= 5
