"""Outlook's containers become mail: recipients by type, an unknown Bcc apart from none, bodies, attachments, and damage by name."""

from __future__ import annotations

import base64
import random
import struct
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from outlook_maker import Tree, compound, message, packed, parts_of, winmail

from rules.message import Message
from rules.roster import canonical
from scanner.reading.mail.calendar import invitation
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.mime import read_message
from scanner.reading.outlook.compose import UNREAD
from scanner.reading.outlook.compound import CompoundFile, DamagedError
from scanner.reading.outlook.outlook import is_outlook, outlook_letter
from scanner.reading.outlook.richtext import BrokenRtfError, unfolded, words

MAIL = Path(__file__).parents[3].parent / "shared" / "mail"
SUBJECT, BODY, HTML, RTF, FLAGS, HEADERS, CLASS = 0x37, 0x1000, 0x1013, 0x1009, 0x0E07, 0x7D, 0x1A
TYPE, NAME, SMTP, EMAIL, KIND = 0x0C15, 0x3001, 0x39FE, 0x3003, 0x3002
FROM_ME, WHEN = 0x20, datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN, BOB, OLIVE = "cllr.bell@tarnside.gov.uk", "cllr.carr@tarnside.gov.uk", "olive.dunn@tarnside.gov.uk"
LEGACY = "/o=TARNSIDE/ou=First Administrative Group/cn=Recipients/cn=odunn"
AUTHOR = {0x42: "Olive Dunn", 0x64: "SMTP", 0x65: OLIVE}
LETTER = {SUBJECT: "Allotments", BODY: "The meeting is on Tuesday.", 0x39: WHEN, 0x1035: "<one@x>", **AUTHOR}


def person(kind: int | None, email: str = ANN, **more: Any) -> dict[int, Any]:
    return {NAME: email.partition("@")[0], KIND: "SMTP", EMAIL: email} | ({} if kind is None else {TYPE: kind}) | more


def read(values: dict[int, Any], recipients: Any = (), attachments: Any = ()) -> Message:
    raw = outlook_letter(message(values, recipients, attachments), Limits())
    assert raw is not None
    return read_message(raw, "missing:x")


def test_a_saved_letter_is_read_as_any_other() -> None:
    found = read({**LETTER, 0x1042: "<zero@x>", 0x1039: "<nil@x> <zero@x>"}, [person(1), person(2, BOB)])
    assert (found.id, found.date, found.subject, found.sender.email, found.sender.name) == ("one@x", WHEN, "Allotments", OLIVE, "Olive Dunn")
    assert ([a.email for a in found.to], [a.email for a in found.cc]) == ([ANN], [BOB])
    assert (found.in_reply_to, found.references, found.body.new) == ("zero@x", ("nil@x", "zero@x"), "The meeting is on Tuesday.")
    assert found.submitter is None and found.unread == ()


HEADER = (
    f"Received: x\r\nFrom: {OLIVE}\r\nTo: {ANN}\r\nDate: Mon, 2 Mar 2026 09:00:00 +0000\r\nContent-Type: text/html\r\n\tboundary=x\r\n\r\nTo: {BOB}"
)


