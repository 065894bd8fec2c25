"""HTML of the mail programs, as a reader sees it."""

from __future__ import annotations

from time import process_time

import pytest

from scanner.reading.zones.hypertext import text_of

OUTLOOK = (
    "<html><head><style>p.MsoNormal{margin:0}</style></head><body><div class=WordSection1><p class=MsoNormal>Hi Bob,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    "<p class=MsoNormal>Yes &amp; no.<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Ann Bell "
    "&lt;ann@council.example&gt;<br><b>Sent:</b> 05 May 2026 10:12<br><b>To:</b> Bob Carr<br><b>Subject:</b> Bins<o:p></o:p></p></div><p class=MsoNormal>Old.</p></div></body></html>"
)
PHONE = (
    "<div>On it</div><div id='ms-outlook-mobile-signature'>Get <a href='https://x.example'>Outlook for iOS</a></div><hr style='display:inline-block;width:98%'>"
    "<div id='divRplyFwdMsg'><font><b>From:</b> Ann<br><b>Sent:</b> 05 May 2026 10:12<br><b>To:</b> Bob<br><b>Subject:</b> Bins</font><div>&nbsp;</div></div><div>Old.</div>"
)
GMAIL = (
    "<div dir='ltr'>Hi<div><br></div><div>Yes</div></div><br><div class='gmail_quote'><div class='gmail_attr'>On Tue, 5 May 2026 at 10:12, Ann Bell &lt;<a href='mailto:ann@x.example'>"
    "ann@x.example</a>&gt; wrote:<br></div><blockquote class='gmail_quote' style='border-left:1px solid #ccc'><div>Old<br><br>text</div></blockquote></div>"
)
APPLE = "<div>Yes</div><div><br><blockquote type='cite'><div>On 5 May 2026, at 10:12, Ann wrote:</div><br><div>Old</div><blockquote type='cite'>Older</blockquote></blockquote></div>"
THUNDERBIRD = "FYI<br>-------- Forwarded Message --------<table class='moz-email-headers-table'><tr><th>Subject: </th><td>Bins</td></tr><tr><th>From: </th><td>Ann</td></tr></table>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (OUTLOOK, "Hi Bob,\n\nYes & no.\nFrom: Ann Bell <ann@council.example>\nSent: 05 May 2026 10:12\nTo: Bob Carr\nSubject: Bins\nOld."),
        (PHONE, f"On it\nGet Outlook for iOS\n{'_' * 32}\nFrom: Ann\nSent: 05 May 2026 10:12\nTo: Bob\nSubject: Bins\n\nOld."),
        (GMAIL, "Hi\n\nYes\n\nOn Tue, 5 May 2026 at 10:12, Ann Bell <ann@x.example> wrote:\n\n> Old\n>\n> text"),
        (APPLE, "Yes\n\n> On 5 May 2026, at 10:12, Ann wrote:\n>\n> Old\n>\n>> Older"),
        (THUNDERBIRD, "FYI\n-------- Forwarded Message --------\n\nSubject:\tBins\nFrom:\tAnn"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
        (
            "<table><tr><th>Name</th><th>Street</th></tr><tr><td><p>Ann</p></td><td><p>1 High St</p></td></tr></table>after",
            "Name\tStreet\nAnn\t1 High St\n\nafter",
        ),
        ("<table><tr><td><table><tr><td>A</td></tr></table></td></tr></table>", "A"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        (
            "<div style='display:none'>hidden</div><span style='font-size:0px'>x</span><div style='max-height:0;overflow:hidden'>y</div><p hidden>z</p>seen",
            "seen",
        ),
        ("<div style='font-size:0.9em;max-height:0.5in'>small</div>", "small"),
        ("<!-- no --><script>no</script><style>no</style><title>no</title>yes", "yes"),
        ("co\u00adun\u200bcil&nbsp;tax", "council tax"),
        ("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>indented</blockquote>", "indented"),
        ("<div>Ann wrote:</div><blockquote>quoted</blockquote>", "Ann wrote:\n\n> quoted"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("no tags at all", "no tags at all"),
        ("", ""),
        ("<", "<"),
        ("&lt;b&gt; &amp;amp; &#8217;", "<b> &amp; \u2019"),
        ("<b>never <i>closed", "never closed"),
    ],
)
def test_text_of(html: str, expected: str) -> None:
    found = "\n".join(line.rstrip() for line in text_of(html).split("\n"))
    assert found == expected


HOSTILE = {
    "nested div": "<div>" * 200_000 + "x",
    "nested below the bound": "<div>" * 9_999 + "x",
    "nested tables": "<table>" * 9_000,
    "foreign": "<svg>" + "<td>" * 100_000,
    "paragraphs": "<p>" * 300_000,
    "open tags": "<a x" * 100_000,
    "comments": "<!--" * 200_000,
    "scripts": "<script>" * 200_000,
    "signs": "<" * 1_000_000,
    "entities": "&" * 1_000_000,
    "lists": "<li><ul>" * 9_000,
    "formatting": "<a><b>" * 4_900 + "</a>" * 5_000,
    "quotes": "<blockquote type=cite>a" * 9_000,
    "cells": "<table><tr><td>a<td>b" * 2_400,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_is_cheap(name: str) -> None:
    started = process_time()
    found = text_of(HOSTILE[name])
    assert process_time() - started < 30
    assert len(found) < 3_000_000


def test_text_too_deep_to_lay_out_is_still_read() -> None:
    html = "<div>" * 20_000 + "first<br>second<style>no</style><!-- a > b --><td>third</td><td>&amp;c</td>"
    assert text_of(html) == "first\nsecond\tthird\t&c"
