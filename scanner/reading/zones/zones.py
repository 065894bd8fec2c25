"""The zones of a message's text: what its sender wrote, what they pass on, what merely trails along, who signs, and the small print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rules.message import Body, Quoted, Quoting
from scanner.reading.zones.answers import announced, answered
from scanner.reading.zones.attributions import attribution_at, retells
from scanner.reading.zones.closing import Closed, closed, tidy
from scanner.reading.zones.headings import Heading, Opening, is_rule, next_text
from scanner.reading.zones.marks import Line, lines_of
from scanner.reading.zones.postscripts import answer_below, below_indented
from scanner.reading.zones.separators import asks_reply_above, ends_forward, header_at
from scanner.reading.zones.trails import trail

_SPILL = 40
_WRAPPED = 55


def divide(text: str, forward: bool, reply: bool = True) -> tuple[Body, tuple[Quoted, ...]]:
    """A text's zones and the earlier messages it shows, outermost first.

    `forward`: the subject says that it passes something on. `reply`: subject or headers say that it answers; where neither
    is so, a pasted header block counts as passed on. When unsure, text stays in `new`. Never raises.
    """
    lines = lines_of(text)
    grammar = _grammar(lines, forward or reply)
    cut = _cut(lines, grammar)
    cut = _with_last_answer(lines, cut, grammar) if reply and not forward else cut
    own = _joined(closed(_written(lines[: cut.upper], cut.mine)), closed(_written(lines[cut.upper :], cut.mine[cut.upper :])))
    above = [line for line, mine in zip(lines[: cut.tail], cut.mine, strict=False) if not mine]
    below = [line for line, mine in zip(lines[cut.tail :], cut.mine[cut.tail :], strict=True) if not mine]
    upper = Quoting.FORWARDED if cut.passed_on or (forward and not below) else Quoting.HISTORY
    lower = _quoting(cut.heading, forward, reply)
    blocks = [(upper, above), (lower, below)]
    zone = {kind: tidy("\n".join(_shown(rows) for quoting, rows in blocks if quoting is kind and rows)) for kind in Quoting}
    quoted = tuple(entry for quoting, rows in blocks for entry in chain(rows, quoting, answers=forward or reply))
    return Body(own.new, zone[Quoting.HISTORY], zone[Quoting.FORWARDED], own.signature, own.disclaimer), quoted


def _with_last_answer(lines: Sequence[Line], cut: _Cut, grammar: _Grammar) -> _Cut:
    """The cut, with an answer at the very end where nothing is said above one quoted message and within it."""
    if cut.heading is None or any(cut.mine[at] and not lines[at].blank for at in range(len(lines))):
        return cut
    below = lines[cut.heading.end :]
    start = cut.heading.end + answer_below(below)
    if start >= len(lines) or any(grammar.heading_at(at) for at in range(cut.heading.end, len(lines))):
        return cut
    return replace(cut, mine=(*cut.mine[:start], *(True for _ in lines[start:])))


def _written(lines: Sequence[Line], mine: Sequence[bool]) -> str:
    """The sender's own lines; an empty one stands for what was quoted between them."""
    return "\n".join(line.raw() if own else "" for line, own in zip(lines, mine, strict=False))


def _joined(upper: Closed, lower: Closed) -> Closed:
    """What the sender wrote above a quoted block, and into or below it."""
    return Closed(*(tidy("\n\n".join(filter(None, pair))) for pair in zip(upper, lower, strict=True)))


def _shown(rows: Sequence[Line]) -> str:
    return "\n".join(line.raw() for line in rows)


def _quoting(heading: Heading | None, forward: bool, reply: bool) -> Quoting:
    """Why the block under a heading is there."""
    if forward or (heading is not None and heading.opening is Opening.FORWARDED):
        return Quoting.FORWARDED
    pasted = heading is not None and heading.opening is not Opening.ATTRIBUTION and not reply
    return Quoting.FORWARDED if pasted else Quoting.HISTORY


@dataclass(frozen=True, slots=True)
class _Grammar:
    """A text's lines, and whether it answers or passes on, so that a header block needs less proof."""

    lines: Sequence[Line]
    answers: bool
    trail: Mapping[int, Heading]

    def heading_at(self, at: int) -> Heading | None:
        """The heading at a line, or under a line across the page."""
        if not is_rule(self.lines[at]):
            said = None if not self.answers and retells(self.lines[at]) else attribution_at(self.lines, at)
            return header_at(self.lines, at, answers=self.answers) or said or self.trail.get(at)
        below = next_text(self.lines, at + 1, 3)
        found = None if below is None or is_rule(self.lines[below]) else self.heading_at(below)
        return replace(found, start=at) if found else None


def _grammar(lines: Sequence[Line], answers: bool, *, quoted: bool = False) -> _Grammar:
    return _Grammar(lines, answers, trail(lines, quoted=quoted) if answers else {})


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which lines are the sender's own, where the first quoted message begins (`upper`), and where all is one earlier block (`tail`)."""

    mine: tuple[bool, ...]
    upper: int
    tail: int
    heading: Heading | None
    passed_on: bool


