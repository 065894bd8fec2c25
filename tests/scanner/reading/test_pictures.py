"""Pictures: which may be a letter, what PDF forms and notes hold, and Tesseract where it is installed."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from office_files import pdf, picture, scan
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from scanner.reading.documents import ocr
from scanner.reading.documents.documents import extract
from scanner.reading.documents.enclosure import SeparateProcess
from scanner.reading.documents.pictures import points
from scanner.reading.mail.limits import Limits

LIMITS = Limits()
WITH_OCR = replace(LIMITS, ocr=True, seconds=60)
tesseract = pytest.mark.skipif(not ocr.installed(), reason="Tesseract is not installed here")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [(1240, 1754, "image only"), (800, 900, "image only"), (640, 480, None), (64, 64, None), (1600, 200, None), (300, 2000, None)],
)
def test_a_page_is_named_and_a_logo_is_not(kind: str, width: int, height: int, reason: str | None) -> None:
    content = picture(width, height, kind)
    assert points(content) == (width, height)
    assert extract("image001", "", content, LIMITS).unread == reason
    assert extract("image001", "", content, LIMITS).text == ""


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False}, {"lossless": True, "exif": b"Exif\0\0"}])
def test_every_form_of_webp_gives_its_size(options: dict[str, object]) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (701, 803), "grey").save(out, "WEBP", **options)
    assert points(out.getvalue()) == (701, 803)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (picture(99, 99, "TIFF"), "image only"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "image only"),
        (b"\xff\xd8\xff\xe0" + bytes(99), None),
        (b"\xff\xd8\xff\xe0" + bytes(70_000), "image only"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"RIFF\0\0\0\0WEBPVP9 " + bytes(20), None),
    ],
)
def test_fax_formats_and_damaged_pictures(content: bytes, reason: str | None) -> None:
    assert extract("photo", "image/x", content, LIMITS).unread == reason


def test_what_is_filled_into_a_form() -> None:
    def form(c: canvas.Canvas) -> None:
        c.drawString(50, 700, "Application")
        c.acroForm.textfield(name="Full name", value="Jane Hill", x=50, y=600)
        c.acroForm.checkbox(name="Disabled", checked=True, x=50, y=500)
        c.acroForm.checkbox(name="Retired", checked=False, x=90, y=500)
        c.acroForm.choice(name="Ward", value="East", options=["East", "West"], x=50, y=400)
        c.acroForm.textfield(name="Empty", value="", x=50, y=300)

    found = extract("a.pdf", "", pdf(form), LIMITS)
    assert found.text.split("\n\n") == ["Application", "Full name: Jane Hill", "Disabled: yes", "Ward: East"]


def test_a_note_on_a_page() -> None:
    content = pdf(lambda c: (c.drawString(50, 700, "Draft"), c.textAnnotation("Ask Jane Hill first", Rect=[50, 50, 99, 99])))
    assert extract("a.pdf", "", content, LIMITS).text.split("\n\n") == ["Draft", "Ask Jane Hill first"]


def letter(kind: str) -> bytes:
    paper = Image.new("RGB", (1240, 900), "white")
    font = ImageFont.load_default(48)
    ImageDraw.Draw(paper).multiline_text((80, 100), "Dear Mrs Hill,\nthe Council will pay\nyour rent in May.", "black", font)
    out = io.BytesIO()
    paper.save(out, kind, dpi=(150, 150))
    return out.getvalue()


@tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_tesseract_reads_a_photographed_letter(kind: str) -> None:
    found = extract("letter", "", letter(kind), WITH_OCR)
    assert ("the Council will pay" in found.text, found.unread) == (True, None)


@tesseract
def test_tesseract_reads_a_scanned_page_between_others_and_apart() -> None:
    def pages(c: canvas.Canvas) -> None:
        c.drawString(50, 700, "A page of words that can be read")
        c.showPage()
        c.drawImage(ImageReader(io.BytesIO(letter("PNG"))), 0, 100, 595, 430)

    content = pdf(pages)
    assert extract("a.pdf", "", content, LIMITS).unread == "1 of 2 pages are images only"
    with SeparateProcess() as process:
        found = extract("a.pdf", "", content, replace(WITH_OCR, enclosure=process))
    assert found.unread is None
    assert found.text.startswith("A page of words") and "Mrs Hill" in found.text


@tesseract
def test_a_photograph_without_words_has_none() -> None:
    found = extract("photo.jpg", "", picture(900, 900, "JPEG"), WITH_OCR)
    assert (found.text, found.unread) == ("", None)


@pytest.mark.parametrize("content", [picture(900, 900, "PNG"), pdf(scan)])
def test_without_tesseract_it_stays_unread(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(ocr, "PROGRAM", "no such program")
    assert extract("scan", "", content, WITH_OCR).unread == "image only"


@tesseract
def test_a_page_too_large_or_too_late_stays_unread() -> None:
    assert ocr.words_of(letter("PNG"), 50_000_000, 60) is None
    assert ocr.words_of(letter("PNG"), 1_000, 0) is None
    assert ocr.words_of(letter("PNG"), 1_000, 0.001) is None
    assert ocr.words_of(b"\x89PNG rubbish", 1_000, 60) is None
