"""The notes that stand under a signature in words of a body's own: on calls, privacy, printing, references, lists and languages.

They are known by where they stand: what tells of the sender's matter, a person or a day is none.
"""

from __future__ import annotations

import re

from scanner.reading.zones.phrases import phrases
from scanner.reading.zones.signs import POSTSCRIPT

_PERSONAL = re.compile(r"\b(?:I|[Mm]e|[Hh]e|[Ss]he|[Hh]im|[Hh]er|[Hh]is)\b|\bI['\u2019]|\b[Mm]y\b(?!\s+privacy)")
_PRIVACY = re.compile(r"\bprivacy (?:notice|policy|statement)\b|\bdata protection (?:law|legislation|act)\b", re.IGNORECASE)
_LANGUAGES = re.compile(
    r"\b(?:welsh|g?[cg]ymraeg)\b.{0,120}\b(?:english|saesneg|iaith|language|delay|oedi|welcome\w*|croes\w+)\b"
    r"|\b(?:welcomes?|croes\w+)\b.{0,80}\b(?:welsh|g?[cg]ymraeg)\b",
    re.IGNORECASE,
)
_LONGEST = 1200
_MOST_LINES = 40
_OPENING = 50


def footnotes_from(lines: list[str]) -> int:
    """The line from which on all that stands at the foot is such notes; the number of lines if nothing is."""
    start = len(lines)
    while start > max(0, len(lines) - _MOST_LINES):
        end = start
        while end and not lines[end - 1].strip():
            end -= 1
        top = end
        while top and lines[top - 1].strip():
            top -= 1
        if top == 0 or end - top > _MOST_LINES:
            return start
        found = _in_paragraph(lines[top:end])
        if found == end - top:
            return start
        start = top + found
        if found:
            return start
    return start


def _in_paragraph(rows: list[str]) -> int:
    """The first of the rows at a paragraph's end that are notes: all of them, or single ones under other lines."""
    whole = " ".join(row.strip() for row in rows)
    if (phrases("footnotes").search(rows[0][:_LONGEST]) or len(rows[0]) > _OPENING) and is_footnote(whole):
        return 0
    first = len(rows)
    while first and is_footnote(rows[first - 1].strip()):
        first -= 1
    return first


def is_matter(text: str) -> bool:
    """Whether words tell of the sender's own matter, a person or a day."""
    return bool(_PERSONAL.search(text) or phrases("matters").search(text) or POSTSCRIPT.match(text))


def is_footnote(text: str) -> bool:
    """Whether a paragraph speaks of what such notes speak of, and of nobody's matter."""
    if len(text) > _LONGEST or POSTSCRIPT.match(text) or not phrases("footnotes").search(text):
        return False
    if _LANGUAGES.search(text) and not _PERSONAL.search(text):
        return True
    private = bool(_PERSONAL.search(text)) and not _PRIVACY.search(text)
    return not private and not phrases("matters").search(text)
