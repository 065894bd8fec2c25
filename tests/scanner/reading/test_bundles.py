"""Files inside files: archives, embedded sheets, what is attached to a PDF."""

from __future__ import annotations

import io

import pytest
from hostile_files import locked, nested
from office_files import docx, paragraph, pdf, picture, xlsx, zipped
from pypdfium2 import PdfDocument

from scanner.reading.documents.documents import extract
from scanner.reading.mail.limits import Limits

LIMITS = Limits()
CASES = xlsx('<row r="1"><c r="A1" t="inlineStr"><is><t>Jane Hill</t></is></c></row>')


def test_an_archive_is_its_files_under_their_names() -> None:
    content = zipped(
        {"letters/one.docx": docx(paragraph("You have my word.")), "cases.xlsx": CASES, "list.csv": "Name,Town\nBob,Mold\n", "empty/": ""}
    )
    found = extract("files.zip", "application/zip", content, LIMITS)
    assert found.text == "letters/one.docx\nYou have my word.\n\ncases.xlsx\nJane Hill\n\nlist.csv\nName,Town\nBob,Mold\n"
    assert [table.rows[0] for table in found.tables] == [("Jane Hill",), ("Name", "Town")]
    assert found.unread is None


@pytest.mark.parametrize(
    ("content", "text", "reason"),
    [
        (nested(2), "0.zip\nletter.txt\ninnermost", None),
        (nested(3), "", "archives inside one another deeper than are opened"),
        (locked(), "", "encrypted"),
        (zipped({"a.txt": "x", "secret.pdf": b"%PDF-rubbish"}), "a.txt\nx", "1 of 2 files in it not read in full: file 2 (.pdf): damaged PDF"),
        (zipped({"a.eml": "From: x"}), "", "a message in an archive is not opened"),
        (zipped({"logo.png": picture(60, 60)}), "", None),
        (zipped({"a.txt": "x", "__MACOSX/a.txt": "litter", ".DS_Store": "litter"}), "a.txt\nx", None),
        (zipped({f"{n}.mp3": b"ID3\0" + bytes([n]) for n in range(5)}), "", "this kind of file is not read: mp3"),
        (zipped({"a.txt": "x", **{f"{n}.{n}x": b"\0\0" for n in range(5)}}), "a.txt\nx", "5 of 6 files in it not read in full: file 2"),
        (b"PK\x03\x04rubbish", "", "damaged archive"),
        (b"\x1f\x8b\x08rest", "", "archive is not opened: gzip"),
        (b"a".ljust(257, b"\0") + b"ustar", "", "archive is not opened: tar"),
    ],
)
def test_what_an_archive_gives(content: bytes, text: str, reason: str | None) -> None:
    found = extract("files.zip", "", content, LIMITS)
    assert found.text == text
    assert found.unread == reason if reason is None else (found.unread or "").startswith(reason)


def test_a_reason_never_names_a_file() -> None:
    assert "Hill" not in str(extract("a.zip", "", zipped({"Jane Hill.pdf": b"%PDF-x", "b.txt": "x"}), LIMITS).unread)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(documents=2), "files after the first 2 in it not read"),
        (Limits(characters=4), "text cut"),
        (Limits(expanded_bytes=8), "unfolds to more bytes than are read"),
    ],
)
def test_what_the_files_hold_together_is_bounded(limits: Limits, reason: str) -> None:
    found = extract("a.zip", "", zipped({f"{n}.txt": "words" for n in range(9)}), limits)
    assert (found.unread or "").startswith(reason)
    assert len(found.text) <= limits.characters


def test_a_sheet_embedded_in_a_letter() -> None:
    found = extract("a.docx", "", docx(paragraph("See below."), {"word/embeddings/Sheet1.xlsx": CASES}), LIMITS)
    assert found.text == "See below.\n\nword/embeddings/Sheet1.xlsx\nJane Hill"
    assert found.tables[0].rows == (("Jane Hill",),)


def test_a_file_attached_to_a_pdf() -> None:
    document = PdfDocument(pdf(lambda c: c.drawString(50, 700, "See the attached list")))
    document.new_attachment("cases.xlsx").set_data(CASES)
    out = io.BytesIO()
    document.save(out)
    document.close()
    found = extract("a.pdf", "", out.getvalue(), LIMITS)
    assert found.text.split("\n") == ["See the attached list", "", "cases.xlsx", "Jane Hill"]
    assert found.tables[0].rows == (("Jane Hill",),)
