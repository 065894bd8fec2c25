"""The titles under which case systems repeat what was written before: `Previous correspondence`, `Conversation history`, `Your original enquiry`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from scanner.reading.zones.headings import Heading, Opening, words
from scanner.reading.zones.marks import Line
from scanner.reading.zones.phrases import phrases
from scanner.reading.zones.signers import LONGEST_LINE, SENTENCE, is_closing, is_name

_NAME = re.compile(r"^\s*(?:Name|From|Customer|Contact|Raised by|Sender|Author)\s*[:\t ]\s*(?P<value>\S.{1,80})$", re.IGNORECASE)
_SENT = re.compile(r"^\s*(?:Received|Date|Sent|Created|Raised|Logged)(?: on| sent)?\s*[:\t ]\s*(?P<value>\S.{3,40}\d)$", re.IGNORECASE)
_DAY = re.compile(r"\b(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})(?:,?\s+(?:at\s+)?\d{1,2}[:.]\d{2}(?::\d\d)?)?")
_ANSWER = re.compile(
    r"^\W*(?:our|the|my|council.s)?\s*(?:full |formal )?(?:response|reply|answer|decision|outcome|findings?|review|comments?)\W*$", re.IGNORECASE
)
_NEAR = 8
_FURTHEST = 60


@cache
def _title(kind: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*(?:{'|'.join(words('titles')[kind])})\s*:?\s*$", re.IGNORECASE)


def title_at(lines: Sequence[Line], at: int) -> Heading | None:
    """Such a title alone on a line under an empty one. One that people set above notes of their own needs a name with a date below it."""
    text = lines[at].text
    if len(text) > 80 or at < 2 or not lines[at - 1].blank:
        return None
    sure = bool(_title("sure").match(text))
    if not sure and not _title("with_entries").match(text):
        return None
    if not _is_signed(lines, at) or any(_ANSWER.match(line.text[:60]) for line in lines[at + 1 : at + _FURTHEST]):
        return None
    below = [line.text for line in lines[at + 1 : at + _NEAR] if not line.blank and line.depth == lines[at].depth]
    name = next((match["value"].strip() for row in below if (match := _NAME.match(row[:120]))), "")
    sent = next((match["value"].strip() for row in below if (match := _SENT.match(row[:120]))), "")
    if not below or not (sure or (name and sent) or _is_entry(below[0])):
        return None
    return Heading(Opening.ORIGINAL, at, at + 1, {kind: value for kind, value in (("from", name), ("sent", sent)) if value})


def _is_signed(lines: Sequence[Line], at: int) -> bool:
    """Whether what stands last above a place ends a message, as a signature does: a letter may repeat a question and go on to answer it."""
    last = next((lines[i].text.strip() for i in range(at - 1, max(-1, at - 6), -1) if not lines[i].blank), "")
    if len(last) > LONGEST_LINE or SENTENCE.search(last):
        return False
    return is_closing(last) or any(phrases(kind).search(last) for kind in ("posts", "organisations", "contacts", "trimmings", "places", "phones"))


def _is_entry(row: str) -> bool:
    """Whether a row is a name and a date, and nothing more."""
    found = _DAY.search(row[:120])
    return found is not None and is_name(f"{row[: found.start()]} {row[found.end() : 200]}".strip(" \t,;:|-\u2013\u2014()[]"))
