"""Heads that Lotus Notes sets above an earlier message: sender and date on the left, To, cc and Subject above their values on the right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from scanner.reading.zones.headings import Heading, Opening
from scanner.reading.zones.marks import Line
from scanner.reading.zones.signers import is_name

_LABEL = re.compile(r"(?:^|\s{2,})(?P<label>To|cc|bcc|Subject):?$", re.IGNORECASE)
_HIERARCHY = re.compile(r"^[A-Z][\w.' -]{1,60}(?:/[\w.&' -]{1,60}){1,5}(?:@[\w.-]{1,40})?$")
_DATE = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\s+\d{1,2}:\d{2}(?::\d\d)?(?:\s?[AP]M)?", re.IGNORECASE)
_RUN_ON = re.compile(r"^\s*(?P<from>[^\W\d_][^-<>]{1,60})---(?P<sent>\d{1,2}/\d{1,2}/\d{2,4} \d{1,2}:\d{2}[^-]{0,12})---(?P<subject>.{0,200})$")
_COLUMNS = re.compile(r"\s{3,}")
_BROKEN = re.compile(r"\s+(?=[^<>]{0,80}>)")
_MOST_LINES = 24
_MOST_ABOVE = 5


@dataclass(slots=True)
class _Head:
    """What was read of a head: the words on the left, the values by their labels, and where it ends."""

    left: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    end: int = 0


def loose_notes_at(lines: Sequence[Line], at: int) -> Heading | None:
    """A head whose parts stand on lines of their own or in two columns; there must be a name, a date with its time, To and Subject."""
    if match := _RUN_ON.match(lines[at].text[:400]):
        return Heading(Opening.ATTRIBUTION, at, at + 1, match.groupdict())
    row = lines[at].text[:300].strip()
    first = _COLUMNS.split(row)[0]
    if (at and not lines[at - 1].blank) or not (is_name(first) or _HIERARCHY.match(first)):
        return None
    head = _read(lines, at)
    if head is None or not {"to", "subject"} <= head.values.keys() or not head.values["subject"]:
        return None
    left = " ".join(head.left)
    date = _DATE.search(left)
    if date is None:
        return None
    name = " ".join(f"{left[: date.start()]} {left[date.end() :]}".split())
    said = {label: " ".join(rows) for label, rows in head.values.items()}
    sender = name if "<" in name else name.partition("@")[0]
    return Heading(Opening.BLOCK, at, head.end, {"from": _BROKEN.sub("", sender) if "<" in name else sender, "sent": date[0], **said})


def _read(lines: Sequence[Line], at: int) -> _Head | None:
    """The head's lines, up to the end of the subject."""
    head, label = _Head(), ""
    for place in range(at, min(at + _MOST_LINES, len(lines))):
        line = lines[place]
        text = line.text[:300].rstrip()
        if line.depth != lines[at].depth:
            break
        if line.blank:
            if label == "subject" and head.values[label]:
                break
            continue
        if match := _LABEL.search(text):
            label = match["label"].lower()
            head.values.setdefault(label, [])
            head.left += [text[: match.start()].strip()] if text[: match.start()].strip() else []
        elif not label:
            head.left.append(text.strip())
        elif label == "subject" and head.values[label] and not text.startswith(" " * 8):
            break
        else:
            _value(head, label, text)
        head.end = place + 1
        if not label and len(head.left) > _MOST_ABOVE:
            return None
    return head if label else None


def _value(head: _Head, label: str, text: str) -> None:
    """A value, what stands left of it in the other column apart."""
    *left, value = _COLUMNS.split(text.strip(), maxsplit=1)
    dated = _DATE.fullmatch(value) if label != "subject" else None
    head.left += [*left, *([value] if dated else [])]
    if not dated:
        head.values[label].append(value)
