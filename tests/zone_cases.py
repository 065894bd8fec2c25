"""Messages whose every line carries its zone, and how a reading of them is measured: tests/scanner/reading/zones/*.cases.

Three authors wrote them. Of the first one's, half, by a hash of their names, are held out, though not all stayed unread; the second one's were
fitted to; nothing was fitted to the third one's, which were measured once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from html import unescape
from pathlib import Path

from scanner.reading.zones.hypertext import text_of

FOLDER = Path(__file__).parent / "scanner" / "reading" / "zones"
MARKS = "NHFSD"
AUTHORS = {"office": 1, "street": 1, "pages": 1, "fitting": 1, "county": 2, "markup": 2, "parish": 3, "screen": 3}
_TAG = re.compile(r"<!--.*?-->|<style.*?</style>|<[^<>]*>", re.DOTALL)


@dataclass(frozen=True)
class ZoneCase:
    """A labelled message. `lines` are (mark, source line); in HTML the source is markup, and `.` marks lines without text."""

    hand: str
    name: str
    lines: tuple[tuple[str, str], ...]
    quoted: tuple[str, ...]
    flags: frozenset[str]

    @property
    def style(self) -> str:
        return self.name.partition(":")[0]

    @property
    def held_out(self) -> bool:
        if self.author == 1:
            return self.hand != "fitting" and sha256(f"{self.hand}/{self.name}".encode()).digest()[0] % 2 == 0
        return self.author == 3

    @property
    def author(self) -> int:
        return AUTHORS[self.hand]

    @property
    def forward(self) -> bool:
        return "forward" in self.flags

    @property
    def reply(self) -> bool:
        return "fresh" not in self.flags

    @property
    def html(self) -> bool:
        return "html" in self.flags

    @property
    def source(self) -> str:
        return "\n".join(line for _, line in self.lines)

    @property
    def text(self) -> str:
        """What is divided into zones: HTML as a reader sees it."""
        return text_of(self.source) if self.html else self.source

    def marked(self) -> list[tuple[str, str]]:
        """The lines of `text` that say something, each with its mark."""
        if not self.html:
            return [(mark, line) for mark, line in self.lines if _bare(line)]
        letters, marks = _lettered(self.lines)
        rows = [row for row in self.text.split("\n") if _bare(row)]
        found = _aligned("".join(map(_bare, rows)), letters, marks)
        out, at = [], 0
        for row in rows:
            own = found[at : at + len(_bare(row))]
            at += len(own)
            out.append((Counter(own).most_common(1)[0][0], row))
        return out


@dataclass(frozen=True)
class Score:
    """Lines rightly found, wrongly found and missed."""

    hit: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.hit + other.hit, self.extra + other.extra, self.missed + other.missed)

    @property
    def f1(self) -> float:
        both = 2 * self.hit + self.extra + self.missed
        return 2 * self.hit / both if both else 1.0


def load(files: Iterable[Path] | None = None) -> list[ZoneCase]:
    """All labelled messages."""
    paths = sorted(FOLDER.glob("*.cases")) if files is None else files
    return [case for path in paths for case in _cases(path)]


def score(expected: Iterable[str], found: str) -> Score:
    """How the lines of a found text agree with those expected; marks, spaces and lines without a letter or digit count for nothing."""
    want, got = Counter(map(_plain, expected)), Counter(_plain(line) for line in found.split("\n") if _bare(line))
    hit = (want & got).total()
    return Score(hit, got.total() - hit, want.total() - hit)


def _cases(path: Path) -> Iterator[ZoneCase]:
    for block in path.read_text("utf-8").split("\n=== ")[1:]:
        name, *rows = block.rstrip("\n").split("\n")
        flags = frozenset(row[2:] for row in rows if row.startswith("| "))
        lines = [("." if not row else row[0], row[2:]) for row in rows if not row or row[0] in MARKS + "."]
        yield ZoneCase(path.stem, name, tuple(lines), tuple(row[2:] for row in rows if row.startswith("Q ")), flags)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _plain(line: str) -> str:
    return " ".join(re.sub(r"^(?:\s*>)+", "", line).split())


def _lettered(lines: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The letters of marked-up lines as a reader sees them, and the mark of each."""
    letters = marks = ""
    for mark, line in lines:
        seen = _bare(unescape(_TAG.sub(" ", line)))
        letters, marks = letters + seen, marks + mark * len(seen)
    return letters, marks


def _aligned(found: str, letters: str, marks: str) -> str:
    """The marks of the letters found."""
    if found == letters:
        return marks
    out = ["N"] * len(found)
    for a, b, size in SequenceMatcher(None, found, letters, autojunk=False).get_matching_blocks():
        out[a : a + size] = marks[b : b + size]
    return "".join(out)
