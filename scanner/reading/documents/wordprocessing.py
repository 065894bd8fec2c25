"""Word, OpenDocument and slide texts (.docx, .odt, .pptx; ISO/IEC 29500 and 26300): zipped XML read as a stream, bounded, entities left closed.

Headers, footnotes, text boxes and comments are read: their reader sees them. Of tracked changes the text is read as it stands when they are
accepted: what was inserted, not what was deleted or moved away. Hidden text is read: it was passed on.

The only module that knows lxml. A document that unfolds to hundreds of megabytes is read up to the limit and no further.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from rules.message import Table
from scanner.reading.documents.archives import DAMAGED, chunks, opened
from scanner.reading.documents.document import Document
from scanner.reading.mail.limits import Limits

_MEMBERS = re.compile(
    r"word/(?:(?:document|header|footer)\d*|footnotes|endnotes|comments|diagrams/data\d*)\.xml|(?:content|styles)\.xml|"
    r"ppt/(?:(?:slides/slide|notesSlides/notesSlide|diagrams/data)\d+|comments/[^/]{1,80})\.xml"
)
_REMARKS = re.compile(r"xl/(?:comments\d*|threadedComments/threadedComment\d+|drawings/drawing\d+)\.xml")
_ORDER = ("styles", "header", "document", "slide", "content", "footer", "footnotes", "endnotes", "comments", "notesSlide")
_NUMBER = re.compile(r"\d+")
_ROW, _TABLE, _CELL = ("tr", "table-row"), ("tbl", "table"), ("tc", "table-cell")
_GAPS = {"tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", "s": " ", "noBreakHyphen": "-"}
_OPEN_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_REMARK = ("comment", "threadedComment", "cm")  # of a sheet or a slide; Word's comments hold paragraphs
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/"
_NOTES = ("note", "annotation")  # of OpenDocument: read by their paragraphs, which stand inside another
_NOT_SEEN = ("Fallback", "moveFrom", "tracked-changes")
_ENCRYPTED = b"encryption-data"


def kind_of(content: bytes) -> str | None:
    """What a zipped document is: `text`, `sheet` or `encrypted`; None for any other archive."""
    archive = opened(content)
    if archive is None:
        return None
    names = set(archive.namelist())
    if "META-INF/manifest.xml" in names and _ENCRYPTED in _start(archive, "META-INF/manifest.xml"):
        return "encrypted"
    if {"xl/workbook.xml", "xl/workbook.bin"} & names or b"spreadsheet" in (_start(archive, "mimetype") if "mimetype" in names else b""):
        return "sheet"
    return "text" if any(_MEMBERS.fullmatch(name) for name in names) else None


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return b"".join(chunks(archive, name, 256 * 1024))
    except DAMAGED:
        return b""


def read(content: bytes, limits: Limits) -> Document:
    """Paragraphs and tables in order, headers first, notes last; and a reason where it is cut, damaged or a picture only. Never raises."""
    archive = opened(content)
    if archive is None:
        return Document(unread="damaged document")
    found = _document(archive, _MEMBERS, limits)
    pictures = any("/media/" in name or name.startswith("Pictures/") for name in archive.namelist())
    return replace(found, unread="image only") if pictures and not found.unread and not found.text.strip() else found


def remarks(content: bytes, limits: Limits) -> str:
    """The comments and text boxes of a workbook, or nothing. Never raises."""
    archive = opened(content)
    return _document(archive, _REMARKS, limits).text if archive else ""


def _document(archive: zipfile.ZipFile, members: re.Pattern[str], limits: Limits) -> Document:
    paper = _Paper(limits)
    try:
        for name in sorted(filter(members.fullmatch, set(archive.namelist())), key=_place):
            if not paper.reason:
                _member(archive, name, paper)
    except (etree.XMLSyntaxError, *DAMAGED):
        paper.reason = paper.reason or "damaged document"
    return Document("\n".join(paper.lines), tuple(paper.tables), paper.reason)


def _place(name: str) -> tuple[int, int, str]:
    stem = name.rpartition("/")[2].rstrip("0123456789.xml")
    number = _NUMBER.search(name.rpartition("/")[2])
    return _ORDER.index(stem) if stem in _ORDER else len(_ORDER), int(number[0]) if number else 0, name


class _Paper:
    """What has been read of a document so far, and how much more may be."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.bytes_left = limits.expanded_bytes
        self.characters = 0
        self.cells = 0
        self.lines: list[str] = []
        self.tables: list[Table] = []
        self.reason: str | None = None
        self.open_tables: list[list[list[list[str]]]] = []
        self.passed_over = 0

    def paragraph(self, text: str) -> None:
        """A paragraph, into the cell that is open or else on a line of its own."""
        cell = self._cell()
        if cell is None:
            self.lines.append(text)
        elif text:
            cell.append(text)
        self.characters += len(text) + 1
        if self.characters > self.limits.characters:
            self.reason = f"text cut at {self.limits.characters} characters"

    def _cell(self) -> list[str] | None:
        rows = self.open_tables[-1] if self.open_tables else None
        return rows[-1][-1] if rows and rows[-1] else None

    def new_cell(self) -> None:
        if self.open_tables and self.open_tables[-1]:
            self.open_tables[-1][-1].append([])
            self.cells += 1
            if self.cells > self.limits.cells:
                self.reason = f"tables cut at {self.limits.cells} cells"

    def end_table(self) -> None:
        """A finished table, and its rows as lines of the text."""
        rows = [tuple(" ".join(cell).strip() for cell in row) for row in self.open_tables.pop()]
        filled = tuple(row for row in rows if any(row))
        if filled:
            self.tables.append(Table("", filled))
        for row in filled:
            cell = self._cell()
            (self.lines if cell is None else cell).append("\t".join(row))


