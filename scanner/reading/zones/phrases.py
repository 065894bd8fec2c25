"""The phrases of closing.toml, by which signatures and small print are known."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

_FRAMES = {
    "closing_words": r"^\W{{0,2}}(?:{0})(?:\s*[/|]\s*(?:{0}))?\s*[,.!\-x]{{0,3}}$",
    "closing_and_name": r"^\W{{0,2}}(?:{})$",
    "phones": r"^\W{{0,2}}(?:{})$",
    "posts": r"\b(?:{})\b",
    "organisations": r"\b(?:{})\b",
    "case_details": r"\b(?:{})\b",
    "no_names": r"^\W{{0,3}}(?:{})\b",
    "small_print_openings": r"^\W{{0,4}}(?:{})",
    "machine_lines": r"^\W{{0,4}}(?:{})",
}


@cache
def phrases(kind: str) -> re.Pattern[str]:
    """The pattern of one list in closing.toml, read once."""
    lists = tomllib.loads(resources.files("scanner.reading.zones").joinpath("closing.toml").read_text("utf-8"))
    return re.compile(_FRAMES.get(kind, "{}").format("|".join(lists[kind])), re.IGNORECASE | re.DOTALL)
