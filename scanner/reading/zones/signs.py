"""The signs by which a signature is known: dashes, closing words, a councillor's title, a name with what stands under it, a name alone.

Each gives the line on which the signature begins, or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scanner.reading.zones.phrases import phrases
from scanner.reading.zones.signers import (
    LONGEST_LINE,
    MOST_LINES,
    SALUTATION,
    SENTENCE,
    UNFINISHED,
    are_short,
    asks_to_reach,
    finished,
    is_formula,
    is_name,
    is_official,
    is_personal,
    is_public_name,
    is_signed,
)

DASHES = re.compile(r"^(?:--|\u2014|\u2013\u2013)\s?$")
_LINE = re.compile(r"^\s*(?:-{3,}|_{3,}|={3,}|~{3,}|\*{3,})\s*$")
POSTSCRIPT = re.compile(
    r"^\W{0,2}(?:P\.?\s?P?\.?\s?S\b\.?|N\.?B\.?\W|postscript|O\.\s?N\."
    r"|(?:(?:oh|and|sorry|also|just)\W{1,3}){0,2}"
    r"(?:(?:i )?forgot|one (?:more|last|other) thing|(?:just )?(?:remembered|realised)|by the way|btw|correction\W))",
    re.IGNORECASE,
)
_TITLED = re.compile(r"^(?:Cllr|Councillor|Cllr\.|Cyng|Y Cynghorydd|Alderman|Ald)\.?\s+(?:[A-Z][\w'\u2019-]*\.?\s*){1,5}(?:\([^)]{1,40}\))?,?$")
_BETWEEN = re.compile(r"\s*[|\u2022\u00b7]\s*|\s[\u2013-]\s")
_TWO = 2
_STOPS = (".", "!", "?", ")", '"', "\u201d", "\u2019")


def _dashed(lines: list[str]) -> int | None:
    """The line of dashes that parts a signature off; a longer line does so above a name and little else."""
    dashes = next((i for i, line in enumerate(lines) if DASHES.match(line) and len(lines) - i <= MOST_LINES * 2), None)
    if dashes is not None:
        below = [line.strip()[:120] for line in lines[dashes + 1 :] if line.strip()]
        return None if any(map(phrases("closing_words").match, below[1:])) else dashes
    ruled = next((i for i, line in enumerate(lines) if _LINE.match(line)), None)
    below = [line.strip() for line in lines[ruled + 1 :] if line.strip()] if ruled else []
    return ruled if below and is_name(below[0]) and len(below) <= 6 and are_short(below) and not any(map(_LINE.match, below)) else None


def _announced(lines: list[str]) -> int | None:
    """The last closing words with what looks like a name below them; thanks that are all the message says close nothing."""
    for place in range(len(lines) - 1, -1, -1):
        text = lines[place].strip()[:120]
        if not _closes(lines, place, text):
            continue
        start = _earlier_valediction(lines, place)
        thanks = text.lower().lstrip("*_ ").startswith(("thank", "diolch", "cheers", "many thanks"))
        if thanks and not _says_something(lines[:start]):
            return place + 1 if _bare_name(lines) == place + 1 else None
        return start
    return None


def _closes(lines: list[str], place: int, text: str) -> bool:
    """Whether closing words stand here, alone or with a name, above what can be a signature."""
    if phrases("closing_words").match(text):
        return _plausible(lines, place + 1)
    if not phrases("closing_and_name").match(text) or not _says_something(lines[:place]):
        return False
    below = next((line.strip() for line in lines[place + 1 :] if line.strip()), "")
    return not below or is_name(below)


def _says_something(lines: list[str]) -> bool:
    return any(line.strip() and not SALUTATION.match(line) for line in lines)


def _earlier_valediction(lines: list[str], place: int) -> int:
    """`Many thanks` above `Kind regards` belongs to the same closing."""
    above = place - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and phrases("closing_words").match(lines[above].strip()[:120]) else place


def _plausible(lines: list[str], start: int) -> bool:
    """Whether what follows closing words looks like a name and a post, not like more of the letter."""
    first = next((line.strip() for line in lines[start:] if line.strip()), "")
    if not first:
        return _says_something(lines[: start - 1])
    running = first[0].islower() and len(first.split()) > 2 and start < len(lines) and bool(lines[start].strip())
    short = len(first) <= 70 or (len(first) <= 2 * LONGEST_LINE and bool(phrases("contacts").search(first)))
    return short and not running and not SENTENCE.search(first) and not first.endswith((":", "?"))


def _said_above(lines: list[str], place: int) -> tuple[str, bool]:
    """The last words above a line, and whether an empty line stands between."""
    above = next((i for i in range(place - 1, -1, -1) if lines[i].strip()), None)
    return ("", True) if above is None else (lines[above].strip(), above < place - 1)


def _titled(lines: list[str]) -> int | None:
    """A councillor's title and name over a few short lines, at the end."""
    for place in range(max(0, len(lines) - 3 * MOST_LINES), len(lines)):
        if _TITLED.match(lines[place].strip()) and (not place or not lines[place - 1].strip()) and are_short(lines[place:]):
            above, _ = _said_above(lines, place)
            below = [line for line in lines[place + 1 :] if line.strip()]
            if any(_TITLED.match(line.strip()) for line in below):
                return None
            if above or (below and phrases("posts").search(" ".join(below))):
                return place
    return None


