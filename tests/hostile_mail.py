"""Mail written here to break its reader: floods, depths, sizes and lies about boundaries. Each is made when asked for, and the same every time."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Callable

from office_files import docx, paragraph
from outlook_maker import message as saved_message
from outlook_maker import packed

MB = 1024 * 1024
HEAD = b"From: ann@council.example\nTo: bob@council.example\nSubject: Bins\nMessage-ID: <a@x>\nMIME-Version: 1.0\n"


def message(kind: str, body: bytes, more: str = "") -> bytes:
    return HEAD + f"Content-Type: {kind}\n{more}\n".encode() + body


def multipart(parts: list[bytes], boundary: str = "b", kind: str = "mixed") -> bytes:
    line = f"--{boundary}".encode()
    return message(f"multipart/{kind}; boundary={boundary}", b"".join(line + b"\n" + part + b"\n" for part in parts) + line + b"--\n")


def file(name: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    head = f"Content-Type: {kind}\nContent-Disposition: attachment; filename={name}\nContent-Transfer-Encoding: base64\n\n"
    return head.encode() + base64.encodebytes(content)


def header(name: str, value: bytes) -> bytes:
    return HEAD + name.encode() + b": " + value + b"\n\nWords.\n"


def nested(depth: int, inner: bytes = b"\nwords\n", padding: bytes = b"") -> bytes:
    """Multiparts inside one another, each with padding before its first part."""
    lines = [b"Content-Type: multipart/mixed; boundary=b%d\n\n%s\n--b%d\n" % (n, padding, n) for n in range(depth)]
    return HEAD + b"".join(lines) + inner


def attached(depth: int, inner: bytes) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\n\n" * depth + inner


def attached_in_base64(depth: int, inner: bytes) -> bytes:
    """Messages attached to messages, each in base64, so that each level must be unpacked before the next is seen."""
    raw = b"Subject: innermost\n\n" + inner
    for _ in range(depth):
        raw = b"Subject: next\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(raw)
    return raw


def every_boundary_like_the_last() -> bytes:
    """Boundaries that begin with one another, so that a careless reader takes the longer for the shorter."""
    names = ["b" * n for n in range(1, 60)]
    return HEAD + b"".join(f"Content-Type: multipart/mixed; boundary={name}\n\n--{name}\n".encode() for name in names) + b"\nwords\n"


def boundary_lines(boundary: bytes, count: int) -> bytes:
    return message(f'multipart/mixed; boundary="{boundary.decode()}"', b"--" + boundary + b"\n" + (b"--" + boundary + b"x\n") * count)


def letters(count: int, size: int) -> bytes:
    """Documents that each take a while to read."""
    letter = docx(paragraph("You have my word. " * 50) * size)
    return multipart([b"\nSee the files.", *(file(f"{n}.docx", letter) for n in range(count))])


def nameless_member() -> bytes:
    """An archive with a member that has no name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("aaaaa.txt"), b"Words inside.")
        archive.writestr(zipfile.ZipInfo("bbbbb.txt"), b"More words.")
    return out.getvalue().replace(b"bbbbb.txt", b"\0bbbb.txt")


def saved_letters(count: int) -> bytes:
    """Saved Outlook messages whose rich text unfolds to as much as is unpacked of one."""
    letter = saved_message({0x0037: "Bins", 0x1009: packed(b"{\\rtf1" + b"\\f1" * 600_000)})
    return multipart([b"\nSee these.", *(file(f"{n}.msg", letter) for n in range(count))])


def garbage(size: int) -> bytes:
    return random.Random(1).randbytes(size)


def html(content: str) -> bytes:
    return message("text/html; charset=utf-8", content.encode())


