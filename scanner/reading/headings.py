"""Where an earlier message begins in a text: the header blocks, separator lines and attributions that mail programs write above it.

Outlook (From:/Sent:/To:/Subject:), Outlook for Mac and phones (From:/Date:), Gmail, Apple Mail, Thunderbird, Notes and Samsung; English and Welsh.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rules.message import Address
from scanner.reading.addresses import addresses

_DEPTH = re.compile(r"^(?:[ ]?>)+[ ]?")
_LABELS = {
    "from": "from",
    "oddi wrth": "from",
    "sent": "sent",
    "date": "date",
    "anfonwyd": "sent",
    "dyddiad": "date",
    "to": "to",
    "at": "to",
    "cc": "cc",
    "copi": "cc",
    "bcc": "bcc",
    "subject": "subject",
    "pwnc": "subject",
    "testun": "subject",
    "reply-to": "other",
    "importance": "other",
    "attachments": "other",
    "priority": "other",
    "sensitivity": "other",
    "organisation": "other",
    "when": "other",
    "where": "other",
    "resent-from": "other",
    "message-id": "other",
}
_LABEL = re.compile(
    r"^\s*[*_]{0,2}(?P<label>" + "|".join(sorted(_LABELS, key=len, reverse=True)) + r")[*_]{0,2}\s?:[*_]{0,2}(?:\s+(?P<value>.*))?$", re.IGNORECASE
)
_ONE_LINE = re.compile(
    r"^\s*\*{0,2}From\*{0,2}:\*{0,2}\s*(?P<from>.{2,200}?)\s+\*{0,2}(?:Sent|Date)\*{0,2}:\*{0,2}\s*(?P<sent>.{6,80}?)\s+\*{0,2}To\*{0,2}:\*{0,2}\s*(?P<to>.{2,1500}?)"
    r"(?:\s+\*{0,2}Cc\*{0,2}:\*{0,2}\s*(?P<cc>.{2,1500}?))?\s+\*{0,2}Subject\*{0,2}:\*{0,2}\s*(?P<subject>.{0,300})$"
)
_FENCE = r"[-\u2013\u2014_=*~+ \t]"
_FORWARDED = re.compile(
    rf"^(?:{_FENCE}{{2,40}}(?:begin(?:ning)?\s+(?:of\s+)?)?(?:start of\s+)?forwarded\s+(?:message|e-?mail|by\b.{{0,120}}){_FENCE}*:?"
    rf"|\s*(?:begin|start of)\s+forwarded\s+(?:message|e-?mail)\s*:?|\s*forwarded\s+(?:message|conversation|e-?mail)\s*:?"
    rf"|{_FENCE}{{2,40}}neges a anfonwyd ymlaen{_FENCE}*)\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    rf"^(?:{_FENCE}{{2,40}}(?:original\s+(?:message|appointment|e-?mail)|reply message|neges wreiddiol){_FENCE}*"
    rf"|\s*original\s+(?:message|e-?mail)\s*:?)\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*[_\u2014-]{10,}\s*$")
_WROTE = re.compile(r"(?:\bwrote|\bwrites|\bysgrifennodd\b.*)\s*(?::|-{2,})\s*$", re.IGNORECASE)
_ON = re.compile(r"^\s*(?:-{2,}\s*)?(?:On|Ar|Am)\s", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[AaPp]\.?[Mm]\b\.?)?(?:\s*(?:GMT|BST|UTC)?[+-]\d{2}:?\d{2}|\s*(?:GMT|BST|UTC)\b)?")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_EMAIL = re.compile(r"[<(\[]?(?:mailto:)?(?P<email>[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+)[>)\]]?")
_CANDIDATE = re.compile(
    r"^\s*[*_]{0,2}(?:From|Oddi wrth|On|Ar|Am|Begin|Start|Forwarded|Original)\b"
    r"|^\s*[-\u2013\u2014_=*~+]{2}|(?:wrote|writes)\s*:\s*$",
    re.IGNORECASE,
)
_LONGEST_ATTRIBUTION = 400
_MOST_LINES = 60


class Opening(StrEnum):
    """What kind of line opens an earlier message."""

    FORWARDED = "forwarded"
    ORIGINAL = "original"
    BLOCK = "block"
    ATTRIBUTION = "attribution"


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its `>` marks; `depth` counts them."""

    depth: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    def raw(self) -> str:
        """The line as it would be quoted."""
        return f"{'>' * self.depth} {self.text}".rstrip() if self.depth else self.text


