"""The header blocks that mail programs write above an earlier message.

Outlook (From:/Sent:/To:/Subject:), Outlook for Mac and phones (From:/Date:), Gmail, Apple Mail, Thunderbird, Yahoo, Samsung and case systems,
and Notes, whose labels stand above their values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from scanner.reading.zones.headings import TIME, Heading, Opening, is_rule, next_text, words
from scanner.reading.zones.marks import Line
from scanner.reading.zones.signers import is_name

_ONE_LINE = re.compile(
    r"^\s*\*{0,2}From\*{0,2}:\*{0,2}\s*(?P<from>.{2,200}?)\s+\*{0,2}(?:Sent|Date)\*{0,2}:\*{0,2}\s*(?P<sent>.{6,80}?)\s+\*{0,2}To\*{0,2}:\*{0,2}\s*(?P<to>.{2,1500}?)"
    r"(?:\s+\*{0,2}Cc\*{0,2}:\*{0,2}\s*(?P<cc>.{2,1500}?))?\s+\*{0,2}Subject\*{0,2}:\*{0,2}\s*(?P<subject>.{0,300})$"
)
_ANY_LABEL = re.compile(r"^\s*[*_]{0,2}[A-Z][\w -]{1,24}[*_]{0,2}\s?:(?:\s|$)")
_NOTES = re.compile(r"^\s*(?P<from>[A-Z][\w.' -]{1,60}(?:/[\w.&' -]{1,60}){1,5}(?:@[\w.-]{1,40})?)\s*$")
_NOTES_DATE = re.compile(r"^\s*(?:Sent by: .{0,80}\s)?\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\s+\d{1,2}:\d{2}")
_NAMED_ADDRESS = re.compile(r"^\s*[^\W\d_][^<>@:]{1,60}<[^\s<>@]{1,64}@[^\s<>]{1,120}>\s*$")
_STAMP = re.compile(
    r"^\s*(?=.{0,40}\d)(?:[A-Z][a-z]{2,8},? ?|\d{1,4}[\s/.,-]){1,5}(?:,|at)?\s*\d{1,2}:\d{2}(?:\s?[ap]m)?(?:\s?\([^()]{1,30}\))?\s*$", re.IGNORECASE
)
_COPIED_TO = re.compile(r"^\s*to:? (?:me\b|[^.?!]{1,150}$)", re.IGNORECASE)
_MOST_LINES = 60


@cache
def _names() -> dict[str, str]:
    return {label: kind for kind, labels in words("labels").items() for label in labels}


@cache
def _label() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _names()), key=len, reverse=True))
    return re.compile(rf"^\s*[*_]{{0,2}}(?P<label>{names})(?:\s?/\s?(?:{names}))?[*_]{{0,2}}\s?:[*_]{{0,2}}(?:\s+(?P<value>.*))?$", re.IGNORECASE)


def block_at(lines: Sequence[Line], at: int, *, answers: bool) -> Heading | None:
    """A header block that begins with From:. A memorandum's head (a day without a time, no address) is none."""
    text = lines[at].text
    if len(text) < 4000 and (match := _ONE_LINE.match(text)):
        return Heading(Opening.BLOCK, at, at + 1, {k: v for k, v in match.groupdict().items() if v})
    first = _label().match(text[:2000])
    if first is None or _names()[first["label"].lower()] not in ("from", "to"):
        return None
    values, end = labels_at(lines, at)
    if "from" not in values:
        return _beheaded(lines, at, end, values) if answers else None
    if not values.get("from") or _is_prose(values):
        return None
    if len(values) < 3:
        return _ruled(lines, at, end, values) or (_terse(lines, at, end, values) if answers else None)
    dated = "sent" in values or bool(TIME.search(values.get("date", "")))
    addressed = any("@" in values.get(name, "") for name in ("from", "to", "cc")) and ("date" in values or "subject" in values)
    bare = answers and bool(values.get("to")) and "subject" in values
    return Heading(Opening.BLOCK, at, end, values) if dated or addressed or bare else None


def _is_prose(values: dict[str, str]) -> bool:
    """Whether sentences merely begin with such words: `From: Monday the bins are late`, `Sent: by the same council`."""
    sent = values.get("sent", "").split()
    small = [word for word in values["from"].split() if word[0].islower()]
    proven = any("@" in value for value in values.values()) or bool(TIME.search(values.get("sent") or values.get("date", "")))
    return not proven and (len(small) > 3 or (len(sent) > 2 and not any(map(str.isnumeric, "".join(sent)))))


def _ruled(lines: Sequence[Line], at: int, end: int, values: dict[str, str]) -> Heading | None:
    """`From:` and `Date:` alone between lines across the page, as case systems set them above each entry of a trail."""
    when = values.get("sent") or values.get("date", "")
    above = at > 0 and is_rule(lines[at - 1])
    below = end < len(lines) and is_rule(lines[end])
    if not (above or below) or not TIME.search(when) or not any(map(str.isdigit, when)):
        return None
    return Heading(Opening.BLOCK, at, end + below, values)


