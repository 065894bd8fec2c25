"""Who opens and closes the process that documents are read in, and how the configuration chooses how they are read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hostile_files import HOSTILE
from parish import ANN, OLIVE, Parish

from scanner.app import limits_of
from scanner.config import ReadingSection
from scanner.errors import ConfigurationError
from scanner.job import ScanRequest
from scanner.reading.documents import ocr
from scanner.reading.documents.enclosure import SeparateProcess
from scanner.reading.mail.limits import Limits


def test_documents_are_read_apart_and_without_tesseract_by_default() -> None:
    limits = limits_of(ReadingSection())
    assert isinstance(limits.enclosure, SeparateProcess)
    assert replace(limits, enclosure=None) == Limits()


def test_tesseract_is_asked_for_and_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "installed", lambda: True)
    limits = limits_of(ReadingSection(ocr=True))
    assert limits.ocr and limits.seconds > Limits().seconds


def test_tesseract_that_is_missing_is_said_before_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "PROGRAM", "no such program")
    with pytest.raises(ConfigurationError, match=r"reading\.ocr: Tesseract is not installed"):
        limits_of(ReadingSection(ocr=True))


def test_a_scan_reads_the_letter_behind_a_bomb_and_ends_the_process(parish: Parish) -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = OLIVE, ANN, "Letters", "<a@x>"
    mail["Date"] = "Mon, 05 Jan 2026 10:00:00 +0000"
    mail.set_content("Attached.")
    for name in ("laughs.docx", "locked.pdf"):
        mail.add_attachment(HOSTILE[name][0](), maintype="application", subtype="octet-stream", filename=name)
    parish.put(mail.as_bytes(), OLIVE, "Sent Items")
    process = SeparateProcess()
    judge = replace(parish.judge, limits=Limits(enclosure=process))
    assert replace(parish.job(), build_judge=lambda: judge).run(ScanRequest(), lambda *_: None).judged == 1
    assert sorted(failure.reason for failure in parish.cases.failures()) == ["damaged document", "encrypted"]
    assert process._served == 2
    assert process._child is None
