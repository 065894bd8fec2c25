"""A council's candidates as people name them: in full, by surname, by first name or what that is shortened to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

from rules.council import Council
from rules.roster import Roster

_LEAST, _SHORTENED = 3, 4  # letters
_GREETING = re.compile(r"\b(?:dear|hi|hello|hey|morning|afternoon|evening|thanks|cheers|ta|thank you|regards|love)[,\s]+$", re.IGNORECASE)
_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|dr|cllr|councillor)\.?\s+$", re.IGNORECASE)
_OTHERS_NAME = re.compile(r"[A-Z][\w'-]*\s+$")
_GOES_ON = re.compile(r"[^\S\n]+[A-Z][a-z]")
_BY_ITSELF = re.compile(r"^[\s,.]*(?:\n|$)")
_NOTHING = re.compile(r"(?!)")


def names_candidate(text: str, council: Council, roster: Roster) -> bool:
    """Whether a text names one of the council's candidates who is not on its roster."""
    return next(_spans(text, council, roster), None) is not None


def candidate_said(text: str, council: Council, roster: Roster) -> str:
    """A text with each of the council's candidates called "our candidate"; who sits on the council already keeps their name."""
    said, end = [], 0
    for start, stop in _spans(text, council, roster):
        said += [text[end:start], "our candidate"]
        end = stop
    return "".join(said) + text[end:]


def _spans(text: str, council: Council, roster: Roster) -> Iterator[tuple[int, int]]:
    """Where candidates are named. A part of a name alone is none where it is another's, an ordinary word, whom a mail greets, or who signs it."""
    outside = tuple(c for c in council.candidates if c.strip() and roster.named(c) is None)
    pattern = _pattern(outside, roster.words_of_names)
    for match in pattern.finditer(text):
        if match.lastgroup == "full" or not _another(text, match):
            yield match.span()


def _another(text: str, match: re.Match[str]) -> bool:
    """Whether a first name or surname by itself is more likely somebody else's."""
    before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 40]
    if _GOES_ON.match(after):
        return True
    if match.lastgroup == "surname":
        return _OTHERS_NAME.search(before) is not None and _TITLE.search(before) is None
    signs = not before.rpartition("\n")[2].strip() and _BY_ITSELF.match(after) is not None
    return signs or _GREETING.search(before) is not None


@lru_cache(maxsize=64)
def _pattern(candidates: tuple[str, ...], taken: frozenset[str]) -> re.Pattern[str]:
    full, firsts, surnames = [], [], []
    for candidate in candidates:
        first, *others = candidate.split()
        last = others[-1] if others else ""
        full.append(r"\s+".join(map(re.escape, candidate.split())))
        firsts += [word for word in _short_forms(first) if _alone(word, taken)]
        surnames += [last] if last and _alone(last, taken) else []
    groups = [
        rf"(?P<full>(?i:{'|'.join(full)}))" if full else "",
        rf"(?P<surname>{'|'.join(map(re.escape, surnames))})" if surnames else "",
        rf"(?P<first>{'|'.join(map(re.escape, firsts))})" if firsts else "",
    ]
    several = "|".join(group for group in groups if group)
    return re.compile(rf"\b(?:{several})\b") if several else _NOTHING


def _alone(word: str, taken: frozenset[str]) -> bool:
    return len(word) >= _LEAST and word.lower() not in taken | _words_too()


def _short_forms(first: str) -> Iterator[str]:
    """A first name, and what is left of it when it is cut short: Russell, Russel, Russe, Russ."""
    yield from (first[:length] for length in range(len(first), min(_SHORTENED, len(first)) - 1, -1))


@cache
def _words_too() -> frozenset[str]:
    return frozenset(tomllib.loads(resources.files("rules").joinpath("candidates.toml").read_text("utf-8"))["words_too"])
