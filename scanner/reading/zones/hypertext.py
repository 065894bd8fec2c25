"""HTML bodies as text: what a reader sees, line by line, with quoted mail marked so that zones can tell it from new content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scanner.reading.zones.answers import hue_of
from scanner.reading.zones.flat import BLOCKS, stripped
from scanner.reading.zones.page import Page

_UNSEEN = "script style head title meta link noscript template iframe object svg math select audio video canvas -comment _comment !doctype"
_DROPPED = frozenset(_UNSEEN.split())
_VOID = frozenset(("br", "hr", "img", "input", "wbr", "col"))
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"])
_HIDDEN = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity|max-height)\s*:\s*0(?:\.0+)?(?:px|pt|em|%)?\s*(?:;|!|$))",
    re.IGNORECASE,
)
_QUOTE_CLASS = re.compile(r"quote|yahoo|cite|replied", re.IGNORECASE)
_LEFT_RULE = re.compile(r"border-left\s*:(?!\s*(?:none|0|medium none))", re.IGNORECASE)
_TIGHT = re.compile(r"(?:^|;)\s*margin(?:-top|-bottom)?\s*:\s*0", re.IGNORECASE)
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*(?P<colour>[^;!]{2,40})", re.IGNORECASE)
_RULE = "_" * 32
_LONGEST_ROW = 600
# Lexbor looks through the whole stack of open elements at each block: 200,000 nested ones take minutes. Those left out close by themselves.
_OPENING = re.compile(r"<(?!(?:p|li|td|th|tr|tbody|br|img|hr|meta|input|link|col|wbr|o:p)[\s/>])[a-z]", re.IGNORECASE)
_FOREIGN = re.compile(r"<(?:svg|math)\b", re.IGNORECASE)
_ANY_OPENING = re.compile(r"<[a-z]", re.IGNORECASE)
_MOST_OPENINGS = 10_000
_MOST_ELEMENTS = 100_000


def text_of(html: str) -> str:
    """The visible text of an HTML document. Never raises; a document too deep to be laid out gives its text without that care."""
    deep = _MOST_ELEMENTS if _FOREIGN.search(html) is None else _MOST_OPENINGS
    if len(_ANY_OPENING.findall(html)) > deep or sum(1 for _ in _OPENING.finditer(html)) > _MOST_OPENINGS:
        return stripped(html)
    body = LexborHTMLParser(html.replace("\0", "")).body
    if body is None:
        return ""
    page = Page()
    _walk(body, page)
    return page.text()


@dataclass(frozen=True, slots=True)
class _Closing:
    """What is due when an element ends."""

    tag: str
    quoted: bool
    soft: bool
    hue: str


def _walk(root: LexborNode, page: Page) -> None:
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


def _enter(node: LexborNode, page: Page) -> _Closing | None:
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
    if tag in BLOCKS:
        page.end_block()
    if tag in _VOID:
        _write_void(tag, page)
        return None
    return _open(node, tag, attributes, page)


def _write_void(tag: str, page: Page) -> None:
    if tag == "br":
        page.break_line()
    elif tag == "hr":
        page.write(_RULE)
        page.end_block()


def _open(node: LexborNode, tag: str, attributes: dict[str, str | None], page: Page) -> _Closing:
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


def _close(closing: _Closing, page: Page) -> None:
    page.soft -= closing.soft
    if closing.tag in BLOCKS:
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


def _is_quote(attributes: dict[str, str | None], page: Page) -> bool:
    """Whether a blockquote holds somebody's mail and is not merely an indent."""
    style = attributes.get("style") or ""
    marked = attributes.get("type") == "cite" or "cite" in attributes or bool(_LEFT_RULE.search(style))
    classed = bool(_QUOTE_CLASS.search(attributes.get("class") or "")) and "border:none" not in style.replace(" ", "")
    return marked or classed or page.follows_attribution()


def _is_row_of_short_cells(row: LexborNode) -> bool:
    """A row of a table of facts; the cells of a table made for layout are long or hold tables."""
    cells = [child for child in _children(row) if child.tag in ("td", "th")]
    return len(cells) > 1 and row.css_first("table") is None and len(row.text_content or "") <= _LONGEST_ROW
