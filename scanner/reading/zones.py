"""The zones of a message's text: what its sender wrote, what they pass on, what merely trails along, who signs, and the small print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rules.message import Body, Quoted, Quoting
from scanner.reading.closing import closed, tidy
from scanner.reading.headings import Heading, Line, Opening, heading_at, lines_of

_SPILL = 40
_WRAPPED = 55


def divide(text: str, forward: bool, reply: bool = True) -> tuple[Body, tuple[Quoted, ...]]:
    """A text's zones and the earlier messages it shows, outermost first.

    `forward`: the subject says that it passes something on. `reply`: subject or headers say that it answers; where neither
    is so, a pasted header block counts as passed on. When unsure, text stays in `new`. Never raises.
    """
    lines = lines_of(text)
    cut = _cut(lines)
    own = closed("\n".join(line.raw() for line, mine in zip(lines[: cut.tail], cut.mine, strict=True) if mine))
    above = [line for line, mine in zip(lines[: cut.tail], cut.mine, strict=True) if not mine]
    below = lines[cut.tail :]
    upper = Quoting.FORWARDED if cut.passed_on or (forward and not below) else Quoting.HISTORY
    lower = _quoting(cut.heading, forward, reply)
    blocks = [(upper, above), (lower, below)]
    zone = {kind: tidy("\n".join(_shown(rows) for quoting, rows in blocks if quoting is kind and rows)) for kind in Quoting}
    quoted = tuple(entry for quoting, rows in blocks for entry in chain(rows, quoting))
    body = Body(own.new, zone[Quoting.HISTORY], zone[Quoting.FORWARDED], own.signature, own.disclaimer)
    return body, quoted


def _shown(rows: Sequence[Line]) -> str:
    return "\n".join(line.raw() for line in rows)


def _quoting(heading: Heading | None, forward: bool, reply: bool) -> Quoting:
    """Why the block under a heading is there."""
    if forward or (heading is not None and heading.opening is Opening.FORWARDED):
        return Quoting.FORWARDED
    pasted = heading is not None and heading.opening is not Opening.ATTRIBUTION and not reply
    return Quoting.FORWARDED if pasted else Quoting.HISTORY


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where the rest of the text is one earlier block (`tail`), and which lines above it are the sender's own."""

    mine: tuple[bool, ...]
    tail: int
    heading: Heading | None
    passed_on: bool


def _cut(lines: Sequence[Line]) -> _Cut:
    """Finds the heading under which all is quoted; above it, `>` lines and the attributions that announce them."""
    mine: list[bool] = []
    passed_on = False
    while len(mine) < len(lines):
        at = len(mine)
        heading = heading_at(lines, at)
        if heading and lines[at].depth == 0:
            if not _announces_marks(lines, heading):
                return _Cut(tuple(mine), at, heading, passed_on)
            passed_on = passed_on or heading.opening is Opening.FORWARDED
            mine += [False] * (heading.end - at)
        else:
            passed_on = passed_on or bool(
                heading and heading.opening is Opening.FORWARDED and (at == 0 or lines[at - 1].depth == 0 or lines[at - 1].blank)
            )
            mine.append(_is_own(lines, at))
    return _Cut(tuple(mine), len(lines), None, passed_on)


def _announces_marks(lines: Sequence[Line], heading: Heading) -> bool:
    """Whether the text under a heading is marked with `>`, so that unmarked lines below it are new."""
    following = next((line for line in lines[heading.end : heading.end + 4] if not line.blank), None)
    return following is not None and following.depth > 0


def _is_own(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is the sender's: unmarked, and no end that a mail program wrapped off a marked line."""
    line = lines[at]
    before = lines[at - 1] if at else Line(0, "")
    after = lines[at + 1] if at + 1 < len(lines) else Line(0, "")
    if line.depth:
        return not before.depth and not after.depth and not line.text[:1].isalpha()
    spilled = before.depth > 0 and after.depth > 0 and len(before.text) >= _WRAPPED and 0 < len(line.text) <= _SPILL and not after.blank
    return not spilled


@dataclass(slots=True)
class _Entry:
    """An earlier message as its lines are gathered; they stand at `depth`."""

    heading: Heading | None
    depth: int
    rows: list[str] = field(default_factory=list)

    def quoted(self, quoting: Quoting) -> Quoted:
        text = tidy("\n".join(self.rows))
        head = self.heading
        return Quoted(quoting, head.sender, head.recipients, head.subject, head.sent, text) if head else Quoted(quoting, None, text=text)


def chain(lines: Sequence[Line], quoting: Quoting) -> tuple[Quoted, ...]:
    """The earlier messages of a quoted block, in the order in which they begin: outermost first, as replies stand above what they answer."""
    entries: list[_Entry] = []
    open_entries: list[_Entry] = []
    at = 0
    while at < len(lines):
        heading = heading_at(lines, at)
        if heading:
            entry = _Entry(heading, _depth_below(lines, heading))
            open_entries = [e for e in open_entries if e.depth < entry.depth] + [entry]
            entries.append(entry)
            at = heading.end
            continue
        line = lines[at]
        at += 1
        while len(open_entries) > 1 and open_entries[-1].depth > line.depth and not line.blank:
            open_entries.pop()
        if not line.blank and (not open_entries or open_entries[-1].depth < line.depth):
            open_entries.append(_Entry(None, line.depth))
            entries.append(open_entries[-1])
        if open_entries:
            open_entries[-1].rows.append(line.text)
    return tuple(e.quoted(quoting) for e in entries if e.heading or any(row.strip() for row in e.rows))


def _depth_below(lines: Sequence[Line], heading: Heading) -> int:
    """How deep the message under a heading stands: where its first line does, if that is deeper than the heading."""
    own = lines[heading.end - 1].depth
    following = next((line.depth for line in lines[heading.end : heading.end + 4] if not line.blank), own)
    return max(own, following)
