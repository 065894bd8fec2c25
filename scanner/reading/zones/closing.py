"""What stands at the foot of a message: the sender's signature, parted from what they wrote and from the small print."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from scanner.reading.zones.footnotes import footnotes_from, is_matter
from scanner.reading.zones.phrases import phrases
from scanner.reading.zones.signers import LONGEST_LINE, MOST_LINES, SENTENCE, is_prose, is_said, tells_of_a_case
from scanner.reading.zones.signs import DASHES, POSTSCRIPT, SIGNS
from scanner.reading.zones.smallprint import without_small_print

_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*\u2022\u2013])\s+\S")
_MOST_SIGNATURES = 3


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
    lines = tidy(kept).split("\n")
    foot = footnotes_from(lines)
    new, signature = _without_signature(lines[:foot])
    if foot < len(lines) and not _signs_last(lines[:foot], signature):
        foot = len(lines)
        new, signature = _without_signature(lines)
    return Closed(tidy(new), tidy(signature), tidy("\n".join((*lines[foot:], "", small_print))))


def _signs_last(lines: list[str], signature: str) -> bool:
    """Whether the signature is what stands last."""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return bool(last) and signature.strip().split("\n")[-1].strip() == last


def tidy(text: str) -> str:
    """Text without empty lines at its ends or doubled within, or spaces at line ends."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def _without_signature(lines: list[str]) -> tuple[str, str]:
    """A telephone's own lines go first. What signs above a signature, as `Regards, Bob` above the dashes, belongs to it."""
    lines, phone = _without_phone(lines)
    signature: list[str] = []
    for nth in range(_MOST_SIGNATURES):
        span = _span(lines, SIGNS[min(nth, 1) :])
        if span is None or (nth and not _is_last(lines, span[1])):
            break
        start, end = span
        signature = [*lines[start:end], *signature]
        lines = [*lines[:start], "", *lines[end:]]
        if any(map(str.strip, lines[start:])):
            break
    return "\n".join(lines), "\n".join((*signature, *phone))


def _span(lines: list[str], signs: Sequence[Callable[[list[str]], int | None]]) -> tuple[int, int] | None:
    """Where a signature begins and ends; of several signs of one that counts under which nothing but a postscript follows."""
    span = None
    for find in signs:
        if (start := find(lines)) is None:
            continue
        found = (start, _signature_end(lines, start))
        span = found if span is None or _is_last(lines, found[1]) else span
        if _is_last(lines, found[1]):
            break
    return span


def _is_last(lines: list[str], end: int) -> bool:
    rest = next((lines[i] for i in range(end, len(lines)) if lines[i].strip()), "")
    return not rest or bool(POSTSCRIPT.match(rest.strip()))


def _without_phone(lines: list[str]) -> tuple[list[str], list[str]]:
    """`Sent from my iPhone` among the last lines, with what little stands below it."""
    places = [i for i, line in enumerate(lines) if line.strip()]
    for nth, place in enumerate(places[-4:]):
        if phrases("phones").match(lines[place].strip()[:150]):
            dashed = place > 0 and bool(DASHES.match(lines[place - 1]))
            below = [lines[i] for i in places[-4:][nth + 1 :]]
            short = all(len(line) <= LONGEST_LINE and not SENTENCE.search(line) and not is_said(line) for line in below)
            return (lines[: place - dashed], lines[place - dashed :]) if short else (lines[:place] + lines[place + 1 :], [lines[place]])
    return lines, []


def _signature_end(lines: list[str], start: int) -> int:
    """Where the signature ends: at a postscript, at a sentence, at case details or after a reasonable number of lines."""
    count, official, announced = 0, 0, bool(DASHES.match(lines[start]))
    for place in range(start + 1, len(lines)):
        text = lines[place].strip()
        if not text:
            continue
        count += 1
        added = official > 1 and bool(lines[place - 1].strip()) and not is_matter(text)
        official += any(phrases(kind).search(text) for kind in ("posts", "organisations", "contacts"))
        listed = not announced and bool(_ITEM.match(text)) and len(text.split()) > 3
        if POSTSCRIPT.match(text) or tells_of_a_case(text) or (not added and is_prose(text, announced=announced)) or listed or count > MOST_LINES:
            return place
    return len(lines)
