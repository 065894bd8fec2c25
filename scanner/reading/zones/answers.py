"""Answers that a sender wrote into the quoted message itself, unmarked, as in "see my comments in red below".

Nothing but the announcement tells them from what they answer, so without one no line counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from scanner.reading.zones.marks import Line
from scanner.reading.zones.separators import header_at
from scanner.reading.zones.signers import is_closing

_ANNOUNCED = re.compile(
    r"\b(?:answer|comment|repl(?:y|ies)|respon[sd]|note|thought|remark|ateb|sylw)\w*\b[^.?!\n]{0,60}"
    r"\b(?:below|in[ -]?line|beneath|underneath|under|marked|within|isod"
    r"|in\s+(?:the\s+)?(?:red|blue|green|purple|pink|orange|bold|italics?|caps|capitals|colou?r|text|body))\b"
    r"|\bsee\s+(?:below|(?:in\s+)?(?:red|blue|green|purple)|in\s?line)\b|\b(?:in\s?line|in\s+(?:red|blue|green|purple|capitals))\s+(?:below|answers|comments|replies|responses)\b",
    re.IGNORECASE,
)
_NAMED_HUE = re.compile(r"\b(red|blue|green|purple|pink|orange)\b", re.IGNORECASE)
_CAPITALS = re.compile(r"\b(?:caps|capitals)\b", re.IGNORECASE)
_SIGN = re.compile(r"^\s*(?P<sign>\[[A-Z][\w .'-]{0,30}\]:?|\(?[A-Z]{2,3}\)?\s?[:>-](?=\s)|>>+|[-=]+>|\*{2,3}(?=\s)|#{2,3}(?=\s)|\u2192)\s*\S")
_ITEM = re.compile(r"^\s*(?:\(?(?:\d{1,2}|[a-z])[.):]|[-*\u2022\u2013])\s*\S", re.IGNORECASE)
_QUESTION = re.compile(rf"{_ITEM.pattern}[^\n]*\?\s*$", re.IGNORECASE)
_NUMERIC = re.compile(
    r"#?(?P<six>[0-9a-f]{6})\b|#(?P<three>[0-9a-f]{3})\b|rgba?\(\s*(?P<r>\d{1,3})\s*,\s*(?P<g>\d{1,3})\s*,\s*(?P<b>\d{1,3})", re.IGNORECASE
)
_HUES = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "purple": (128, 0, 128), "pink": (255, 105, 180), "orange": (255, 140, 0)}
_DULL = 40
_FEW = 2


def announced(own: str) -> bool:
    """Whether new text says that more of it stands in the message below."""
    return bool(_ANNOUNCED.search(own[:20_000]))


def answered(own: str, lines: Sequence[Line]) -> frozenset[int]:
    """The places of a quoted message's lines that are the sender's answers: they carry a sign of their own, or shout where that was announced."""
    if not announced(own):
        return frozenset()
    if below := _under_questions(lines):
        return below
    signs = [(match["sign"] if (match := _SIGN.match(line.row[:80])) else "") for line in lines]
    counted = Counter(sign for sign in signs if sign)
    used = {sign for sign, times in counted.items() if times > 1 or sign.strip("[]():> -") in re.findall(r"\b[A-Z]{2,3}\b", own)}
    shouted = bool(_CAPITALS.search(own))
    return frozenset(i for i, sign in enumerate(signs) if (sign and sign in used) or (shouted and _shouts(lines[i].text)))


def _under_questions(lines: Sequence[Line]) -> frozenset[int]:
    """Lines under the questions of a list, where each question but one has some: the colour that told them apart is lost."""
    asked = [i for i, line in enumerate(lines) if _QUESTION.match(line.text[:400])]
    if len(asked) < _FEW:
        return frozenset()
    runs = [_run_below(lines, place, last=place == asked[-1]) for place in asked]
    answered_ones = [run for run in runs if run]
    return frozenset(chain.from_iterable(answered_ones)) if len(answered_ones) >= max(_FEW, len(runs) - 1) else frozenset()


def _run_below(lines: Sequence[Line], place: int, *, last: bool) -> range:
    """The lines from a question to the next item or empty line; under the last one what closes the message is not among them."""
    end = place + 1
    while end < len(lines) and not (lines[end].blank or _ITEM.match(lines[end].text[:20]) or (last and is_closing(lines[end].text))):
        end += 1
    return range(place + 1, end)


def _shouts(text: str) -> bool:
    return text.isupper() and len(text.split()) > 1


def with_answers_apart(rows: Sequence[str], hues: Sequence[str]) -> list[str]:
    """A page's lines; where new text announces coloured answers in the message below, what is not one of them is marked as quoted."""
    if not any(hues) or not announced("\n".join(rows[:400])):
        return list(rows)
    lines = [Line(0, row, row) for row in rows]
    headings = [heading for at in range(len(lines)) if (heading := header_at(lines, at, answers=True))]
    if not headings:
        return list(rows)
    start = headings[0].end
    stop = next((heading.start for heading in headings if heading.start >= start), len(rows))
    found = {start + place for place in coloured("\n".join(rows[: headings[0].start]), hues[start:stop])}
    return [row if not found or place < start or place in found or not row else f"> {row}" for place, row in enumerate(rows)]


def coloured(own: str, hues: Sequence[str]) -> frozenset[int]:
    """The places of lines whose colour is the announced one, or, where none is named, any colour that is not the usual one there."""
    if not announced(own):
        return frozenset()
    named = {name.lower() for name in _NAMED_HUE.findall(own)}
    usual = Counter(hues).most_common(1)[0][0] if hues else ""
    return frozenset(i for i, hue in enumerate(hues) if hue and (hue in named if named else hue != usual))


def hue_of(value: str) -> str:
    """The plain name of a colour as HTML writes it; empty for black, grey, white and what is not understood."""
    name = value.strip().lower()
    if name in _HUES:
        return name
    match = _NUMERIC.search(name)
    if match is None:
        return next((hue for hue in _HUES if hue in name), "")
    rgb = _channels(match)
    if max(rgb) - min(rgb) < _DULL:
        return ""
    return min(_HUES, key=lambda hue: _turn(rgb, _HUES[hue]))


def _channels(match: re.Match[str]) -> tuple[int, int, int]:
    if match["r"]:
        return int(match["r"]), int(match["g"]), int(match["b"])
    digits = match["six"] or "".join(c * 2 for c in match["three"])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _turn(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """How far two colours lie apart, however light or dark they are."""
    a, b = max(one) or 1, max(other) or 1
    return sum((x / a - y / b) ** 2 for x, y in zip(one, other, strict=True))
