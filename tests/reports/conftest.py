"""An invented council's casebook, held in memory, for the tests of what people read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reports.casebook import Case, Coverage, Decision, Disposition, ReadingFailure, ScanRun
from reports.digest import Audience, Digest, Heading, compose
from reports.week import Week
from rules.circulation import Copy, Role
from rules.council import Council
from rules.finding import Evidence, Finding, Severity, Strength

ZONE = ZoneInfo("Europe/London")
WEEK = Week.of(datetime(2026, 10, 14, tzinfo=UTC).date(), ZONE)
GENERATED = datetime(2026, 10, 19, 7, 0, 2, tzinfo=ZONE)
COUNCIL = Council("Thornbury Vale District Council", frozenset({"thornburyvale.example"}))
HEADINGS = (
    Heading("silent-copy", "Silent copies", "Was a Member's correspondence shown to another Member without that Member's knowing?"),
    Heading("member-obligation", "Commitments by Members", "Did mail in a Member's name commit the Council, or instruct somebody on its behalf?"),
    Heading("political-use", "Political use", "Were the Council's mail or officers used for a party or a campaign?"),
    Heading("resident-data", "Residents' data", "Was a resident's personal data passed to somebody who did not need it?"),
)
MONITORING_OFFICER = Audience("monitoring-officer", "Monitoring Officer", ("silent-copy", "member-obligation", "political-use"), HEADINGS)
DPO = Audience("data-protection-officer", "Data Protection Officer", ("resident-data",), HEADINGS)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 10) -> datetime:
    """A moment of 2026 on the council's clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def a_finding(**changes: object) -> Finding:
    """A hidden copy, with whatever is to differ."""
    finding = Finding(
        rule="silent-copy",
        kind="hidden-copy",
        message_id="m1@thornburyvale.example",
        date=at(14, 16, 5),
        severity=Severity.HIGH,
        strength=Strength.PROVED,
        confidence=0.97,
        summary="An officer's answer to Councillor Ann Marsh was blind-copied to Councillor Tom Reed.",
        clauses=("County Council Protocol 2023, 25.12",),
        evidence=(
            Evidence("bcc", "The Bcc of the sender's own copy names a Member who is not openly addressed", 3.2, "header Bcc"),
            Evidence("no-list", "No list that is openly addressed holds that Member", 0.6, "header To"),
            Evidence("told", "The text may say that it is shared", -0.5, "message", "I am keeping colleagues in the picture on this"),
        ),
        settle="Nothing more: the sender's own copy shows the Bcc.",
        next_step="Ask the officer why the copy was hidden, then tell Councillor Marsh.",
        copies=(
            Copy("jo.price@thornburyvale.example", "Sent Items", "0001.eml", Role.SENT),
            Copy("tom.reed@thornburyvale.example", "Inbox", "0417.eml", Role.RECEIVED),
        ),
    )
    return replace(finding, **changes)  # type: ignore[arg-type]


def a_case(*, found: datetime | None = None, withdrawn: datetime | None = None, decision: Decision | None = None, **changes: object) -> Case:
    """A case first found on the Thursday of the week unless told otherwise; `changes` are the finding's."""
    return Case(a_finding(**changes), found or at(15, 5, 12), withdrawn, decision)


def daily_scans() -> tuple[ScanRun, ...]:
    """A scan each morning at five, from the Tuesday of the week to the Monday after it."""
    return tuple(ScanRun(number, at(day, 5), at(day, 5, 40)) for number, day in enumerate(range(13, 20), 1))


@dataclass
class Book:
    """A casebook in memory that keeps the protocol's word."""

    held: Sequence[Case] = ()
    covered: Sequence[Coverage] = (Coverage("ann.marsh@thornburyvale.example", "Inbox", 1200, 1200),)
    failed: Sequence[ReadingFailure] = ()
    scanned: Sequence[ScanRun] = field(default_factory=daily_scans)
    dated: Sequence[tuple[str, datetime]] = ()

    def cases(self, rules: Collection[str], since: datetime, until: datetime) -> Sequence[Case]:
        return [c for c in self.held if c.finding.rule in rules and since <= (c.finding.date or c.first_found) < until]

    def waiting(self, rules: Collection[str]) -> Sequence[Case]:
        return [c for c in self.held if c.finding.rule in rules and c.is_waiting]

    def coverage(self) -> Sequence[Coverage]:
        return self.covered

    def failures(self) -> Sequence[ReadingFailure]:
        return self.failed

    def brought(self, since: datetime, until: datetime) -> Mapping[str, int]:
        return dict(Counter(custodian for custodian, moment in self.dated if since <= moment < until))

    def runs(self, since: datetime, until: datetime) -> Sequence[ScanRun]:
        return [r for r in self.scanned if since <= r.started < until]


