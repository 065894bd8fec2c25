"""The text as its recipient saw it: hidden things dropped, broken words healed, and of two forms what either says."""

from __future__ import annotations

import pytest

from scanner.reading.mail.mime import read_message
from scanner.reading.zones.hypertext import text_of

PIXEL = "<img src='https://t.example/o.gif?u=ann' width=1 height=1 alt=''>"

HTML = {
    "a hidden preheader by display": ("<div style='display:none;max-height:0'>Teaser of words</div><p>Dear Bob</p>", "Dear Bob"),
    "a hidden preheader by size": ("<span style=\"font-size:0;line-height:0\">Teaser</span><p>Dear Bob</p>", "Dear Bob"),
    "a hidden preheader by one pixel": ("<div style='font-size:1px;color:#fff;line-height:1px;opacity:0'>Teaser</div><p>Dear Bob</p>", "Dear Bob"),
    "a hidden preheader by height": ("<div style='max-height:0px;overflow:hidden'>Teaser</div><p>Dear Bob</p>", "Dear Bob"),
    "hidden by visibility": ("<p style='visibility:hidden'>Teaser</p><p>Dear Bob</p>", "Dear Bob"),
    "hidden by attribute": ("<p hidden>Teaser</p><p>Dear Bob</p>", "Dear Bob"),
    "padding of a preheader": ("<p>Dear Bob</p><div>&zwnj;&nbsp;&zwnj;&nbsp;&#847;&#8199;&#65279;</div>", "Dear Bob"),
    "a tracking pixel": (f"<p>Dear Bob</p>{PIXEL}", "Dear Bob"),
    "style and script": ("<style>p{color:red}</style><script>alert(1)</script><p>Dear Bob</p>", "Dear Bob"),
    "a comment": ("<!-- no --><p>Dear<!-- not this --> Bob</p>", "Dear Bob"),
    "a conditional comment": ("<!--[if mso]><p>Only Outlook 2007</p><![endif]--><p>Dear Bob</p>", "Dear Bob"),
    "a downlevel-revealed comment": ("<![if !mso]><p>Dear Bob</p><![endif]>", "Dear Bob"),
    "a title": ("<html><head><title>Newsletter</title></head><body>Dear Bob</body></html>", "Dear Bob"),
    "zero-width spaces in a word": ("<p>coun\u200bcil t&#8203;ax</p>", "council tax"),
    "soft hyphens": ("<p>coun&shy;cil tax</p>", "council tax"),
    "no-break spaces": ("<p>council&nbsp;tax&#160;band&#8239;A</p>", "council tax band A"),
    "a word in several elements": ("<p><span>coun</span><span style='color:red'>c</span><b>il</b> t<font>ax</font></p>", "council tax"),
    "a word with an empty element": ("<p>coun<span></span>cil<o:p></o:p> tax</p>", "council tax"),
    "a possible break in a word": ("<p>coun<wbr>cil tax</p>", "council tax"),
    "a word broken by the source's lines": ("<p>council\n   tax</p>", "council tax"),
    "words in two cells": ("<table><tr><td>Name</td><td>Bell</td></tr></table>", "Name\tBell"),
    "words in two blocks": ("<div>council</div><div>tax</div>", "council\ntax"),
    "direction marks": ("<p>\u202acouncil\u202c \u200ftax</p>", "council tax"),
    "marks over nothing": ("<p>coun\u034fcil</p>", "council"),
    "entities": ("<p>Fish &amp; chips &pound;5 &lt;ann@x.example&gt; &#x2019;</p>", "Fish & chips £5 <ann@x.example> ’"),
    "a picture with words": ("<p><img src='cid:1' alt='Logo of the Council'> Dear Bob</p>", "Dear Bob"),
    "a struck-out word": ("<p>We <s>cannot</s> can pay.</p>", "We cannot can pay."),
}  # fmt: skip


@pytest.mark.parametrize("name", HTML)
def test_html(name: str) -> None:
    html, expected = HTML[name]
    assert text_of(html) == expected


PLAIN = {
    "zero-width spaces": ("coun\u200bcil tax\u2060", "council tax"),
    "soft hyphens": ("coun\u00adcil tax", "council tax"),
    "no-break spaces": ("council\u00a0tax\u202fband\u2009A", "council tax band A"),
    "control characters": ("council\x07 tax\x1b", "council tax"),
    "line separators": ("The tax\u2028is due\r\non the first\rof May.", "The tax\nis due\non the first\nof May."),
    "a byte order mark": ("\ufeffcouncil tax", "council tax"),
}

LETTER = "Dear Bob, the full Council meets on Tuesday at two in the Town Hall."

