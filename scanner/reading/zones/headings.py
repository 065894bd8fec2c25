"""Where an earlier message begins in a text: the header blocks and separator lines that mail programs write above it.

Outlook (From:/Sent:/To:/Subject:), Outlook for Mac and phones (From:/Date:), Gmail, Apple Mail, Thunderbird, Yahoo, Notes, GroupWise,
Samsung and case systems; the words of English, Welsh and nine other languages stand in headings.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources

from rules.message import Address
from scanner.reading.mail.addresses import addresses
from scanner.reading.zones.marks import Line

_FENCE = r"[-\u2013\u2014_=*~+# \t]"
_ONE_LINE = re.compile(
    r"^\s*\*{0,2}From\*{0,2}:\*{0,2}\s*(?P<from>.{2,200}?)\s+\*{0,2}(?:Sent|Date)\*{0,2}:\*{0,2}\s*(?P<sent>.{6,80}?)\s+\*{0,2}To\*{0,2}:\*{0,2}\s*(?P<to>.{2,1500}?)"
    r"(?:\s+\*{0,2}Cc\*{0,2}:\*{0,2}\s*(?P<cc>.{2,1500}?))?\s+\*{0,2}Subject\*{0,2}:\*{0,2}\s*(?P<subject>.{0,300})$"
)
_RULE = re.compile(r"^\s*[_\u2014-]{10,}\s*$")
_FENCED = re.compile(r"^\s*[-\u2013\u2014_=*~+#]{2}")
_ANY_LABEL = re.compile(r"^\s*[*_]{0,2}[A-Z][\w -]{1,24}[*_]{0,2}\s?:(?:\s|$)")
_NOTES = re.compile(r"^\s*(?P<from>[A-Z][\w.' -]{1,60}(?:/[\w.&' -]{1,60}){1,5}(?:@[\w.-]{1,40})?)\s*$")
_GROUPWISE = re.compile(r"^>>> ?(?P<from>.{3,200}?)\s+(?P<sent>(?:on\s+)?\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.{0,30}?)\s*>>>\s*$")
TIME = re.compile(r"\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[AaPp]\.?[Mm]\b\.?)?(?:\s*(?:GMT|BST|UTC)?[+-]\d{2}:?\d{2}|\s*(?:GMT|BST|UTC)\b)?")
_NOTES_DATE = re.compile(r"^\s*(?:Sent by: .{0,80}\s)?\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\s+\d{1,2}:\d{2}")
_MOST_LINES = 60


class Opening(StrEnum):
    """What kind of line opens an earlier message."""

    FORWARDED = "forwarded"
    ORIGINAL = "original"
    BLOCK = "block"
    ATTRIBUTION = "attribution"


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


@cache
def words(table: str) -> dict[str, list[str]]:
    """One table of headings.toml, read once."""
    found: dict[str, list[str]] = tomllib.loads(resources.files("scanner.reading.zones").joinpath("headings.toml").read_text("utf-8"))[table]
    return found


@cache
def _names() -> dict[str, str]:
    return {label: kind for kind, labels in words("labels").items() for label in labels}


@cache
def _label() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _names()), key=len, reverse=True))
    return re.compile(rf"^\s*[*_]{{0,2}}(?P<label>{names})(?:\s?/\s?(?:{names}))?[*_]{{0,2}}\s?:[*_]{{0,2}}(?:\s+(?P<value>.*))?$", re.IGNORECASE)


@cache
def _separator(kind: str) -> re.Pattern[str]:
    """A line between dashes, or the same words alone on a line."""
    phrase = "|".join(words("separators")[kind])
    begun = r"(?:(?:begin(?:ning)?|start)\s+(?:of\s+)?)?" if kind == "forwarded" else ""
    bare = r"(?!forwarded\s+by)" if kind == "forwarded" else ""
    return re.compile(rf"^(?:{_FENCE}{{2,40}}{begun}(?:{phrase}){_FENCE}*:?|\s*{bare}{begun}(?:{phrase})\s*:?)\s*$", re.IGNORECASE)


@cache
def _candidate() -> re.Pattern[str]:
    """A quick look that spares most lines the close one."""
    froms = "|".join(map(re.escape, words("labels")["from"]))
    phrases = "|".join(phrase for kind in ("forwarded", "original") for phrase in words("separators")[kind])
    return re.compile(
        rf"^\s*[*_]{{0,2}}(?:{froms})(?:\s?/[\w ]{{1,20}})?[*_]{{0,2}}\s?:|^\s*[-\u2013\u2014_=*~+#]{{2}}|^\s*(?:begin|start)|^\s*(?:{phrases})|^>>>"
        rf"|^\s*[A-Z][^/:<>]{{1,60}}/[^:<>]*$",
        re.IGNORECASE,
    )


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


def ends_forward(line: Line) -> bool:
    """Whether a line says that what was passed on ends here."""
    return bool(_FENCED.match(line.text[:50]) and _separator("ended").match(line.text[:300]))


def asks_reply_above(line: Line) -> bool:
    """Whether a case system asks for the answer to be written above this line."""
    return "above" in line.text[:200].lower() and bool(_separator("reply_above").match(line.text[:200]))


def is_rule(line: Line) -> bool:
    """Whether a line is nothing but a line across the page."""
    return bool(_RULE.match(line.text))


def header_at(lines: Sequence[Line], at: int, *, answers: bool) -> Heading | None:
    """The separator or header block that starts at a line, or None. `answers`: the message answers or passes on, so that less proof is asked for."""
    text = lines[at].text
    if not _candidate().search(text[:300]):
        return None
    if _separator("forwarded").match(text[:300]):
        return _marked(lines, at, Opening.FORWARDED)
    if _separator("original").match(text[:300]):
        return _marked(lines, at, Opening.ORIGINAL)
    if match := _GROUPWISE.match(text[:300]):
        return Heading(Opening.ORIGINAL, at, at + 1, match.groupdict())
    return _block(lines, at, answers=answers) or _notes(lines, at)


def next_text(lines: Sequence[Line], at: int, within: int) -> int | None:
    """The first line that says something."""
    return next((i for i in range(at, min(at + within, len(lines))) if not lines[i].blank), None)


def _marked(lines: Sequence[Line], at: int, opening: Opening) -> Heading | None:
    """A separator line with the header lines below it; words alone, without dashes, need header lines to count."""
    following = next_text(lines, at + 1, 4)
    values, end = _labels(lines, following) if following is not None else ({}, at + 1)
    if not values and following is not None and (notes := _notes(lines, following)):
        values, end = notes.values, notes.end
    fenced = bool(_FENCED.match(lines[at].text)) or lines[at].text.lower().lstrip().startswith(("begin", "start"))
    if not values and not fenced:
        return None
    return Heading(opening, at, end if values else at + 1, values)


def _block(lines: Sequence[Line], at: int, *, answers: bool) -> Heading | None:
    """A header block that begins with From:. A memorandum's head (a day without a time, no address) is none."""
    text = lines[at].text
    if len(text) < 4000 and (match := _ONE_LINE.match(text)):
        return Heading(Opening.BLOCK, at, at + 1, {k: v for k, v in match.groupdict().items() if v})
    first = _label().match(text[:2000])
    if first is None or _names()[first["label"].lower()] != "from":
        return None
    values, end = _labels(lines, at)
    if not values.get("from") or len(values) < 3:
        return None
    dated = "sent" in values or bool(TIME.search(values.get("date", "")))
    addressed = any("@" in values.get(name, "") for name in ("from", "to", "cc")) and ("date" in values or "subject" in values)
    bare = answers and bool(values.get("to")) and "subject" in values
    return Heading(Opening.BLOCK, at, end, values) if dated or addressed or bare else None


def _notes(lines: Sequence[Line], at: int) -> Heading | None:
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


def _labels(lines: Sequence[Line], at: int) -> tuple[dict[str, str], int]:
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
