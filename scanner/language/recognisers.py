"""Recognisers as rows of data: patterns, the words that announce or contradict them, and what a match is then worth.

`recognisers.toml` holds the rows. A score of 0.5 or more stands on its own; below that a match is a hint that needs company.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from rules.entity import EntityKind
from scanner.language.checks import CHECKS

NEVER = re.compile(r"(?!)")
AFTERWARDS = 0.95
HEADED = 0.6
_SENTENCE_END = re.compile(r"\n|[.;](?=\s)")


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One row. `alone` and `near` score a match without and with a context word; `alone` 0 makes the word a condition.

    `before` and `after` are how many characters from the match the words are sought in; `weak` scores a contradicted match.
    """

    name: str
    kind: EntityKind
    patterns: tuple[str, ...]
    alone: float
    near: float
    context: re.Pattern[str]
    against: re.Pattern[str]
    heading: re.Pattern[str]
    check: Callable[[str], bool]
    before: int
    after: int
    weak: float

    def can_stand_in(self, text: str) -> bool:
        """Whether looking is worth the while: a row that needs a word of context finds nothing in a text without one."""
        return self.alone > 0 or self.context.search(text) is not None

    def score(self, text: str, start: int, end: int) -> float:
        """What a match is worth where it stands, 0 to 1. The nearest word before it decides; failing that,
        one just after in the same sentence; failing that, a heading."""
        lead = text[max(0, start - self.before) : start].rpartition("\n\n")[2]
        announced, contradicted = _last(self.context, lead), _last(self.against, lead)
        if contradicted >= 0 and contradicted >= announced:
            return self.weak
        if announced >= 0:
            return self.near
        if self.context.search(_SENTENCE_END.split(text[end : end + self.after], maxsplit=1)[0]):
            return round(self.near * AFTERWARDS, 3)
        return max(self.alone, HEADED) if self.heading.search(text, 0, start) else self.alone


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends, -1 where there is none."""
    return max((m.end() for m in pattern.finditer(text)), default=-1)


def phrases(words: list[str]) -> re.Pattern[str]:
    """One pattern for whole words or phrases, any case, any space between; matches nothing where the list is empty."""
    if not words:
        return NEVER
    spaced = (r"[\s\u00a0]{1,3}".join(re.escape(part) for part in word.split()) for word in sorted(words, key=len, reverse=True))
    return re.compile(r"(?<!\w)(?:" + "|".join(spaced) + r")(?!\w)", re.IGNORECASE)


def packaged() -> tuple[Recogniser, ...]:
    """The recognisers that come with the product."""
    return parse(resources.files(__package__).joinpath("recognisers.toml").read_text("utf-8"))


def parse(text: str) -> tuple[Recogniser, ...]:
    """Recognisers from a data file. Raises KeyError or ValueError (TOMLDecodeError is one) where it is not sound."""
    data = tomllib.loads(text)
    fragments: Mapping[str, str] = data.get("fragments", {})
    return tuple(_row(row, fragments) for row in data["recogniser"])


def _row(row: Mapping[str, Any], fragments: Mapping[str, str]) -> Recogniser:
    near = float(row["near"])
    return Recogniser(
        name=row["name"],
        kind=EntityKind[row["kind"]],
        patterns=tuple(_filled(pattern, fragments) for pattern in row["patterns"]),
        alone=float(row["alone"]),
        near=near,
        context=phrases(row.get("context", [])),
        against=phrases(row.get("against", [])),
        heading=phrases(row.get("heading", [])),
        check=CHECKS[row["check"]] if "check" in row else _any,
        before=int(row.get("before", 60)),
        after=int(row.get("after", 25)),
        weak=float(row.get("weak", 0.0)),
    )


def _any(_text: str) -> bool:
    return True


def _filled(pattern: str, fragments: Mapping[str, str]) -> str:
    """A pattern with its `<<name>>` fragments put in, fragments within fragments too."""
    while match := re.search(r"<<([a-z-]+)>>", pattern):
        pattern = pattern.replace(match[0], fragments[match[1]])
    return pattern
