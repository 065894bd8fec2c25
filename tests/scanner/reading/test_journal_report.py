"""Journal reports as Exchange writes them, and damaged ones."""

from __future__ import annotations

import base64

import pytest

from rules.circulation import EnvelopeRecipient, EnvelopeRole
from scanner.reading.mail.journal import unwrap

ORIGINAL = b"From: ann@council.example\r\nTo: bob@council.example\r\nMessage-ID: <a@x>\r\nSubject: Bins\r\n\r\nText\r\n"
LINES = (
    "Sender: Ann@Council.example\r\nSubject: Bins\r\nMessage-Id: <a@x>\r\nTo: bob@council.example\r\nCC: dee@council.example, Expanded: members@council.example\r\n"
    "BCC: eve@council.example\r\nrecipient: fay@other.example, Forwarded: bob@council.example\r\n"
)


def report(
    lines: str = LINES, original: bytes = ORIGINAL, *, encoding: str = "7bit", header: str = "X-MS-Journal-Report:", kind: str = "message/rfc822"
) -> bytes:
    carried = base64.encodebytes(original) if encoding == "base64" else original
    return (
        (
            f'From: journal@council.example\r\nTo: archive@council.example\r\n{header}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
            f"--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{lines}\r\n--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        ).encode()
        + carried
        + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
@pytest.mark.parametrize("header", ["X-MS-Journal-Report:", "X-MS-Journal-Report: 1", "Content-Identifer: ExJournalReport"])
def test_report(encoding: str, header: str) -> None:
    found = unwrap(report(encoding=encoding, header=header))
    assert found is not None
    assert (found.message_id, found.sender) == ("a@x", "ann@council.example")
    assert found.original.rstrip() == ORIGINAL.rstrip()
    assert found.recipients == (
        EnvelopeRecipient("bob@council.example", EnvelopeRole.TO),
        EnvelopeRecipient("dee@council.example", EnvelopeRole.CC, "members@council.example"),
        EnvelopeRecipient("eve@council.example", EnvelopeRole.BCC),
        EnvelopeRecipient("fay@other.example", EnvelopeRole.RECIPIENT, "bob@council.example", forwarded=True),
    )


def test_message_id_of_the_original_where_the_envelope_has_none() -> None:
    found = unwrap(report(LINES.replace("Message-Id: <a@x>\r\n", "")))
    assert found is not None
    assert found.message_id == "a@x"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: x\r\n\r\nx",
        report(header="X-Other: y"),
        report(lines="Subject: x\r\n"),
        report(lines="Sender: a@x.example\r\n"),
        report(original=b""),
        report(kind="text/html"),
        report()[:300],
        report().replace(b'boundary="b"', b'boundary="c"'),
    ],
)
def test_damaged_reports_are_none(raw: bytes) -> None:
    assert unwrap(raw) is None
