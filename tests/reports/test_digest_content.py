"""What a digest says: its first paragraph, its alarms, its groups, and that it never looks clean because nothing was read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.casebook import Coverage, ReadingFailure, ScanRun
from reports.entry import percentage, weighing
from reports.render import html, text
from rules.circulation import Copy, Role
from rules.finding import Evidence, Severity


def test_the_first_paragraph_of_a_busy_week(world: Any) -> None:
    assert world.digest(world.busy()).lead == (
        "4 new potential breaches this week (2 high, 2 medium), 2 still waiting from earlier weeks. 1 of the new ones is already decided. "
        "Everything expected was read except 4 copies of 12,408. 212 copies in protected channels left out, as intended."
    )


def test_a_week_without_findings_is_calm_where_all_was_read(world: Any) -> None:
    digest = world.digest(world.book())
    assert not digest.alarms
    assert digest.lead == "No new potential breach this week, and nothing waits for a decision. Everything expected was read (1,200 copies)."
    assert text(digest).count("Nothing waits for a decision under this rule.") == 3


def test_a_week_without_findings_and_without_reading_is_an_alarm(world: Any) -> None:
    digest = world.digest(world.book(covered=(), scanned=()))
    assert [a.headline for a in digest.alarms] == ["No scan ran this week", "No mail was found to read"]
    assert all(a.grave for a in digest.alarms)
    assert digest.lead.startswith("This is not the full picture: no scan ran this week.")
    assert "NO SCAN RAN THIS WEEK" in digest.subject
    assert "but not everything was read" in " ".join(text(digest).split())
    assert text(digest).index("NO SCAN RAN") < text(digest).index("SUMMARY")
    assert html(digest).index("No scan ran this week", html(digest).index("<body")) < html(digest).index(digest.lead[:40])


def run(world: Any, day: int, **changes: Any) -> ScanRun:
    return replace(ScanRun(day, world.at(day, 5), world.at(day, 6)), **changes)


def failing(world: Any) -> tuple[ScanRun, ...]:
    return tuple(replace(r, problems=("reed: refused",)) for r in world.scans())


@pytest.mark.parametrize(
    ("scans", "headline", "grave"),
    [
        pytest.param(lambda w: (), "No scan ran this week", True, id="none"),
        pytest.param(lambda w: (run(w, 14, mailbox="jo@x.example"),), "No scan ran this week", True, id="only one mailbox on demand"),
        pytest.param(lambda w: (run(w, 14, finished=None),), "No scan was completed this week", True, id="none finished"),
        pytest.param(lambda w: (run(w, 13),), "The end of the week has not been read", True, id="only early in the week"),
        pytest.param(
            lambda w: (run(w, 13), run(w, 18, mailbox="jo@x.example")), "The end of the week has not been read", True, id="on demand does not count"
        ),
        pytest.param(lambda w: (*w.scans(), run(w, 15, finished=None)), "1 scan did not finish", False, id="one broken off"),
        pytest.param(failing, "1 problem in scanning", True, id="a standing problem"),
        pytest.param(
            lambda w: (*failing(w)[:3], *w.scans()[3:]), "1 problem in earlier scans, not seen in the last", False, id="a problem that passed"
        ),
        pytest.param(
            lambda w: (*w.scans(), ScanRun(99, w.at(19, 6), None, problems=("reed: refused",))),
            "1 problem in scanning",
            True,
            id="a problem after the last scan",
        ),
    ],
)
def test_trouble_with_scans_stands_at_the_top(world: Any, scans: Any, headline: str, grave: bool) -> None:
    digest = world.digest(world.book(scanned=scans(world)))
    assert (headline, grave) in [(a.headline, a.grave) for a in digest.alarms]
    assert headline in html(digest)


@pytest.mark.parametrize(
    ("covered", "headline"),
    [
        (Coverage("reed@x.example", "Inbox", 0, 0), "No mail was found to read"),
        (Coverage("reed@x.example", "Inbox", 40, 0, failed=40), "Nothing was read"),
        (Coverage("reed@x.example", "Inbox", 100, 80), "Much of the mail was not read"),
    ],
)
def test_poor_coverage_is_an_alarm(world: Any, covered: Coverage, headline: str) -> None:
    assert headline in [a.headline for a in world.digest(world.book(covered=(covered,))).alarms]


def test_a_mailbox_of_which_nothing_was_read_is_named(world: Any) -> None:
    covered = (Coverage("ann@x.example", "Inbox", 9000, 9000), Coverage("reed@x.example", "Inbox", 3, 0, failed=3))
    alarm = world.digest(world.book(covered=covered)).alarms[0]
    assert (alarm.headline, alarm.details) == ("Nothing was read in 1 mailbox", ("reed@x.example",))


def test_a_mailbox_left_out_as_protected_is_no_alarm(world: Any) -> None:
    covered = (Coverage("ann@x.example", "Inbox", 10, 10), Coverage("unison@x.example", "Inbox", 500, 0, left_out=500))
    assert not world.digest(world.book(covered=covered)).alarms


def test_findings_are_ordered_by_severity_then_date(world: Any) -> None:
    cases = [
        world.case(message_id="low", severity=Severity.LOW, date=world.at(1), found=world.at(2)),
        world.case(message_id="late", date=world.at(15)),
        world.case(message_id="undated", date=None),
        world.case(message_id="early", date=world.at(13)),
    ]
    wanted = [world.finding(message_id=name).id for name in ("early", "late", "undated", "low")]
    assert [e.id for e in world.digest(world.book(cases)).groups[0].entries] == wanted


def test_things_worth_knowing_stand_apart(world: Any) -> None:
    digest = world.digest(world.book([world.case(severity=Severity.INFO, summary="A Member blind-copied another Member.")]))
    assert not digest.groups[0].entries and len(digest.worth_knowing[0].entries) == 1
    assert digest.total.new.total == digest.total.waiting.total == digest.trend.highest == 0
    assert "findings decide" not in html(digest) + text(digest)


def test_each_audience_gets_its_own_rules(world: Any) -> None:
    book = world.book([world.case(), world.case(rule="resident-data", summary="A tenant's data went to the press.")])
    officer, dpo = world.digest(book), world.digest(book, world.dpo)
    assert "tenant" not in html(officer) and "tenant" in html(dpo)
    assert "blind-copied" not in html(dpo)
    assert "72 hours" in html(dpo) and "72 hours" in text(dpo) and "72 hours" not in html(officer)


def test_a_late_find_and_an_old_decision_are_told_though_the_message_is_old(world: Any) -> None:
    digest = world.digest(world.book([world.case(date=world.at(3, month=2))]))
    assert "1 of the new ones concerns a message sent before this week." in digest.lead


def test_a_look_back_tells_what_came_later_apart(world: Any) -> None:
    digest = world.digest(world.book([world.case(found=world.at(2, month=11))]), generated=world.at(20, month=11))
    assert "1 more was found after this week." in digest.lead
    assert digest.groups[0].entries[0].standing == "found after this week"


def test_a_backlog_is_capped_and_counted(world: Any) -> None:
    digest = world.digest(world.book([world.case(message_id=str(n), severity=Severity.LOW) for n in range(150)]))
    group = digest.groups[0]
    assert (len(group.entries), len(group.brief), group.more) == (20, 80, 50)
    assert "and 50 more" in html(digest) and "and 50 more" in text(digest)


def test_unread_copies_are_capped_with_their_reasons_counted(world: Any) -> None:
    failed = [ReadingFailure("ann@x.example", "Inbox", f"item-{n}", "", "encrypted" if n % 3 else "damaged") for n in range(90)]
    covered = [Coverage(f"m{n:03}@x.example", "Inbox", 10, 10) for n in range(99)] + [Coverage("zoe@x.example", "Inbox", 1000, 910, unread=90)]
    report = world.digest(world.book(covered=covered, failed=failed)).statement
    assert report.reasons == (("encrypted", 60), ("damaged", 30))
    assert (len(report.failures), report.more_failures) == (25, 65)
    assert report.mailboxes[0].custodian == "zoe@x.example"
    assert report.rest is not None and report.rest.expected == 400 and report.more_mailboxes == 40


def test_copies_are_capped_and_the_same_place_is_named_once(world: Any) -> None:
    copies = [Copy(f"m{n}@thornburyvale.example", "Inbox", "1", Role.RECEIVED) for n in range(15)]
    shown = world.digest(world.book([world.case(copies=(*copies, copies[0]))])).groups[0].entries[0]
    assert (len(shown.places), shown.more_places) == (12, 3)


def test_one_sentence_that_speaks_twice_is_quoted_once(world: Any) -> None:
    evidence = (Evidence("a", "Approves", 2.0, "message", "you have my word"), Evidence("b", "Pays", 1.0, "message", "you have my word"))
    digest = world.digest(world.book([world.case(evidence=evidence)]))
    assert html(digest).count("you have my word") == text(digest).count("you have my word") == 1


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (3.1, "weighs strongly for"),
        (1.2, "weighs for"),
        (0.4, "weighs slightly for"),
        (0.0, "hardly weighs"),
        (-0.5, "weighs slightly against"),
        (-2.0, "weighs strongly against"),
    ],
)
def test_weights_are_words(weight: float, words: str) -> None:
    assert weighing(weight) == words


@pytest.mark.parametrize(("confidence", "words"), [(0.812, "81%"), (0.9999, "over 99%"), (0.001, "under 1%"), (0.5, "50%")])
def test_nothing_is_certain(confidence: float, words: str) -> None:
    assert percentage(confidence) == words


def test_no_log_odds_are_shown(world: Any) -> None:
    book = world.book([world.case(evidence=(Evidence("bcc", "Names a Member", 3.2719, "header Bcc"),))])
    assert "3.27" not in html(world.digest(book)) + text(world.digest(book))


@pytest.mark.parametrize(
    ("changes", "headlines"),
    [
        ({}, [("No scan was completed in this week itself", False)]),
        ({"problems": ("reed: refused",)}, [("1 problem in scanning", True), ("No scan was completed in this week itself", False)]),
        ({"finished": None}, [("No scan ran this week", True)]),
        ({"mailbox": "jo@x.example"}, [("No scan ran this week", True)]),
    ],
    ids=["whole", "with a problem", "not finished", "one mailbox"],
)
def test_a_scan_after_the_week_has_read_its_mail(world: Any, changes: dict[str, Any], headlines: list[tuple[str, bool]]) -> None:
    later = replace(ScanRun(1, world.at(26, 5), world.at(26, 6)), **changes)
    digest = world.digest(world.book(scanned=(later,)), generated=world.at(26, 9))
    assert [(a.headline, a.grave) for a in digest.alarms] == headlines