@pytest.mark.parametrize(
    ("values", "recipients", "bcc"),
    [
        ({FLAGS: FROM_ME}, [person(1), person(3, BOB)], [BOB]),
        ({FLAGS: FROM_ME}, [person(1)], []),
        ({FLAGS: 0x1}, [person(1)], None),
        ({}, [person(1)], None),
        ({FLAGS: FROM_ME}, [], None),
        ({FLAGS: FROM_ME}, [person(1), person(None, BOB)], None),
        ({FLAGS: FROM_ME}, [person(1), {TYPE: 1}], None),
        ({FLAGS: FROM_ME, HEADERS: HEADER}, [person(1)], None),
        ({FLAGS: 1, HEADERS: HEADER}, [person(1), person(3, BOB)], [BOB]),
        ({FLAGS: FROM_ME, HEADERS: HEADER.replace("Date:", f"Bcc: {BOB}\r\nDate:")}, [person(1)], [BOB]),
        ({FLAGS: FROM_ME, 0x0E02: "Bob Carr; Ann Bell"}, [person(1)], ["Bob Carr", "Ann Bell"]),
        ({FLAGS: FROM_ME, 0x0E02: "cllr.carr"}, [person(1), person(None, BOB)], [BOB]),
        ({FLAGS: FROM_ME}, [person(1), person(0x10000003, BOB)], [BOB]),
        ({FLAGS: FROM_ME, CLASS: "IPM.Schedule.Meeting.Request"}, [person(1), person(3, BOB)], []),
    ],
    ids=[
        "shown", "none", "received", "no flags", "no table", "one of no type", "one of no name", "received from oneself", "bcc beside headers",
        "bcc among headers", "names only", "type by its name", "type with flags", "a meeting room",
    ],
)  # fmt: skip
def test_a_bcc_that_is_unknown_is_not_a_bcc_that_is_empty(values: dict[int, Any], recipients: Any, bcc: list[str] | None) -> None:
    found = read({**LETTER, **values}, recipients)
    assert (None if found.bcc is None else [a.email or a.name for a in found.bcc]) == bcc


def test_recipients_and_files_that_should_be_there_and_are_not_are_named() -> None:
    tree = dict(parts_of({**LETTER, FLAGS: FROM_ME}, [person(1), person(3, BOB)], [{0x3705: 1, 0x3701: b"x"}], head=32))
    del tree["__recip_version1.0_#00000001"], tree["__attach_version1.0_#00000000"]
    raw = outlook_letter(compound(tree), Limits())
    assert raw is not None
    found = read_message(raw, "x")
    assert found.bcc is None and [a.email for a in found.to] == [ANN]
    assert found.unread == ("cannot be read in its Outlook container",) and [bool(a.unread) for a in found.attachments] == [True]


def test_a_meetings_room_is_seen_by_everybody() -> None:
    found = read({**LETTER, CLASS: "IPM.Appointment"}, [person(1), person(3, BOB)])
    assert [a.email for a in found.cc] == [BOB]


def test_the_transports_headers_come_first_and_end_at_the_empty_line() -> None:
    found = read({**LETTER, HEADERS: HEADER, BODY: "As text."}, [person(1)])
    assert ([a.email for a in found.to], found.body.new, found.id, found.subject) == ([ANN], "As text.", "one@x", "Allotments")


ONE_OFF = bytes(4) + bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") + b"\0\0\1\x90" + f"Olive\0SMTP\0{OLIVE}\0".encode("utf-16-le")
BOOK = bytes(4) + bytes.fromhex("dca740c8c042101ab4b908002b2fe182") + struct.pack("<II", 1, 0) + LEGACY.encode() + b"\0"


@pytest.mark.parametrize(
    ("values", "recipients", "email"),
    [
        ({0x42: "Olive", 0x64: "EX", 0x65: LEGACY, 0x5D02: OLIVE}, [], OLIVE),
        ({0x42: "Olive", 0x64: "EX", 0x65: LEGACY}, [person(1, "x") | {KIND: "EX", EMAIL: LEGACY.upper(), SMTP: OLIVE}], OLIVE),
        ({0x42: "Olive", 0x64: "EX", 0x65: LEGACY}, [person(1)], canonical(LEGACY)),
        ({0x42: "Olive", 0x41: ONE_OFF}, [], OLIVE),
        ({0x42: "Olive", 0x41: BOOK}, [], canonical(LEGACY)),
        ({0x42: OLIVE}, [], OLIVE),
        ({0x0C1A: "Olive", 0x0C1E: "SMTP", 0x0C1F: OLIVE}, [], OLIVE),
        ({0x42: 'Ol"ive <x@y.example>,', 0x64: "SMTP", 0x65: f"{OLIVE}>\r\nBcc: <z@y.example"}, [], OLIVE),
    ],
    ids=["smtp", "a recipient's", "kept", "one-off", "address book", "a name that is one", "only the sender", "hostile"],
)
def test_the_author_is_found_behind_exchanges_address(values: dict[int, Any], recipients: Any, email: str) -> None:
    found = read({SUBJECT: "x", **values}, recipients)
    assert found.sender.email.startswith(email) and found.bcc is None