HOSTILE_MAIL: dict[str, Callable[[], bytes]] = {
    "encoded-word flood": lambda: header("To", b"=?utf-8?Q?a?= " * 29_000),
    "encoded-word flood over many headers": lambda: HEAD + b"To: =?utf-8?Q?a?= <a@x.example>\n" * 7_000 + b"\nx",
    "encoded words of many charsets": lambda: header("Subject", b" ".join(b"=?x-%d?Q?a?=" % n for n in range(6_000))),
    "500 nested comments": lambda: header("To", b"(" * 500 + b"a@x.example"),
    "a million comments": lambda: header("To", b"(" * 1_000_000),
    "comments that close": lambda: header("To", b"(a)" * 30_000 + b"a@x.example"),
    "unclosed quotes": lambda: header("To", b'"\\' * 48_000),
    "quoted commas": lambda: header("To", b'"a,' * 30_000),
    "groups in groups": lambda: header("To", b"a:" * 45_000 + b"b@x.example" + b";" * 45_000),
    "angle brackets": lambda: header("From", b"<" * 90_000 + b"a@x.example" + b">" * 90_000),
    "legacy addresses": lambda: header("To", b"/o=a/ou=b(" * 9_000),
    "a line folded 100,000 times": lambda: HEAD + b"X: a" + b"\n b" * 100_000 + b"\n\nx",
    "100,000 headers": lambda: HEAD + b"X: a\n" * 100_000 + b"\nx",
    "100 MB of headers": lambda: HEAD + b"X: a\n" * (20 * MB) + b"\nx",
    "a header of 100 MB": lambda: HEAD + b"X: " + b"a" * (100 * MB),
    "no line end in 50 MB": lambda: b"A" * (50 * MB),
    "parameters": lambda: message("text/plain" + "; a*1*=x" * 10_000, b"x"),
    "parameter sections": lambda: message("text/plain" + "".join(f'; name*{n}="x"' for n in range(1_000)), b"x"),
    "a file name of 20,000 characters": lambda: multipart([b"\nx", file("a" * 20_000, b"x")]),
    "a file name that climbs": lambda: multipart([b"\nx", file('"../../../../etc/passwd"', b"x")]),
    "references": lambda: header("References", b"<a@x>" * 19_000),
    "100,000 parts": lambda: multipart([b"\nx"] * 100_000),
    "100,000 empty parts": lambda: message("multipart/mixed; boundary=b", b"--b\n" * 100_000),
    "a million parts of parts": lambda: message("multipart/mixed; boundary=b", b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 100_000),
    "3,000 parts inside one another": lambda: nested(3_000),
    "20 parts inside one another around 5 MB": lambda: nested(19, b"\n" + b"words \n" * (5 * MB // 7)),
    "20 parts inside one another around 100 MB": lambda: nested(19, b"\n" + b"x" * (100 * MB)),
    "20 parts inside one another around 30 million line ends": lambda: nested(19, b"\n" * (30 * MB)),
    "20 parts inside one another around dashes": lambda: nested(19, b"\n" + b"--b1" * (8 * MB)),
    "20 parts inside one another around lines of dashes": lambda: nested(19, b"\n" + b"\n--b" * (5 * MB)),
    "5,000 messages attached to one another": lambda: attached(5_000, b"Subject: x\n\nx"),
    "20 messages attached around 100 MB": lambda: attached(19, b"Subject: x\n\n" + b"x" * (100 * MB)),
    "12 messages in base64 around 1 MB": lambda: attached_in_base64(12, b"words \n" * (MB // 7)),
    "500 messages attached, each long": lambda: multipart([b"Content-Type: message/rfc822\n\nSubject: x\n\n" + b"words \n" * 9_000] * 500),
    "boundaries that begin alike": every_boundary_like_the_last,
    "lines like a boundary": lambda: boundary_lines(b"b" * 70, 1_000_000),
    "a boundary of 90,000 characters": lambda: boundary_lines(b"b" * 90_000, 400),
    "a boundary of regular expression": lambda: boundary_lines(b"(a+)+$[", 100_000),
    "an empty boundary": lambda: message('multipart/mixed; boundary=""', b"--\n\nx\n----\n"),
    "no boundary": lambda: message("multipart/mixed", b"--b\n\nx\n--b--\n"),
    "a boundary never used": lambda: message("multipart/mixed; boundary=b", b"words\n" * 100_000),
    "a multipart in base64": lambda: message(
        "multipart/mixed; boundary=b", base64.encodebytes(b"--b\n\nwords\n--b--\n"), "Content-Transfer-Encoding: base64\n"
    ),
    "a body of 200 MB": lambda: message("text/plain", b"words \n" * (200 * MB // 7)),
    "a body of 200 MB on one line": lambda: message("text/plain", b"x" * (200 * MB)),
    "a body of 100 MB in base64": lambda: message("text/plain", base64.encodebytes(bytes(MB)) * 74, "Content-Transfer-Encoding: base64\n"),
    "a body of 100 MB in quoted-printable": lambda: message("text/plain", b"=41" * (33 * MB), "Content-Transfer-Encoding: quoted-printable\n"),
    "100 MB of spaces in quoted-printable": lambda: message("text/plain", b" " * (100 * MB) + b"x", "Content-Transfer-Encoding: quoted-printable\n"),
    "100 MB of padding in base64": lambda: message("text/plain", b"=" * (100 * MB), "Content-Transfer-Encoding: base64\n"),
    "50 MB of uuencode": lambda: message("text/plain", b"begin 644 a\n" * (4 * MB), "Content-Transfer-Encoding: x-uuencode\n"),
    "50 MB of zeros": lambda: bytes(50 * MB),
    "5 MB of garbage": lambda: garbage(5 * MB),
    "an attachment of 200 MB": lambda: multipart([b"\nx", file("a.txt", b"") + (b"d29yZHMg" * 9 + b"\n") * (200 * MB // 73)]),
    "four attachments of 45 MB": lambda: multipart([b"\nx"] + [file("a.bin", b"") + (b"d29yZHMg" * 9 + b"\n") * (60 * MB // 73)] * 4),
    "1,000 attachments of 50 kB": lambda: multipart([b"\nx"] + [file("a.txt", b"words \n" * 7_000)] * 1_000),
    "nested elements": lambda: html("<div>" * 400_000),
    "nested elements below the bound": lambda: html("<div>" * 9_900 + "x"),
    "nested spans below the bound": lambda: html("<span>" * 9_900 + "x"),
    "2 MB of paragraphs": lambda: html("<p>a" * 500_000),
    "2 MB of table cells": lambda: html("<table><tr>" + "<td>a" * 400_000),
    "2 MB of short rows": lambda: html("<table>" + "<tr><td>a<td>b" * 140_000),
    "2 MB of line breaks": lambda: html("<br>" * 500_000),
    "2 MB of entities": lambda: html("&amp;" * 400_000),
    "2 MB of open tags": lambda: html("<a x" * 500_000),
    "one element with 2 MB of attributes": lambda: html("<p " + "a=b " * 500_000 + ">x"),
    "100,000 styles": lambda: html("<i style='" + "color:red;" * 20_000 + "'>x" * 9),
    "nested tables below the bound": lambda: html("<table><tr><td>a<td>b" * 9_900),
    "nested tables of empty cells": lambda: html("<table><tr>" + "<td><p></p> " * 45_000),
    "quotes above empty lines": lambda: html("<blockquote><br>" * 9_900 + "<br>" * 80_000),
    "quotes in quotes": lambda: html("<blockquote type=cite>a" * 9_900),
    "a million quote marks": lambda: message("text/plain", b">" * 1_000_000),
    "a million quoted lines": lambda: message("text/plain", b"> \n" * 600_000),
    "header blocks without end": lambda: message("text/plain", b"From: a\nSent: b\nTo: c\nSubject: d\n\n" * 30_000),
    "attributions without end": lambda: message("text/plain", b"On 5 May 2026, Ann wrote:\n> a\n\n" * 30_000),
    "signatures without end": lambda: message("text/plain", b"Kind regards\nAnn\n-- \n" * 50_000),
    "a signature above an endless line": lambda: message("text/plain", b"Dear Bob,\n\nYes.\n\nKind regards\nAnn Bell\n" + b"kind regards " * 70_000),
    "lines without a full stop": lambda: message("text/plain", b"Yes.\n\nKind regards\nAnn\n" + (b"wrote" * 1_600 + b" \n") * 100),
    "a zone beyond all clocks": lambda: HEAD + b"Date: Mon, 4 May 2026 10:00:00 +" + b"9" * 150 + b"\n\nx",
    "flowed lines without end": lambda: message("text/plain; format=flowed", b"a \n" * 700_000),
    "addresses in the body": lambda: message("text/plain", b"a@" * 500_000),
    "brackets in the body": lambda: message("text/plain", b"<[" * 500_000),
    "a calendar of 100,000 entries": lambda: message("text/calendar", b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nSUMMARY:a b c\nEND:VEVENT\n" * 60_000),
    "a calendar of different entries": lambda: message(
        "text/calendar", b"BEGIN:VCALENDAR\n" + b"".join(b"DESCRIPTION:w%d of\\n it\n" % n for n in range(60_000))
    ),
    "calendar folds": lambda: message("text/calendar", b"BEGIN:VCALENDAR\nDESCRIPTION:a" + b"\n b" * 600_000),
    "alternatives that differ": lambda: multipart(
        [b"\n" + b"".join(b"word%d " % n for n in range(100_000)), b"Content-Type: text/html\n\n" + b"".join(b"term%d " % n for n in range(100_000))],
        kind="alternative",
    ),
    "900 alternatives": lambda: multipart([b"\n" + b"".join(b"w%dx%d " % (n, m) for m in range(100)) for n in range(900)], kind="alternative"),
    "an opaque signature without end": lambda: message("application/pkcs7-mime; smime-type=signed-data", b"\x30\x80" * 500_000),
    "a signature of empty elements": lambda: message("application/pkcs7-mime", b"\x30\x80\x06\x00" + b"\x04\x00" * 1_000_000),
    "20 S/MIME layers": lambda: message("application/pkcs7-mime", b"\x30\x84\x7f\xff\xff\xff" * 100_000),
    "a winmail.dat of attributes": lambda: message("application/ms-tnef", b"\x78\x9f\x3e\x22\1\0" + b"\1\2\x80\1\0\0\0\0\0\0\0" * 100_000),
    "a winmail.dat of attachments": lambda: message("application/ms-tnef", b"\x78\x9f\x3e\x22\1\0" + b"\2\2\x90\6\0\0\0\0\0\0\0" * 100_000),
    "30 saved messages of rich text": lambda: saved_letters(30),
    "a member without a name": lambda: multipart([b"\nx", file("a.zip", nameless_member())]),
    "zeros in a Message-ID": lambda: b"Message-ID: <a\0\x01@x>\nIn-Reply-To: b\0@x\nReferences: <c\0@x>\nContent-Type: te\0xt/plain\n\nWords.\n",
    "half a character": lambda: html("&#xD800;a&#xDFFF;"),
    "utf-7 of halves": lambda: message("text/plain; charset=utf-7", b"+2AA-a"),
    "utf-16 of halves": lambda: message("text/plain; charset=utf-16-le", b"\x00\xd8a\x00"),
    "a charset that is no text": lambda: message("text/plain; charset=rot13", b"Words"),
    "a charset that is slow": lambda: message("text/plain; charset=punycode", b"a-" + b"9" * 100_000),
    "iso-2022-jp escapes": lambda: message("text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B" * 300_000),
    "Bell characters": lambda: message("text/plain", b"\x07\x1b[2J" * 300_000),
    "nothing": lambda: b"",
    "line ends alone": lambda: b"\n" * 1_000_000,
    "carriage returns alone": lambda: b"\r" * 1_000_000,
    "a colon": lambda: b":",
    "spaces before headers": lambda: b" " * 1_000_000 + b"Subject: x\n\nx",
    "a byte order mark": lambda: b"\xef\xbb\xbf" + HEAD + b"\nx",
}
