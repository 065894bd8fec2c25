"""HTML bodies as text: what a reader sees, line by line, with quoted mail marked so that zones can tell it from new content."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scanner.reading.mail.charsets import legible
from scanner.reading.zones.answers import hue_of, with_answers_apart

_DROPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "noscript",
        "template",
        "iframe",
        "object",
        "svg",
        "math",
        "select",
        "audio",
        "video",
        "canvas",
        "-comment",
        "_comment",
        "!doctype",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_VOID = frozenset(("br", "hr", "img", "input", "wbr", "col"))
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"])
_HIDDEN = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity|max-height)\s*:\s*0(?:\.0+)?(?:px|pt|em|%)?\s*(?:;|!|$))",
    re.IGNORECASE,
)
_QUOTE_CLASS = re.compile(r"quote|yahoo|cite|replied", re.IGNORECASE)
_LEFT_RULE = re.compile(r"border-left\s*:(?!\s*(?:none|0|medium none))", re.IGNORECASE)
_TIGHT = re.compile(r"(?:^|;)\s*margin(?:-top|-bottom)?\s*:\s*0", re.IGNORECASE)
_ATTRIBUTION = re.compile(r"\bwrote\s*:\s*$|\bysgrifennodd\b.{0,200}:\s*$")
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*(?P<colour>[^;!]{2,40})", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_DOUBLED = re.compile(r" {2,}")
_AROUND_TAB = re.compile(r" ?\t ?")
_EMPTY_LINES = re.compile(r"\n(?:[> ]*+\n){2,}")
_RULE = "_" * 32
_LONGEST_ROW = 600
_DEEPEST = 20
# Lexbor looks through the whole stack of open elements at each block: 200,000 nested ones take minutes. Those left out close by themselves.
_OPENING = re.compile(r"<(?!(?:p|li|td|th|tr|tbody|br|img|hr|meta|input|link|col|wbr|o:p)[\s/>])[a-z]", re.IGNORECASE)
_FOREIGN = re.compile(r"<(?:svg|math)\b", re.IGNORECASE)
_ANY_OPENING = re.compile(r"<[a-z]", re.IGNORECASE)
_MOST_OPENINGS = 10_000
_MOST_ELEMENTS = 100_000
_UNSEEN = ("script", "style", "title")


def text_of(html: str) -> str:
    """The visible text of an HTML document. Never raises; a document too deep to be laid out gives its text without that care."""
    deep = _MOST_ELEMENTS if _FOREIGN.search(html) is None else _MOST_OPENINGS
    if len(_ANY_OPENING.findall(html)) > deep or sum(1 for _ in _OPENING.finditer(html)) > _MOST_OPENINGS:
        return _stripped(html)
    body = LexborHTMLParser(html.replace("\0", "")).body
    if body is None:
        return ""
    page = _Page()
    _walk(body, page)
    return page.text()


@dataclass(frozen=True, slots=True)
class _Closing:
    """What is due when an element ends."""

    tag: str
    quoted: bool
    soft: bool
    hue: str


class _Page:
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
        text = text.rstrip() if self.preformatted else _AROUND_TAB.sub("\t", _DOUBLED.sub(" ", text)).strip()
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
        return _EMPTY_LINES.sub("\n\n", legible("\n".join(with_answers_apart(self.lines, self.hues)))).rstrip().lstrip("\n")


def _walk(root: LexborNode, page: _Page) -> None:
    """Visits the tree in order without recursion, since hostile trees are deep."""
    waiting: list[LexborNode | _Closing] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Closing):
            _close(item, page)
        elif closing := _enter(item, page):
            waiting.append(closing)
            waiting.extend(reversed(list(_children(item))))


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def _enter(node: LexborNode, page: _Page) -> _Closing | None:
    """Writes what stands at a node; says what is due at its end, or None where nothing below it is seen."""
    if node.is_text_node:
        page.write(node.text_content or "")
        return None
    tag, attributes = node.tag or "", node.attributes
    style = attributes.get("style") or ""
    if tag in _DROPPED or "hidden" in attributes or _HIDDEN.search(style):
        return None
    if tag in ("td", "th") and page.said:
        page.current.append("\t")
    if tag in _BLOCKS:
        page.end_block()
    if tag in _VOID:
        _write_void(tag, page)
        return None
    return _open(node, tag, attributes, page)


def _write_void(tag: str, page: _Page) -> None:
    if tag == "br":
        page.break_line()
    elif tag == "hr":
        page.write(_RULE)
        page.end_block()


def _open(node: LexborNode, tag: str, attributes: dict[str, str | None], page: _Page) -> _Closing:
    """Begins an element: the space above a paragraph, the bullet of an item, a level of quoting."""
    quoted = tag == "blockquote" and _is_quote(attributes, page)
    soft = tag == "tr" and not page.soft and _is_row_of_short_cells(node)
    if _is_spaced(tag, attributes):
        page.space()
    hue, page.hue = page.hue, _hue(attributes, page.hue)
    page.depth += quoted
    page.soft += soft
    page.preformatted += tag == "pre"
    if tag == "li":
        page.write("- ")
    return _Closing(tag, quoted, soft, hue)


def _hue(attributes: dict[str, str | None], inherited: str) -> str:
    """The colour of the text in an element."""
    match = _COLOUR.search(attributes.get("style") or "")
    value = match["colour"] if match else attributes.get("color")
    return hue_of(value) if value else inherited


def _close(closing: _Closing, page: _Page) -> None:
    page.soft -= closing.soft
    if closing.tag in _BLOCKS:
        page.end_block()
    page.depth -= closing.quoted
    page.preformatted -= closing.tag == "pre"
    page.hue = closing.hue
    if closing.tag in _SPACED - {"p"}:
        page.space()


def _is_spaced(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an empty line stands above a block; Outlook's own paragraphs have none."""
    outlook = tag == "p" and ((attributes.get("class") or "").startswith("Mso") or _TIGHT.search(attributes.get("style") or ""))
    return tag in _SPACED and not outlook


