"""Names that something announces: a title, a greeting, or a given name that is known as one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.language.cleaning import trimmed
from scanner.language.names import (
    BEFORE,
    FOLLOWING,
    FULL,
    MOST_WORDS,
    NAME_WORD,
    SINGLE,
    SMALL_FULL,
    TITLED,
    NameWords,
    Span,
    end_of,
    is_initial,
    next_word,
)

_TURNED = re.compile(
    r"(?:^|(?<=[:;|\"\t(]))[ \t]{0,4}(?P<surname>[A-Z][\w'’\-]{1,30}),[ \t]?(?P<given>[A-Z][\w'’\-]{1,20})"
    r"(?=[ \t]{0,2}(?:[,;|\"\t()\r\n]|$))",
    re.MULTILINE,
)


def titled(text: str, words: NameWords) -> Iterator[Span]:
    """Names that a title announces, in capitals or not."""
    for match in words.title.finditer(text):
        end = _name_after(text, match, words)
        if end is not None:
            office = words.has("offices", match["title"])
            start = match.end() if office else match.start()
            yield Span(start, end, FULL if office else TITLED)


def greeted(text: str, words: NameWords) -> Iterator[Span]:
    """Names that a letter's first line greets: a capital, or a known given name in small letters."""
    for match in words.greeting.finditer(text):
        first = NAME_WORD.match(text, match.end())
        if first is None or not (first[0][0].isupper() or words.has("given", first[0])):
            continue
        if any(words.has(name, first[0]) for name in ("common", "never", "single", "openers", "titles", "offices")):
            continue
        end = _capital_name(text, first, words)
        yield Span(first.start(), end, FULL if end > end_of(first) else SINGLE)


def turned(text: str, words: NameWords) -> Iterator[Span]:
    """Names as a list writes them, surname first: "Okafor, Grace" in a cell, on a line or before a bracket."""
    for match in _TURNED.finditer(text):
        surname = match["surname"]
        if words.has("given", match["given"]) and not any(words.has(name, surname) for name in ("never", "common", "places", "single", "openers")):
            yield Span(match.start("surname"), match.end("given"), FULL)


def given(text: str, words: NameWords) -> Iterator[Span]:
    """Names that begin with a known given name and go on with a surname in the same sort of letters."""
    past = 0
    for first in NAME_WORD.finditer(text):
        if first.start() < past or not words.has("given", first[0]) or _joined(text, first):
            continue
        small = first[0].islower()
        if small and words.has("everyday", first[0]):
            continue
        span = _small_given(text, first, words) if small else _capital_given(text, first, words)
        if span is not None:
            past = span.end
            yield span


def _joined(text: str, word: re.Match[str]) -> bool:
    """Whether a word is a part of an address, a path or a longer word."""
    return text[word.start() - 1 : word.start()] in ("@", ".", "/", "-", "_", "'", "’") or text[word.end() : word.end() + 1] in ("@", "_", "/")


def _capital_given(text: str, first: re.Match[str], words: NameWords) -> Span | None:
    end = _capital_name(text, first, words)
    return trimmed(text, first.start(), end, words) if end > end_of(first) else None


def _small_given(text: str, first: re.Match[str], words: NameWords) -> Span | None:
    second = next_word(text, first.end())
    if second is None or not second[0].islower() or len(second[0]) < 2:
        return None
    if any(words.has(name, second[0]) for name in ("common", "never", "places", "single", "closers")):
        return None
    return Span(first.start(), end_of(second), SMALL_FULL)


def _name_after(text: str, title: re.Match[str], words: NameWords) -> int | None:
    """Where the name after a title ends; None where no name follows."""
    first = NAME_WORD.match(text, title.end())
    if first is None or words.has("never", first[0]) or (words.has("common", first[0]) and not _is_forename_letter(first[0])):
        return None
    ambiguous = words.has("ambiguous", title["title"]) and not _announced(text, title, words)
    if not first[0][0].isupper():
        return None if ambiguous else _small_name(text, first, words)
    if ambiguous and title["title"].islower() and first[0].isupper() and len(first[0]) > 2:
        return None
    end = _capital_name(text, first, words)
    if ambiguous and _names_place(text, end, words):
        return None
    return end


def _is_forename_letter(word: str) -> bool:
    """Whether a word is an initial that is also an everyday word: "Mr A Khan", "mr a khan", not "mr i think"."""
    return is_initial(word) and word != "i"


def _announced(text: str, title: re.Match[str], words: NameWords) -> bool:
    """Whether "miss" is a title though it is written small: "dear miss patel"."""
    before = BEFORE.search(text, max(0, title.start() - 12), title.start())
    return title["title"].lower() == "miss" and bool(before and words.has("announcing", before[1]))


def _names_place(text: str, end: int, words: NameWords) -> bool:
    """Whether a street, a building or an organisation goes on where a name seemed to end."""
    following = FOLLOWING.match(text, end)
    return bool(following and (words.has("places", following[1]) or words.has("never", following[1])))


def _small_name(text: str, first: re.Match[str], words: NameWords) -> int | None:
    """A name in small letters: one word, and the next as well after an initial or a particle."""
    if not is_initial(first[0]) and not words.has("particles", first[0]):
        return end_of(first)
    second = next_word(text, first.end())
    return end_of(second) if second and not words.has("common", second[0]) else None


def _capital_name(text: str, first: re.Match[str], words: NameWords) -> int:
    """A name in capitals: as far as capitals, initials and particles reach."""
    end, previous, count = end_of(first), first, 1
    while count < MOST_WORDS and (word := next_word(text, previous.end())):
        particle = words.has("particles", word[0]) and not word[0][0].isupper()
        if not particle and (not word[0][0].isupper() or _ends_name(word[0], words) or _closed(previous[0]) or _shouted_out(previous[0], words)):
            break
        previous, count = word, count + 1
        end = end if particle else end_of(word)
    return end


def _closed(word: str) -> bool:
    """Whether a full stop after a long word ends the sentence, not an initial."""
    return word.endswith(".") and not is_initial(word)


def _shouted_out(word: str, words: NameWords) -> bool:
    """Whether a word in capitals throughout is a surname already, beyond which capitals say nothing."""
    return word.isupper() and len(word) > 2 and not words.has("given", word) and not words.has("particles", word)


def _ends_name(word: str, words: NameWords) -> bool:
    return words.has("closers", word) or words.has("never", word) or words.has("common", word) or words.has("titles", word)