def _named(lines: list[str]) -> int | None:
    """A name and a post, with or without a service and contacts, as the last lines; a private person's address is news, not a signature."""
    for place in range(max(0, len(lines) - 2 * MOST_LINES), len(lines)):
        text = lines[place].strip(" *_")
        name, *posts = (part.strip() for part in _BETWEEN.split(text))
        below = [*posts, *(line.strip(" *_") for line in lines[place + 1 :] if line.strip())]
        if not below or not (is_public_name(name) or is_name(name) or is_signed(name)) or not are_short(lines[place:]):
            continue
        if sum(bool(_TITLED.match(row)) for row in (name, *below)) > 1:
            return None
        above, apart = _said_above(lines, place)
        personal = not asks_to_reach(above) and is_personal(name, below)
        if (personal or (is_public_name(name) and is_official(below))) and finished(above, apart, full=True, personal=personal):
            return place
    return None


def _own_formula(lines: list[str]) -> int | None:
    """Closing words that nobody else uses, in a line apart between a finished sentence and a name, near the end."""
    for place in range(max(1, len(lines) - MOST_LINES), len(lines) - 1):
        text = lines[place].strip()
        below = [line.strip() for line in lines[place + 1 :] if line.strip()]
        if not text or not below or lines[place - 1].strip() or not is_formula(text, below[0]):
            continue
        above, _ = _said_above(lines, place)
        if above.endswith(_STOPS) and not asks_to_reach(above) and are_short(lines[place:]):
            return place
    return None


def _bare_name(lines: list[str]) -> int | None:
    """A name alone, above nothing or above a postscript."""
    for place in range(len(lines) - 1, -1, -1):
        text = lines[place].strip()
        if not text:
            continue
        if POSTSCRIPT.match(text):
            continue
        if phrases("closing_and_name").match(text[:80]) and _says_something(lines[:place]):
            return place
        above, apart = _said_above(lines, place)
        full = len(text.partition("(")[0].split()) > 1
        name, _, post = text[: 2 * LONGEST_LINE].partition(", ")
        signs = is_name(text) or (
            is_name(name) and len(text) <= LONGEST_LINE and any(phrases(kind).search(post) for kind in ("posts", "organisations"))
        )
        told = not asks_to_reach(above)
        return place if signs and (finished(above, apart, full=full, personal=told) or (told and _alone(lines, above, text))) else None
    return None


def _alone(lines: list[str], above: str, name: str) -> bool:
    """Whether a message is one line and a first name right under it."""
    said = sum(1 for line in lines if line.strip()) == _TWO
    return said and name.isalpha() and len(above.split()) > 1 and above[:1].islower() and not UNFINISHED.search(above)


SIGNS: tuple[Callable[[list[str]], int | None], ...] = (_dashed, _announced, _titled, _own_formula, _named, _bare_name)
