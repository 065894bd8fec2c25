"""Answers below a whole message that is quoted without marks: it is indented, or nothing stands above it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scanner.reading.zones.footnotes import is_footnote
from scanner.reading.zones.headings import Heading, Opening
from scanner.reading.zones.marks import Line
from scanner.reading.zones.phrases import phrases
from scanner.reading.zones.signers import SENTENCE, is_closing, is_name

_INDENT = re.compile(r"[ \t\u00a0]+\S")
_MOST_LINES = 12
_FURTHEST = 200
_LONGEST_NAME = 40
_STOPS = (".", "!", "?", ",", ")")


def answer_below(lines: Sequence[Line]) -> int:
    """Where such an answer begins among the lines of one quoted message; their number if there is none.

    The quoted message must be signed with a bare name and nothing else, and the answer be signed in its turn.
    """
    for place in range(1, min(len(lines) - 1, _FURTHEST)):
        text = lines[place].text.strip()
        if lines[place].depth or not lines[place + 1].blank or not _signs(text) or not _closes(lines, place):
            continue
        return place + 1 if _is_answer(lines[place + 1 :]) else len(lines)
    return len(lines)


def _signs(text: str) -> bool:
    return is_name(text) and not phrases("closing_words").match(text) and not any(phrases(kind).search(text) for kind in ("posts", "organisations"))


def _closes(lines: Sequence[Line], place: int) -> bool:
    """Whether a finished sentence or closing words stand above a name."""
    above = next((lines[i].text.strip() for i in range(place - 1, -1, -1) if not lines[i].blank), "")
    return above.endswith(_STOPS[:3]) or (bool(above) and is_closing(above))


def _is_answer(rows: Sequence[Line]) -> bool:
    """Whether lines are a few sentences over a short line apart, and no small print."""
    said = [row.text.strip() for row in rows if not row.blank]
    if not 1 < len(said) <= _MOST_LINES or any(row.depth for row in rows):
        return False
    *above, name = said
    apart = any(row.blank for row in rows[[i for i, row in enumerate(rows) if not row.blank][-2] :][:2])
    signed = len(name) <= _LONGEST_NAME and not name.endswith(_STOPS)
    spoken = bool(SENTENCE.search(above[0]) or above[0].endswith("?"))
    small = any(is_footnote(row) or phrases("machine_lines").match(row) or phrases("small_print").search(row) for row in said)
    return apart and signed and spoken and not small


def below_indented(lines: Sequence[Line], heading: Heading, end: int) -> int:
    """Where an answer begins below a message that is quoted by indenting all of it, its attribution too; `end` if none does."""
    if heading.opening is not Opening.ATTRIBUTION or not _INDENT.match(lines[heading.start].text):
        return end
    said = [place for place in range(heading.end, end) if not lines[place].blank]
    out = next((place for place in said if not _INDENT.match(lines[place].text)), end)
    apart = len(said) > 1 and out > said[1] and lines[out - 1].blank
    return end if not apart or any(_INDENT.match(lines[place].text) for place in said if place > out) else out
