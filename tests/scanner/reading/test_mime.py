"""Whole messages: bodies, alternatives, attachments, attached messages, and reasons for what is not read."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path
from time import process_time

import pytest

from rules.message import Message, Quoting
from scanner.reading.mail.mime import Limits, read_message

MAIL = Path(__file__).parents[3].parent / "shared" / "mail"
HEAD = "From: ann@council.example\r\nTo: bob@council.example\r\nSubject: {subject}\r\nMessage-ID: <a@x>\r\nMIME-Version: 1.0\r\n"


def read(rest: str, subject: str = "Bins", limits: Limits = Limits()) -> Message:
    return read_message((HEAD.format(subject=subject) + rest).replace("\n", "\r\n").replace("\r\r\n", "\r\n").encode("utf-8"), "missing:x", limits)


def multipart(kind: str, *parts: str, boundary: str = "b") -> str:
    return (
        f"Content-Type: multipart/{kind}; boundary={boundary}\n\npreamble\n"
        + "".join(f"--{boundary}\n{part}\n" for part in parts)
        + f"--{boundary}--\nepilogue\n"
    )


def text(content: str, kind: str = "plain", more: str = "") -> str:
    return f"Content-Type: text/{kind}; charset=utf-8\n{more}\n{content}"


def test_plain() -> None:
    message = read(text("Dear Bob,\n\nYes.\n\nKind regards\nAnn"))
    assert (message.id, message.body.new, message.body.signature, message.unread) == ("a@x", "Dear Bob,\n\nYes.", "Kind regards\nAnn", ())


@pytest.mark.parametrize(
    ("header", "body", "expected"),
    [
        ("Content-Transfer-Encoding: base64", "WcO0dQ==", "Yôu"),
        ("Content-Transfer-Encoding: base64", "WcO0dQ", "Yôu"),
        ("Content-Transfer-Encoding: base64", "W c!O0\ndQ==", "Yôu"),
        ("Content-Transfer-Encoding: quoted-printable", "Y=C3=B4u=\n r", "Yôu r"),
        ("Content-Transfer-Encoding: quoted-printable", "100=% =zz", "100=% =zz"),
        ("Content-Transfer-Encoding: nonsense", "Yôu", "Yôu"),
        ("Content-Type: text/plain; charset=nonsense", "Yôu", "Yôu"),
        ("Content-Type: text/plain; charset=us-ascii", "Yôu", "Yôu"),
        ("Content-Type: nonsense", "You", "You"),
        ("Content-Type: text/html", "<p>You<p>me", "You\n\nme"),
        ("X: y", "You", "You"),
        ("Content-Type: text/plain; format=flowed", "a long \nline \n\n> quoted \n> too\nb", "a long line\n\nb"),
        ("Content-Type: text/plain; format=flowed; delsp=yes", "a lo \nng\n", "a long"),
    ],
)
def test_encodings(header: str, body: str, expected: str) -> None:
    assert read(f"{header}\n\n{body}").body.new == expected


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        ("Yes, Tuesday.", "<p>Yes, <b>Tuesday</b>.</p>", "Yes, Tuesday."),
        (
            "Your program cannot show this",
            "<p>The meeting is on Tuesday at two in the old Town Hall.</p>",
            "The meeting is on Tuesday at two in the old Town Hall.\n\nYour program cannot show this",
        ),
        (
            "You can take this as approval for the grant.",
            "<p>Nothing to see here, only a picture of the new library and some flowers.</p>",
            "Nothing to see here, only a picture of the new library and some flowers.\n\nYou can take this as approval for the grant.",
        ),
        ("The whole letter in words, at some length.", "<p></p>", "The whole letter in words, at some length."),
        ("See our site <https://x.example/a/b> [cid:1]", "<p>See our <a href='https://x.example/a/b'>site</a></p>", "See our site"),
    ],
)
def test_alternatives(plain: str, html: str, expected: str) -> None:
    assert read(multipart("alternative", text(plain), text(html, "html"))).body.new == expected


def test_calendar_text_is_kept() -> None:
    message = read(multipart("alternative", text("Come."), text("BEGIN:VCALENDAR\nDESCRIPTION:Bring the lists\nEND:VCALENDAR", "calendar")))
    assert "Come." in message.body.new
    assert "Bring the lists" in message.body.new


def test_texts_around_a_picture_are_one_body() -> None:
    picture = f"Content-Type: image/png\nContent-Disposition: inline; filename=a.png\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(bytes(9000)).decode()}"
    message = read(multipart("mixed", text("Above."), picture, text("Below.")))
    assert message.body.new == "Above.\n\nBelow."
    assert [(a.name, a.media_type, a.size, a.unread) for a in message.attachments] == [("a.png", "image/png", 9000, None)]
    assert read(multipart("mixed", picture)).unread == ("body is a picture only",)


@pytest.mark.parametrize(("disposition", "unread"), [("attachment", ("body is a picture only",)), ("inline", ())])
def test_a_message_of_a_small_attached_picture_and_no_words_is_unread(disposition: str, unread: tuple[str, ...]) -> None:
    scan = f"Content-Type: image/png\nContent-Disposition: {disposition}; filename=scan.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo="
    assert read(multipart("mixed", text(" "), scan)).unread == unread
    assert read(multipart("mixed", text("See attached."), scan)).unread == ()


def test_attached_text_and_names() -> None:
    named = text("a,b\nc,d", "csv", "Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.csv\n")
    message = read(multipart("mixed", text("Here."), named, text("note", more='Content-Disposition: attachment; filename="C:\\\\x\\\\n.txt"\n')))
    assert message.body.new == "Here."
    assert [(a.name, a.text) for a in message.attachments] == [("café.csv", "a,b\nc,d"), ("n.txt", "note")]
    assert message.attachments[0].tables[0].rows == (("a", "b"), ("c", "d"))


BLOCK = "From: Dee Fox <dee@council.example>\nSent: 3 May 2026 09:12\nTo: Ann Day\nSubject: Weir\n\nWho pays?"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (BLOCK, [("dee@council.example", "Who pays?")]),
        (f"Day, Ann\n______________________________\n\n{BLOCK}", [("dee@council.example", "Who pays?")]),
        (f"{BLOCK}\n\n{BLOCK.replace('dee@', 'cat@')}", [("dee@council.example", "Who pays?"), ("cat@council.example", "Who pays?")]),
        ("Minutes of 3 May\n\nPresent: Dee Fox\n\nThe weir was discussed.\n" * 4 + BLOCK, []),
        ("From: the beginning\nTo: the end", []),
        ("", []),
    ],
    ids=["saved", "printed", "chain", "minutes", "prose", "empty"],
)
def test_the_print_of_a_mail_is_told_from_other_files(printed: str, shown: list[tuple[str, str]]) -> None:
    message = read(multipart("mixed", text("See."), text(printed, more="Content-Disposition: attachment; filename=x.txt\n")))
    assert [(q.sender and q.sender.email, q.text) for q in message.attachments[0].quoted] == shown


INNER = "From: Dee Fox <dee@council.example>\nTo: ann@council.example\nSubject: Inner\nMessage-ID: <i@x>\n\nInside.\n"


@pytest.mark.parametrize(
    "part",
    [
        f"Content-Type: message/rfc822\n\n{INNER}",
        f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(INNER.encode()).decode()}",
        f"Content-Type: message/rfc822\nContent-Disposition: attachment; filename=x.eml\n\n{INNER}",
        f"Content-Type: application/octet-stream; name=x.eml\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(INNER.encode()).decode()}",
    ],
)
def test_attached_messages(part: str) -> None:
    message = read(multipart("mixed", text("See."), part))
    inner = message.attachments[0].message
    assert inner is not None
    assert (inner.id, inner.sender.email, inner.body.new) == ("i@x", "dee@council.example", "Inside.")
    assert message.carried == (inner,)


def test_attached_messages_without_an_id_are_told_apart() -> None:
    part = f"Content-Type: message/rfc822\n\n{INNER.replace('Message-ID: <i@x>', 'X: y')}"
    names = [inner.id for inner in read(multipart("mixed", part, part)).carried]
    assert len(set(names)) == 2
    assert all(name.startswith("a@x") for name in names)


CHAIN = "Note.\n\nFrom: Dee Fox\nSent: 05 May 2026 10:12\nTo: Ann Bell\nSubject: Drains\n\nInside.\n"


@pytest.mark.parametrize(
    ("subject", "header", "quoting"),
    [
        ("FW: Drains", "", Quoting.FORWARDED),
        ("Fwd: Drains", "In-Reply-To: <z@x>\n", Quoting.FORWARDED),
        ("[EXTERNAL] FW: Drains", "References: <z@x>\n", Quoting.FORWARDED),
        ("RE: Drains", "", Quoting.HISTORY),
        ("RE: FW: Drains", "", Quoting.HISTORY),
        ("Drains", "In-Reply-To: <z@x>\n", Quoting.HISTORY),
        ("Drains", "", Quoting.FORWARDED),
        ("FW: RE: Drains", "", Quoting.FORWARDED),
        ("OFFICIAL: FW: Drains", "", Quoting.FORWARDED),
        ("YML: Draeniau", "", Quoting.FORWARDED),
    ],
)
def test_forward_or_reply(subject: str, header: str, quoting: Quoting) -> None:
    message = read(f"{header}Content-Type: text/plain\n\n{CHAIN}", subject)
    assert [entry.quoting for entry in message.quoted] == [quoting]
    assert ("Inside." in message.body.forwarded) is (quoting is Quoting.FORWARDED)
    assert message.body.new == "Note."


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 128 else bytes((0x82,)) + size.to_bytes(2, "big")
    return bytes((tag,)) + length + content


def signed(inner: bytes, oid: str = "2a864886f70d010702", *, endless: bool = False) -> str:
    octets = b"\x24\x80" + der(4, inner[:9]) + der(4, inner[9:]) + b"\0\0" if endless else der(4, inner)
    carried = der(0x30, der(6, bytes.fromhex("2a864886f70d010701")) + der(0xA0, octets))
    return base64.encodebytes(der(0x30, der(6, bytes.fromhex(oid)) + der(0xA0, der(0x30, der(2, b"\1") + der(0x31, b"") + carried)))).decode()


@pytest.mark.parametrize("endless", [False, True])
def test_opaque_signed_mail_is_opened(endless: bool) -> None:
    message = read(
        f"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n{signed(text('Signed words.').encode(), endless=endless)}"
    )
    assert (message.body.new, message.unread) == ("Signed words.", ())


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (
            f"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\nContent-Transfer-Encoding: base64\n\n{signed(b'x', '2a864886f70d010703')}",
            "encrypted (S/MIME)",
        ),
        ("Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nrubbish", "S/MIME signature that cannot be opened"),
        (
            multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream\n\nx"),
            "encrypted (PGP)",
        ),
        (text("-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----"), "encrypted (PGP)"),
        ("Content-Type: multipart/mixed; boundary=b\n\nno parts", "multipart without any part"),
        ("Content-Type: multipart/mixed\n\ntext", "multipart without a boundary"),
        (f"Subject: {'a' * 300_000}\n\nx", "headers cut at 262144 bytes"),
        (text("word " * 600_000), "body cut at 1000000 characters or 50000 lines"),
    ],
)
def test_unread(rest: str, reason: str) -> None:
    assert reason in read(rest).unread


def test_signed_mail_reads_as_its_text() -> None:
    message = read(multipart("signed", text("Signed."), "Content-Type: application/pgp-signature; name=s.asc\n\nx"))
    assert (message.body.new, message.attachments, message.unread) == ("Signed.", (), ())


def test_missing_last_boundary_is_forgiven() -> None:
    message = read("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nOne.\n--b\nContent-Type: text/plain\n\nTwo.\n")
    assert message.body.new == "One.\n\nTwo."


def test_what_the_standard_library_writes() -> None:
    source = EmailMessage()
    source["From"], source["To"], source["Subject"] = "Ann Bell <ann@council.example>", "bob@council.example", "Café – naïve"
    source.set_content("Plain words here.\n")
    source.add_alternative("<p>Plain <b>words</b> here.</p>", subtype="html")
    source.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="café.pdf")
    message = read_message(source.as_bytes(), "missing:x")
    assert (message.subject, message.body.new, message.id) == ("Café – naïve", "Plain words here.", "missing:x")
    assert [(a.name, a.unread) for a in message.attachments] == [("café.pdf", "damaged PDF")]


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)) + b"\nx\n"


def attached(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * depth + b"Subject: x\n\nx"


HOSTILE = {
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "nested parts": nested(3_000),
    "attached messages": attached(5_000),
    "same boundary": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 30_000,
    "long line": b"\n" + b"a" * 10_000_000,
    "many lines": b"\n" + b"a\n" * 2_000_000,
    "long boundary": b'Content-Type: multipart/mixed; boundary="' + b"b" * 90_000 + b'"\n\n' + b"--b\n" * 90_000,
    "base64 signs": b"Content-Transfer-Encoding: base64\n\n" + b"=" * 5_000_000,
    "uuencode": b"Content-Transfer-Encoding: uuencode\n\n" + b"begin 644 a\n" * 200_000,
    "html": b"Content-Type: text/html\n\n" + b"<div>" * 400_000,
    "spaces in qp": b"Content-Transfer-Encoding: quoted-printable\n\n" + b" " * 1_000_000 + b"x",
    "zeros": bytes(1_000_000),
    "nothing": b"",
    "colon": b":",
    "break": b"\n",
    "header only": b"Subject: x",
    "brackets": b"\n" + b"<" * 1_000_000,
    "addresses": b"\n" + b"a@" * 400_000,
    "two alternatives": b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n"
    + b"<a [b " * 100_000
    + b"\n--b\nContent-Type: text/html\n\nx\n--b--",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_cheap(name: str) -> None:
    started = process_time()
    read_message(HOSTILE[name], "missing:x")
    assert process_time() - started < 30


@pytest.mark.parametrize(("name", "reason"), [("many parts", "more than 1000 parts"), ("nested parts", "parts nested deeper than 20")])
def test_what_limits_cut_is_named(name: str, reason: str) -> None:
    assert reason in read_message(HOSTILE[name], "missing:x").unread


def test_attached_messages_end_at_a_depth() -> None:
    message = read_message(attached(100), "missing:x")
    assert len(message.carried) <= 21
    assert any(a.unread for inner in (message, *message.carried) for a in inner.attachments)


@pytest.mark.skipif(not MAIL.is_dir(), reason="the folder of real mail is not here")
def test_real_mail() -> None:
    messages = [
        read_message(path.read_bytes(), f"missing:{path.name}") for folder in ("ham", "torture") for path in sorted((MAIL / folder).glob("*"))
    ]
    ham = messages[:1000]
    assert len(messages) == 1268
    assert sum(bool(m.sender.email) for m in ham) == 1000
    assert sum(m.date is not None for m in ham) >= 999
    assert sum(m.id.startswith("missing:") for m in ham) == 0
    assert sum(bool(m.body.new) for m in ham) >= 980
    assert 550 <= sum(bool(m.body.history) for m in ham) <= 750
    assert sum(bool(m.unread) for m in ham) <= 5
    assert sum(bool(m.attachments) for m in messages[1000:]) >= 90
    assert sum(bool(m.carried) for m in messages[1000:]) >= 10
