"""Standing arrangements reach those whom they concern, in words, masked, and are no findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.arrangement import Arrangement
from reports.digest import Digest, compose
from reports.render import html, text
from rules.roster import Kind, Person

JO = Person("jo.price@thornburyvale.example", "Jo Price", Kind.OFFICER)
REED = Person("tom.reed@thornburyvale.example", "Tom Reed", Kind.MEMBER)


def arrangement(world: Any, **changes: Any) -> Arrangement:
    return replace(Arrangement(JO.address, JO, REED.address, (REED,), False, "redirect", True, world.at(1, 5)), **changes)


def digest(world: Any, *arrangements: Arrangement, audience: str = "officer") -> Digest:
    return compose(world.book(), getattr(world, audience), world.week, world.council, world.generated, arrangements)


def test_an_officers_mail_that_goes_to_a_member_is_told_the_monitoring_officer(world: Any) -> None:
    made = digest(world, arrangement(world))
    for page in (" ".join(page.split()) for page in (html(made), text(made))):
        assert "standing arrangements" in page.lower()
        assert "Jo Price (officer), jo.price@thornburyvale.example" in page
        assert "Tom Reed, tom.reed@thornburyvale.example" in page
        assert "All mail, redirected by an inbox rule" in page and "First seen on Thursday 1 October 2026, 05:00" in page
    assert made.total.waiting.total == 0
    assert digest(world, arrangement(world), audience="dpo").arrangements == ()


def test_mail_that_leaves_the_council_is_told_the_data_protection_officer_masked(world: Any) -> None:
    private = arrangement(world, custodian=REED.address, owner=REED, target="tom@home.example", members=(), outside=True)
    made = digest(world, private, audience="dpo")
    for page in (html(made), text(made)):
        assert "Tom Reed (member)" in page and "[e-mail address]" in page and "home.example" not in page
        assert "For information." in " ".join(page.split())
    assert digest(world, private).arrangements == ()


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        (lambda w: {}, ""),
        (lambda w: {"first_seen": w.at(14, 5)}, "new this week"),
        (lambda w: {"ended": w.at(14, 5)}, "ended"),
        (lambda w: {"ended": w.at(2, 5)}, None),
    ],
)
def test_news_is_marked_and_what_ended_earlier_is_gone(world: Any, changes: Any, state: str | None) -> None:
    found = digest(world, arrangement(world, **changes(world))).arrangements
    assert [entry.state for group in found for entry in group.entries] == ([] if state is None else [state])


def test_without_one_there_is_no_section(world: Any) -> None:
    for page in (html(digest(world)), text(digest(world))):
        assert "standing arrangements" not in page.lower()


def test_many_are_capped_and_counted(world: Any) -> None:
    made = digest(world, *(arrangement(world, custodian=f"{n}@thornburyvale.example", owner=None) for n in range(70)))
    assert (len(made.arrangements[0].entries), made.arrangements[0].more) == (60, 10)
    assert "and 10 more" in html(made) and "and 10 more" in text(made)
    assert "0@thornburyvale.example (not on the roster)" in text(made)


def test_a_hostile_address_becomes_no_markup(world: Any) -> None:
    made = digest(world, arrangement(world, target="<script>x</script>@thornburyvale.example", kind="<b>odd</b>"))
    assert "<script>" not in html(made) and "<b>odd" not in html(made)
