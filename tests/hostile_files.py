"""Documents written here to break their reader: they unfold without end, run in circles, claim what they are not."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from office_files import BOOK, ODF, SECTOR, S, W, compound, doc, docx, odt, paragraph, pdf, picture, xls, xlsb, xlsx, zipped
from reportlab.lib.pdfencrypt import StandardEncryption

MB = 1024 * 1024
DEEP = 100_000


def unfolding(name: str, head: str, block: str, tail: str, size: int = 300 * MB) -> bytes:
    """An archive of one member that unfolds to `size` bytes, made without ever holding them: one compressed block, many times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = block.encode() * (MB // len(block.encode()))
    times = size // len(piece)

    def packed(content: bytes) -> bytes:
        return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)

    content = packed(head.encode()) + packed(piece) * times + packer.compress(tail.encode()) + packer.flush()
    crc = zlib.crc32(head.encode())
    for _ in range(times):
        crc = zlib.crc32(piece, crc)
    crc = zlib.crc32(tail.encode(), crc)
    length = len(head.encode()) + len(piece) * times + len(tail.encode())
    return _archive([(name, content, length, crc)])


def _archive(members: list[tuple[str, bytes, int, int]], same: bool = False) -> bytes:
    """Compressed members as a zip archive; with `same` every name in the directory points to the first member."""
    out, directory = b"", b""
    for number, (name, content, length, crc) in enumerate(members):
        at = 0 if same else len(out)
        sizes = struct.pack("<IIIHH", crc, len(content), length, len(name), 0)
        if not (same and number):
            out += b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0x21) + sizes + name.encode() + content
        directory += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0x21) + sizes + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
    return out + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(out), 0)