def _terse(lines: Sequence[Line], at: int, end: int, values: dict[str, str]) -> Heading | None:
    """`From:` and `Subject:`, `To:` or a date alone in an answer: two lines apart from what stands around them, the first a name or an address."""
    apart = (at == 0 or lines[at - 1].blank) and (end >= len(lines) or lines[end].blank) and end == at + len(values)
    proper = "@" in values["from"] or is_name(values["from"])
    return Heading(Opening.BLOCK, at, end, values) if apart and proper and len(values) > 1 and "subject" in values else None


def _beheaded(lines: Sequence[Line], at: int, end: int, values: dict[str, str]) -> Heading | None:
    """`To:` with a name and an address, and `Subject:`, in an answer: a block whose first lines were lost. A line with a colon announces a draft."""
    above = next((line.text for line in reversed(lines[:at]) if not line.blank), "")
    apart = (at == 0 or lines[at - 1].blank) and (end >= len(lines) or lines[end].blank)
    addressed = bool(_NAMED_ADDRESS.match(values.get("to", "").split(";")[0]))
    return Heading(Opening.BLOCK, at, end, values) if apart and addressed and "subject" in values and not above.rstrip().endswith(":") else None


def copied_at(lines: Sequence[Line], at: int) -> Heading | None:
    """What is copied off a web page of mail: a name with its address, the date and time under it, then `to me`."""
    match = _NAMED_ADDRESS.match(lines[at].text[:200])
    when = next_text(lines, at + 1, 2)
    if match is None or when is None or (at and not lines[at - 1].blank) or not _STAMP.match(lines[when].text[:80]):
        return None
    to = next_text(lines, when + 1, 2)
    read = _COPIED_TO.match(lines[to].text[:200]) if to is not None else None
    if to is None or read is None:
        return None
    return Heading(Opening.BLOCK, at, to + 1, {"from": match[0].strip(), "sent": lines[when].text.strip()})


def notes_at(lines: Sequence[Line], at: int) -> Heading | None:
    """Lotus Notes: the sender's hierarchical name, the date below it, then To, cc and Subject, each above its value or before it."""
    match = _NOTES.match(lines[at].text[:300])
    when = next_text(lines, at + 1, 3)
    if match is None or when is None or not _NOTES_DATE.match(lines[when].text[:200]):
        return None
    values = {"from": match["from"].partition("@")[0].strip(), "sent": lines[when].text.strip()}
    label, end = "", when + 1
    for place in range(when + 1, min(when + 16, len(lines))):
        text = lines[place].text.strip()
        name = text.rstrip(":").lower()
        if labelled := _label().match(text[:2000]):
            label = ""
            values[_names()[labelled["label"].lower()]] = (labelled["value"] or "").strip()
        elif name in ("to", "cc", "bcc", "subject"):
            label = name
        elif label and text:
            values.setdefault(label, text)
            label = ""
        elif text:
            break
        end = place + 1 if text else end
    return Heading(Opening.BLOCK, at, end, values) if "to" in values or "subject" in values else None


def labels_at(lines: Sequence[Line], at: int) -> tuple[dict[str, str], int]:
    """The `Label: value` lines from a place on, with their continuations, and where the text below them starts."""
    values: dict[str, str] = {}
    depth, label, end = lines[at].depth, "", at
    for place in range(at, min(at + _MOST_LINES, len(lines))):
        line = lines[place]
        if line.depth != depth:
            break
        match = _label().match(line.text[:2000])
        if match:
            label = _names()[match["label"].lower()]
            if label in values and label != "other":
                break
            values[label] = (match["value"] or "").strip(" \t*")
            end = place + 1
        elif line.blank:
            if not _label_follows(lines, place + 1, depth):
                break
        elif label and _continues(lines, place, values):
            values[label] = f"{values[label]} {line.text.strip()}".strip()
            end = place + 1
        else:
            break
    values.pop("other", None)
    return values, end


def _label_follows(lines: Sequence[Line], at: int, depth: int) -> bool:
    """Whether the next line is a header line, in a block that a converter has spaced out."""
    return at < len(lines) and lines[at].depth == depth and bool(_label().match(lines[at].text[:2000]))


def _continues(lines: Sequence[Line], at: int, values: dict[str, str]) -> bool:
    """Whether a line without a label is a wrapped value: a header line not yet seen comes within a few lines, nothing else before it."""
    for place in range(at, min(at + 40, len(lines))):
        if lines[place].depth != lines[at].depth or lines[place].blank:
            return False
        if place > at and (match := _label().match(lines[place].text[:2000])):
            return _names()[match["label"].lower()] not in values
        if _ANY_LABEL.match(lines[place].text[:60]):
            return False
    return False
