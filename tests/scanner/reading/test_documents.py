"""Documents built here, ordinary and hostile; no library's own samples."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from time import process_time

import openpyxl
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from scanner.reading.documents.documents import extract
from scanner.reading.mail.limits import Limits

LIMITS = Limits()
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, **others: str) -> bytes:
    return zipped({"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>", **{f"word/{k}.xml": v for k, v in others.items()}})


def pdf(draw: Callable[[canvas.Canvas], None], **options: object) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, **options)
    draw(page)
    page.save()
    return out.getvalue()


def picture() -> ImageReader:
    from PIL import Image

    return ImageReader(Image.new("RGB", (40, 40), "grey"))


def workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: str, mimetype: str = "spreadsheet") -> bytes:
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{mimetype}",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {ODF}><office:body><office:spreadsheet><table:table table:name='S'>{rows}</table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        }
    )


LETTER = docx(
    paragraph("Dear Sir,") + "<w:p><w:r><w:t>You have </w:t></w:r><w:r><w:t>my word.</w:t><w:br/><w:t>Ann</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc>"
    + paragraph("Name")
    + "</w:tc><w:tc>"
    + paragraph("Street")
    + "</w:tc></w:tr><w:tr><w:tc>"
    + paragraph("Jane Hill")
    + "</w:tc><w:tc>"
    + paragraph("12 High Street")
    + "</w:tc></w:tr></w:tbl>"
    + paragraph("End"),
    header1=f"<w:hdr {W}>{paragraph('From the Office of Councillor Bell')}</w:hdr>",
)


def test_docx_keeps_the_order_and_the_tables() -> None:
    found = extract("letter.docx", DOCX, LETTER, LIMITS)
    assert found.text == "From the Office of Councillor Bell\nDear Sir,\nYou have my word.\nAnn\nName\tStreet\nJane Hill\t12 High Street\nEnd"
    assert [table.rows for table in found.tables] == [(("Name", "Street"), ("Jane Hill", "12 High Street"))]
    assert found.unread is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<w:p><w:r><w:delText>gone</w:delText><w:instrText>PAGE</w:instrText><w:t>stays</w:t></w:r></w:p>", "stays"),
        ('<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r></w:p>', "a\tb"),
        (
            "<w:p><w:r><w:t>out</w:t></w:r><w:r><w:txbxContent><w:p><w:r><w:t>in the box</w:t></w:r></w:p></w:txbxContent></w:r></w:p>",
            "in the box\nout",
        ),
        (
            f'<w:p><mc:AlternateContent xmlns:mc="m"><mc:Choice><w:r><w:t>once</w:t></w:r></mc:Choice><mc:Fallback>{paragraph("twice")}</mc:Fallback></mc:AlternateContent></w:p>',
            "once",
        ),
        ("<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>", "link"),
        (
            "<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc>" + paragraph("inner") + "</w:tc></w:tr></w:tbl>" + paragraph("x") + "</w:tc></w:tr></w:tbl>",
            "inner x",
        ),
    ],
)
def test_docx_shapes(body: str, expected: str) -> None:
    assert extract("a.docx", DOCX, docx(body), LIMITS).text == expected


def test_document_by_content_whatever_its_name() -> None:
    assert "my word" in extract("letter.bin", "application/octet-stream", LETTER, LIMITS).text


def test_odt_and_slides() -> None:
    odt = zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {ODF}><office:body><office:text><text:h>Head</text:h><text:p>One<text:tab/>two <text:span>three</text:span> four</text:p>"
            "</office:text></office:body></office:document-content>",
        }
    )
    assert extract("a.odt", "", odt, LIMITS).text == "Head\nOne\ttwo three four"
    slides = zipped(
        {f"ppt/slides/slide{n}.xml": f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>slide {n}</a:t></a:r></a:p></p:sld>' for n in (10, 2)}
    )
    assert extract("a.pptx", "", slides, LIMITS).text == "slide 2\nslide 10"


def test_workbook() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.title = "Cases"
        for row in (("Name", "Phone"), ("Jane Hill", "01632 960001"), (None, None), ("Bob", 7700900123)):
            sheet.append(row)
        book.create_sheet("Other").append(("x",))

    found = extract("cases.xlsx", "", workbook(fill), LIMITS)
    assert [(t.name, t.rows) for t in found.tables] == [
        ("Cases", (("Name", "Phone"), ("Jane Hill", "01632 960001"), ("Bob", "7700900123"))),
        ("Other", (("x",),)),
    ]
    assert "Jane Hill\t01632 960001" in found.text


def test_ods() -> None:
    rows = (
        "<table:table-row><table:table-cell office:value-type='string'><text:p>Jane</text:p></table:table-cell>"
        "<table:table-cell table:number-columns-repeated='16383'/></table:table-row><table:table-row table:number-rows-repeated='1048575'>"
        "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
    )
    found = extract("a.ods", "", ods(rows), LIMITS)
    assert found.unread is None
    assert found.text.strip() == "Jane"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b'Name,Street\nJane,"12, High St"\n', (("Name", "Street"), ("Jane", "12, High St"))),
        (b"Name;Sum\nJane;1,50\nBob;2,50\n", (("Name", "Sum"), ("Jane", "1,50"), ("Bob", "2,50"))),
        ("Name\tTown\nZoë\tFishguard\n".encode("utf-16"), (("Name", "Town"), ("Zoë", "Fishguard"))),
        ("Name,Town\nZoë,Mold\n".encode("cp1252"), (("Name", "Town"), ("Zoë", "Mold"))),
        (b"\xef\xbb\xbfName,Town\r\n\r\nJane,Mold\r\n", (("Name", "Town"), ("Jane", "Mold"))),
    ],
)
def test_delimited(content: bytes, rows: tuple[tuple[str, ...], ...]) -> None:
    assert extract("list.csv", "text/csv", content, LIMITS).tables[0].rows == rows


def test_pdf_text() -> None:
    found = extract("a.pdf", "application/pdf", pdf(lambda c: c.drawString(50, 700, "You have my word")), LIMITS)
    assert (found.text.strip(), found.unread) == ("You have my word", None)


def _mixed(page: canvas.Canvas) -> None:
    page.drawString(50, 700, "A page of words that can be read")
    page.showPage()
    page.drawImage(picture(), 0, 0, 500, 700)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("scan.pdf", pdf(lambda c: c.drawImage(picture(), 0, 0, 500, 700)), "image only"),
        ("mixed.pdf", pdf(_mixed), "1 of 2 pages are images only"),
        ("secret.pdf", pdf(lambda c: c.drawString(1, 1, "x"), encrypt=StandardEncryption("word")), "encrypted"),
        ("bad.pdf", b"%PDF-1.4 rubbish", "damaged PDF"),
        ("none.pdf", b"rubbish", "damaged PDF"),
        ("secret.docx", bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("old.doc", bytes.fromhex("d0cf11e0a1b11ae1") + "WordDocument".encode("utf-16-le"), "damaged document"),
        ("old.xls", bytes.fromhex("d0cf11e0a1b11ae1") + "Workbook".encode("utf-16-le"), "damaged workbook"),
        ("scan.tif", b"II*\0rest", "image only"),
        ("bad.docx", b"PK\x03\x04rubbish", "damaged document"),
        ("cut.docx", LETTER[:-40], "damaged document"),
        ("scan.docx", zipped({"word/document.xml": f"<w:document {W}/>", "word/media/i.png": b"x"}), "image only"),
        ("bad.docx", zipped({"word/document.xml": f"<w:document {W}><w:p>"}), "damaged document"),
        ("a.mp3", b"ID3\x00\x01", "this kind of file is not read: mp3"),
        ("secret.odt", zipped({"content.xml": b"\0", "META-INF/manifest.xml": "<manifest:encryption-data/>"}), "encrypted"),
    ],
)
def test_unread(name: str, content: bytes, reason: str) -> None:
    assert extract(name, "application/octet-stream", content, LIMITS).unread == reason


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [("logo.png", "image/png", b"\x89PNG\r\n\x1a\n"), ("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0"), ("empty.txt", "text/plain", b" \n")],
)
def test_nothing_to_read_is_not_unread(name: str, kind: str, content: bytes) -> None:
    assert extract(name, kind, content, LIMITS).unread is None


def test_html_and_text() -> None:
    assert extract("a.htm", "text/html", b"<html><p>One<p>Two<style>x</style>", LIMITS).text == "One\n\nTwo"
    assert extract("a.txt", "text/plain", "Zo\u00eb\u00a0x".encode("cp1252"), LIMITS).text == "Zo\u00eb x"


def sparse(book: openpyxl.Workbook) -> None:
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "a"
    sheet.cell(row=1_048_576, column=16_384, value="z")


BOMB = docx(paragraph("a" * 1000) * 300_000)
LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha ha ha ha ha ha ha ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(10))
    + "]>"
)
REPEATED = (
    "<table:table-row table:number-rows-repeated='1000000'><table:table-cell table:number-columns-repeated='16000' office:value-type='string'><text:p>x</text:p>"
    "</table:table-cell></table:table-row>"
)
SHARED = {
    "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/sharedStrings.xml": "<sst><si><t>" + "a" * 5_000_000 + "</t></si></sst>",
    "xl/worksheets/sheet1.xml": "<worksheet><sheetData><row r='1'>" + "<c t='s'><v>0</v></c>" * 16_000 + "</row></sheetData></worksheet>",
}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bomb.docx", BOMB, "text cut at 2000000 characters"),
        ("spaces.docx", docx("<w:p/>" * 100 + (" " * 1_000_000 + "<w:p/>") * 150), "document cut at 104857600 bytes unfolded"),
        (
            "laughs.docx",
            zipped({"word/document.xml": f"{LAUGHS}<w:document {W}><w:body>{paragraph('&k;')}</w:body></w:document>"}),
            "damaged document",
        ),
        ("deep.docx", docx("<w:sdt>" * 100_000), "damaged document"),
        ("far.xlsx", workbook(sparse), "workbook is larger than can be laid out"),
        ("far.ods", ods(REPEATED), "workbook is larger than can be laid out"),
        ("shared.xlsx", zipped(dict(SHARED)), "workbook is larger than can be laid out"),
        ("wide.xlsx", zipped({**SHARED, "xl/worksheets/sheet1.xml": " " * 150_000_000}), "workbook unfolds to more than 104857600 bytes"),
        ("many.zip", zipped({f"{n}.txt": "" for n in range(6_000)}), "archive of more than 5000 files"),
        ("lines.csv", b"a,b\n" * 1_000_000, "text cut at 2000000 characters"),
        ("quote.csv", b'a,"' + b"x" * 1_000_000, "damaged table"),
        ("deep.html", b"<html>" + b"<div>" * 500_000 + b"x", None),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_hostile_documents_are_cheap(name: str, content: bytes, reason: str | None) -> None:
    started = process_time()
    found = extract(name, "", content, LIMITS)
    assert found.unread == reason
    assert len(found.text) <= LIMITS.characters
    assert process_time() - started < 30


def test_limits_are_obeyed() -> None:
    small = Limits(attachment_bytes=10, characters=5)
    assert extract("a.txt", "text/plain", b"a" * 11, small).unread == "larger than 10 bytes"
    assert extract("a.txt", "text/plain", b"a" * 9, small).unread == "text cut at 5 characters"
    assert extract("a.pdf", "", pdf(_mixed), Limits(pages=1)).unread == "pages after 1 not read"