def _is_quote(attributes: dict[str, str | None], page: _Page) -> bool:
    """Whether a blockquote holds somebody's mail and is not merely an indent."""
    style = attributes.get("style") or ""
    marked = attributes.get("type") == "cite" or "cite" in attributes or bool(_LEFT_RULE.search(style))
    classed = bool(_QUOTE_CLASS.search(attributes.get("class") or "")) and "border:none" not in style.replace(" ", "")
    return marked or classed or page.follows_attribution()


def _is_row_of_short_cells(row: LexborNode) -> bool:
    """A row of a table of facts; the cells of a table made for layout are long or hold tables."""
    cells = [child for child in _children(row) if child.tag in ("td", "th")]
    return len(cells) > 1 and row.css_first("table") is None and len(row.text_content or "") <= _LONGEST_ROW


def _stripped(html: str) -> str:
    """The text of a document without laying it out, in one pass: tags cut, blocks to lines, unseen elements left out."""
    first, *pieces = html.split("<")
    out, until = [first], ""
    for piece in pieces:
        if until and until not in piece.lower():
            continue
        seen = piece[piece.lower().find(until) :] if until else piece
        until = ""
        if seen.startswith("!--") and "-->" not in seen:
            until = "-->"
            continue
        tag, end, text = seen.partition("-->" if seen.startswith(("!--", "-->")) else ">")
        name = tag[:20].lower().partition(" ")[0].strip("/ \t\r\n")
        if name in _UNSEEN and not tag.startswith("/"):
            until = f"/{name}"
            continue
        out += [_gap(name, opening=not tag.startswith("/")), text if end else ""]
    lines = legible(entities.unescape("".join(out))).split("\n")
    return _EMPTY_LINES.sub("\n\n", "\n".join(_AROUND_TAB.sub("\t", line.strip()) for line in lines)).strip("\n")


def _gap(name: str, *, opening: bool) -> str:
    """What a tag leaves in the text."""
    return "\n" if name == "br" or name in _BLOCKS else "\t" if opening and name in ("td", "th") else ""
