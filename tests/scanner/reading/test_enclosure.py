"""Documents that would break their reader, each read apart: it ends in seconds, named or read, and the next document is read."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest
from hostile_files import HOSTILE, garbled
from office_files import doc, docx, odt, paragraph, pdf, xls, xlsb, xlsx, zipped

from scanner.reading.documents import enclosed
from scanner.reading.documents.document import Document
from scanner.reading.documents.documents import extract
from scanner.reading.documents.enclosed import document_of
from scanner.reading.documents.enclosure import SeparateProcess
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.mime import read_message

LETTER = docx(
    paragraph("You have my word.") + "<w:tbl><w:tr><w:tc>" + paragraph("Name") + "</w:tc><w:tc>" + paragraph("Zo\u00eb") + "</w:tc></w:tr></w:tbl>"
)
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals and /proc")


@pytest.fixture(scope="module")
def apart() -> Iterator[SeparateProcess]:
    with SeparateProcess() as process:
        yield process


@pytest.fixture(scope="module")
def limits(apart: SeparateProcess) -> Limits:
    return Limits(enclosure=apart, seconds=30)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_ends_and_the_next_document_is_read(limits: Limits, name: str) -> None:
    make, expected = HOSTILE[name]
    content = make()
    bounded = replace(limits, seconds=2.0) if name == "doubling.pdf" else limits
    started = monotonic()
    found = extract(name, "", content, bounded)
    assert monotonic() - started < 30
    assert len(found.text) <= limits.characters
    assert any((found.unread or "").startswith(reason) if reason else found.unread is None for reason in expected), found.unread
    assert extract("letter.docx", "", LETTER, limits).tables[0].rows == (("Name", "Zo\u00eb"),)


def test_it_is_the_same_as_here(limits: Limits) -> None:
    for content in (LETTER, xlsb([(0, 0, "a")]), pdf(lambda c: c.drawString(9, 9, "x")), b"%PDF-1.4 rubbish", b"{\\rtf1 \\u55357?\\u56832?x}"):
        assert extract("a", "", content, limits) == extract("a", "", content, Limits())


ORDINARY = {
    "docx": LETTER,
    "odt": odt("<text:p>One</text:p>"),
    "xlsx": xlsx('<row r="1"><c r="A1"><v>1</v></c></row>'),
    "xlsb": xlsb([(0, 0, "a"), (3, 2, "b")]),
    "xls": xls([(0, 0, "a"), (3, 2, "b")]),
    "doc": doc([("Dear Sir\r", None), ("a\x07", 0x2416), ("\x07", 0x2417)]),
    "pdf": pdf(lambda c: c.drawString(9, 9, "words")),
    "rtf": b"{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset204 A;}}\\f0 \\'cf\\u8364? {\\b x}\\par\\trowd a\\cell b\\cell\\row}",
    "zip": zipped({"a.docx": LETTER, "b.csv": "a,b"}),
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_a_garbled_document_never_raises(limits: Limits, kind: str) -> None:
    for seed in range(40):
        extract(f"a.{kind}", "", garbled(ORDINARY[kind], seed, 0.002 + seed % 5 * 0.01), limits)
        extract(f"a.{kind}", "", ORDINARY[kind][: seed * len(ORDINARY[kind]) // 40], limits)
    assert extract(f"a.{kind}", "", ORDINARY[kind], limits).unread is None


def test_plain_text_and_pictures_stay_here() -> None:
    process = SeparateProcess()
    limits = Limits(enclosure=process)
    for name, content in (("a.txt", b"words"), ("a.csv", b"a,b"), ("a.html", b"<p>x"), ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(30)), ("a.txt", b" ")):
        extract(name, "", content, limits)
    assert process._child is None
    process.close()


@unix
def test_what_takes_too_long_is_named_and_the_next_is_read() -> None:
    with SeparateProcess() as process:
        limits = Limits(enclosure=process)
        first = extract("a.docx", "", LETTER, limits)
        assert process._child
        os.kill(process._child.pid, signal.SIGSTOP)
        assert extract("a.docx", "", LETTER, replace(limits, seconds=0.5)) == Document(unread="took longer than 0.5 seconds to read")
        assert extract("a.docx", "", LETTER, limits) == first


@unix
def test_a_child_that_died_between_documents_is_replaced() -> None:
    with SeparateProcess() as process:
        limits = Limits(enclosure=process)
        first = extract("a.docx", "", LETTER, limits)
        assert process._child
        os.kill(process._child.pid, signal.SIGKILL)
        assert extract("a.docx", "", LETTER, limits) == first


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no bound on memory")
def test_what_needs_too_much_memory_is_named() -> None:
    with SeparateProcess() as process:
        limits = Limits(enclosure=process, memory_bytes=120 * 1024 * 1024)
        heavy = b"{\\rtf1 " + b"\\'41" * 12_000_000 + b"}"
        assert extract("a.rtf", "", heavy, limits).unread == "needs more than 120 MB of memory to read"
        assert extract("a.docx", "", LETTER, limits).unread is None


def test_a_child_that_breaks_is_named_by_its_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.reading.documents.enclosure._START", "import os; os.abort()")
    with SeparateProcess() as process:
        assert extract("a.docx", "", LETTER, Limits(enclosure=process)).unread in {"broke its reader (SIGABRT)", "broke its reader (no answer)"}


@pytest.mark.parametrize("said", ["print('x' * 99)", "import sys; sys.stdout.buffer.write(bytes(7) + b'\\2[]'); sys.stdout.flush(); input()"])
def test_a_child_that_answers_nonsense_is_not_believed(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr("scanner.reading.documents.enclosure._START", said)
    with SeparateProcess() as process:
        unread = extract("a.docx", "", LETTER, Limits(enclosure=process)).unread
        assert unread is not None and unread.startswith("broke its reader")


def test_no_process_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.reading.documents.enclosure.sys.executable", "/nowhere/python")
    assert extract("a.docx", "", LETTER, Limits(enclosure=SeparateProcess())).unread == "broke its reader (no process could be started)"


@pytest.mark.parametrize("answer", [b"", b"[]", b"[1,2]", b'["a",[["b"]],null]', b'["a",7,null]', b"{"])
def test_only_a_document_is_taken_for_one(answer: bytes) -> None:
    with pytest.raises(ValueError, match="no document"):
        document_of(answer)


def test_an_answer_that_is_too_large_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed, "LARGEST_ANSWER", 80)
    assert document_of(enclosed._encoded(Document("short"))).text == "short"
    assert document_of(enclosed._encoded(Document("x" * 99))) == Document(unread="its text and tables are too large to hand on")


def test_what_interrupts_a_document_does_not_spoil_the_next(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with SeparateProcess() as process:
        with monkeypatch.context() as patched:
            patched.setattr("scanner.reading.documents.enclosure._exchanged", interrupted)
            with pytest.raises(KeyboardInterrupt):
                extract("a.docx", "", LETTER, Limits(enclosure=process))
        assert process._child is None
        assert extract("a.docx", "", LETTER, Limits(enclosure=process)).unread is None


PARENT = """
import sys
from scanner.reading.documents.documents import extract
from scanner.reading.documents.enclosure import SeparateProcess
from scanner.reading.mail.limits import Limits
process = SeparateProcess()
extract("a.pdf", "", b"%PDF-1.4 rubbish", Limits(enclosure=process))
print(process._child.pid, flush=True)
sys.stdin.read()
"""


@unix
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_its_parent(how: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(how)
        parent.wait()
        ended = monotonic() + 10
        while _alive(child) and monotonic() < ended:
            sleep(0.02)
        assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except (ProcessLookupError, FileNotFoundError):
        return False


SECLUDED = """
import os, socket, sys
from scanner.reading.documents.seclusion import seclude
seclude(512 << 20)
tries = [lambda: socket.socket(), lambda: socket.getaddrinfo("council.example", 80), lambda: bytearray(600 << 20), lambda: open(sys.argv[1], "w").write("x" * 99) and None]
for attempt in tries:
    try:
        attempt()
        print("done")
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere less is taken away")
def test_a_secluded_process_has_no_network_no_memory_and_no_files(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SECLUDED, str(tmp_path / "x")], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:3] == ["PermissionError", "PermissionError", "MemoryError"]
    assert (tmp_path / "x").stat().st_size == 0


def test_the_kernel_refuses_sockets_too() -> None:
    if sys.platform != "linux" or os.uname().machine not in {"x86_64", "aarch64"}:
        pytest.skip("the filter of system calls is for Linux on these processors")
    code = "import ctypes; from scanner.reading.documents.seclusion import _without_sockets as w; w(); print(ctypes.CDLL(None, use_errno=True).socket(2, 1, 0))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "-1"
    socket.socket().close()


def test_a_message_is_read_with_its_attachment_apart(limits: Limits) -> None:
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@council.example", "b@post.example", "Letter"
    mail.set_content("Attached.")
    for content in (LETTER, HOSTILE["laughs.docx"][0](), LETTER):
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename="letter.docx")
    attachments = read_message(mail.as_bytes(), "missing:x", limits).attachments
    assert [a.unread for a in attachments] == [None, "damaged document", None]
    assert attachments[0].text == attachments[2].text != ""
