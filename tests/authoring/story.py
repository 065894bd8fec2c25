"""A story: one hand's plain-text account of a council's correspondence, with its verdicts, before it becomes mailboxes.

docs/corpora.md describes the form. Nothing is checked here that the mailroom cannot check better.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_EARLIER = ("re", "fwd", "attachmessage", "autoforward")


@dataclass(frozen=True, slots=True)
class Label:
    """A verdict on one message: flag, clear or any."""

    rule: str
    expected: str
    difficulty: str
    scenario: str
    why: str


@dataclass(frozen=True, slots=True)
class Paper:
    """An attachment as its text; for a sheet, comma-separated rows."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the story; `headers` are its header lines by lower-case name."""

    number: str
    headers: dict[str, str]
    body: str
    papers: tuple[Paper, ...]
    labels: tuple[Label, ...]

    def several(self, name: str) -> list[str]:
        """A header's values, which semicolons separate."""
        return [part.strip() for part in self.headers.get(name, "").split(";") if part.strip()]


@dataclass(frozen=True)
class Story:
    """A whole council: its facts, its people and lists as CSV rows, and its messages in order."""

    council: dict[str, str]
    people: list[dict[str, str]]
    lists: list[dict[str, str]]
    entries: dict[str, Entry] = field(default_factory=dict)


def read(path: Path) -> Story:
    """A story from its file. Raises ValueError with the message's number where a line does not fit."""
    parts = dict[str, list[str]]()
    entries: dict[str, Entry] = {}
    for head, lines in _sections(path.read_text("utf-8")):
        kind, _, number = head.partition(" ")
        if kind == "message":
            if number in entries:
                raise ValueError(f"{path.name}: message {number} stands twice")
            entries[number] = _entry(number, lines, entries)
        else:
            parts[kind] = lines
    council = dict(_header(line, "council") for line in parts["council"] if line.strip())
    return Story(council, _rows(parts["people"]), _rows(parts["lists"]), entries)


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    head, lines = "", list[str]()
    for line in text.splitlines():
        if line.startswith(("@council", "@people", "@lists", "@message ")):
            if head:
                yield head, lines
            head, lines = line[1:].strip(), []
        else:
            lines.append(line)
    yield head, lines


def _rows(lines: list[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in lines if line.strip()))


def _header(line: str, where: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ValueError(f"{where}: not a header line: {line!r}")
    return name.strip().lower(), value.strip()


def _entry(number: str, lines: list[str], earlier: Mapping[str, Entry]) -> Entry:
    blank = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    pairs = [_header(line, f"message {number}") for line in lines[:blank]]
    for name, value in pairs:
        if name in _EARLIER and value not in earlier:
            raise ValueError(f"message {number}: {name} names {value!r}, which does not come before it")
    body, papers = _papers(lines[blank + 1 :])
    labels = tuple(_label(value, number) for name, value in pairs if name == "label")
    return Entry(number, {n: v for n, v in pairs if n != "label"}, body, papers, labels)


def _papers(lines: list[str]) -> tuple[str, tuple[Paper, ...]]:
    blocks = [("", list[str]())]
    for line in lines:
        if line.startswith("@attach "):
            blocks.append((line.removeprefix("@attach ").strip(), []))
        else:
            blocks[-1][1].append(line)
    texts = [(name, "\n".join(block).strip("\n")) for name, block in blocks]
    return texts[0][1], tuple(Paper(name, text) for name, text in texts[1:])


def _label(value: str, number: str) -> Label:
    fields = [part.strip() for part in value.split("|", 4)]
    if len(fields) != 5 or fields[1] not in {"flag", "clear", "any"}:
        raise ValueError(f"message {number}: not a label: {value!r}")
    return Label(*fields)
