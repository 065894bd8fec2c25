"""Headers, plain and mangled, against what a reader would make of them."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest

from rules.message import Address
from scanner.reading.mail.addresses import addresses
from scanner.reading.mail.dates import utc
from scanner.reading.mail.envelope import Envelope, read_envelope
from scanner.reading.mail.fields import parametrised, plain, split

X500 = "/o=council/ou=first (abc)/cn=recipients/cn=ann"


def envelope(*headers: str | bytes) -> Envelope:
    rows = [h.encode("utf-8") if isinstance(h, str) else h for h in headers]
    return read_envelope(b"\r\n".join(rows) + b"\r\n\r\nBody\r\n", "missing:x")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ann@x.example", [("ann@x.example", "")]),
        ("Ann Bell <Ann@X.Example>", [("ann@x.example", "Ann Bell")]),
        ('"Bell, Ann (Cllr)" <ann@x.example>, bob@x.example', [("ann@x.example", "Bell, Ann (Cllr)"), ("bob@x.example", "")]),
        ("Bell, Ann <ann@x.example>; bob@x.example", [("ann@x.example", "Bell, Ann"), ("bob@x.example", "")]),
        ("ann@x.example (Ann Bell)", [("ann@x.example", "Ann Bell")]),
        ("undisclosed-recipients:;", []),
        ("unlisted-recipients:; (no To-header on input)", []),
        ('Team: a@x.example, "B" <b@x.example>;, c@x.example', [("a@x.example", ""), ("b@x.example", "B"), ("c@x.example", "")]),
        ("SMTP:ann@x.example", [("ann@x.example", "")]),
        ('"Ann" <SMTP:ann@x.example>', [("ann@x.example", "Ann")]),
        ("Ann Bell [mailto:ann@x.example]", [("ann@x.example", "Ann Bell")]),
        ("<" + X500.upper() + ">", [(X500, "")]),
        (X500.upper(), [(X500, "")]),
        ("Ann <IMCEAEX-_o=Council_ou=X_cn=Ann+20Bell@x.example>", [("/o=council/ou=x/cn=ann bell", "Ann")]),
        ("=?utf-8?Q?Bell,_Ann?= <ann@x.example>", [("ann@x.example", "Bell, Ann")]),
        ("=?utf-8?Q?Bell, Ann?= <ann@x.example>", [("ann@x.example", "Bell, Ann")]),
        ('"=?utf-8?Q?Zo=C3=AB?=" <zoe@x.example>', [("zoe@x.example", "Zoë")]),
        ("=?utf-8?B?Wm/D?= =?utf-8?B?qw==?= <zoe@x.example>", [("zoe@x.example", "Zoë")]),
        ("=?x-unknown?Q?Zo=EB?= <zoe@x.example>", [("zoe@x.example", "Zoë")]),
        ("=?utf-8?Q?a=0D=0ABcc:_x@x.example?= <ann@x.example>", [("ann@x.example", "a Bcc: x@x.example")]),
        ('"Ann <ann@x.example>, Bob <bob@x.example>', [("ann@x.example", "Ann"), ("bob@x.example", "Bob")]),
        ("'ann@x.example' <ann@x.example>", [("ann@x.example", "")]),
        ("<@relay,@other:ann@x.example>", [("ann@x.example", "")]),
        ("<ann@x.example> <bob@x.example>", [("ann@x.example", "")]),
        ("Ann Bell", [("", "Ann Bell")]),
        ("Ann Bell, bob@x.example", [("", "Ann Bell"), ("bob@x.example", "")]),
        (",, ;ann@x.example,", [("ann@x.example", "")]),
        ("<>", []),
        ("", []),
        ("ann@[192.0.2.1]", [("ann@[192.0.2.1]", "")]),
        ("<ann @ x.example>", [("ann@x.example", "")]),
        ("Ann <ann(her account)@x.example(her host)>", [("ann@x.example", "Ann")]),
        (r'"The \"Chair\"" <ann@x.example>', [("ann@x.example", 'The "Chair')]),
        (r'"Ann \\" <ann@x.example>, bob@x.example', [("ann@x.example", "Ann \\"), ("bob@x.example", "")]),
        ("=?utf-8?q?=C3=84?= <ann@x.example> =?utf-8?q?=2C?= bob@x.example", [("ann@x.example", "Ä"), ("bob@x.example", "")]),
    ],
)
def test_addresses(value: str, expected: list[tuple[str, str]]) -> None:
    assert addresses(value) == tuple(Address(email, name) for email, name in expected)


def test_every_doubled_header_counts() -> None:
    message = envelope(
        "From: a@x.example", "To: b@x.example", "To: c@x.example", "Cc: d@x.example", "CC: e@x.example", "Bcc: f@x.example", "bcc: g@x.example"
    ).message
    assert [a.email for a in message.to + message.cc + (message.bcc or ())] == [f"{c}@x.example" for c in "bcdefg"]


@pytest.mark.parametrize(("headers", "expected"), [((), None), (("Bcc:",), ()), (("Bcc: undisclosed-recipients:;",), ())])
def test_bcc_is_none_unless_a_header_stands(headers: tuple[str, ...], expected: tuple[Address, ...] | None) -> None:
    assert envelope("From: a@x.example", *headers).message.bcc == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Message-ID: <a@x>",), "a@x"),
        (("Message-Id: a@x",), "a@x"),
        (("MESSAGE-ID:", " <a@x>"), "a@x"),
        (("Message-ID: < a@x >",), "a@x"),
        (("Message-ID: <a@\r\n x>",), "a@x"),
        ((), "missing:x"),
        (("Message-ID: ",), "missing:x"),
        (("Message-ID: <>",), "missing:x"),
        (("Message-ID: <a@x>", "Message-ID: <b@x>"), "a@x"),
        (("From nobody Mon May  4 10:00:00 2026", "Message-ID: <a@x>"), "a@x"),
    ],
)
def test_message_id(headers: tuple[str, ...], expected: str) -> None:
    assert envelope(*headers).message.id == expected


def test_conversation() -> None:
    message = envelope("In-Reply-To: Your message of Monday <a@x>", "References: <b@x><a@x>", " <c@x>").message
    assert (message.in_reply_to, message.references) == ("a@x", ("b@x", "a@x", "c@x"))
    assert envelope("In-Reply-To: a@x").message.in_reply_to == "a@x"
    assert envelope("In-Reply-To: your message of today at a@x").message.in_reply_to == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 4 May 2026 10:00:00 +0100", datetime(2026, 5, 4, 9, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:00 GMT", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:00 BST", datetime(2026, 5, 4, 9, tzinfo=UTC)),
        ("4 May 26 10:00 +0000", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:00 +0100 (British Summer Time)", datetime(2026, 5, 4, 9, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:00", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:60 +0000", datetime(2026, 5, 4, 10, 0, 59, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:00 +9999", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("Mon, 4 May 2026 10:00:00 +99999999999999", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("2026-05-04T10:00:00+01:00", datetime(2026, 5, 4, 9, tzinfo=UTC)),
        ("2026-05-04 10:00:00", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("Mon, 4 May 0001 10:00:00 +0100", None),
        ("Mon, 4 May 99999 10:00:00 +0100", None),
        ("Mon, 40 May 2026 10:00:00", None),
        ("yesterday", None),
        ("", None),
        ("()" * 5000, None),
        ("9" * 5000, None),
    ],
)
def test_dates(value: str, expected: datetime | None) -> None:
    assert utc(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?Q?Caf=C3=A9?=", "Café"),
        ("=?UTF-8?b?Q2Fmw6k=?=", "Café"),
        ("=?UTF-8?b?Q2Fmw6k?=", "Café"),
        ("=?iso-8859-1?q?Caf=E9_x?=", "Café x"),
        ("=?utf-8*en?Q?Hi?=", "Hi"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?= b", "a b"),
        ("a=?utf-8?Q?b?=c", "abc"),
        ("=?utf-8?Q?a b?=", "a b"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("=?utf-8?Q?=ZZ?=", "=ZZ"),
        ("=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"),
        ("=?iso-8859-1?Q?=93Hi=94?=", "\u201cHi\u201d"),
        ("=?punycode?Q?abc?=", "abc"),
        ("=?utf-7?Q?+AOk-?=", "é"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("a\r\n\tb", "a b"),
    ],
)
def test_encoded_words(value: str, expected: str) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("field", "name", "expected"),
    [
        ('attachment; filename="a;b.pdf"', "filename", "a;b.pdf"),
        ("attachment; filename=a b.pdf", "filename", "a b.pdf"),
        ('x; filename="a\\"b"', "filename", 'a"b'),
        ("x; filename*=utf-8''Caf%C3%A9.pdf", "filename", "Café.pdf"),
        ("x; filename*0*=utf-8''Caf%C3; filename*1*=%A9.pdf", "filename", "Café.pdf"),
        ('x; filename*0="a"; filename*1="b"', "filename", "ab"),
        ('x; name="=?utf-8?Q?Caf=C3=A9?="', "name", "Café"),
        ("x; ; CHARSET = utf-8", "charset", "utf-8"),
        ('x; boundary="unclosed', "boundary", "unclosed"),
    ],
)
def test_parameters(field: str, name: str, expected: str) -> None:
    assert parametrised(field).parameters[name] == expected


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (b"Subject: Bins\r\n \r\nDear Bob,\r\n\r\nYes.\r\n", b"Dear Bob,\r\n\r\nYes.\r\n"),
        (b"Subject: Bins\nDear Bob,\n\nYes.\n", b"Dear Bob,\n\nYes.\n"),
        (b"Content-Type: text/plain\nDear Bob,\nNote: yes.\n\nYes.\n", b"Dear Bob,\nNote: yes.\n\nYes.\n"),
        (b"Subject: Bins\nrubbish\nTo: bob@x.example\n\nYes.\n", b"Yes.\n"),
        (b"rubbish\nTo: bob@x.example\n\nYes.\n", b"Yes.\n"),
    ],
)
def test_where_the_body_begins(lines: bytes, body: bytes) -> None:
    assert bytes(split(lines, 1_000)[1]) == body


def test_eight_bit_headers() -> None:
    assert envelope(b"Subject: Zo\xc3\xab").message.subject == "Zoë"
    assert envelope(b"Subject: Zo\xeb").message.subject == "Zoë"


@pytest.mark.parametrize(
    ("headers", "sender", "submitter"),
    [
        (("From: a@x.example",), "a@x.example", None),
        (("From: a@x.example", "Sender: b@x.example"), "a@x.example", "b@x.example"),
        (("From: a@x.example", "Sender: A@X.example"), "a@x.example", None),
        (("Sender: b@x.example",), "b@x.example", None),
        (("Return-Path: <c@x.example>",), "c@x.example", None),
        ((), "", None),
    ],
)
def test_sender(headers: tuple[str, ...], sender: str, submitter: str | None) -> None:
    message = envelope(*headers).message
    assert (message.sender.email, message.submitter.email if message.submitter else None) == (sender, submitter)


@pytest.mark.parametrize(
    ("header", "automatic", "rerouted"),
    [
        ("X: y", False, False),
        ("Auto-Submitted: no", False, False),
        ("Auto-Submitted: auto-replied", True, False),
        ("Auto-Submitted: auto-forwarded", True, True),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", True, True),
        ("X-MS-Exchange-Inbox-Rules-Loop: a@x.example", False, True),
        ("Resent-From: a@x.example", False, True),
        ("Precedence: auto_reply", True, False),
        ("Precedence: bulk", False, False),
        ("Content-Type: multipart/report; boundary=x", True, False),
        ("X-Forwarded-To: a@x.example", False, True),
    ],
)
def test_automatic_and_rerouted(header: str, automatic: bool, rerouted: bool) -> None:
    found = envelope("From: a@x.example", header)
    assert (found.message.automatic, found.rerouted) == (automatic, rerouted)


TRACE = "Received: from mx.council.example by mail.council.example; Mon, 4 May 2026 10:00:00 +0100"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Delivered-To: ann@x.example", TRACE), ("ann@x.example",)),
        (("X-Original-To: All@x.example", "Delivered-To: ann@x.example", TRACE, "Delivered-To: eve@x.example"), ("all@x.example", "ann@x.example")),
        (("Envelope-to: ann@x.example, bob@x.example", "Delivered-To: ann@x.example", TRACE), ("ann@x.example", "bob@x.example")),
        ((TRACE, "Delivered-To: ann@x.example", TRACE), ("ann@x.example",)),
        ((TRACE, "Delivered-To: eve@x.example"), ()),
        (("Delivered-To: eve@x.example", "To: bob@x.example"), ()),
        (("Delivered-To: ", TRACE), ()),
    ],
)
def test_for_whom_servers_took_it(headers: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert envelope(*headers, "From: a@x.example").delivered == expected


@pytest.mark.parametrize(
    ("header", "journal"),
    [
        ("X-MS-Journal-Report:", True),
        ("X-MS-Journal-Report: yes", True),
        ("Content-Identifier: ExJournalReport", True),
        ("Content-Identifer: exjournalreport", True),
        ("Content-Identifier: x", False),
    ],
)
def test_journal(header: str, journal: bool) -> None:
    assert envelope(header).journal is journal


HOSTILE = {
    "encoded-word flood": b"To: " + b"=?utf-8?Q?a?= " * 29_000,
    "nested parentheses": b"To: " + b"(" * 500 + b"a@x.example",
    "many parentheses": b"To: " + b"(" * 400_000,
    "open encoded words": b"To: " + b"=?utf-8?B?" * 40_000,
    "open quotes": b"To: " + b'"\\' * 200_000,
    "open brackets": b"To: " + b"<" * 400_000,
    "at signs": b"To: " + b"a@" * 200_000,
    "no at sign": b"To: " + b"=?" * 200_000,
    "legacy": b"To: " + b"/o=" * 130_000,
    "subject": b"Subject: " + b"=?utf-8?B?" * 40_000,
    "parameters": b"Content-Type: a/b" + b"; a*1*=x" * 50_000,
    "folds": b"To: a" + b"\r\n b" * 130_000,
    "references": b"References: " + b"<a" * 200_000,
    "no line end": b"A" * 5_000_000,
    "colons": b"a:\n" * 200_000,
    "escapes": b'Content-Type: a/b; c="' + b"\\" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_cheap(name: str) -> None:
    started = process_time()
    found = read_envelope(HOSTILE[name] + b"\r\n\r\nx", "missing:x")
    assert process_time() - started < 10
    assert any("cut" in reason for reason in found.message.unread) or len(HOSTILE[name]) < 2_000


def test_the_flood_of_encoded_words_costs_little() -> None:
    started = process_time()
    read_envelope(HOSTILE["encoded-word flood"] + b"\r\n\r\nx", "missing:x")
    assert process_time() - started < 10
