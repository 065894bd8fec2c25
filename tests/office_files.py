"""Documents written here byte by byte, ordinary ones: zipped Office files, compound files with old Word and Excel streams, PDF."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
)
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = '<Relationships><Relationship Id="rId1" Type="' + RELATIONS + '/worksheet" Target="worksheets/sheet1.{}"/></Relationships>'
BOOK = {
    "_rels/.rels": f'<Relationships><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {S} xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": RELATED.format("xml"),
}
SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, others: Mapping[str, str | bytes] | None = None) -> bytes:
    return zipped({"word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>", **(others or {})})


def odt(body: str, others: Mapping[str, str | bytes] | None = None) -> bytes:
    content = f"<office:document-content {ODF}><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **(others or {})})


def xlsx(rows: str, others: Mapping[str, str | bytes] | None = None) -> bytes:
    return zipped({**BOOK, "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData>{rows}</sheetData></worksheet>", **(others or {})})


def pdf(draw: Callable[[canvas.Canvas], object], **options: object) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, **options)
    draw(page)
    page.save()
    return out.getvalue()


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(out, kind)
    return out.getvalue()


def scan(c: canvas.Canvas) -> None:
    c.drawImage(ImageReader(Image.new("RGB", (40, 40), "grey")), 0, 0, 500, 700)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of 512-byte sectors; short streams are padded past the size below which they would lie in the mini stream."""
    places: dict[str, tuple[int, int]] = {}
    sectors: list[bytes] = []
    chains: list[int] = []
    for name, content in streams.items():
        padded = content.ljust(4096, b"\0")
        count = -(-len(padded) // SECTOR)
        places[name] = (len(sectors), len(padded))
        chains += [*range(len(sectors) + 1, len(sectors) + count), END]
        sectors += [padded[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, b"\0") for n in range(count)]
    entries = [_entry("Root Entry", 5, END, 0, child=1), *(_entry(name, 2, *place, right=n + 2) for n, (name, place) in enumerate(places.items()))]
    entries[-1] = _entry(next(reversed(places)), 2, *places[next(reversed(places))])
    directory = b"".join(entries)
    first = len(sectors)
    count = -(-len(directory) // SECTOR)
    sectors += [directory[n * SECTOR : (n + 1) * SECTOR].ljust(SECTOR, b"\0") for n in range(count)]
    chains += [*range(first + 1, first + count), END]
    tables = 1
    while tables * (SECTOR // 4) < len(chains) + tables:
        tables += 1
    start = len(sectors)
    chains += [TABLE] * tables
    packed = struct.pack(f"<{len(chains)}I", *chains).ljust(tables * SECTOR, b"\xff")
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), 62, 3, 0xFFFE, 9, 6, 0, tables, first, 0, 4096, END, 0, END, 0)
    listed = [*range(start, start + tables), *[FREE] * (109 - tables)]
    return header.ljust(76, b"\0") + struct.pack("<109I", *listed) + b"".join(sectors) + packed


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE, right: int = FREE) -> bytes:
    raw = name.encode("utf-16-le")
    return raw.ljust(64, b"\0") + struct.pack("<HBB3I36xIQ", len(raw) + 2, kind, 1, FREE, right, child, start, size)


