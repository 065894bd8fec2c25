"""PDF (ISO 32000) through PDFium: text, what is filled into forms, comments, attached files; the only module that knows it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from time import monotonic

import pypdfium2 as pdfium
from pypdfium2 import raw as pdfium_c

from scanner.reading.documents import ocr
from scanner.reading.documents.bundles import Member
from scanner.reading.documents.document import Document
from scanner.reading.mail.limits import Limits

_FEW = 3
_MOST_NOTES = 2_000
_DOTS_PER_INCH, _POINTS_PER_INCH = 200, 72
_MOST_DOTS = 4_000
_PART_OF_TIME = 0.8
_DYNAMIC = (pdfium_c.FORMTYPE_XFA_FULL,)
_COMMENTS = (pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_TEXT, pdfium_c.FPDF_ANNOT_HIGHLIGHT, pdfium_c.FPDF_ANNOT_STAMP)
_TICKED = (pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON)


@dataclass(frozen=True, slots=True)
class _Page:
    """One page's text, what is noted on it, and whether it is a picture that nobody read."""

    text: str
    notes: tuple[str, ...] = ()
    picture: bool = False


def read(content: bytes, limits: Limits) -> Document:
    """Text page by page with form values and comments, and a reason where pages are missing: encrypted, damaged, scanned, too many. Never raises."""
    until = monotonic() + limits.seconds * _PART_OF_TIME
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        return Document(unread="encrypted" if "assword" in str(error) or "ecurity" in str(error) else "damaged PDF")
    with closing(document):
        if document.get_formtype() in _DYNAMIC:
            return Document(unread="a dynamic form (XFA)")
        document.init_forms()
        return _pages(document, limits, until)


def attached(content: bytes) -> Iterator[Member]:
    """The files attached to a PDF. Each must be unfolded before the next is asked for: the PDF is closed behind the last."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError:
        return
    with closing(document):
        for number in range(document.count_attachments()):
            try:
                file = document.get_attachment(number)
                yield Member(file.get_name(), lambda _, file=file: bytes(file.get_data()))  # type: ignore[misc]  # a default binds it
            except pdfium.PdfiumError:
                continue


def _pages(document: pdfium.PdfDocument, limits: Limits, until: float) -> Document:
    texts: list[str] = []
    pictures, damaged, left, total = 0, 0, limits.characters, len(document)
    read_pages = min(total, limits.pages)
    for number in range(read_pages):
        if monotonic() > until:
            read_pages = number
            break
        try:
            page = _page(document, number, left, until if limits.ocr else 0)
        except pdfium.PdfiumError:
            damaged += 1
            continue
        pictures += page.picture
        texts += filter(str.strip, (page.text, *page.notes))
        left -= len(page.text) + sum(map(len, page.notes))
        if left <= 0:
            return Document("\n\n".join(texts), unread=f"text cut at {limits.characters} characters")
    return Document("\n\n".join(texts), unread=_reason(total, read_pages, pictures, damaged))


def _page(document: pdfium.PdfDocument, number: int, most: int, ocr_until: float) -> _Page:
    """Reads one page; where it is a picture without words, with Tesseract if there is time for that."""
    with closing(document[number]) as page:
        with closing(page.get_textpage()) as layer:
            text = layer.get_text_range(0, max(1, min(most, layer.count_chars())))
        notes = tuple(_notes(document, page))
        wordless = len(text.split()) <= _FEW and not notes
        picture = wordless and next(page.get_objects(filter=(pdfium_c.FPDF_PAGEOBJ_IMAGE,), max_depth=3), None) is not None
        seen = _seen(page, ocr_until - monotonic()) if picture and ocr_until else None
        return _Page(text if seen is None else f"{text}\n{seen}".strip(), notes, picture and seen is None)


def _seen(page: pdfium.PdfPage, seconds: float) -> str | None:
    """The words on a page as Tesseract sees them, in a grey picture of some 200 dots an inch."""
    scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, _MOST_DOTS / max(1, *page.get_size()))
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    dots = b"".join(rows[line * bitmap.stride : line * bitmap.stride + bitmap.width] for line in range(bitmap.height))
    return ocr.words_of(b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + dots, len(dots), seconds)


def _notes(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> Iterator[str]:
    """What is filled into the fields of a form, as `name: value`, and comments (ISO 32000-1 12.5.6, 12.7)."""
    for number in range(min(pdfium_c.FPDFPage_GetAnnotCount(page), _MOST_NOTES)):
        if not (note := pdfium_c.FPDFPage_GetAnnot(page, number)):
            continue
        try:
            kind = pdfium_c.FPDFAnnot_GetSubtype(note)
            if kind == pdfium_c.FPDF_ANNOT_WIDGET and document.formenv:
                yield _field(document.formenv, note)
            elif kind in _COMMENTS:
                yield _string(lambda *room, note=note: pdfium_c.FPDFAnnot_GetStringValue(note, b"Contents", *room))
        finally:
            pdfium_c.FPDFPage_CloseAnnot(note)


def _field(forms: pdfium.PdfFormEnv, note: object) -> str:
    name = _string(lambda *room: pdfium_c.FPDFAnnot_GetFormFieldName(forms, note, *room))
    if pdfium_c.FPDFAnnot_GetFormFieldType(forms, note) in _TICKED:
        value = "yes" if pdfium_c.FPDFAnnot_IsChecked(forms, note) else ""
    else:
        value = _string(lambda *room: pdfium_c.FPDFAnnot_GetFormFieldValue(forms, note, *room))
    return f"{name}: {value}" if value.strip() else ""


def _string(ask: object) -> str:
    """A string that PDFium gives in two steps: first its size in bytes, then UTF-16 with a closing zero."""
    assert callable(ask)
    size = ask(None, 0)
    room = (pdfium_c.FPDF_WCHAR * max(1, size // 2))()
    ask(room, size)
    return ctypes.string_at(room, max(0, size - 2)).decode("utf-16-le", "replace")


def _reason(total: int, read_pages: int, pictures: int, damaged: int) -> str | None:
    if damaged:
        return f"{damaged} of {total} pages damaged"
    if pictures:
        return "image only" if pictures == read_pages else f"{pictures} of {total} pages are images only"
    return f"pages after {read_pages} not read" if total > read_pages else None