def _member(archive: zipfile.ZipFile, name: str, paper: _Paper) -> None:
    """Reads one XML member into the paper, until a limit is met."""
    parser = etree.XMLPullParser(events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    for piece in chunks(archive, name, paper.bytes_left):
        if b"<!ENTITY" in piece:  # no office program writes one
            paper.reason = "damaged document"
            return
        paper.bytes_left -= len(piece)
        if paper.bytes_left < 0:
            paper.reason = f"document cut at {paper.limits.expanded_bytes} bytes unfolded"
            return
        parser.feed(piece)
        for event, element in parser.read_events():
            _event(event, element, paper)
        if paper.reason:
            return
    parser.close()


def _event(event: str, element: etree._Element, paper: _Paper) -> None:
    if not isinstance(element.tag, str):
        return
    tag = element.tag.rpartition("}")[2]
    if tag in _NOT_SEEN:
        paper.passed_over += 1 if event == "start" else -1
        if event == "end":
            _forget(element)
    if event == "start":
        _start_of(tag, paper)
    else:
        _end_of(tag, element, paper)


def _start_of(tag: str, paper: _Paper) -> None:
    if tag in _TABLE:
        paper.open_tables.append([])
    elif tag in _ROW and paper.open_tables:
        paper.open_tables[-1].append([])
    elif tag in _CELL:
        paper.new_cell()


def _end_of(tag: str, element: etree._Element, paper: _Paper) -> None:
    if tag in ("p", "h") or (tag in _REMARK and not element.tag.startswith("{" + _WORD)):
        if not paper.passed_over:
            paper.paragraph("".join(_pieces(element)).strip())
        _forget(element)
    elif tag in _TABLE and paper.open_tables:
        paper.end_table()
        _forget(element)
    elif tag in _ROW or tag in _NOTES:
        _forget(element)


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    """The texts of a paragraph: of its runs in Office, all that is in it in OpenDocument."""
    whole = paragraph.tag.startswith("{" + _OPEN_TEXT)
    for element in paragraph.iter(etree.Element):
        tag = element.tag.rpartition("}")[2]
        parent = element.getparent()
        if tag in _GAPS and parent is not None and not parent.tag.endswith("}tabs"):
            yield _GAPS[tag]
        elif whole or tag in ("t", "text"):
            yield element.text or ""
        if whole and element is not paragraph:
            yield element.tail or ""


def _forget(element: etree._Element) -> None:
    """Frees an element that has been read, and its elder siblings."""
    element.clear(keep_tail=True)
    parent = element.getparent()
    if parent is not None and parent.tag.rpartition("}")[2] in ("body", "text", *_TABLE):
        while element.getprevious() is not None:
            del parent[0]