def _cut(lines: Sequence[Line], grammar: _Grammar) -> _Cut:
    """Finds the heading under which all is quoted; above it, marked lines and the attributions that announce them."""
    mine: list[bool] = []
    passed_on = marked = said = False
    upper = len(lines)
    typed = _bullets(lines, grammar) | (frozenset() if grammar.answers else _retold(lines))
    while len(mine) < len(lines):
        at = len(mine)
        heading = grammar.heading_at(at) or (_reply_line(lines, at) if said else None)
        if heading and lines[at].depth == 0:
            upper = min(upper, at)
            if not _announces_marks(lines, heading) and (said or not _is_typed(heading)):
                return _Cut((*mine, *_below(lines, heading, _written(lines, mine), grammar)), upper, at, heading, passed_on)
            marked, passed_on = _announces_marks(lines, heading), passed_on or heading.opening is Opening.FORWARDED
            mine += [False] * (heading.end - at)
        else:
            fresh = at == 0 or lines[at - 1].depth == 0 or lines[at - 1].blank
            passed_on = passed_on or bool(heading and heading.opening in (Opening.FORWARDED, Opening.BLOCK) and fresh and not grammar.answers)
            passed_on = passed_on or bool(heading and heading.opening is Opening.FORWARDED and fresh)
            own = at in typed or _is_own(lines, at, announced=marked)
            said = said or (own and not lines[at].blank)
            mine.append(own)
    return _Cut(tuple(mine), upper, len(lines), None, passed_on)


def _reply_line(lines: Sequence[Line], at: int) -> Heading | None:
    """A case system's "reply above this line"."""
    return Heading(Opening.ORIGINAL, at, at + 1) if asks_reply_above(lines[at]) else None


def _below(lines: Sequence[Line], heading: Heading, own: str, grammar: _Grammar) -> list[bool]:
    """Which lines from a heading on are the sender's own after all: what follows the end of a forward, and answers written into the message."""
    start = heading.start
    end = next((i for i in range(heading.end, len(lines)) if lines[i].depth == 0 and ends_forward(lines[i])), len(lines))
    mine = [False] * min(end + 1 - start, len(lines) - start) + [True] * max(len(lines) - end - 1, 0)
    for place in range(below_indented(lines, heading, end), end):
        mine[place - start] = True
    if announced(own):
        stop = next((i for i in range(heading.end, min(end, heading.end + 2000)) if grammar.heading_at(i)), min(end, heading.end + 2000))
        for place in answered(own, lines[heading.end : stop]):
            mine[heading.end + place - start] = True
    return mine


def _bullets(lines: Sequence[Line], grammar: _Grammar) -> frozenset[int]:
    """Lines that begin with `>` as a bullet: directly under the sender's words, above the attribution that announces the marked ones."""
    marked = [i for i, line in enumerate(lines) if line.depth and not line.blank]
    if not marked or not marked[0] or lines[marked[0] - 1].blank or grammar.heading_at(marked[0] - 1):
        return frozenset()
    first = next((i for i, line in enumerate(lines) if not line.depth and not line.blank and grammar.heading_at(i)), None)
    if first is None or first < marked[0]:
        return frozenset()
    above = [i for i in marked if i < first]
    return frozenset(above) if above[-1] - above[0] == len(above) - 1 else frozenset()


def _retold(lines: Sequence[Line]) -> frozenset[int]:
    """Marked lines that are the sender's own quotation, of a diary or a leaflet: a sentence such as `he wrote:` brings them in."""
    found: set[int] = set()
    told = False
    for at, line in enumerate(lines):
        if line.depth and told:
            found.add(at)
        elif not line.blank:
            told = retells(line)
    return frozenset(found)


def _is_typed(heading: Heading) -> bool:
    """Whether somebody may have typed `Ann wrote:`, above all their words and quoting nothing: programs write an address there."""
    return heading.opening is Opening.ATTRIBUTION and "@" not in heading.values.get("from", "")


def _announces_marks(lines: Sequence[Line], heading: Heading) -> bool:
    """Whether the text under a heading is marked, so that unmarked lines below it are new."""
    following = next((line for line in lines[heading.end : heading.end + 4] if not line.blank), None)
    return following is not None and following.depth > 0


def _is_own(lines: Sequence[Line], at: int, *, announced: bool) -> bool:
    """Whether a line is the sender's: unmarked, and no end that a mail program wrapped off a marked line."""
    line = lines[at]
    before = lines[at - 1] if at else Line(0, "")
    after = lines[at + 1] if at + 1 < len(lines) else Line(0, "")
    if line.depth:
        return not announced and not before.depth and not after.depth and not line.text[:1].isalpha()
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


def chain(lines: Sequence[Line], quoting: Quoting, *, answers: bool = True) -> tuple[Quoted, ...]:
    """The earlier messages of a quoted block, in the order in which they begin: outermost first, as replies stand above what they answer."""
    grammar = _grammar(lines, answers, quoted=True)
    entries: list[_Entry] = []
    open_entries: list[_Entry] = []
    at = 0
    while at < len(lines):
        heading = grammar.heading_at(at)
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
        if open_entries and not ends_forward(line):
            open_entries[-1].rows.append(line.text)
    return tuple(e.quoted(quoting) for e in entries if e.heading or any(row.strip() for row in e.rows))


def _depth_below(lines: Sequence[Line], heading: Heading) -> int:
    """How deep the message under a heading stands: where its first line does, if that is deeper than the heading."""
    own = lines[heading.end - 1].depth
    following = next((line.depth for line in lines[heading.end : heading.end + 4] if not line.blank), own)
    return max(own, following)
