"""Letters of every age: .doc, .rtf, .docx and .odt, with what their readers see and without what was taken out."""

from __future__ import annotations

import pytest
from office_files import ODF, W, doc, docx, odt, paragraph, zipped

from scanner.reading.documents.documents import extract
from scanner.reading.mail.limits import Limits

LIMITS = Limits()
IN_TABLE, ROW_END = 0x2416, 0x2417
TABLE = [
    ("Name\x07", IN_TABLE),
    ("Sum\x07", IN_TABLE),
    ("\x07", ROW_END),
    ("Jane\r", IN_TABLE),
    ("Hill\x07", IN_TABLE),
    ("\x07", IN_TABLE),
    ("\x07", ROW_END),
]


def text(name: str, content: bytes) -> str:
    found = extract(name, "", content, LIMITS)
    assert found.unread is None
    return found.text


def test_doc_keeps_the_order_and_the_tables() -> None:
    found = extract("letter.doc", "", doc([("Dear Mrs Hill \u2013 \u201cyes\u201d,\r", None), *TABLE, ("Zo\u00eb \U0001f600\r", None)]), LIMITS)
    assert found.text == "Dear Mrs Hill \u2013 \u201cyes\u201d,\nName\tSum\nJane Hill\t\nZo\u00eb \U0001f600"
    assert [table.rows for table in found.tables] == [(("Name", "Sum"), ("Jane Hill", ""))]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("See \x13 HYPERLINK x \x14the link\x15.\r", "See the link."),
        ("Page \x13 PAGE \x15\r", "Page"),
        ("\x13 A \x13 B \x14b\x15 \x14shown\x15\r", "shown"),
        ("one\x0btwo\x0cthree\x1efour\x1f\r", "one\ntwo\nthree-four"),
    ],
)
def test_doc_shows_what_fields_and_signs_show(written: str, seen: str) -> None:
    assert text("a.doc", doc([(written, None)])) == seen


def test_doc_leaves_out_what_was_deleted() -> None:
    assert text("a.doc", doc([("We will not pay.\r", None)], deleted=(8, 12))) == "We will pay."


def test_doc_begins_with_its_letterhead() -> None:
    """The parts of a .doc follow one another as body, footnotes, headers, comments."""
    written = [("Dear Sir\r", None), ("By cheque.\r", None), ("Office of Councillor Bell\r", None), ("Ask Jane\r", None)]
    assert text("a.doc", doc(written, parts=(9, 11, 26, 9))) == "Office of Councillor Bell\nDear Sir\nBy cheque.\nAsk Jane"


def test_doc_of_two_tables_with_words_between() -> None:
    assert [len(t.rows) for t in extract("a.doc", "", doc([*TABLE, ("and\r", None), *TABLE]), LIMITS).tables] == [2, 2]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (r"Dear Sir,\par You have {\b my} word.\par", "Dear Sir,\nYou have my word."),
        (r"\'93yes\'94 \u8211? Zo\'eb", "\u201cyes\u201d \u2013 Zo\u00eb"),
        (r"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}{\f1 \'cf\'f0} \'cf", "\u041f\u0440 \u00cf"),
        (r"\uc2\u8364 ??5 {\uc0\u8364 6}", "\u20ac5 \u20ac6"),
        (r"\u-10179?\u-8704?", "\U0001f600"),
        (r"{\stylesheet{\s1 Normal;}}{\info{\author Ann}}{\*\generator x}text", "text"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt the link}}", "the link"),
        (r"stays{\deleted gone} here", "stays here"),
        (r"a\~b\_c\-d\{\}\\", "a b-cd{}\\"),
        (r"{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt in the box\par}}out", "in the box\nout"),
        (r"words{\footnote a note} more", "words a note more"),
        (r"{\header From the Office of Councillor Bell\par}Dear Sir", "From the Office of Councillor Bell\nDear Sir"),
        (r"before{\pict 00ff}\bin3 }}}after", "beforeafter"),
    ],
)
def test_rtf_shapes(body: str, seen: str) -> None:
    assert text("a.rtf", f"{{\\rtf1\\ansi\\ansicpg1252 {body}}}".encode("latin-1")) == seen


def test_rtf_tables() -> None:
    rows = r"\trowd\intbl Name\cell Street\cell\row\intbl Jane\par Hill\cell 12 High St\cell\row\pard after\par"
    found = extract("a.doc", "application/msword", f"{{\\rtf1 before\\par {rows}}}".encode(), LIMITS)
    assert found.text == "before\nName\tStreet\nJane Hill\t12 High St\nafter"
    assert [table.rows for table in found.tables] == [(("Name", "Street"), ("Jane Hill", "12 High St"))]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (r"{\pict 00}", "image only"),
        (r"x{\object{\*\objdata 00}}", "holds an embedded object that is not read"),
        ("a" * 50, "text cut"),
        (r"{\b cut", "damaged document"),
    ],
)
def test_rtf_says_what_is_missing(body: str, reason: str) -> None:
    assert (extract("a.rtf", "", f"{{\\rtf1 {body}}}".encode(), Limits(characters=40)).unread or "").startswith(reason)


def test_docx_takes_tracked_changes_as_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>We </w:t></w:r><w:del><w:r><w:delText>cannot</w:delText></w:r></w:del><w:ins><w:r><w:t>will</w:t></w:r></w:ins>"
        "<w:moveFrom><w:r><w:t> gone</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t> pay</w:t></w:r></w:moveTo></w:p>"
    )
    assert text("a.docx", docx(body)) == "We will pay"


def test_docx_notes_comments_headers_and_drawings() -> None:
    parts = {
        f"word/{name}.xml": f"<w:x {W}>{paragraph(name)}</w:x>" for name in ("comments", "footer1", "footnotes", "endnotes", "header2", "header1")
    }
    drawing = {"word/diagrams/data1.xml": '<d:dataModel xmlns:d="d" xmlns:a="a"><a:p><a:r><a:t>in the chart</a:t></a:r></a:p></d:dataModel>'}
    lines = text("a.docx", docx(paragraph("body"), {**parts, **drawing})).split("\n")
    assert lines == ["header1", "header2", "body", "footer1", "footnotes", "endnotes", "comments", "in the chart"]


def test_odt_without_deleted_text_but_with_its_heading_and_notes() -> None:
    deleted = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes>"
    )
    noted = "<text:p>words<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body></text:note></text:p>"
    styles = f"<office:document-styles {ODF}><style:header><text:p>Office of Councillor Bell</text:p></style:header></office:document-styles>"
    assert text("a.odt", odt(deleted + noted, {"styles.xml": styles})) == "Office of Councillor Bell\na note\nwords"


def test_slides_with_their_comments() -> None:
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>slide</a:t></a:r></a:p></p:sld>'
    comment = '<p:cmLst xmlns:p="p"><p:cm><p:text>a remark</p:text></p:cm></p:cmLst>'
    assert text("a.pptx", zipped({"ppt/slides/slide1.xml": slide, "ppt/comments/comment1.xml": comment})) == "slide\na remark"
