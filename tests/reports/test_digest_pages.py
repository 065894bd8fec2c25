"""Digests as pages: both carry the same, neither can be injected, and Outlook can show the one and any terminal the other."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from reports.casebook import Coverage, Decision, Disposition, ReadingFailure, ScanRun
from reports.render import html, text
from rules.circulation import Copy, Role
from rules.finding import Evidence

VOID = {"meta", "br"}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% include 'x' %}",
    "one\r\n\r\nDECISIONS THIS WEEK\r\ntwo",
    "\u202ereversed\u2066 \x00\x07\x1b]0;title\x07",
    "]]></td></tr></table><!--",
    "javascript:alert(1) https://evil.example/x?y=<z>",
    "ring 07700 900123 or write to mary.jones@post.example about QQ 12 34 56 C",
    "\ud83d alone",
    "x" * 5000,
)


class Page(HTMLParser):
    """Tags in order, attributes, and the text that a reader sees."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def said(page: str) -> str:
    return " ".join(" ".join(Page(page).words).split())


def plain(page: str) -> str:
    return " ".join(page.split())


def poisoned(world: Any, poison: str) -> Any:
    case = world.case(
        summary=f"Summary {poison}",
        settle=f"Settle {poison}",
        next_step=f"Next {poison}",
        evidence=(Evidence("k", f"Says {poison}", 2.0, f"attachment {poison}", f"Excerpt {poison}"), Evidence("k", poison, -2.0, poison, poison)),
        copies=(Copy(poison, f"Folder {poison}", poison, Role.SENT),),
    )
    decided = world.case(message_id="d", summary=poison, decision=Decision(Disposition.UPHELD, poison, world.at(16), poison))
    scan = ScanRun(50, world.at(19, 6), None, poison, poison, (poison,))
    return world.digest(
        world.book(
            (case, decided),
            (Coverage(poison, poison, 10, 9, failed=1),),
            (ReadingFailure(poison, poison, poison, poison, poison),),
            (*world.scans(), scan),
        )
    )


@pytest.mark.parametrize("poison", HOSTILE)
def test_nothing_from_mail_becomes_markup(world: Any, poison: str) -> None:
    clean, page = Page(html(world.digest(world.busy()))), Page(html(poisoned(world, poison)))
    assert not page.open
    assert page.tags <= clean.tags
    assert page.attributes <= clean.attributes | {"colspan"}
    assert "onerror" not in page.attributes and "49" not in page.words


@pytest.mark.parametrize("poison", HOSTILE)
def test_nothing_from_mail_forges_a_line_or_a_control(world: Any, poison: str) -> None:
    page = text(poisoned(world, poison))
    assert page.splitlines().count("DECISIONS THIS WEEK") == 1
    assert max(len(line) for line in page.splitlines()) <= 78
    for shown in (page, html(poisoned(world, poison))):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
        shown.encode("utf-8")


@pytest.mark.parametrize("audience", ["officer", "dpo"])
def test_private_details_do_not_reach_either_page(world: Any, audience: str) -> None:
    poison = HOSTILE[7]
    case = world.case(rule=getattr(world, audience).rules[0], summary=poison, settle=poison, evidence=(Evidence("k", poison, 1.0, poison, poison),))
    digest = world.digest(world.book([case]), getattr(world, audience))
    for page in (html(digest), text(digest)):
        assert "phone number" in page
        assert not any(scrap in page for scrap in ("900123", "mary.jones", "12 34 56"))