def test_a_letter_sent_for_another_names_both() -> None:
    found = read({**LETTER, 0x0C1A: "Peter", 0x0C1E: "SMTP", 0x0C1F: "peter@x.example"})
    assert (found.sender.email, found.submitter and found.submitter.email) == (OLIVE, "peter@x.example")


def test_thousands_of_recipients_are_kept() -> None:
    found = read(LETTER, [person(1, f"member{n}@x.example") for n in range(3_000)])
    assert len({a.email for a in found.to}) == 3_000


HTML_RTF = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fcharset0 Arial;}}{\*\htmltag19 <html>}\htmlrtf \lang2057 \htmlrtf0 "
HTML_RTF += (
    rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Caf\'e9 \{x\} \u8220?yes\u8221?{\*\htmltag84 <br>}{\*\mhtmltag84 <bad>}end\htmlrtf\par}\htmlrtf0 }"
)
TEXT_RTF = (
    rb"{\rtf1\ansi\ansicpg1251\fromtext{\fonttbl{\f1\fcharset204 Arial;}}{\info{\author Nobody}}\f1 \'cf\'f0\par Two\tab\emdash {\pict 00ff}\cell}"
)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({BODY: "Plain."}, "Plain."),
        ({BODY: (0x1E, "Café".encode("cp1252"))}, "Café"),
        ({BODY: (0x1E, "Привет".encode("cp1251")), 0x3FFD: 1251}, "Привет"),
        ({HTML: b"<p>Caf\xe9 <b>bar</b></p>", 0x3FDE: 28591}, "Café bar"),
        ({HTML: "<meta charset='windows-1251'><p>Привет</p>".encode("cp1251")}, "Привет"),
        ({HTML: "<p>String</p>"}, "String"),
        ({RTF: packed(HTML_RTF)}, "Café {x} “yes”\nend"),
        ({RTF: packed(TEXT_RTF)}, "Пр\nTwo\t—"),
        ({BODY: "   ", RTF: packed(TEXT_RTF)}, "Пр\nTwo\t—"),
        ({BODY: "Kept.", RTF: b"damaged beyond words"}, "Kept."),
        ({}, ""),
    ],
)
def test_bodies(values: dict[int, Any], text: str) -> None:
    found = read({SUBJECT: "x", **values})
    assert found.body.new == text and found.unread == ()


@pytest.mark.parametrize("rtf", [b"x", packed(b"no rich text at all"), packed(b"{\\rtf1 " + b"{" * 5_000), packed(b"{\\rtf1 " + b"x" * 3_000_000)])
def test_a_body_that_cannot_be_unpacked_is_named(rtf: bytes) -> None:
    assert len(read({SUBJECT: "x", RTF: rtf}).unread) == 1


# The two examples of MS-OXRTFCP 3.1.
@pytest.mark.parametrize(
    ("packed_form", "rtf"),
    [
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
    ],
)
def test_rich_text_is_unpacked_as_the_specification_shows(packed_form: str, rtf: bytes) -> None:
    assert unfolded(bytes.fromhex(packed_form), 1_000) == rtf


def test_rich_text_that_is_only_wrapped_up_is_read() -> None:
    assert unfolded(struct.pack("<IIII", 20, 8, 0x414C454D, 0) + b"{\\rtf1 }", 100) == b"{\\rtf1 }"


INNER = parts_of({SUBJECT: "Inner", BODY: "Inside.", 0x1035: "<inner@x>", **AUTHOR}, [person(1), person(3, BOB)])