@dataclass(frozen=True, slots=True)
class Heading:
    """The lines `start` to `end` (not included) that open an earlier message, and what they say of it."""

    opening: Opening
    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> Address | None:
        return next(iter(listed(self.values.get("from", ""))), None)

    @property
    def recipients(self) -> tuple[Address, ...]:
        return tuple(address for name in ("to", "cc", "bcc") for address in listed(self.values.get(name, "")))

    @property
    def sent(self) -> str:
        return self.values.get("sent") or self.values.get("date", "")

    @property
    def subject(self) -> str:
        return self.values.get("subject", "")


def lines_of(text: str) -> tuple[Line, ...]:
    """A text cut into lines, the `>` marks counted. A lone `>From ` is what mailbox files make of `From `."""
    rows = text.split("\n")
    out = []
    for place, row in enumerate(rows):
        match = _DEPTH.match(row)
        if match is None or (
            row.startswith(">From ") and not any(r.startswith(">") for r in (*rows[max(place - 1, 0) : place], *rows[place + 1 : place + 2]))
        ):
            out.append(Line(0, row[1:] if match else row))
        else:
            out.append(Line(match[0].count(">"), row[match.end() :]))
    return tuple(out)


def listed(value: str) -> tuple[Address, ...]:
    """The mailboxes of a pasted header line; Outlook parts them with semicolons and writes `Bell, Ann` unquoted."""
    value = value.replace("*", " ").strip()
    if ";" in value:
        return tuple(address for piece in value.split(";") for address in _one_or_more(piece))
    return _one_or_more(value)


def _one_or_more(piece: str) -> tuple[Address, ...]:
    text = piece.strip(" '\"\t")
    if not text:
        return ()
    if "@" not in text and "/o=" not in text.lower() and (text.count(",") == 1 or "," not in text):
        return (Address("", text),)
    return addresses(piece)


def heading_at(lines: Sequence[Line], at: int) -> Heading | None:
    """The heading that starts at a line, or None. Looks at a bounded number of lines."""
    line = lines[at]
    if not _CANDIDATE.search(line.text[:300]) and not line.text[-12:].rstrip().lower().endswith(("wrote:", "writes:")):
        return None
    if _RULE.match(line.text):
        following = _next_text(lines, at + 1, 3)
        block = _block(lines, following) if following is not None else None
        return Heading(block.opening, at, block.end, block.values) if block else None
    if _FORWARDED.match(line.text[:300]):
        return _marked(lines, at, Opening.FORWARDED)
    if _ORIGINAL.match(line.text[:300]):
        return _marked(lines, at, Opening.ORIGINAL)
    return _block(lines, at) or _attribution(lines, at)


def _next_text(lines: Sequence[Line], at: int, within: int) -> int | None:
    return next((i for i in range(at, min(at + within, len(lines))) if not lines[i].blank), None)


def _marked(lines: Sequence[Line], at: int, opening: Opening) -> Heading | None:
    """A separator line with the header lines below it; words alone, without dashes, need header lines to count."""
    following = _next_text(lines, at + 1, 4)
    values, end = _labels(lines, following) if following is not None else ({}, at + 1)
    fenced = bool(re.match(r"\s*[-\u2013\u2014_=*~+]{2}", lines[at].text)) or lines[at].text.lower().lstrip().startswith(("begin", "start"))
    if not values and not fenced:
        return None
    return Heading(opening, at, end if values else at + 1, values)


