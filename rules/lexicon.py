"""Words as data: a small phrase language, so that a new phrase never needs Python.

A lexicon file holds named word lists and acts. A phrase is words separated by spaces, where

    {pay|pay for|fund}   any of these          <council>   any of the word list of that name
    {also|just}?         may be missing        leaflet*    a word that begins so
    ..                   up to four words      ...         up to eight words
    ^                    the sentence begins here     $     it ends here

Case, punctuation, the shape of apostrophes and contractions do not matter: "can't", "cannot" and "can not" are one. A phrase is looked for
within one sentence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_GAPS = {"..": 4, "...": 8}
_TOKEN = re.compile(r"\{[^}]*\}\??|<[^>]*>\??|\S+")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
_WHOLE = {
    "cannot": "can not",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "dont": "do not",
    "cant": "can not",
    "wont": "will not",
    "didnt": "did not",
    "doesnt": "does not",
    "isnt": "is not",
    "wasnt": "was not",
    "couldnt": "could not",
    "shouldnt": "should not",
    "wouldnt": "would not",
    "havent": "have not",
    "youre": "you are",
    "youll": "you will",
    "ive": "i have",
    "im": "i am",
    "thats": "that is",
    "that's": "that is",
    "it's": "it is",
    "what's": "what is",
    "who's": "who is",
    "he's": "he is",
    "she's": "she is",
}
_CONTRACTED = re.compile(rf"\b(?:{'|'.join(_WHOLE)}|\w+n't|\w+'(?:ll|re|ve|m))\b", re.IGNORECASE)
_BETWEEN = r"[\s,;:.()\"/&-]+"


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of thing that people do with words. `weight` is in log-odds, negative where it speaks against a breach."""

    name: str
    says: str
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Lexicon:
    """The acts of one rule by name."""

    acts: Mapping[str, Act]

    def find(self, sentence: str) -> tuple[Act, ...]:
        """The acts in one sentence."""
        text = plain(sentence)
        return tuple(act for act in self.acts.values() if act.pattern.search(text))

    def has(self, name: str, text: str) -> bool:
        """Whether the named act stands in a text."""
        return self.acts[name].pattern.search(plain(text)) is not None


def plain(text: str) -> str:
    """Text with plain apostrophes, quotes and dashes, and with its contractions written out."""
    return _CONTRACTED.sub(_written_out, text.translate(_APOSTROPHES))


def _written_out(match: re.Match[str]) -> str:
    word = match[0].lower()
    return _WHOLE.get(word) or (
        f"{word[:-3]} not"
        if word.endswith("n't")
        else word.replace("'", " ").replace(" ll", " will").replace(" re", " are").replace(" ve", " have").replace(" m", " am")
    )


def parse(text: str) -> Lexicon:
    """A lexicon from its data file. Raises ValueError that names the act or list that does not fit."""
    data = tomllib.loads(text)
    lists = {name: "|".join(_phrase(words, {}) for words in several) for name, several in data.get("lists", {}).items()}
    return Lexicon({row["name"]: _act(row, lists) for row in data["acts"]})


@cache
def packaged(package: str, name: str = "lexicon.toml") -> Lexicon:
    """The lexicon that stands beside a rule, read once."""
    return parse(resources.files(package).joinpath(name).read_text("utf-8"))


def _act(row: Mapping[str, object], lists: Mapping[str, str]) -> Act:
    try:
        name, says, weight, phrases = row["name"], row["says"], row["weight"], row["phrases"]
        assert isinstance(name, str)
        assert isinstance(says, str)
        assert isinstance(weight, int | float)
        assert isinstance(phrases, list)
        joined = "|".join(_phrase(phrase, lists) for phrase in phrases)
        return Act(name, says, float(weight), re.compile(rf"(?<![\w'])(?:{joined})(?![\w])", re.IGNORECASE))
    except (KeyError, AssertionError, re.error) as error:
        raise ValueError(f"act {row.get('name', '?')}: needs name, says, weight and well-formed phrases ({error})") from error


def _phrase(phrase: str, lists: Mapping[str, str]) -> str:
    """One phrase as a regular expression without captures; gaps are bounded, so that matching stays linear."""
    pattern, separator = "", ""
    tokens = _TOKEN.findall(plain(phrase))
    while tokens and tokens[-1] in _GAPS:
        tokens.pop()
    for token in tokens:
        if token == "$":
            pattern += r"\W*$"
            continue
        if token == "^":
            pattern += r"^\W*"
            continue
        if token in _GAPS:
            pattern += separator + rf"(?:[^\s]+\s+){{0,{_GAPS[token]}}}?"
            separator = ""
            continue
        optional = token.endswith("?") and token[-2] in "}>"
        body = _alternatives(token.removesuffix("?") if optional else token, lists)
        pattern += f"(?:{separator}{body})?" if optional and separator else f"(?:{body}{_BETWEEN})?" if optional else separator + body
        separator = separator if optional and not separator else _BETWEEN
    return pattern


def _alternatives(token: str, lists: Mapping[str, str]) -> str:
    if token.startswith("{"):
        return "(?:" + "|".join(_BETWEEN.join(_alternatives(w, lists) for w in option.split()) for option in token[1:-1].split("|")) + ")"
    if token.startswith("<"):
        if token[1:-1] not in lists:
            raise ValueError(f"no word list {token}")
        return f"(?:{lists[token[1:-1]]})"
    return _word(token)


def _word(word: str) -> str:
    return re.escape(word[:-1]) + r"[\w']*" if word.endswith("*") else re.escape(word) + r"(?![\w])"