def a_busy_week() -> Book:
    """New, waiting, decided and withdrawn findings, things worth knowing, and mail that could not be read."""
    commitment = {
        "rule": "member-obligation",
        "kind": "commitment",
        "severity": Severity.MEDIUM,
        "strength": Strength.LIKELY,
        "confidence": 0.81,
        "summary": "A letter in Councillor Ann Marsh's name tells a village hall that its grant is agreed.",
        "clauses": ("County Council Protocol 2023, 25.12", "County Council Protocol 2023, Annex C (legitimate expectation)"),
        "evidence": (
            Evidence("approves", "Says that a payment is approved", 2.1, "attachment letter.docx", "take this as ▒▒▒ for the £▒,▒▒▒ you asked for"),
            Evidence("outside", "Goes to somebody outside the council", 1.1, "header To"),
            Evidence("reported", "May report what Cabinet has already decided", -1.2, "attachment letter.docx", "following the Cabinet meeting"),
        ),
        "settle": "The minutes of Cabinet: was the grant decided before the letter went out?",
        "next_step": "Ask Democratic Services for the decision notice; if there is none, write to the hall.",
        "copies": (Copy("ann.marsh@thornburyvale.example", "Sent Items", "77", Role.SENT),),
    }
    party = {
        "rule": "political-use",
        "kind": "campaign",
        "severity": Severity.LOW,
        "strength": Strength.CANNOT_TELL,
        "confidence": 0.58,
        "summary": "A Member asks an officer to book a room for what may be a branch meeting.",
        "settle": "Whether the meeting was the ward surgery or the party's branch.",
        "next_step": "Ask Member Services what the booking was for.",
    }
    decided = Decision(Disposition.DISMISSED, "Priya Nair", at(16, 11, 20), "The Member asked for it to be passed on.")
    past = [
        a_case(
            **(party | {"message_id": f"old{n}@x.example", "date": at(day, 10, month=month)}),
            found=at(day, 12, month=month),
            decision=Decision(Disposition.REFERRED if n % 3 else Disposition.UPHELD, "Priya Nair", at(day, 18, month=month)),
        )
        for n, (day, month) in enumerate(((26, 8), (27, 8), (3, 9), (16, 9), (17, 9), (23, 9), (2, 10)))
    ]
    held = (
        a_case(),
        a_case(
            message_id="m2@x.example",
            date=at(12, 11, 42),
            summary="An officer forwarded Councillor Marsh's message to Councillor Reed.",
            kind="forward",
            strength=Strength.LIKELY,
            confidence=0.88,
            severity=Severity.MEDIUM,
        ),
        a_case(**commitment, message_id="m3@x.example", date=at(13, 9, 31)),
        a_case(**commitment, message_id="m4@x.example", date=at(21, 9, 31, month=9), found=at(22, 5, 3, month=9)),
        a_case(**party, message_id="m5@x.example", date=at(6, 15, 15), found=at(7, 5, 9)),
        a_case(
            message_id="m6@x.example",
            date=at(13, 14),
            summary="An officer's answer to Councillor Iqbal was blind-copied to Councillor Reed.",
            decision=decided,
        ),
        a_case(
            message_id="m7@x.example",
            date=at(8, 14),
            found=at(9, 5),
            withdrawn=at(15, 5, 30),
            summary="A copy that proved to have gone through an open list.",
        ),
        a_case(
            message_id="m8@x.example",
            severity=Severity.INFO,
            kind="member-bcc",
            summary="A Member blind-copied another Member.",
            next_step="None needed.",
            settle="",
        ),
        *past,
    )
    covered = (
        Coverage("ann.marsh@thornburyvale.example", "Inbox", 4120, 4118, 0, 2),
        Coverage("ann.marsh@thornburyvale.example", "Sent Items", 988, 988),
        Coverage("jo.price@thornburyvale.example", "Inbox", 5310, 5098, 212),
        Coverage("tom.reed@thornburyvale.example", "Inbox", 1990, 1988, 0, 1, 1),
    )
    failed = (
        ReadingFailure("ann.marsh@thornburyvale.example", "Inbox", "AAMkAD-221", "letter.pdf", "the PDF holds an image of a letter, no text"),
        ReadingFailure("ann.marsh@thornburyvale.example", "Inbox", "AAMkAD-305", "", "encrypted (S/MIME)"),
        ReadingFailure("tom.reed@thornburyvale.example", "Inbox", "AAMkAD-411", "plan.docx", "encrypted (S/MIME)"),
        ReadingFailure("tom.reed@thornburyvale.example", "Inbox", "AAMkAD-518", "", "the message is damaged"),
    )
    scans = (*daily_scans(), ScanRun(9, at(16, 14), at(16, 14, 3), "jo.price@thornburyvale.example", "Complaint 26/114 by Councillor Marsh"))
    return Book(held, covered, failed, scans)


def digest_of(book: Book, audience: Audience = MONITORING_OFFICER, generated: datetime = GENERATED, week: Week = WEEK) -> Digest:
    """The digest of the invented week."""
    return compose(book, audience, week, COUNCIL, generated)


class World:
    """The makers above, for tests to reach through one fixture."""

    at, finding, case, scans = staticmethod(at), staticmethod(a_finding), staticmethod(a_case), staticmethod(daily_scans)
    book, busy, digest = Book, staticmethod(a_busy_week), staticmethod(digest_of)
    zone, week, generated, council, officer, dpo, day = ZONE, WEEK, GENERATED, COUNCIL, MONITORING_OFFICER, DPO, timedelta(days=1)


@pytest.fixture(scope="session")
def world() -> type[World]:
    """The invented council."""
    return World
