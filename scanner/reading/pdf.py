"""PDF text through PDFium; the only module that knows it."""

from __future__ import annotations

import pypdfium2 as pdfium
from pypdfium2 import raw as pdfium_c

from rules.message import Table
from scanner.reading.limits import Limits

_FEW = 3
_WORDY = 20


def read(content: bytes, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    """Text page by page, no tables, and a reason where pages are missing: encrypted, damaged, scanned, too many. Never raises."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        return "", (), "encrypted" if "assword" in str(error) or "ecurity" in str(error) else "damaged PDF"
    try:
        return _pages(document, limits)
    finally:
        document.close()


def _pages(document: pdfium.PdfDocument, limits: Limits) -> tuple[str, tuple[Table, ...], str | None]:
    texts: list[str] = []
    pictures, damaged, total = 0, 0, len(document)
    for number in range(min(total, limits.pages)):
        try:
            text, picture = _page(document, number, limits.characters - sum(map(len, texts)))
        except pdfium.PdfiumError:
            damaged += 1
            continue
        texts.append(text)
        pictures += picture
        if sum(map(len, texts)) >= limits.characters:
            return "\n\n".join(texts), (), f"text cut at {limits.characters} characters"
    return "\n\n".join(text for text in texts if text.strip()), (), _reason(total, pictures, damaged, limits)


def _page(document: pdfium.PdfDocument, number: int, most: int) -> tuple[str, bool]:
    """One page's text, and whether it is a picture without any."""
    page = document[number]
    try:
        text = page.get_textpage().get_text_range(0, max(1, min(most, page.get_textpage().count_chars())) or 1) if most > 0 else ""
        wordless = len(text.split()) <= _FEW
        return text, wordless and next(page.get_objects(filter=(pdfium_c.FPDF_PAGEOBJ_IMAGE,), max_depth=3), None) is not None
    finally:
        page.close()


def _reason(total: int, pictures: int, damaged: int, limits: Limits) -> str | None:
    if damaged:
        return f"{damaged} of {total} pages damaged"
    if pictures:
        return "image only" if pictures == min(total, limits.pages) else f"{pictures} of {total} pages are images only"
    return f"pages after {limits.pages} not read" if total > limits.pages else None
