"""What is left of a place that may hold a name: trimmed of greetings, posts and numbers, or nothing where it is no person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.language.names import BEFORE, FOLLOWING, FULL, MOST_WORDS, SINGLE, SMALL, TITLED, NameWords, Span, end_of, is_initial

LONGEST_ACRONYM = 5
_TOKEN = re.compile(r"[^\W_](?:[\w'’\-]*[\w])?\.?")


def cleaned(text: str, start: int, end: int, words: NameWords) -> Iterator[Span]:
    """What is left of a place that the model marked: each line by itself, trimmed, or nothing where it is no person."""
    place = start
    for line in text[start:end].splitlines(keepends=True):
        span = trimmed(text, place, place + len(line), words)
        if span is not None:
            yield span
        place += len(line)


def trimmed(text: str, start: int, end: int, words: NameWords) -> Span | None:
    """One line's name without what opens or closes it; None where it is no person's."""
    tokens = list(_TOKEN.finditer(text, start, end))
    tokens = tokens[: next((i for i, t in enumerate(tokens) if any(c.isdigit() for c in t[0])), len(tokens))]
    while tokens and (words.has("openers", tokens[0][0]) or words.has("offices", tokens[0][0])):
        tokens = tokens[1:]
    while tokens and words.has("closers", tokens[-1][0]):
        tokens = tokens[:-1]
    if not tokens or len(tokens) > MOST_WORDS or not _is_person(text, tokens, words):
        return None
    return Span(tokens[0].start(), end_of(tokens[-1]), _worth(tokens, words))


def _is_person(text: str, tokens: list[re.Match[str]], words: NameWords) -> bool:
    """Whether the words can be a person's name where they stand."""
    written = [t[0] for t in tokens]
    if any(words.has("never", w) for w in written) or all(is_initial(w) for w in written):
        return False
    if words.has("organisations", " ".join(written)) or words.has("compass", written[0]) or _goes_on_as_place(text, tokens, words):
        return False
    if len(written) == 1:
        listed = any(words.has(name, written[0]) for name in ("single", "common", "places"))
        return not listed and len(written[0]) > 1 and not _is_acronym(text, tokens[0])
    if words.has("places", written[-1]) and not _is_surname(text, tokens, words):
        return False
    return not any(w.islower() and words.has("common", w) for w in written)


def _is_acronym(text: str, token: re.Match[str]) -> bool:
    """Whether a short word in capitals stands among small letters, as DVLA does and a shouted name does not."""
    around = text[max(0, token.start() - 40) : token.end() + 40]
    return token[0].isupper() and len(token[0]) <= LONGEST_ACRONYM and any(c.islower() for c in around)


def _is_surname(text: str, tokens: list[re.Match[str]], words: NameWords) -> bool:
    """Whether a place word that ends a name is a surname there: "Anne Hill wrote", not "in Victoria Park" or "Peter's Hill"."""
    before = BEFORE.search(text, max(0, tokens[0].start() - 12), tokens[0].start())
    led = bool(before and words.has("leading", before[1]))
    plain = tokens[0][0].lower()
    return plain in words.lists["given"] and words.has("surnames", tokens[-1][0]) and not led


def _goes_on_as_place(text: str, tokens: list[re.Match[str]], words: NameWords) -> bool:
    following = FOLLOWING.match(text, end_of(tokens[-1]))
    return bool(following and words.has("places", following[1]))


def _worth(tokens: list[re.Match[str]], words: NameWords) -> float:
    written = [t[0] for t in tokens if not words.has("titles", t[0])]
    if len(written) < len(tokens) and written:
        return TITLED
    if len(written) > 1:
        return FULL if any(w[0].isupper() for w in written) else SINGLE
    return SINGLE if written and written[0][0].isupper() else SMALL