def test_attachments_of_every_method() -> None:
    found = read(
        LETTER,
        [person(1)],
        [
            {0x3705: 1, 0x3707: "rents – 2026.csv", 0x370E: "text/csv", 0x3701: b"a,b\nc,d"},
            {0x3705: 1, 0x3704: "NOTE.TXT", 0x3701: b"note"},
            {0x3705: 1, 0x3707: "crest.png", 0x3712: "crest@x", 0x3701: b"\x89PNG" + bytes(10)},
            {0x3705: 5, 0x3001: "Inner", "item": INNER},
            {0x3705: 7, 0x3707: "shared.docx", 0x370D: "file.example/shared.docx"},
            {0x3705: 6, 0x3707: "drawing", "item": {"CONTENTS": b"x"}},
            {0x3705: 1, 0x3707: "gone.pdf"},
            {0x3705: 1, 0x3707: "empty.txt", 0x3701: b""},
            {0x3705: 1, 0x3707: "x.bin", 0x370E: 'multipart/mixed; boundary="b"', 0x3701: b"--b\n\nx"},
        ],
    )
    assert [(a.name, a.text, a.unread) for a in found.attachments[:2]] == [("rents – 2026.csv", "a,b\nc,d", None), ("NOTE.TXT", "note", None)]
    assert found.attachments[2].media_type == "image/png"
    inner = found.attachments[3].message
    assert inner is not None
    assert (inner.id, inner.body.new, inner.sender.email, [a.email for a in inner.bcc or ()]) == ("inner@x", "Inside.", OLIVE, [BOB])
    reasons = ["a link to a file that is kept elsewhere", "an embedded object is not read", "holds no content"]
    assert [(a.name, a.unread) for a in found.attachments[4:7]] == list(zip(["shared.docx", "drawing", "gone.pdf"], reasons, strict=True))
    assert (found.attachments[7].name, found.attachments[7].unread) == ("empty.txt", None)
    assert found.attachments[8].media_type == "application/octet-stream"
    assert found.body.new == LETTER[BODY]


def test_a_clear_signed_letter_is_opened() -> None:
    signed = b'Content-Type: multipart/signed; boundary="s"\r\n\r\n--s\r\n\r\nSigned words.\r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--s--\r\n'
    found = read({**LETTER, BODY: "", CLASS: "IPM.Note.SMIME.MultipartSigned"}, [], [{0x3705: 1, 0x370E: "multipart/signed", 0x3701: signed}])
    assert (found.body.new, found.unread, found.attachments) == ("Signed words.", (), ())


def test_an_encrypted_letter_is_named() -> None:
    found = read({SUBJECT: "x", CLASS: "IPM.Note.SMIME"}, [], [{0x3705: 1, 0x370E: "application/pkcs7-mime", 0x3707: "smime.p7m", 0x3701: b"0\x80"}])
    assert found.unread == ("encrypted (S/MIME)",)


@pytest.mark.parametrize(
    ("values", "automatic"),
    [
        ({CLASS: "REPORT.IPM.Note.NDR"}, True),
        ({CLASS: "IPM.Note.Rules.OofTemplate.Microsoft"}, True),
        ({HEADERS: "From: a@x.example\r\nContent-Type: multipart/report; x=y\r\n"}, True),
        ({HEADERS: "From: a@x.example\r\nContent-Type: text/plain\r\n"}, False),
        ({CLASS: "IPM.Note"}, False),
    ],
)
def test_what_a_program_wrote_is_known(values: dict[int, Any], *, automatic: bool) -> None:
    assert read({**LETTER, **values}).automatic is automatic


def enclosed(kind: str, name: str, content: bytes, body: str = "See.") -> Message:
    part = f"Content-Type: {kind}; name={name}\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(content).decode()}"
    text = f"--b\nContent-Type: text/plain\n\n{body}\n" if body else ""
    return read_message(f"From: {ANN}\nContent-Type: multipart/mixed; boundary=b\n\n{text}--b\n{part}\n--b--\n".encode(), "a@x")


SAVED = message({SUBJECT: "Inner", BODY: "Inside.", 0x1035: "<inner@x>", **AUTHOR}, [person(1)])


@pytest.mark.parametrize("kind", [("application/vnd.ms-outlook", "x.msg"), ("application/octet-stream", "x.MSG"), ("application/octet-stream", "x")])
def test_a_saved_message_in_a_mail_is_an_attached_message(kind: tuple[str, str]) -> None:
    found = enclosed(*kind, SAVED)
    assert [(m.id, m.body.new) for m in found.carried] == [("inner@x", "Inside.")]


def test_a_document_that_holds_a_saved_message_is_no_saved_message() -> None:
    assert not is_outlook(compound({"WordDocument": b"x", "ObjectPool": {"_1": INNER}}))
    assert is_outlook(SAVED)


