"""What opens an earlier message in a text, and what it says of that message; the words for it stand in headings.toml."""

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

_RULE = re.compile(r"^\s*[_\u2014-]{10,}\s*$")
TIME = re.compile(r"\b\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[AaPp]\.?[Mm]\b\.?)?(?:\s*(?:GMT|BST|UTC)?[+-]\d{2}:?\d{2}|\s*(?:GMT|BST|UTC)\b)?")


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


def is_rule(line: Line) -> bool:
    """Whether a line is nothing but a line across the page."""
    return bool(_RULE.match(line.text))


def next_text(lines: Sequence[Line], at: int, within: int) -> int | None:
    """The first line that says something."""
    return next((i for i in range(at, min(at + within, len(lines))) if not lines[i].blank), None)
