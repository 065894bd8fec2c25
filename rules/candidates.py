"""A council's candidates as people name them: in full, by surname, by first name or what that is shortened to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from rules.council import Council
from rules.roster import Roster, plain_name

_LEAST = 3  # letters of a name that stands alone
_AROUND = 40
_GREETING = re.compile(
    r"\b(?:dear|hi|hello|hey|morning|afternoon|evening|thanks|cheers|ta|thank you|regards|love)[,\s]+(?:\w+ (?:and|&) )?$", re.IGNORECASE
)
_A_RESIDENT = re.compile(r"\b(?:mr|mrs|ms|miss|dr)\.?\s+$", re.IGNORECASE)
_A_PLACE = re.compile(r"\b(?:in|to|from|at|near|via|towards|through|river|lake|port|mount|saint|st\.?)\s+$", re.IGNORECASE)
_OTHERS_NAME = re.compile(r"[A-Z][\w'’-]*\s+$")
_CLLR = re.compile(r"\b(?:cllr|councillor)\.?\s+$", re.IGNORECASE)
_GOES_ON = re.compile(r"[^\S\n]+(?:[A-Z][a-z]|\d)")
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
    """Where candidates are named. A part of a name alone is none where it is another's, a place's, an ordinary word, greeted, or a signature."""
    outside = tuple(c for c in council.candidates if roster.named(c) is None)
    if not outside:
        return
    for match in _pattern(outside, roster.words_of_names).finditer(text):
        if match.lastgroup == "full" or not _another(text, match):
            yield match.span()


def _another(text: str, match: re.Match[str]) -> bool:
    """Whether a first name or surname by itself is more likely somebody or something else."""
    before, after = text[max(0, match.start() - _AROUND) : match.start()], text[match.end() : match.end() + _AROUND]
    if _GOES_ON.match(after) or _A_RESIDENT.search(before):
        return True
    if match.lastgroup == "surname":
        others = _OTHERS_NAME.search(before) is not None and _CLLR.search(before) is None
        return others or _A_PLACE.search(before) is not None
    signs = not before.rpartition("\n")[2].strip() and _BY_ITSELF.match(after) is not None
    return signs or _GREETING.search(before) is not None


@lru_cache(maxsize=64)
def _pattern(candidates: tuple[str, ...], taken: frozenset[str]) -> re.Pattern[str]:
    """Every way to name these candidates; `taken` are the words of others' names."""
    full, firsts, surnames = [], [], []
    taken |= {short.lower() for name in taken for short in _short_forms(name.capitalize())}
    for first, *others in filter(None, map(_words, candidates)):
        firsts += [name for name in (first, *_short_forms(first)) if _alone(name, taken)]
        if others:
            full.append(r"\s+".join(map(_escaped, (first, *others))))
            surnames += [others[-1]] if _alone(others[-1], taken) else []
    groups = [
        rf"(?P<full>(?i:{'|'.join(full)}))" if full else "",
        rf"(?P<surname>{'|'.join(map(_escaped, surnames))})" if surnames else "",
        rf"(?P<first>{'|'.join(map(_escaped, firsts))})" if firsts else "",
    ]
    several = "|".join(filter(None, groups))
    return re.compile(rf"(?<![\w@.-])(?:{several})(?![\w@-])") if several else _NOTHING


def _words(candidate: str) -> list[str]:
    """A candidate's first names and surname as they are written, without titles and what stands in brackets."""
    as_written = {word.lower(): word for word in candidate.replace(",", " ").split()}
    return [as_written.get(word, word) for word in plain_name(candidate).split() if any(map(str.isalpha, word))]


def _escaped(word: str) -> str:
    return re.escape(word).replace("'", "['’]")


def _alone(word: str, taken: frozenset[str]) -> bool:
    return len(word) >= _LEAST and word.lower() not in taken | _told_apart().words_too


def _short_forms(first: str) -> tuple[str, ...]:
    return _told_apart().short_forms.get(first, ())


@dataclass(frozen=True, slots=True)
class _ToldApart:
    words_too: frozenset[str]
    short_forms: Mapping[str, tuple[str, ...]]


@cache
def _told_apart() -> _ToldApart:
    kept = tomllib.loads(resources.files("rules").joinpath("candidates.toml").read_text("utf-8"))
    return _ToldApart(frozenset(kept["words_too"]), {name: tuple(several) for name, several in kept["short_forms"].items()})
