"""Attachments from text: small, valid and the same bytes every time, so nothing is compressed (compressors differ from machine to machine)."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.sax.saxutils import escape

_LONG_AGO = (2026, 1, 1, 0, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

MEDIA = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "txt": "text/plain",
}


def content_of(name: str, text: str) -> bytes:
    """The file of that name with that text. Raises KeyError for a kind that is not written here."""
    kind = name.rpartition(".")[2].lower()
    return {"docx": _docx, "xlsx": _xlsx, "pdf": _pdf, "csv": _plain, "txt": _plain}[kind](text)


def _plain(text: str) -> bytes:
    return (text + "\n").replace("\n", "\r\n").encode()


def _package(main: str, main_type: str, parts: dict[str, str]) -> bytes:
    relation = f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    types = (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}" ContentType="{main_type}.main+xml"/>'
        + "".join(
            f'<Override PartName="/{name}" ContentType="{main_type.replace("sheet", "worksheet", 1)}+xml"/>'
            for name in parts
            if "worksheets" in name and "_rels" not in name
        )
        + "</Types>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in {"[Content_Types].xml": types, "_rels/.rels": relation, **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), _XML + content)
    return buffer.getvalue()


def _docx(text: str) -> bytes:
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in text.split("\n"))
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    return _package("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", {"word/document.xml": document})


def _xlsx(text: str) -> bytes:
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row) + "</row>" for row in csv.reader(io.StringIO(text))
    )
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    book = f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    relation = (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    parts = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": relation, "xl/worksheets/sheet1.xml": sheet}
    return _package("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", parts)


def _pdf(text: str) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=0)
    lines = [line[i : i + 95] for line in text.split("\n") for i in range(0, max(1, len(line)), 95)]
    for start in range(0, len(lines), 50):
        page = canvas.beginText(50, 790)
        for line in lines[start : start + 50]:
            page.textLine(line)
        canvas.drawText(page)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
