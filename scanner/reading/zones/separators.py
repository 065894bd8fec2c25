"""Where an earlier message begins in a text: the separator lines and header blocks that mail programs write above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from scanner.reading.zones.blocks import block_at, copied_at, labels_at, notes_at
from scanner.reading.zones.headings import Heading, Opening, next_text, words
from scanner.reading.zones.marks import Line
from scanner.reading.zones.notes import loose_notes_at
from scanner.reading.zones.titles import title_at

_FENCE = r"[-\u2013\u2014_=*~+#> \t]"
_FENCED = re.compile(r"^\s*[-\u2013\u2014_=*~+#>]{2}")
_NAMED = r"[^\W\d_][\w.'\u2019-]*(?:\s[\w.()'\u2019-]+){0,5}(?:\s{3}|\s*$)"
_GROUPWISE = re.compile(r"^>>> ?(?P<from>.{3,200}?)\s+(?P<sent>(?:on\s+)?\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.{0,30}?)\s*>>>\s*$")


@cache
def _separator(kind: str) -> re.Pattern[str]:
    """A line between dashes, or the same words alone on a line."""
    phrase = "|".join(words("separators")[kind])
    begun = r"(?:(?:begin(?:ning)?|start)\s+(?:of\s+)?)?" if kind == "forwarded" else ""
    bare = r"(?!forwarded\s+by)" if kind == "forwarded" else ""
    return re.compile(rf"^(?:{_FENCE}{{2,40}}{begun}(?:{phrase}){_FENCE}*[.:]?|\s*{bare}{begun}(?:{phrase})\s*(?::|>+)?)\s*$", re.IGNORECASE)


@cache
def _candidate() -> re.Pattern[str]:
    """A quick look that spares most lines the close one."""
    labels = "|".join(map(re.escape, (*words("labels")["from"], *words("labels")["to"])))
    phrases = "|".join(phrase for kind in ("forwarded", "original") for phrase in words("separators")[kind])
    return re.compile(
        rf"^\s*[*_]{{0,2}}(?:{labels})(?:\s?/[\w ]{{1,20}})?[*_]{{0,2}}\s?:|^\s*[-\u2013\u2014_=*~+#]{{2}}|^\s*(?:begin|start)|^\s*(?:{phrases})|^>>>"
        rf"|^\s*[A-Z][^/:<>]{{1,60}}/[^:<>]*$|^\s*{_NAMED}|^[^-]{{2,60}}---\d|^\s*[^<>@:]{{2,62}}<[^\s<>@]+@",
        re.IGNORECASE,
    )


def header_at(lines: Sequence[Line], at: int, *, answers: bool) -> Heading | None:
    """The separator or header block that starts at a line, or None. `answers`: the message answers or passes on, so that less proof is asked for."""
    text = lines[at].text
    if not _candidate().search(text[:300]):
        return None
    if _separator("forwarded").match(text[:300]):
        return _marked(lines, at, Opening.FORWARDED)
    if _separator("original").match(text[:300]):
        return _marked(lines, at, Opening.ORIGINAL) or (title_at(lines, at) if answers else None)
    if match := _GROUPWISE.match(text[:300]):
        return Heading(Opening.ORIGINAL, at, at + 1, match.groupdict())
    found = block_at(lines, at, answers=answers) or notes_at(lines, at) or loose_notes_at(lines, at)
    return found or (title_at(lines, at) or copied_at(lines, at) if answers else None)


def _marked(lines: Sequence[Line], at: int, opening: Opening) -> Heading | None:
    """A separator line with the header lines below it; words alone, without dashes, need header lines to count."""
    following = next_text(lines, at + 1, 4)
    values, end = labels_at(lines, following) if following is not None else ({}, at + 1)
    if not values and following is not None and (notes := notes_at(lines, following)):
        values, end = notes.values, notes.end
    fenced = bool(_FENCED.match(lines[at].text)) or lines[at].text.lower().lstrip().startswith(("begin", "start"))
    if not values and not fenced:
        return None
    return Heading(opening, at, end if values else at + 1, values)


def ends_forward(line: Line) -> bool:
    """Whether a line says that what was passed on ends here."""
    return bool(_FENCED.match(line.text[:50]) and _separator("ended").match(line.text[:300]))


def asks_reply_above(line: Line) -> bool:
    """Whether a case system asks for the answer to be written above this line."""
    return "above" in line.text[:200].lower() and bool(_separator("reply_above").match(line.text[:200]))