def overlapping() -> bytes:
    """Fifty names for the one member that unfolds to ten megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = b"a" * (10 * MB)
    content = packer.compress(plain) + packer.flush()
    return _archive([(f"{n:02}.txt", content, len(plain), zlib.crc32(plain)) for n in range(50)], same=True)


def crowded(count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(count):
            archive.writestr(zipfile.ZipInfo(f"{n}.txt"), b"")
    return out.getvalue()


def locked() -> bytes:
    """An archive whose directory says that its member is encrypted."""
    content = bytearray(zipped({"a.txt": "secret"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def nested(depth: int) -> bytes:
    content = zipped({"letter.txt": "innermost"})
    for n in range(depth - 1):
        content = zipped({f"{n}.zip": content})
    return content


def entities(definitions: str, use: str) -> str:
    return f"<!DOCTYPE d [{definitions}]><w:document {W}><w:body>{paragraph('before')}{paragraph(use)}</w:body></w:document>"


LAUGHS = '<!ENTITY a "ha ha ha ha ha ha ha ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(10))
QUADRATIC = f'<!ENTITY a "{"ha " * 30_000}">'
OUTSIDE = '<!ENTITY a SYSTEM "file:///etc/hostname"><!ENTITY % p SYSTEM "http://council.example/x.dtd">'


def laughing_sheet() -> bytes:
    sheet = (
        f'<!DOCTYPE d [{LAUGHS}]><worksheet {S}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&k;</t></is></c></row></sheetData></worksheet>'
    )
    return zipped({**BOOK, "xl/worksheets/sheet1.xml": sheet})


def raw_pdf(objects: dict[int, str], stream: dict[int, bytes] | None = None) -> bytes:
    """A PDF of these objects; object 1 is the catalogue."""
    out, places = b"%PDF-1.4\n", {}
    for number, text in {**objects, **dict.fromkeys(stream or {}, "")}.items():
        places[number] = len(out)
        body = text.encode()
        if stream and number in stream:
            body = (objects.get(number) or f"<< /Length {len(stream[number])} >>").encode() + b"\nstream\n" + stream[number] + b"\nendstream"
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    count = max(places) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    out += b"".join(b"%010d 00000 n \n" % places.get(n, 0) for n in range(1, count))
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)


FONT = "/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def many_pages(count: int) -> bytes:
    kids = " ".join(f"{n + 4} 0 R" for n in range(count))
    pages = {n + 4: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 3 0 R {FONT} >>" for n in range(count)}
    words = b"BT /F 12 Tf 50 700 Td (Agenda of the full Council) Tj ET"
    objects = {1: "<< /Type /Catalog /Pages 2 0 R >>", 2: f"<< /Type /Pages /Count {count} /Kids [{kids}] >>", 3: f"<< /Length {len(words)} >>"}
    return raw_pdf({**objects, **pages}, {3: words})


def page_pdf(content: bytes, resources: str = FONT, head: str = "", more: dict[int, str] | None = None) -> bytes:
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R {resources} >>",
        4: head or f"<< /Length {len(content)} >>",
        **(more or {}),
    }
    return raw_pdf(objects, {4: content})


def form_in_itself() -> bytes:
    inner = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >> /Length 5 >>\nstream\n/A Do\nendstream"
    return page_pdf(b"/A Do", "/Resources << /XObject << /A 5 0 R >> >>", more={5: inner})


def forms_doubling(depth: int = 30) -> bytes:
    """Each form draws the next one twice."""
    more = {}
    for n in range(5, 5 + depth):
        more[n] = (
            f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A {n + 1} 0 R >> >> /Length 12 >>\nstream\n/A Do /A Do \nendstream"
        )
    more[5 + depth] = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 1 >>\nstream\n \nendstream"
    return page_pdf(b"/A Do", "/Resources << /XObject << /A 5 0 R >> >>", more=more)


def pages_in_a_circle() -> bytes:
    return raw_pdf(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: "<< /Type /Pages /Count 9 /Kids [3 0 R] >>",
            3: "<< /Type /Pages /Count 9 /Parent 2 0 R /Kids [2 0 R 3 0 R] >>",
        }
    )


def swollen_page() -> bytes:
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b"BT /F 9 Tf 5 5 Td (words) Tj ET " * (MB // 32)) for _ in range(300)) + packer.flush()
    return page_pdf(content, head=f"<< /Filter /FlateDecode /Length {len(content)} >>")


def circle_of_sectors(what: str) -> bytes:
    """A compound file whose stream, or whose directory, runs in a circle."""
    content = bytearray(doc([("Dear Sir\r", None)]))
    (table,) = struct.unpack_from("<I", content, 76)
    (directory,) = struct.unpack_from("<I", content, 48)
    at = directory if what == "directory" else 0
    struct.pack_into("<I", content, (table + 1) * SECTOR + 4 * at, at)
    return bytes(content)


def garbled(content: bytes, seed: int, share: float = 0.02) -> bytes:
    """A document with some of its bytes changed, its first sixteen aside."""
    chance, found = random.Random(seed), bytearray(content)
    for _ in range(max(1, int(len(found) * share))):
        found[chance.randrange(min(16, len(found) - 1), len(found))] = chance.randrange(256)
    return bytes(found)


def _letters() -> list[tuple[str, int | None]]:
    return [("Dear Sir,\r", None), ("Name\x07", 0x2416), ("\x07", 0x2417)]


# Name, document, and what may come of it: a reason (its beginning), or "" where it is read in full. Several where it depends on the machine.
HOSTILE: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "bomb.docx": (lambda: unfolding("word/document.xml", f"<w:document {W}><w:body>", paragraph("a" * 900), "</w:body></w:document>"), ("text cut",)),
    "bomb.xlsx": (
        lambda: unfolding("xl/workbook.xml", "<workbook>", '<row><c t="inlineStr"><is><t>a</t></is></c></row>', "</workbook>"),
        ("workbook unfolds to more than",),
    ),
    "bomb.odt": (
        lambda: unfolding("content.xml", f"<office:document-content {ODF}>", "<text:p>" + "a" * 900 + "</text:p>", "</office:document-content>"),
        ("document cut", "text cut"),
    ),
    "bomb.zip": (lambda: unfolding("letters.txt", "", "All work and no play. ", ""), ("unfolds to more bytes",)),
    "pages.pdf": (lambda: many_pages(10_000), ("pages after ",)),
    "laughs.docx": (lambda: zipped({"word/document.xml": entities(LAUGHS, "&k;")}), ("damaged document",)),
    "quadratic.docx": (lambda: zipped({"word/document.xml": entities(QUADRATIC, "&a;" * 100_000)}), ("damaged document",)),
    "outside.docx": (lambda: zipped({"word/document.xml": entities(OUTSIDE, "&a;")}), ("damaged document",)),
    "laughs.xlsx": (laughing_sheet, ("damaged", "")),
    "nested.zip": (lambda: nested(3), ("archives inside one another",)),
    "nested-deep.zip": (lambda: nested(60), ("archives inside one another",)),
    "overlapping.zip": (overlapping, ("text cut", "unfolds to more bytes", "50 of 50")),
    "crowded.zip": (lambda: crowded(100_000), ("archive of more than 5000 files",)),
    "far.xlsx": (
        lambda: xlsx('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        ("workbook is larger",),
    ),
    "far.xlsb": (lambda: xlsb([(0, 0, "a"), (1_048_575, 16_383, "z")]), ("workbook is larger",)),
    "far.xls": (lambda: xls([(0, 0, "a"), (65_535, 255, "z")]), ("workbook is larger",)),
    "tables.docx": (lambda: docx("<w:tbl><w:tr><w:tc>" * DEEP), ("damaged document",)),
    "tables.html": (lambda: b"<html>" + b"<table><tr><td>" * DEEP + b"x", ("",)),
    "groups.rtf": (lambda: b"{\\rtf1 " + b"{" * DEEP + b"x", ("damaged document",)),
    "words.rtf": (lambda: b"{\\rtf1 " + b"{\\b\\i x}" * 100_000 + b"}", ("text cut", "")),
    "picture.rtf": (lambda: b"{\\rtf1 {\\pict " + b"00ff\r\n" * (5 * MB) + b"}Dear Sir}", ("",)),
    "blob.rtf": (lambda: b"{\\rtf1 \\bin999999999 x}", ("damaged document",)),
    "circle.doc": (lambda: circle_of_sectors("stream"), ("damaged document", "")),
    "circle-directory.doc": (lambda: circle_of_sectors("directory"), ("damaged document",)),
    "circle.pdf": (pages_in_a_circle, ("damaged PDF", "9 of 9 pages damaged", "8 of 9 pages damaged", "")),
    "itself.pdf": (form_in_itself, ("", "1 of 1 pages damaged")),
    "doubling.pdf": (forms_doubling, ("", "took longer", "broke its reader")),
    "swollen.pdf": (swollen_page, ("text cut", "took longer", "needs more", "broke its reader", "")),
    "fontless.pdf": (lambda: page_pdf(b"BT /Nowhere 12 Tf 50 700 Td (Dear Sir) Tj ET", "/Resources << >>"), ("",)),
    "line.csv": (lambda: b"a,b\n" + b"x" * (10 * MB), ("text cut",)),
    "columns.csv": (lambda: b"," * (10 * MB), ("text cut", "table cut")),
    "locked.zip": (locked, ("encrypted",)),
    "locked.pdf": (lambda: pdf(lambda c: c.drawString(1, 1, "x"), encrypt=StandardEncryption("word")), ("encrypted",)),
    "locked.xlsx": (lambda: compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), ("encrypted",)),
    "locked.doc": (lambda: doc(_letters(), flags=0x0100), ("encrypted",)),
    "locked.xls": (lambda: xls([(0, 0, "a")], struct.pack("<HH", 0x2F, 6) + bytes(6)), ("encrypted",)),
    "locked.odt": (lambda: odt("", {"META-INF/manifest.xml": "<manifest:encryption-data/>"}), ("encrypted",)),
    "page.jpg": (lambda: picture(1240, 1754, "JPEG"), ("image only",)),
    "files.7z": (lambda: b"7z\xbc\xaf\x27\x1c rest", ("archive is not opened: 7z",)),
    "files.rar": (lambda: b"Rar!\x1a\x07\x01\x00 rest", ("archive is not opened: rar",)),
}