def _block(lines: Sequence[Line], at: int) -> Heading | None:
    """A header block that begins with From:. A memorandum's head (a day without a time, no address) is none."""
    text = lines[at].text
    if len(text) < 4000 and (match := _ONE_LINE.match(text)):
        return Heading(Opening.BLOCK, at, at + 1, {k: v for k, v in match.groupdict().items() if v})
    first = _LABEL.match(text[:2000])
    if first is None or _LABELS[first["label"].lower()] != "from":
        return None
    values, end = _labels(lines, at)
    if not values.get("from") or len(values) < 3:
        return None
    dated = "sent" in values or bool(_TIME.search(values.get("date", "")))
    addressed = any("@" in values.get(name, "") for name in ("from", "to", "cc"))
    return Heading(Opening.BLOCK, at, end, values) if dated or (addressed and ("date" in values or "subject" in values)) else None


def _labels(lines: Sequence[Line], at: int) -> tuple[dict[str, str], int]:
    """The `Label: value` lines from a place on, with their continuations, and where the text below them starts."""
    values: dict[str, str] = {}
    depth, label, end = lines[at].depth, "", at
    for place in range(at, min(at + _MOST_LINES, len(lines))):
        line = lines[place]
        if line.depth != depth:
            break
        match = _LABEL.match(line.text[:2000])
        if match:
            label = _LABELS[match["label"].lower()]
            if label in values and label != "other":
                break
            values[label] = (match["value"] or "").strip()
            end = place + 1
        elif line.blank:
            if not _label_follows(lines, place + 1, depth):
                break
        elif label and _continues(lines, place, depth):
            values[label] = f"{values[label]} {line.text.strip()}".strip()
            end = place + 1
        else:
            break
    values.pop("other", None)
    return values, end


def _label_follows(lines: Sequence[Line], at: int, depth: int) -> bool:
    """Whether the next line is a header line, in a block that a converter has spaced out."""
    return at < len(lines) and lines[at].depth == depth and bool(_LABEL.match(lines[at].text[:2000]))


def _continues(lines: Sequence[Line], at: int, depth: int) -> bool:
    """Whether a line without a label is a wrapped value: a header line comes within a few lines and no empty one before it."""
    for place in range(at + 1, min(at + 40, len(lines))):
        if lines[place].depth != depth or lines[place].blank:
            return False
        if _LABEL.match(lines[place].text[:2000]):
            return True
    return False


def _attribution(lines: Sequence[Line], at: int) -> Heading | None:
    """`On … wrote:`, over up to four lines. Without `>` lines below it needs a time or an address, since people write the like in prose."""
    depth, text = lines[at].depth, ""
    for place in range(at, min(at + 4, len(lines))):
        if lines[place].depth != depth or lines[place].blank:
            return None
        text = f"{text} {lines[place].text.strip()}".strip()
        if len(text) > _LONGEST_ATTRIBUTION:
            return None
        if _WROTE.search(text):
            following = _next_text(lines, place + 1, 3)
            deeper = following is not None and lines[following].depth > depth
            dated = bool(_ON.match(text)) and ("@" in text or bool(_TIME.search(text)))
            return Heading(Opening.ATTRIBUTION, at, place + 1, _attributed(text)) if deeper or dated else None
        if not _ON.match(text):
            return None
    return None


def _attributed(text: str) -> dict[str, str]:
    """Who and when, from an attribution."""
    text = _WROTE.sub("", _ON.sub("", text)).strip(" ,:-")
    found = _EMAIL.search(text)
    rest = _EMAIL.sub(" ", text)
    marks = list(_TIME.finditer(rest)) or list(_YEAR.finditer(rest))
    sent, name = (rest[: marks[-1].end()], rest[marks[-1].end() :]) if marks else ("", rest)
    name = " ".join(name.replace("*", " ").split()).strip(" ,<>()\"'")
    return {"from": f'"{name}" <{found["email"]}>' if found else name, "sent": " ".join(sent.split()).strip(" ,")}