BOTH = {
    "the same": (LETTER, f"<p>{LETTER}</p>", LETTER),
    "the same, the HTML with a hidden preheader": (LETTER, f"<div style='display:none'>Come one, come all, and hear the news</div><p>{LETTER}</p>", LETTER),
    "the same, the HTML with a tracking pixel": (LETTER, f"<p>{LETTER}</p>{PIXEL}", LETTER),
    "the same, the plain one with links": (f"{LETTER} <https://x.example/agenda>", f"<p>{LETTER}</p>", LETTER),
    "an empty plain one": ("", f"<p>{LETTER}</p>", LETTER),
    "an empty HTML one": (LETTER, "<p></p>", LETTER),
    "the plain one says less": ("Dear Bob,", f"<p>{LETTER}</p>", LETTER),
    "the HTML one says less": (LETTER, "<p>Dear Bob</p>", LETTER),
    "each says something of its own": (
        "Vote for the Orange Party on the seventh of May.",
        f"<p>{LETTER}</p>",
        f"{LETTER}\n\nVote for the Orange Party on the seventh of May.",
    ),
}  # fmt: skip


def message(*parts: tuple[str, str]) -> bytes:
    body = "".join(f"--b\nContent-Type: text/{kind}; charset=utf-8\n\n{content}\n" for kind, content in parts)
    return f"From: ann@council.example\nContent-Type: multipart/alternative; boundary=b\n\n{body}--b--\n".encode()


@pytest.mark.parametrize("name", PLAIN)
def test_plain(name: str) -> None:
    text, expected = PLAIN[name]
    assert read_message(message(("plain", text)), "missing:x").body.new == expected


@pytest.mark.parametrize("name", BOTH)
def test_two_forms(name: str) -> None:
    plain, html, expected = BOTH[name]
    assert read_message(message(("plain", plain), ("html", html)), "missing:x").body.new == expected


PEOPLE = {
    "doubled fields": ("To: a@x.example\nTo: b@x.example\nCC: c@x.example\nCc: d@x.example", ["a", "b"], ["c", "d"], None),
    "doubled Bcc": ("To: a@x.example\nBcc: c@x.example\nBcc: d@x.example", ["a"], [], ["c", "d"]),
    "a group": ("To: The Members: a@x.example, B <b@x.example>;, c@x.example", ["a", "b", "c"], [], None),
    "an empty group": ("To: undisclosed-recipients:;\nCc: a@x.example", [], ["a"], None),
    "a comma in a name": ('To: "Bell, Ann" <a@x.example>, Carr, Bob <b@x.example>', ["a", "b"], [], None),
    "an address in a name": ('To: "c@x.example" <a@x.example>, "d@x.example, Ltd" <b@x.example>', ["a", "b"], [], None),
    "an encoded comma in a name": ("To: =?utf-8?Q?Bell=2C_Ann?= <a@x.example>, b@x.example", ["a", "b"], [], None),
    "an address in an encoded name": ("To: =?utf-8?Q?c=40x.example?= <a@x.example>", ["a"], [], None),
    "schemes": ('To: SMTP:a@x.example, "B" <smtp:b@x.example>, C [mailto:c@x.example]', ["a", "b", "c"], [], None),
    "semicolons": ("To: a@x.example; b@x.example;\nCc: c@x.example;", ["a", "b"], ["c"], None),
    "a comment": ("To: a@x.example (Ann, of the Council), (nobody) b@x.example", ["a", "b"], [], None),
    "a field folded in the middle": ("To: Ann\n <a@x.example>,\n\tb@x.example", ["a", "b"], [], None),
    "letter case": ("tO: A@X.Example\ncC: <B@x.EXAMPLE>", ["a"], ["b"], None),
    "Resent fields are another circulation": ("To: a@x.example\nResent-To: b@x.example\nResent-Cc: c@x.example", ["a"], [], None),
    "delivery fields show no name": ("To: a@x.example\nDelivered-To: b@x.example\nX-Original-To: c@x.example", ["a"], [], None),
}  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people(name: str) -> None:
    fields, to, cc, bcc = PEOPLE[name]
    found = read_message(f"From: z@x.example\n{fields}\n\nx".encode(), "missing:x")
    lists = (found.to, found.cc, found.bcc)
    assert [None if each is None else [a.email.partition("@")[0] for a in each] for each in lists] == [to, cc, bcc]


def test_a_legacy_address_is_kept_whole() -> None:
    found = read_message(b"To: </O=COUNCIL/OU=FIRST GROUP (ABC)/CN=RECIPIENTS/CN=ANN>, X500:/o=council/cn=bob\n\nx", "missing:x")
    assert [a.email for a in found.to] == ["/o=council/ou=first group (abc)/cn=recipients/cn=ann", "/o=council/cn=bob"]
