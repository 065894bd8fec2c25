"""The trails of case systems: entries one under another, each below a name, a date and a time in a line of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from scanner.reading.zones.headings import TIME, Heading, Opening, is_rule, next_text, words
from scanner.reading.zones.marks import Line
from scanner.reading.zones.separators import asks_reply_above
from scanner.reading.zones.signers import is_name

_DATE = re.compile(
    r"\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s+)?"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,9}\.?,?\s+\d{4}|[a-z]{3,9}\.?\s+\d{1,2},?\s+\d{4}|\d{4}-\d\d-\d\d|\d{1,2}[/-][a-z]{3,9}[/-]\d{2,4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})\b",
    re.IGNORECASE,
)
_ZONE = re.compile(r"\b(?:GMT|BST|UTC|CES?T|E[SD]T)\b(?:[+-]\d{1,2}:?\d{0,2})?")
_LABEL = re.compile(r"^\s*[A-Z][\w -]{1,24}:\s")
_NUMBERED = re.compile(r"^\s*(?:case|ticket|request|enquiry|incident|job)\s+[#A-Z-]*\d[\w/-]{0,20}\s+(?:was|has been)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]{0,40}\)")
_EXACT = re.compile(r"\d:\d\d:\d\d")
_ENDS = " \t,;:|-\u2013\u2014*()[]@\u2022"
_LONGEST = 120


@cache
def _between(*kinds: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(word for kind in kinds for word in words('trails')[kind])})\b")


def trail(lines: Sequence[Line], *, quoted: bool = False) -> Mapping[int, Heading]:
    """The entries of a trail by the place of their first line.

    People note names and times too, so there must be two entries, or a machine's sign: a line across the page or a request to reply above, a verb,
    a time zone, seconds. In what is known to be `quoted`, beginning with an entry is enough.
    """
    found: dict[int, Heading] = {}
    machine = asked = False
    for at, line in enumerate(lines):
        asked = asked or asks_reply_above(line)
        if heading := _entry_at(lines, at):
            found[at] = replace(heading, opening=Opening.ORIGINAL) if asked else heading
            stamp = lines[heading.end - 1].text
            above = next((lines[i] for i in (at - 1, at - 2) if i >= 0 and not lines[i].blank), None)
            machine = (
                machine or asked or any(sign.search(stamp) for sign in (_ZONE, _EXACT, _between("verbs"))) or (is_rule(above) if above else quoted)
            )
    return found if machine or len(found) > 1 else {}


def _entry_at(lines: Sequence[Line], at: int) -> Heading | None:
    """A name with date and time, on one line or on two, after an empty line, a line across the page or at the top."""
    line = lines[at]
    if line.blank or len(line.text) > _LONGEST or _LABEL.match(line.text):
        return None
    if any(map(str.isdigit, line.text)):
        stamped = _stamp(line.text)
        return _heading(stamped, at, at + 1) if stamped else None
    apart = at == 0 or lines[at - 1].blank or is_rule(lines[at - 1])
    below = next_text(lines, at + 1, 2)
    if not apart or below is None or lines[below].depth != line.depth or not is_name(line.text):
        return None
    stamped = _stamp(lines[below].text)
    return _heading((_ASIDE.sub(" ", line.text).strip(_ENDS), stamped[1]), at, below + 1) if stamped and not stamped[0] else None


def _heading(stamped: tuple[str, str], at: int, end: int) -> Heading | None:
    name, sent = stamped
    return Heading(Opening.ATTRIBUTION, at, end, {"from": name, "sent": sent}) if name and is_name(name) else None


def _stamp(text: str) -> tuple[str, str] | None:
    """The name and the date with its time of which a line consists, the name perhaps empty; None where it says more."""
    day = _DATE.search(text) if len(text) <= _LONGEST else None
    if day is None:
        return None
    after = text[day.end() :]
    time = TIME.search(after)
    if time is None or time.start() > len(" at about "):
        return None
    end = day.end() + time.end()
    if zone := _ZONE.match(text[end:].lstrip()):
        end += len(text[end:]) - len(text[end:].lstrip()) + zone.end()
    rest = f"{_NUMBERED.sub('', text[: day.start()])} {text[end:]}"
    return " ".join(_between("verbs", "joints").sub(" ", _ASIDE.sub(" ", rest)).split()).strip(_ENDS), " ".join(text[day.start() : end].split())
