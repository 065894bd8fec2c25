"""The marks at the head of quoted lines: `>` in any depth, initials (`BT> `), and the bars and colons of old programs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_DEPTH = re.compile(r"^(?:[ ]?>)+[ ]?")
_INITIALS = re.compile(r"^ {0,5}(?P<who>[A-Z]{1,4})(?P<marks>>+)[ ]?")
_BAR = re.compile(r"^[|:] (?=[^|]*$)")
_GROUPWISE = re.compile(r"^>>> ?(?:.{3,300}>>>\s*$|On .{5,60} in message )")
_RUN_ON = re.compile(r"^(?P<head>\s*On .{10,300}?\bwrote:)\s{2,}(?P<rest>\S.*)$")
_FRAME = re.compile(r"[|+]\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its marks; `depth` counts them. `row` is the line as it stood."""

    depth: int
    text: str
    row: str = ""

    @property
    def blank(self) -> bool:
        """Whether the line says nothing."""
        return not self.text.strip()

    def raw(self) -> str:
        """The line with its marks."""
        return self.row.rstrip() if self.depth else self.text


def lines_of(text: str) -> tuple[Line, ...]:
    """A text cut into lines, the marks counted. A lone `>From ` is what mailbox files make of `From `."""
    rows = [part for row in text.split("\n") for part in _parted(row)]
    initials = Counter(match["who"] for row in rows if (match := _INITIALS.match(row)))
    barred = _barred(rows)
    return tuple(_line(rows, place, initials, barred=barred) for place in range(len(rows)))


def _parted(row: str) -> tuple[str, ...]:
    """Yahoo on phones sets the quoted text behind `wrote:` on the same line."""
    match = _RUN_ON.match(row[:5000]) if row.lstrip()[:3] == "On " else None
    return (match["head"], row[match.start("rest") :]) if match else (row,)


def _line(rows: list[str], place: int, initials: Counter[str], *, barred: bool) -> Line:
    row = rows[place]
    if match := _DEPTH.match(row):
        if _GROUPWISE.match(row[:400]):
            return Line(0, row, row)
        if row.startswith(">From ") and not any(r.startswith(">") for r in (*rows[max(place - 1, 0) : place], *rows[place + 1 : place + 2])):
            return Line(0, row[1:], row)
        return Line(match[0].count(">"), row[match.end() :], row)
    match = _INITIALS.match(row)
    if match and (initials[match["who"]] > 1 or _attributed(rows, place)):
        return Line(len(match["marks"]), row[match.end() :], row)
    if barred and (bar := _BAR.match(row[:2000])):
        return Line(1, row[bar.end() :], row)
    return Line(0, row, row)


def _attributed(rows: list[str], place: int) -> bool:
    """Whether `… wrote:` stands above."""
    above = next((row for row in reversed(rows[max(0, place - 3) : place]) if row.strip()), "")
    return above.rstrip().endswith(":")


def _barred(rows: list[str]) -> bool:
    """Whether bars or colons mark quoted lines here: they stand at the top or under an attribution, and frame nothing."""
    first = next((place for place, row in enumerate(rows) if row.startswith(("| ", ": "))), None)
    if first is None or any(_FRAME.search(row[-200:]) for row in rows if row.startswith(("|", "+"))):
        return False
    return not any(row.strip() for row in rows[:first]) or _attributed(rows, first)