@pytest.mark.parametrize("content", [SAVED[:700], SAVED[:512], compound({"WordDocument": b"x"})])
def test_a_damaged_saved_message_is_named(content: bytes) -> None:
    (attachment,) = enclosed("application/vnd.ms-outlook", "x.msg", content).attachments
    assert attachment.unread == "cannot be read in its Outlook container" and attachment.message is None


WRAPPED = winmail(
    {SUBJECT: "Wrapped", BODY: "Words in the wrapping, more of them than elsewhere.", 0x3FFD: 1252},
    [
        {"title": b"OLD~1.CSV\0", 0x3707: "old name.csv", "bytes": b"a,b\nc,d"},
        {
            0x3705: 5,
            0x3701: (0x0D, bytes.fromhex("0703020000000000c000000000000046") + winmail({SUBJECT: "In", BODY: "Inside.", 0x1035: "<inner@x>"})),
        },
        {0x3705: 6, 0x3707: "drawing", 0x3701: (0x0D, bytes.fromhex("0b00000000000000c000000000000046") + b"x")},
    ],
)


@pytest.mark.parametrize("kind", [("application/ms-tnef", "winmail.dat"), ("application/octet-stream", "winmail.dat"), ("application/ms-tnef", "x")])
def test_what_a_winmail_holds_stands_in_the_letter(kind: tuple[str, str]) -> None:
    found = enclosed(*kind, WRAPPED, body="")
    assert found.body.new == "Words in the wrapping, more of them than elsewhere."
    assert [(a.name, a.text, a.unread) for a in found.attachments] == [
        ("old name.csv", "a,b\nc,d", None),
        ("In", "", None),
        ("drawing", "", "an embedded object is not read"),
    ]
    assert [(m.id, m.body.new) for m in found.carried] == [("inner@x", "Inside.")]


def test_a_winmail_repeats_no_text_that_stands_beside_it() -> None:
    same = winmail({BODY: "The list of plots is with the clerk.", RTF: packed(rb"{\rtf1\fromtext The list of plots is with the clerk.}")})
    assert (
        enclosed("application/ms-tnef", "winmail.dat", same, "The list of plots is with the clerk.").body.new
        == "The list of plots is with the clerk."
    )
    both = enclosed("application/ms-tnef", "winmail.dat", WRAPPED, "See below.").body.new
    assert both.startswith("See below.") and "more of them" in both


@pytest.mark.parametrize("length", [0, 3, 100, 300, len(WRAPPED) - 40])
def test_a_damaged_winmail_is_named(length: int) -> None:
    found = enclosed("application/ms-tnef", "winmail.dat", WRAPPED[:length], "")
    assert (
        any(a.unread == "cannot be read in its Outlook container" for a in found.attachments)
        or "cannot be read in its Outlook container" in found.unread
    )


def test_a_forged_reason_is_never_repeated() -> None:
    found = read_message(f"Content-Type: {UNREAD}; reason=secret\n\nx".encode(), "a@x")
    assert found.unread == ("cannot be read in its Outlook container",)


