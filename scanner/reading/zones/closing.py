"""What stands at the foot of a message: the sender's signature, parted from what they wrote and from the small print."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from scanner.reading.zones.phrases import phrases
from scanner.reading.zones.signers import (
    LONGEST_LINE,
    MOST_LINES,
    SALUTATION,
    SENTENCE,
    are_short,
    finished,
    is_name,
    is_official,
    is_prose,
    is_public_name,
    tells_of_a_case,
)
from scanner.reading.zones.smallprint import without_small_print

_DASHES = re.compile(r"^(?:--|\u2014|\u2013\u2013)\s?$")
_LINE = re.compile(r"^\s*(?:-{3,}|_{3,}|={3,}|~{3,}|\*{3,})\s*$")
_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*\u2022\u2013])\s+\S")
_POSTSCRIPT = re.compile(r"^\W{0,2}(?:P\.?\s?P?\.?\s?S\b\.?|N\.?B\.?\W|postscript|O\.\s?N\.)", re.IGNORECASE)
_TITLED = re.compile(r"^(?:Cllr|Councillor|Cllr\.|Cyng|Y Cynghorydd|Alderman|Ald)\.?\s+(?:[A-Z][\w'\u2019-]*\.?\s*){1,5}(?:\([^)]{1,40}\))?,?$")


class Closed(NamedTuple):
    """New text parted from what closes it."""

    new: str
    signature: str
    disclaimer: str


def closed(text: str) -> Closed:
    """Parts new text from signature and small print. What might be either stays in `new`."""
    if not text.strip():
        return Closed("", "", "")
    kept, small_print = without_small_print(text)
    new, signature = _without_signature(tidy(kept).split("\n"))
    return Closed(tidy(new), tidy(signature), tidy(small_print))


def tidy(text: str) -> str:
    """Text without empty lines at its ends or doubled within, or spaces at line ends."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def _without_signature(lines: list[str]) -> tuple[str, str]:
    """A telephone's own lines go first; of the signs of a signature that one counts under which nothing but a postscript follows."""
    lines, phone = _without_phone(lines)
    span = None
    for find in _SIGNS:
        if (start := find(lines)) is None:
            continue
        found = (start, _signature_end(lines, start))
        span = found if span is None or _is_last(lines, found[1]) else span
        if _is_last(lines, found[1]):
            break
    if span is None:
        return "\n".join(lines), "\n".join(phone)
    start, end = span
    return "\n".join((*lines[:start], "", *lines[end:])), "\n".join((*lines[start:end], *phone))


def _is_last(lines: list[str], end: int) -> bool:
    rest = next((lines[i] for i in range(end, len(lines)) if lines[i].strip()), "")
    return not rest or bool(_POSTSCRIPT.match(rest.strip()))


def _without_phone(lines: list[str]) -> tuple[list[str], list[str]]:
    """`Sent from my iPhone` among the last lines, with what little stands below it."""
    places = [i for i, line in enumerate(lines) if line.strip()]
    for nth, place in enumerate(places[-4:]):
        if phrases("phones").match(lines[place].strip()[:150]):
            dashed = place > 0 and bool(_DASHES.match(lines[place - 1]))
            below = [lines[i] for i in places[-4:][nth + 1 :]]
            short = all(len(line) <= LONGEST_LINE and not SENTENCE.search(line) for line in below)
            return (lines[: place - dashed], lines[place - dashed :]) if short else (lines[:place] + lines[place + 1 :], [lines[place]])
    return lines, []


def _dashed(lines: list[str]) -> int | None:
    """The line of dashes that parts a signature off; a longer line does so above a name and little else."""
    dashes = next((i for i, line in enumerate(lines) if _DASHES.match(line) and len(lines) - i <= MOST_LINES * 2), None)
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
    return len(first) <= 70 and not running and not SENTENCE.search(first) and not first.endswith((":", "?"))


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
            if above or (below and phrases("posts").search(" ".join(below))):
                return place
    return None


def _named(lines: list[str]) -> int | None:
    """A name and a post, with or without a service and contacts, as the last lines; a private person's address is news, not a signature."""
    for place in range(max(0, len(lines) - 2 * MOST_LINES), len(lines)):
        text = lines[place].strip(" *_")
        name, *posts = (part.strip() for part in text.split("|"))
        below = [*posts, *(line.strip(" *_") for line in lines[place + 1 :] if line.strip())]
        if not below or not is_public_name(name):
            continue
        above, apart = _said_above(lines, place)
        if finished(above, apart, full=True) and are_short(lines[place:]) and is_official(below):
            return place
    return None


def _bare_name(lines: list[str]) -> int | None:
    """A name alone, above nothing or above a postscript."""
    for place in range(len(lines) - 1, -1, -1):
        text = lines[place].strip()
        if not text:
            continue
        if _POSTSCRIPT.match(text):
            continue
        if phrases("closing_and_name").match(text[:80]) and _says_something(lines[:place]):
            return place
        above, apart = _said_above(lines, place)
        return place if is_name(text) and finished(above, apart, full=len(text.split()) > 1) else None
    return None


_SIGNS: tuple[Callable[[list[str]], int | None], ...] = (_dashed, _announced, _titled, _named, _bare_name)


def _signature_end(lines: list[str], start: int) -> int:
    """Where the signature ends: at a postscript, at a sentence, at case details or after a reasonable number of lines."""
    count, announced = 0, bool(_DASHES.match(lines[start]))
    for place in range(start + 1, len(lines)):
        text = lines[place].strip()
        if not text:
            continue
        count += 1
        listed = not announced and bool(_ITEM.match(text)) and len(text.split()) > 3
        if _POSTSCRIPT.match(text) or tells_of_a_case(text) or is_prose(text, announced=announced) or listed or count > MOST_LINES:
            return place
    return len(lines)
