"""The words that names are read by: the lists of `people.toml`, and what a word of a name looks like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

TITLED, FULL, SMALL_FULL, LIKELY, SINGLE, SMALL = 0.9, 0.85, 0.6, 0.55, 0.5, 0.4
MOST_WORDS = 5
NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\-](?=[^\W\d_])){0,30}\.?")
BEFORE = re.compile(r"(\w+)[ \t\u00a0]{1,2}\Z")
FOLLOWING = re.compile(r"(?:['’]s)?[ \t\u00a0]{1,2}(?:&[ \t]?)?([A-Z][\w'’]{0,20})")
_POSSESSIVE = re.compile(r"['’]s?$")
_SPACE = re.compile(r"[ \t\u00a0]{1,2}")


@dataclass(frozen=True, slots=True)
class Span:
    """A name's place in characters, and its score."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class NameWords:
    """The word lists of `people.toml`, as sets of lower-case words, and the patterns of titles and greetings made of them."""

    lists: Mapping[str, frozenset[str]]
    title: re.Pattern[str]
    greeting: re.Pattern[str]

    @property
    def small(self) -> frozenset[str]:
        """Words that are never a part of a name, so that a line in capitals may write them small."""
        return self.lists["common"] - self.lists["titles"]

    def has(self, name: str, word: str) -> bool:
        """Whether a word stands on a list, whatever its case, with or without its full stop."""
        lower = word.lower().rstrip(".")
        return lower in self.lists[name] or _POSSESSIVE.sub("", lower) in self.lists[name]


def packaged_words() -> NameWords:
    """The word lists that come with the product."""
    data = tomllib.loads(resources.files(__package__).joinpath("people.toml").read_text("utf-8"))
    lists = {name: frozenset(words) for name, words in data.items()}
    couple = r"(?:[ ]?(?:and|&|/|\+)[ ]?(?:mrs|mr|ms|miss|dr|mx)\.?)?"
    title = rf"(?<![\w'’\-])(?P<title>{_either(lists['titles'] | lists['offices'])})\.?{couple}[ \t\u00a0]{{1,3}}"
    greeting = rf"^[ \t>]{{0,8}}(?:{_either(lists['greetings'])})[ \t]{{1,3}}"
    return NameWords(lists, re.compile(title, re.IGNORECASE), re.compile(greeting, re.IGNORECASE | re.MULTILINE))


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def next_word(text: str, place: int) -> re.Match[str] | None:
    """The next word on the same line, with nothing but space before it."""
    gap = _SPACE.match(text, place)
    return NAME_WORD.match(text, gap.end()) if gap else None


def end_of(word: re.Match[str]) -> int:
    """Where a word ends without its possessive or a sentence's full stop."""
    plain = word[0] if is_initial(word[0]) else word[0].rstrip(".")
    return word.start() + len(_POSSESSIVE.sub("", plain))


def is_initial(word: str) -> bool:
    """Whether a word is one letter, with or without its full stop."""
    return len(word.rstrip(".")) == 1
