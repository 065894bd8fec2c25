"""A page as it is laid out: the lines of a text that a reader sees, those of quoted mail marked."""

from __future__ import annotations

import re

from scanner.reading.mail.charsets import legible
from scanner.reading.zones.answers import with_answers_apart
from scanner.reading.zones.flat import AROUND_TAB, spaced

_ATTRIBUTION = re.compile(r"\bwrote\s*:\s*$|\bysgrifennodd\b.{0,200}:\s*$")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DOUBLED = re.compile(r" {2,}")
_DEEPEST = 20


class Page:
    """The lines laid out so far. Quoted lines carry one `>` for each level; in a row of short cells, blocks break no lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.hues: list[str] = []
        self.current: list[str] = []
        self.inked = False
        self.said = False
        self.current_hues: set[str] = set()
        self.hue = ""
        self.depth = 0
        self.soft = 0
        self.preformatted = 0

    def write(self, text: str) -> None:
        """Adds running text, white space collapsed unless preformatted."""
        if text and not text.isspace():
            self.current_hues.add(self.hue)
        if not self.preformatted:
            self._put(_SPACE.sub(" ", text))
            return
        first, *others = text.split("\n")
        self._put(first)
        for line in others:
            self.break_line()
            self._put(line)

    def _put(self, piece: str) -> None:
        """Adds to the line, and remembers whether anything stands on it: a no-break space is ink, and says nothing."""
        self.current.append(piece)
        self.inked = self.inked or bool(piece.strip(" \t"))
        self.said = self.said or bool(piece.strip())

    def break_line(self) -> None:
        """Ends the line, even an empty one (`<br>`)."""
        if self.soft:
            self.current.append(" ")
            return
        text = "".join(self.current).replace("\u00a0", " ")
        text = text.rstrip() if self.preformatted else AROUND_TAB.sub("\t", _DOUBLED.sub(" ", text)).strip()
        self._add(f"{self._marks} {text}".rstrip() if self.depth else text)
        self._begin_line()

    def _begin_line(self) -> None:
        self.current = []
        self.inked = self.said = False

    def _add(self, line: str) -> None:
        self.lines.append(line)
        self.hues.append(self.current_hues.pop() if len(self.current_hues) == 1 else "")
        self.current_hues = set()

    def end_block(self) -> None:
        """Ends the line if anything stands on it; a lone no-break space is how editors write an empty line."""
        if self.inked:
            self.break_line()
        elif not self.soft:
            self._begin_line()

    def space(self) -> None:
        """An empty line, unless one stands there."""
        if not self.soft and self.lines and self.lines[-1].strip("> "):
            self._add(self._marks)

    @property
    def _marks(self) -> str:
        return ">" * min(self.depth, _DEEPEST)

    def follows_attribution(self) -> bool:
        """Whether the last line that says anything is `… wrote:`."""
        last = next((line for line in reversed(self.lines) if line.strip("> ")), "")
        return bool(_ATTRIBUTION.search(last))

    def text(self) -> str:
        """All lines, at most one empty line in a row."""
        self.soft = 0
        self.end_block()
        while self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        return spaced(legible("\n".join(with_answers_apart(self.lines, self.hues)))).rstrip().lstrip("\n")