def doc(
    paragraphs: Iterable[tuple[str, int | None]], deleted: tuple[int, int] = (0, 0), flags: int = 0, parts: tuple[int, int, int, int] | None = None
) -> bytes:
    """A Word document of paragraphs, each with its closing sign and a property that is set (0x2416 in a table, 0x2417 end of a row).

    `parts` are the characters of body, footnotes, headers and comments; all is body where it is left out.

    The first half is kept in one byte a character, the rest in two. `deleted` are the characters deleted while changes were tracked.
    """
    marked = list(paragraphs)
    text = "".join(p for p, _ in marked)
    half = len(text) // 2
    start, wide = 1024, 1024 + half
    place = [start + n if n < half else wide + 2 * (n - half) for n in range(len(text) + 1)]
    body = text[:half].encode("cp1252") + text[half:].encode("utf-16-le")
    ends = [place[sum(len(p) for p, _ in marked[: n + 1])] for n in range(len(marked))]
    properties = [b"" if code is None else struct.pack("<HB", code, 1) for _, code in marked]
    papx = _page([start, *ends], [b"\0\0" + p for p in properties], 13)
    first, last = (place[n] for n in deleted)
    chpx = _page([start, first, last, ends[-1]], [b"", struct.pack("<HB", 0x0800, 1), b""], 1)
    pages = -(-(1024 + len(body)) // SECTOR)
    stream = bytearray((pages + 2) * SECTOR)
    pieces = struct.pack("<3I", 0, half, len(text)) + struct.pack("<HIH", 0, start * 2 | 0x40000000, 0) + struct.pack("<HIH", 0, wide, 0)
    blocks = {
        0x1A2: b"\x01\x02\x00ab\x02" + struct.pack("<I", len(pieces)) + pieces,
        0x102: struct.pack("<3I", start, ends[-1], pages),
        0xFA: struct.pack("<3I", start, ends[-1], pages + 1),
    }
    table = b""
    struct.pack_into("<HHHHHH", stream, 0, 0xA5EC, 0xC1, 0, 0, 0, 0x0200 | flags)
    for where, part in blocks.items():
        struct.pack_into("<II", stream, where, len(table), len(part))
        table += part
    of_body, of_notes, of_headers, of_comments = parts or (len(text), 0, 0, 0)
    struct.pack_into("<5I", stream, 0x4C, of_body, of_notes, of_headers, 0, of_comments)
    stream[1024 : 1024 + len(body)] = body
    stream[pages * SECTOR :] = papx + chpx
    return compound({"WordDocument": bytes(stream), "1Table": table})


def _page(places: list[int], properties: list[bytes], width: int) -> bytes:
    """A page of formatted stretches (PapxFkp, ChpxFkp)."""
    page = bytearray(SECTOR)
    struct.pack_into(f"<{len(places)}I", page, 0, *places)
    free = SECTOR - 2
    for number, content in enumerate(properties):
        if not content.strip(b"\0"):
            continue
        even = content + b"\0" * (1 - len(content) % 2) if width > 1 else content
        kept = bytes([(len(even) + 1) // 2 if width > 1 else len(even)]) + even
        free = (free - len(kept)) & ~1
        page[free : free + len(kept)] = kept
        page[4 * len(places) + width * number] = free // 2
    page[-1] = len(properties)
    return bytes(page)


def xls(cells: Iterable[tuple[int, int, str]], extra: bytes = b"") -> bytes:
    """A BIFF8 workbook of one sheet named S; `extra` stands before its cells."""
    sheet = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    sheet += b"".join(_biff(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode("latin-1")) for row, column, text in cells)
    sheet += _biff(0x000A, b"")
    start = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + extra
    head = len(start) + 4 + 9 + 4
    book = start + _biff(0x0085, struct.pack("<IBBBB", head, 0, 0, 1, 0) + b"S") + _biff(0x000A, b"")
    return compound({"Workbook": book + sheet})


def _biff(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def xlsb(cells: Iterable[tuple[int, int, str]]) -> bytes:
    """A binary workbook (MS-XLSB) of one sheet named S."""
    sheet = _record(129) + _record(148, bytes(16)) + _record(145)
    for row, column, text in cells:
        sheet += _record(0, struct.pack("<IIHH", row, 0, 300, 0) + bytes(5))
        sheet += _record(6, struct.pack("<II", column, 0) + _wide(text))
    sheet += _record(146) + _record(130)
    book = _record(131) + _record(143) + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("S")) + _record(144) + _record(132)
    return zipped({"xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": RELATED.format("bin"), "xl/worksheets/sheet1.bin": sheet})


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, content: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(content) < 0x4000
    size = bytes([len(content)]) if len(content) < 0x80 else bytes([len(content) & 0x7F | 0x80, len(content) >> 7])
    return number + size + content