def test_both_pages_carry_the_same_findings_and_facts(world: Any) -> None:
    digest = world.digest(world.busy())
    rich, simple = said(html(digest)), plain(text(digest))
    facts = {digest.lead, digest.week, digest.generated, digest.council, *digest.closing, digest.statement.scans}
    for group in (*digest.groups, *digest.worth_knowing):
        facts |= {group.heading.asks}
        for entry in group.entries:
            facts |= {entry.id, entry.summary, entry.date, entry.strength, entry.confidence, entry.settle, entry.next_step, *entry.clauses}
            facts |= {fact for why in (*entry.speaks_for, *entry.speaks_against) for fact in (why.statement, why.excerpt)}
            facts |= {fact for place in entry.places for fact in (place.mailbox, place.folder, place.role)}
    facts |= {fact for r in digest.rulings for fact in (r.id, r.summary, r.by, r.date, r.note)}
    facts |= {m.custodian for m in digest.statement.mailboxes} | {reason for reason, _ in digest.statement.reasons}
    facts |= {fact for f in digest.statement.failures for fact in (f.item, f.part, f.reason)}
    facts |= {fact for scan in digest.statement.on_demand for fact in (scan.mailbox, scan.reason, scan.date)}
    assert len(facts) > 60
    assert not {fact for fact in facts if fact not in rich}, "missing from the HTML"
    assert not {fact for fact in facts if fact not in simple}, "missing from the text"


def test_every_waiting_finding_says_how_to_decide_it(world: Any) -> None:
    digest = world.digest(world.busy())
    for page in (html(digest), text(digest)):
        shown = re.findall(r"aboveboard findings decide ([0-9a-f]{16})", page)
        assert shown == [e.id for g in digest.groups for e in g.entries]
        assert len(shown) == 5


def test_the_page_asks_nothing_of_the_network_and_little_of_the_reader(world: Any) -> None:
    source = html(world.digest(world.busy()))
    page = Page(source)
    assert not page.tags & {"script", "link", "img", "style", "iframe", "form", "a", "svg", "object"}
    assert not page.attributes & {"class", "id", "src", "href"} and "url(" not in source and "http" not in source
    assert max(int(width) for width in re.findall(r'width="(\d+)"', source)) <= 680
    assert source.startswith("<!DOCTYPE html>") and 'lang="en-GB"' in source and 'charset="utf-8"' in source


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_colour_can_be_read_on_every_ground(world: Any) -> None:
    sources = html(world.digest(world.busy())) + html(world.digest(world.book(covered=(), scanned=world.scans()[:2])))
    inks = set(re.findall(r"[\";]color:(#[0-9a-f]{6})", sources))
    grounds = {"#ffffff", "#fcf0ef", "#fdf6e8"}
    assert len(inks) > 5
    for ink in inks:
        for ground in grounds:
            assert (luminance(ground) + 0.05) / (luminance(ink) + 0.05) >= 4.5, (ink, ground)


def test_tables_of_facts_have_summaries_and_heads(world: Any) -> None:
    tables = re.findall(r"<table[^>]*>", html(world.digest(world.busy())))
    assert all('role="presentation"' in t or "summary=" in t for t in tables)
    assert html(world.digest(world.busy())).count('scope="col"') > 15


def test_bars_stand_in_proportion_and_carry_their_numbers(world: Any) -> None:
    cases = [world.case(message_id=f"{n}", date=world.at(13)) for n in range(10)] + [world.case(message_id="x", date=world.at(6))]
    source = html(world.digest(world.book(cases)))
    assert [int(h) for h in re.findall(r'<td height="(\d+)"', source)] == [5, 46]
    assert ">10<table" in source and ">1<table" in source


@pytest.mark.parametrize(
    ("hours", "words"),
    [(2, "median 0 days, longest 0 days"), (24, "median 1 day, longest 1 day"), (60, "median 2.5 days, longest 2.5 days")],
)
def test_waiting_is_told_in_days_and_halves(world: Any, hours: int, words: str) -> None:
    book = world.book([world.case(found=world.generated - world.day * hours / 24)])
    assert words in said(html(world.digest(book))) and words in plain(text(world.digest(book)))


def test_the_plain_page_is_trim(world: Any) -> None:
    page = text(world.digest(world.busy()))
    assert page.endswith("07:00.\n") and "\n\n\n\n" not in page
    assert max(map(len, page.splitlines())) <= 78
