"""The last guard before paper: what it blanks, what it must leave, and what it makes legible."""

from __future__ import annotations

import time

import pytest

from reports.mask import legible, masked, unaddressed

INSIDE = ("thornburyvale.example",)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("write to mary.jones@post.example today", "[e-mail address]"),
        ("write to mary.jones @ post.example today", "[e-mail address]"),
        ("write to mary\u200b.jones@post.example today", "[e-mail address]"),
        ("write to mary\uff20post.example today", "[e-mail address]"),
        ('write to "mary jones"@post.example today', "[e-mail address]"),
        ("write to mary@thornburyvale.example.evil.example", "[e-mail address]"),
        ("write to mary@notthornburyvale.example", "[e-mail address]"),
        ("ring 01632 960123", "[phone number]"),
        ("ring 07700 900 123.", "[phone number]"),
        ("ring (020) 7946 0123", "[phone number]"),
        ("ring +44 (0)20 7946 0123", "[phone number]"),
        ("ring 0044 1632 960123", "[phone number]"),
        ("ring 07700\u2011900\u2011123", "[phone number]"),
        ("NHS 943 476 5919", "[NHS number]"),
        ("NHS 943-476-5919", "[NHS number]"),
        ("NHS 9434765919", "[NHS number]"),
        ("her NI is QQ 12 34 56 C", "[National Insurance number]"),
        ("her NI is qq123456c", "[National Insurance number]"),
        ("her NI is QQ-12-34-56-C", "[National Insurance number]"),
    ],
)
def test_private_details_are_blanked(text: str, mark: str) -> None:
    line = masked(text, INSIDE)
    assert mark in line
    assert not any(scrap in line for scrap in ("mary", "960", "900", "7946", "943", "5919", "12 34", "123456", "12-34"))


@pytest.mark.parametrize(
    "text",
    [
        "jo.price@thornburyvale.example wrote on 14 October 2026 at 16:05",
        "from Ann@Members.ThornburyVale.example",
        "clause 25.12 and section 5.4.9 of the Protocol 2023",
        "the sum of £1,250,000 for 2026-10-14",
        "planning application 26/01234/FUL",
        "meet @ noon in room 3",
    ],
)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert masked(text, INSIDE) == text


def test_links_keep_only_their_host() -> None:
    assert masked("see https://mary@party.example/give?who=mary%40post.example now", INSIDE) == "see [link to party.example] now"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\r\ntwo\tthree\u2028four\x00\x1b[31m", "one two three four [31m"),
        ("\u202egnp.exe\u2066 \u200ehidden\u200b\ufeff", "gnp.exe hidden"),
        ("half a \ud83d pair", "half a pair"),
        ("a\u0301\u0301\u0301\u0301\u0301\u0301b", "á\u0301\u0301\u0301b"),
        ("x" * 20, "x" * 9 + "…"),
    ],
)
def test_text_is_made_to_show_as_it_reads(text: str, line: str) -> None:
    assert legible(text, 10 if "xxx" in text else 600) == line


def test_the_digits_of_an_item_stay_to_find_it_by() -> None:
    assert unaddressed("1697040000.M0163296.eml from mary@post.example", INSIDE) == "1697040000.M0163296.eml from [e-mail address]"


@pytest.mark.parametrize("text", ["a" * 100_000, "0 " * 50_000, "a@" * 50_000, "http://" * 20_000, '"' * 100_000, "(" * 100_000])
def test_long_hostile_text_is_quick(text: str) -> None:
    start = time.perf_counter()
    masked(text, INSIDE)
    assert time.perf_counter() - start < 20