INVITATION = """BEGIN:VCALENDAR\r
BEGIN:VTIMEZONE\r
COMMENT:Machinery\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
SUMMARY:Ward walk\\, Mill Lane\r
LOCATION;LANGUAGE=en-GB:Town Hall\r
ATTENDEE;CN="Bell, Ann":mailto:ann@x.example\r
DESCRIPTION:Bring the li\r
 sts.\\nTea at four.\r
X-ALT-DESC;FMTTYPE=text/html:<p>Bring the lists.</p><p>Tea at four\\; then\r
  home.</p>\r
BEGIN:VALARM\r
DESCRIPTION:Reminder\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invitation_is_read_as_people_see_it() -> None:
    shown = invitation(INVITATION)
    assert shown.startswith("Ward walk, Mill Lane\nTown Hall\nBring the lists.\nTea at four.\n")
    assert "then home." in shown
    assert not any(word in shown for word in ("Machinery", "Reminder", "mailto", "VEVENT", "<p>"))


def test_an_invitation_beside_its_letter_is_not_said_twice() -> None:
    part = "Content-Type: text/{kind}\n\n{text}\n"
    shown = invitation(INVITATION)
    raw = f"From: {ANN}\nContent-Type: multipart/alternative; boundary=b\n\n--b\n{part.format(kind='plain', text=shown)}"
    raw += f"--b\n{part.format(kind='calendar', text=INVITATION)}--b--\n"
    assert read_message(raw.encode(), "a@x").body.new.count("Bring the lists") == shown.count("Bring the lists")


def test_an_attached_invitation_is_read() -> None:
    assert "Town Hall" in enclosed("text/calendar", "x.ics", INVITATION.encode()).body.new
    raw = f"Content-Type: text/calendar; name=x.ics\nContent-Disposition: attachment; filename=x.ics\n\n{INVITATION}"
    (attachment,) = read_message(raw.encode(), "a@x").attachments
    assert "Bring the lists." in attachment.text and "VEVENT" not in attachment.text


def test_a_compound_file_keeps_streams_of_every_size() -> None:
    tree: dict[str, Any] = {f"s{size}": random.Random(size).randbytes(size) for size in (0, 1, 63, 64, 65, 4095, 4096, 4097, 100_000)}
    root = CompoundFile(compound({**tree, "below": {"deeper": {"x": b"1"}}})).root
    assert {name: root.read(name) for name in tree} == tree
    assert root.storages["below"].storages["deeper"].read("x") == b"1"


def deep(levels: int) -> bytes:
    tree: Tree = parts_of({SUBJECT: "Inmost", BODY: "x"})
    for _ in range(levels):
        tree = parts_of({SUBJECT: "Outer", BODY: "x" * 50}, [], [{0x3705: 5, "item": tree}])
    return compound({**tree, "__properties_version1.0": bytes(8) + tree["__properties_version1.0"]})


def changed(place: int, value: int, content: bytes = SAVED) -> bytes:
    return content[:place] + struct.pack("<I", value) + content[place + 4 :]


def shared_streams() -> bytes:
    """Ten thousand attachments that are one and the same megabyte."""
    raw = bytearray(message({SUBJECT: "x"}, [], [{0x3701: bytes(1_000_000)}, *[{0x3701: b"y" * 65}] * 2_000]))
    entries = [at for at in range(0, len(raw) - 128, 128) if raw[at : at + 24] == "__substg1.0_".encode("utf-16-le")]
    large = next(at for at in entries if struct.unpack_from("<Q", raw, at + 120)[0] == 1_000_000)
    for at in entries:
        raw[at + 116 : at + 128] = raw[large + 116 : large + 128]
    return bytes(raw)


def circle() -> bytes:
    """A file whose allocation table points every sector at the first."""
    raw = bytearray(message({SUBJECT: "x", BODY: "x" * 50_000}))
    table = struct.unpack_from("<I", raw, 76)[0]
    at = (table + 1) * 512
    raw[at : at + 512] = bytes(512)
    return bytes(raw)


def bomb() -> bytes:
    """Compressed rich text of seventeen bytes a token, without end."""
    tokens, at = bytearray(b"\0{\\rtf1 a"), 207 + 8
    while len(tokens) < 1_000_000:
        tokens.append(0xFF)
        for _ in range(8):
            tokens += struct.pack(">H", (at - 1) % 4096 << 4 | 15)
            at += 17
    return message({SUBJECT: "x", RTF: struct.pack("<IIII", len(tokens) + 12, 2**31, 0x75465A4C, 0) + tokens})


def many_bombs() -> bytes:
    rtf = packed(b"{\\rtf1" + b"\\f1" * 300_000)
    return message({SUBJECT: "x"}, [], [{0x3705: 5, "item": parts_of({SUBJECT: "y", RTF: rtf})}] * 15)


HOSTILE = {
    "nested 50 deep": lambda: deep(50),
    "circle": circle,
    "shared streams": shared_streams,
    "rich text of 2 GB": bomb,
    "many rich texts": many_bombs,
    "many tables": lambda: changed(44, 0xFFFFFFF0),
    "directory beyond the end": lambda: changed(48, 0x00FFFFFF),
    "directory is the table": lambda: changed(48, struct.unpack_from("<I", SAVED, 76)[0]),
    "list of tables in a circle": lambda: changed(68, 1, changed(72, 0xFFFF)),
    "mini table beyond the end": lambda: changed(60, 0x00FFFFFF),
    "cut": lambda: SAVED[: len(SAVED) // 2],
    "header only": lambda: SAVED[:512],
    "recipients": lambda: message({SUBJECT: "x"}, [{TYPE: 1, NAME: "x" * 2_000}] * 5_000),
    "headers": lambda: message({SUBJECT: "x", HEADERS: "From: a\r\n" * 300_000}),
    "calendar": lambda: message({SUBJECT: "x", BODY: "BEGIN:VCALENDAR\n" + "BEGIN:X\nSUMMARY:a\n" * 100_000}),
}


_NAMED = {
    "circle": "cannot be read in its Outlook container",
    "shared streams": "more than 1000 parts",
    "rich text of 2 GB": "body too long",
    "mini table beyond the end": "cannot be read in its Outlook container",
    "recipients": "headers cut at 262144 bytes",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_cheap_and_raises_nothing(name: str) -> None:
    raw = HOSTILE[name]()
    started = process_time()
    written = outlook_letter(raw, Limits())
    found = read_message(written, "missing:x") if written else None
    spent = process_time() - started
    assert spent < 10  # some two seconds on a quiet machine
    assert found is None or name not in _NAMED or _NAMED[name] in (*found.unread, *(a.unread for a in found.attachments))


def test_a_hostile_file_takes_little_memory() -> None:
    for name in ("shared streams", "rich text of 2 GB", "nested 50 deep"):
        raw = HOSTILE[name]()
        tracemalloc.start()
        outlook_letter(raw, Limits())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 300 * 1024 * 1024


def test_messages_attached_too_deeply_are_named() -> None:
    written = outlook_letter(deep(50), Limits())
    assert written is not None
    found = read_message(written, "missing:x")
    assert any(m.unread for m in (found, *found.carried))


@pytest.mark.parametrize("levels", [2_001, 100_000])
def test_absurdly_nested_rich_text_is_refused(levels: int) -> None:
    with pytest.raises(BrokenRtfError):
        words(b"{\\rtf1" + b"{" * levels, 1_000_000)


@pytest.mark.parametrize("content", [b"", b"x" * 600, SAVED[:8] + bytes(600)])
def test_what_is_no_compound_file_is_refused(content: bytes) -> None:
    assert not is_outlook(content) and outlook_letter(content, Limits()) is None
    with pytest.raises(DamagedError):
        CompoundFile(content)


@pytest.mark.parametrize("seed", range(4))
def test_no_damage_makes_the_reader_raise(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        for content in (SAVED, WRAPPED):
            raw = bytearray(content)
            for _ in range(chance.choice((1, 10, 60))):
                at = chance.randrange(len(raw) - 4)
                raw[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", chance.randbytes(4), bytes((chance.randrange(40), 0, 0, 0))))
            enclosed("application/octet-stream", "x.msg" if content is SAVED else "winmail.dat", bytes(raw[: chance.randrange(len(raw))]))


@pytest.mark.skipif(not MAIL.is_dir(), reason="the folder of real mail is not here")
def test_real_saved_messages() -> None:
    letters = [outlook_letter(path.read_bytes(), Limits()) for path in sorted((MAIL / "msg").glob("*.msg"))]
    assert len(letters) == 43 and None not in letters
    found = [read_envelope(raw, "missing").message for raw in letters if raw]
    assert sum(bool(m.subject) for m in found) == 42
    assert sum(bool(m.to) for m in found) >= 25
    assert [len(m.bcc) for m in found if m.bcc is not None] == [2]
    assert max(len(m.to) for m in found) == 1_321


@pytest.mark.skipif(not MAIL.is_dir(), reason="the folder of real mail is not here")
def test_real_winmails() -> None:
    found = [enclosed("application/ms-tnef", "winmail.dat", path.read_bytes(), "") for path in sorted((MAIL / "tnef").glob("*.tnef"))]
    assert len(found) == 10 and not any(m.unread for m in found)
    assert sum(len(m.attachments) for m in found) == 17
    assert sum(bool(m.body.new) for m in found) >= 7
