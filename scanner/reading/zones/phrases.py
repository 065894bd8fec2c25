"""The phrases of closing.toml, posts.toml and smallprint.toml, by which signatures and small print are known."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

_FILES = ("closing.toml", "posts.toml", "smallprint.toml")
_FRAMES = {
    "closing_words": r"^\W{{0,2}}(?:{0})(?:\s*[/|]\s*(?:{0}))?\s*[,.!\-x]{{0,3}}$",
    "closing_and_name": r"^\W{{0,2}}(?:{})$",
    "phones": r"^\W{{0,2}}(?:{})$",
    "posts": r"\b(?:{})\b",
    "organisations": r"\b(?:{})\b",
    "case_details": r"\b(?:{})\b",
    "reaching": r"\b(?:{})\b",
    "places": r"\b(?:{})\b|\b[A-Z]{{1,2}}\d[A-Z\d]?\s?\d[A-Z]{{2}}\b",
    "no_names": r"^\W{{0,3}}(?:{})\b",
    "footnotes": r"\b(?:{})",
    "matters": r"\b(?:{})\b",
    "small_print_openings": r"^\W{{0,4}}(?:{})",
    "machine_lines": r"^\W{{0,8}}(?:{})",
}


@cache
def phrases(kind: str) -> re.Pattern[str]:
    """The pattern of one list, read once."""
    return re.compile(_FRAMES.get(kind, "{}").format("|".join(_lists()[kind])), re.IGNORECASE | re.DOTALL)


@cache
def senses(kind: str) -> tuple[re.Pattern[str], ...]:
    """The entries of one list, each by itself: of these a text must have several."""
    return tuple(re.compile(rf"\b(?:{entry})\b", re.IGNORECASE) for entry in _lists()[kind])


@cache
def _lists() -> dict[str, list[str]]:
    folder = resources.files("scanner.reading.zones")
    found: dict[str, list[str]] = {}
    for name in _FILES:
        found |= tomllib.loads(folder.joinpath(name).read_text("utf-8"))
    return found
