"""Message traces: whatever wrote them they tell the same, twice told is once known, and what they tell joins the copies whenever those come."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from installation import CONFIG, install
from parish import ALL, ANN, BOB, DOMAIN, JOURNAL, OLIVE, PETER, ROSTER, UNION, Parish, day, letter, report

from scanner import checkup
from scanner.app import App
from scanner.collect import Protected
from scanner.config import load
from scanner.errors import SourceError
from scanner.job import ScanRequest
from scanner.language import model
from scanner.pseudonym import pseudonym
from scanner.sources.sightings import Batch, Sighting, Way
from scanner.sources.trace import TraceFiles
from scanner.sources.tracking.rows import Row, rows
from scanner.sources.tracking.service import ServiceTraces
from scanner.sources.tracking.sightings import is_trace, moment, sightings
from scanner.store.entry import Participant
from scanner.traces import TraceCollector
from scanner.ways import Shown, resolved

CARL = f"carl@{DOMAIN}"
MEMBERS = f"all.members@{DOMAIN}"
OUTSIDE = "joan.moss@post.example"
KEY = pseudonym(b"a key for tests only")
HIDDEN = [("silent-copy", "hidden-copy", "a@x")]

TRACKING = (
    "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id,message-id,"
    "network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,related-recipient-address,reference,message-subject,"
    "sender-address,return-path,message-info,directionality,tenant-id,original-client-ip,original-server-ip,custom-data"
)
EXTENDED = TRACKING.replace("date-time", "date_time_utc").replace("-", "_")

Event = tuple[str, str, str, str]


def logged(*events: Event, columns: str = TRACKING, name: str = "<a@x>", sender: str = OLIVE, subject: str = '"Plots, and more"') -> str:
    """Lines of a tracking log; an event is source, id, recipients and related recipients."""
    lines = []
    for source, event, to, related in events:
        values = dict.fromkeys(columns.replace("_", "-").replace("-utc", "").split(","), "")
        values |= {"date-time": "2026-03-02T09:00:00.123Z", "source": source, "event-id": event, "message-id": name, "message-subject": subject}
        values |= {"recipient-address": to, "related-recipient-address": related, "sender-address": sender, "recipient-status": "250 2.1.5 OK"}
        lines.append(",".join(values.values()))
    return "\r\n".join((*lines, ""))


def tracking(*events: Event, **changes: str) -> str:
    """A message tracking log."""
    head = f"#Software: Microsoft Exchange Server\r\n#Version: 15.02.1544.011\r\n#Log-type: Message Tracking Log\r\n#Fields: {TRACKING}\r\n"
    return head + logged(*events, **changes)


SUBMITTED: Event = ("STOREDRIVER", "RECEIVE", f"{ANN};{BOB}", "")
DELIVERED: Event = ("STOREDRIVER", "DELIVER", BOB, "")


def told(path: Path) -> list[tuple[str, str, str]]:
    """What a file tells of a@x: recipient, way and what led there."""
    batches = list(TraceFiles("trace", path).batches(lambda _place: None))
    assert not any(isinstance(batch, SourceError) for batch in batches), batches
    found = [each for batch in batches if isinstance(batch, Batch) for each in batch.sightings]
    assert {each.message_id for each in found} <= {"a@x"}
    return sorted((each.recipient, each.way.value, each.via) for each in found)


SUMMARY = "origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,network_message_id"
POWERSHELL = (
    '"PSComputerName","RunspaceId","PSShowComputerName","Organization","MessageId","Received","SenderAddress","RecipientAddress","Subject","Status"'
)
BOTH = [(ANN, "delivered", ""), (BOB, "delivered", "")]


def shelled(*to: tuple[str, str], separator: str = ",", head: str = POWERSHELL) -> str:
    lines = [f'"x","y","False","{DOMAIN}","<a@x>","02/03/2026 09:00:00","{OLIVE}","{address}","Plots, and more","{status}"' for address, status in to]
    return "\r\n".join((head, *lines, "")).replace('","', f'"{separator}"')


def graphed(*to: tuple[str, str]) -> list[dict[str, object]]:
    common = {"id": "1", "messageId": "<a@x>", "senderAddress": OLIVE, "subject": "Plots", "size": 2, "receivedDateTime": "2026-03-02T09:00:00Z"}
    return [{**common, "recipientAddress": address, "status": status, "toIP": None} for address, status in to]


TWO = ((ANN, "Delivered"), (BOB, "Delivered"))
FILES: dict[str, tuple[str, bytes, list[tuple[str, str, str]]]] = {
    "tracking log": ("MSGTRK.LOG", tracking(SUBMITTED).encode(), [(ANN, "addressed", ""), (BOB, "addressed", "")]),
    "tracking log with a byte-order mark": ("a.log", b"\xef\xbb\xbf" + tracking(DELIVERED).encode(), [(BOB, "delivered", "")]),
    "extended report": (
        "a.csv",
        f"{EXTENDED}\r\n{logged(SUBMITTED, columns=EXTENDED)}".encode("utf-16"),
        [(ANN, "addressed", ""), (BOB, "addressed", "")],
    ),
    "big-endian without a mark": ("a.csv", shelled(*TWO).encode("utf-16-be"), BOTH),
    "little-endian without a mark": ("a.csv", shelled(*TWO).encode("utf-16-le"), BOTH),
    "summary": (
        "a.csv",
        f'{SUMMARY}\r\n2026-03-02T09:00:00Z,{OLIVE},"{ANN}##Receive, Deliver;{BOB}##Receive, Deliver;c@x##Receive, Fail",Plots,9,<a@x>,1\r\n'.encode(),
        BOTH,
    ),
    "summary with a list": (
        "a.csv",
        f'{SUMMARY}\r\n2026-03-02T09:00:00Z,{OLIVE},"{MEMBERS}##Receive, Expand;{BOB}##Receive, Deliver",Plots,9,<a@x>,1\r\n'.encode(),
        [(MEMBERS, "list", ""), (BOB, "delivered", "")],
    ),
    "Get-MessageTrace": ("a.csv", shelled(*TWO).encode(), BOTH),
    "with #TYPE": ("a.csv", f"#TYPE Microsoft.Exchange.Management.MessageTrace\r\n{shelled(*TWO)}".encode(), BOTH),
    "with semicolons": ("a.csv", shelled(*TWO, separator=";").encode(), BOTH),
    "with tabs": ("a.txt", shelled(*TWO, separator="\t").encode("utf-16"), BOTH),
    "what became of it": (
        "a.csv",
        shelled(
            (ANN, "FilteredAsSpam"), (BOB, "Failed"), (CARL, "Quarantined"), (PETER, "Pending"), (MEMBERS, "Expanded"), (OLIVE, "GettingStatus")
        ).encode(),
        [(MEMBERS, "list", ""), (ANN, "delivered", "")],
    ),
    "columns with spaces": ("a.csv", f"Message ID,Recipient,Status\r\n<a@x>,{BOB},Delivered\r\n".encode(), [(BOB, "delivered", "")]),
    "Graph, one document": ("a.json", json.dumps({"@odata.context": "x", "value": graphed(*TWO)}, indent=1).encode(), BOTH),
    "Graph, a list": ("a.json", json.dumps(graphed(*TWO)).encode(), BOTH),
    "Graph, one line": ("a.json", json.dumps({"value": graphed(*TWO)}).encode(), BOTH),
    "Graph, one object a line": ("a.jsonl", "\n".join(map(json.dumps, graphed((ANN, "delivered"), (BOB, "delivered")))).encode("utf-16"), BOTH),
    "a line that is being written": ("a.jsonl", (json.dumps(graphed(*TWO)[0]) + '\n{"messageId": "<a@x').encode(), [(ANN, "delivered", "")]),
    "a row that is being written": ("a.log", (tracking(DELIVERED) + "2026-03-02T09:00:00.123Z,,,").encode(), [(BOB, "delivered", "")]),
    "two logs in one": (
        "a.log",
        (tracking(SUBMITTED) + tracking(DELIVERED)).encode(),
        [(ANN, "addressed", ""), (BOB, "addressed", ""), (BOB, "delivered", "")],
    ),
    "other columns below": (
        "a.log",
        (tracking(DELIVERED) + f"#Fields: event-id,message-id,recipient-address\r\nDELIVER,<a@x>,{ANN}\r\n").encode(),
        BOTH,
    ),
    "a list opened": (
        "a.log",
        tracking(("ROUTING", "EXPAND", f"{ANN};{BOB}", MEMBERS)).encode(),
        [(ANN, "expanded", MEMBERS), (BOB, "expanded", MEMBERS)],
    ),
    "a list opened into nobody knows whom": ("a.log", tracking(("ROUTING", "EXPAND", "", MEMBERS)).encode(), [(MEMBERS, "list", "")]),
    "another address": ("a.log", tracking(("ROUTING", "RESOLVE", BOB, f"bob@{DOMAIN}")).encode(), [(BOB, "expanded", f"bob@{DOMAIN}")]),
    "sent on by an administrator": ("a.log", tracking(("ROUTING", "REDIRECT", BOB, ANN)).encode(), [(BOB, "forwarded", ANN)]),
    "sent on by a rule": ("a.log", tracking(("MAILBOXRULE", "RECEIVE", BOB, "")).encode(), [(BOB, "forwarded", "")]),
    "a later hop": ("a.log", tracking(("SMTP", "RECEIVE", f"{ANN};{BOB}", "")).encode(), BOTH),
    "events that reach nobody": (
        "a.log",
        tracking(*(("X", event, BOB, "") for event in ("FAIL", "DSN", "DEFER", "TRANSFER", "AGENTINFO", "HAREDIRECT", "BADMAIL", "DROP"))).encode(),
        [],
    ),
    "no message": ("a.log", tracking(DELIVERED, name="").encode(), []),
    "letter case and schemes": ("a.log", tracking(("STOREDRIVER", "DELIVER", f"SMTP:{BOB.upper()}", "")).encode(), [(BOB, "delivered", "")]),
    "a long list of recipients": (
        "a.log",
        tracking(("SMTP", "RECEIVE", ";".join(f"a{n:05}@{DOMAIN}" for n in range(9000)), "")).encode(),
        [(f"a{n:05}@{DOMAIN}", "delivered", "") for n in range(9000)],
    ),
    "a line break in a value": ("a.csv", shelled(*TWO).replace("Plots, and", "Plots,\r\nand").encode(), BOTH),
    "strange bytes": ("a.csv", shelled(*TWO).encode().replace(b"Plots", b"\xff\xfe\x00Pl\xf4ts"), BOTH),
    "only columns": ("a.log", tracking().encode(), []),
    "empty": ("a.csv", b"", []),
}


@pytest.mark.parametrize("case", FILES)
def test_whatever_wrote_it_a_trace_tells_the_same(tmp_path: Path, case: str) -> None:
    name, raw, expected = FILES[case]
    path = tmp_path / name
    path.write_bytes(raw)
    assert told(path) == sorted(expected)
    assert told(tmp_path) == sorted(expected)


WRONG = {
    "a letter": ("a.txt", b"Dear Ann,\r\nthank you.\r\n", "a.txt: is no message trace"),
    "without recipients": ("a.csv", b'"MessageId","Status"\r\n"<a@x>","Delivered"\r\n', "a.csv: is no message trace"),
    "without an outcome": ("a.csv", f"message_id,recipient_address\r\n<a@x>,{BOB}\r\n".encode(), "or no recipients with a status or an event_id"),
    "recipients lost": (
        "a.csv",
        b'"EventId","MessageId","Recipients"\r\n"DELIVER","<a@x>","System.String[]"\r\n',
        'a.csv: its recipients were lost when it was written ("System.String[]"); in PowerShell',
    ),
    "short lines": ("a.csv", (shelled(*TWO) + '"x"\r\n"y"\r\n').encode(), "a.csv: 1 lines hold fewer values"),
    "a workbook": ("a.xlsx", b"PK\x03\x04", "a.xlsx: is no trace that is known here; export it as .csv, .log or .json"),
    "half a document": ("a.json", b'{"value": [{"messageId":', "a.json: is no JSON"),
    "other objects": ("a.json", b'[{"a": 1}]', "a.json: is no message trace"),
    "objects and more": (
        "a.jsonl",
        (json.dumps(graphed(*TWO)[0]) + "\nnone\n").encode(),
        "a.jsonl: is neither one JSON document nor one object a line",
    ),
    "one endless line": ("a.csv", b"x" * (8 * 2**20 + 1), "a.csv: has a line of more than 8 million letters"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_trace_is_said_and_hides_no_other(tmp_path: Path, case: str) -> None:
    name, raw, words = WRONG[case]
    (tmp_path / name).write_bytes(raw)
    (tmp_path / "z.csv").write_text(shelled((BOB, "Delivered")))
    batches = list(TraceFiles("trace", tmp_path).batches(lambda _place: None))
    assert [words in str(batch) for batch in batches if isinstance(batch, SourceError)] == [True]
    assert any(batch.place == "z.csv" and batch.cursor for batch in batches if isinstance(batch, Batch))
    assert not any(batch.place == name and batch.cursor for batch in batches if isinstance(batch, Batch))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    (problem,) = TraceFiles("trace", tmp_path / "none").batches(lambda _place: None)
    assert isinstance(problem, SourceError)
    assert "cannot be listed" in str(problem)


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "a.csv"
    path.write_text(shelled((ANN, "Delivered")))
    cursors: dict[str, str] = {}

    def read() -> int:
        batches = [batch for batch in TraceFiles("trace", tmp_path).batches(cursors.get) if isinstance(batch, Batch)]
        cursors.update({batch.place: batch.cursor for batch in batches if batch.cursor})
        return sum(len(batch.sightings) for batch in batches)

    assert [read(), read()] == [1, 0]
    assert list(cursors) == ["deep/a.csv"]
    path.write_text(shelled(*TWO))
    assert [read(), read()] == [2, 0]
    os.utime(path, ns=(1, 1))
    assert [read(), read()] == [2, 0]


def test_a_row_that_stands_there_many_times_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(shelled(*[(BOB, "Delivered")] * 6000))
    batches = [batch for batch in TraceFiles("trace", path).batches(lambda _place: None) if isinstance(batch, Batch)]
    assert [(len(batch.sightings), bool(batch.cursor)) for batch in batches] == [(1, False), (1, False), (0, True)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-02T09:00:00.1234567Z", datetime(2026, 3, 2, 9, 0, 0, 123456, UTC)),
        ("2026-03-02 10:00:00+01:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("02/03/2026 09:00:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("3/22/2026 9:00:00 PM", datetime(2026, 3, 22, 21, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_time_is_known_in_the_forms_that_exports_have(text: str, found: datetime | None) -> None:
    assert moment(text) == found


def test_a_row_carries_who_sent_it_when_and_about_what(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(tracking(DELIVERED))
    (row,) = rows(path, is_trace)
    assert is_trace(row)
    (sighting,) = sightings(row)
    moment_ = datetime(2026, 3, 2, 9, 0, 0, 123_000, UTC)
    assert sighting == Sighting("a@x", BOB, Way.DELIVERED, "", moment_, OLIVE, "Plots, and more")


@pytest.mark.parametrize(
    "row", [{}, {"messageid": "<a@x>"}, {"messageid": "<a@x>", "recipientaddress": BOB}, {"messageid": "<a@x>", "recipientstatus": "##"}]
)
def test_a_row_that_lacks_something_tells_nothing(row: Row) -> None:
    assert list(sightings(row)) == []


# --- ways


def seen(way: str, person: str, via: str = "") -> Participant:
    return Participant(person, f"trace-{way}", via, way == "forwarded")


# Who is open on the message, what is told of "b" and others, and what comes of it for each: (list or mailbox, forwarded).
WAYS = [
    ("addressed", {"a"}, [seen("addressed", "b")], {"b": [("", False)]}),
    ("delivered only", {"a"}, [seen("delivered", "b")], {"b": [("", False)]}),
    ("addressed, then delivered", {"a"}, [seen("delivered", "b"), seen("addressed", "b")], {"b": [("", False)]}),
    ("through an open list", {"L"}, [seen("expanded", "b", "L"), seen("delivered", "b")], {"b": [("L", False)]}),
    ("through a hidden list", {"a"}, [seen("expanded", "b", "L"), seen("delivered", "b")], {"b": [("L", False)]}),
    ("through a list in an open list", {"L"}, [seen("expanded", "b", "M"), seen("expanded", "M", "L")], {"b": [("L", False)]}),
    ("through lists in a circle", {"a"}, [seen("expanded", "b", "M"), seen("expanded", "M", "L"), seen("expanded", "L", "M")], {"b": [("L", False)]}),
    ("openly and in secret", {"L"}, [seen("expanded", "b", "L"), seen("addressed", "b")], {"b": [("L", False)]}),
    ("through two lists, one open", {"L"}, [seen("expanded", "b", "K"), seen("expanded", "b", "L")], {"b": [("L", False)]}),
    ("sent on", {"a"}, [seen("forwarded", "b", "a"), seen("delivered", "b")], {"b": [("a", True)]}),
    ("sent on and addressed", {"a"}, [seen("forwarded", "b", "a"), seen("addressed", "b")], {"b": [("", False), ("a", True)]}),
    (
        "perhaps of an open list",
        {"L"},
        [seen("list", "L"), seen("delivered", "b"), seen("delivered", "c")],
        {"b": [("L", False)], "c": [("L", False)]},
    ),
    ("perhaps of a hidden list", {"a"}, [seen("list", "L"), seen("delivered", "b")], {"b": [("L", False)]}),
    ("of a list whose members are known", {"K"}, [seen("list", "K"), seen("delivered", "b")], {"b": [("", False)]}),
    ("addressed beside an open list", {"L"}, [seen("list", "L"), seen("addressed", "b")], {"b": [("", False)]}),
    ("by a rule of their own mailbox", {"a"}, [seen("delivered", "r")], {}),
    ("addressed, and by a rule as well", {"a"}, [seen("delivered", "r"), seen("addressed", "r")], {"r": [("", False)]}),
    ("what a journal reports is not ours", {"a"}, [Participant("b", "envelope-bcc")], {}),
]


@pytest.mark.parametrize(("addresses", "participants", "expected"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_the_way_to_each_recipient_is_put_together(
    addresses: set[str], participants: list[Participant], expected: dict[str, list[tuple[str, bool]]]
) -> None:
    shown = Shown(frozenset(addresses), frozenset({"K"}), frozenset({"r"}))
    for order in permutations(participants):
        found: dict[str, list[tuple[str, bool]]] = {}
        for each in resolved(order, shown):
            assert each.role == "envelope-trace"
            found.setdefault(each.person_key, []).append((each.via_key, each.forwarded))
        assert found == expected


# --- the ledger


@dataclass
class Traced(Parish):
    """The council with traces beside its mail."""

    root: Path
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.root)
        self.traces = self.root / "traces"
        self.traces.mkdir()

    def trace(self, text: str, name: str = "a.csv") -> Path:
        path = self.traces / name
        path.write_text(text)
        return path

    def collect(self) -> list[str]:
        collector = TraceCollector(TraceFiles("trace", self.traces), self.ledger, ROSTER, self.protected, KEY)
        return list(collector.collect())

    def look(self) -> list[tuple[str, str, str]]:
        """Collects traces, then scans; the findings that stand."""
        assert self.collect() == []
        assert self.scan().problems in {(), ("No mailbox was found in any source.",)}
        return self.findings()

    def rows_of(self, table: str) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))


@pytest.fixture
def traced(tmp_path: Path) -> Iterator[Traced]:
    with Traced(tmp_path / "parish") as made:
        yield made


LETTER = letter("a@x", OLIVE, (ANN,))
GRAPHED = "\n".join(map(json.dumps, graphed(*TWO)))

# What a trace tells, whom the letter names, and whether Bob's copy was a hidden one.
CASES: list[tuple[str, str, tuple[str, ...], bool]] = [
    ("submitted with a hidden recipient", tracking(SUBMITTED), (ANN,), True),
    ("only delivered", tracking(DELIVERED), (ANN,), True),
    ("summary", shelled(*TWO), (ANN,), True),
    ("Graph", GRAPHED, (ANN,), True),
    ("openly addressed", shelled(*TWO), (ANN, BOB), False),
    ("to the sender and the Member alone", shelled((ANN, "Delivered"), (OLIVE, "Delivered")), (ANN,), False),
    ("an officer", shelled((ANN, "Delivered"), (PETER, "Delivered")), (ANN,), False),
    ("somebody outside", shelled((ANN, "Delivered"), (OUTSIDE, "Delivered")), (ANN,), False),
    ("not delivered", shelled((ANN, "Delivered"), (BOB, "Failed")), (ANN,), False),
    ("through an open list", tracking(("ROUTING", "EXPAND", f"{ANN};{BOB}", MEMBERS), DELIVERED), (ANN, MEMBERS), False),
    ("through a hidden list", tracking(("ROUTING", "EXPAND", BOB, MEMBERS), DELIVERED), (ANN,), True),
    ("perhaps through an open list", shelled(*TWO, (MEMBERS, "Expanded")), (ANN, MEMBERS), False),
    ("perhaps through a hidden list", shelled(*TWO, (MEMBERS, "Expanded")), (ANN,), True),
    ("no member of the open list", shelled(*TWO, (ALL, "Expanded")), (ANN, ALL), True),
    ("sent on by the Member's mailbox", tracking(("ROUTING", "REDIRECT", BOB, ANN), DELIVERED), (ANN,), False),
    ("sent on by the Member's rule", tracking(("MAILBOXRULE", "RECEIVE", BOB, ""), DELIVERED), (ANN,), False),
    ("under another address", tracking(("ROUTING", "RESOLVE", BOB, f"bobby@{DOMAIN}"), DELIVERED), (ANN, f"bobby@{DOMAIN}"), False),
]


@pytest.mark.parametrize(("text", "to", "hidden"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_a_trace_proves_a_silent_copy_as_a_journal_report_does(traced: Traced, text: str, to: tuple[str, ...], *, hidden: bool) -> None:
    traced.put(letter("a@x", OLIVE, to), ANN)
    traced.trace(text, "a.jsonl" if text == GRAPHED else "a.csv")
    assert traced.look() == (HIDDEN if hidden else [])
    if hidden:
        (case,) = traced.all_cases()
        assert case.finding.strength.value == "likely"
        assert "Bob Carr" in case.finding.summary
        assert [copy.custodian for copy in case.finding.copies] == [ANN]


def test_a_journal_report_without_roles_finds_the_same(parish: Parish) -> None:
    parish.journal = JOURNAL
    parish.put(LETTER, ANN)
    parish.put(report(LETTER, f"Recipient: {ANN}", f"Recipient: {BOB}"), JOURNAL)
    parish.scan()
    assert parish.findings() == HIDDEN
    assert parish.all_cases()[0].finding.strength.value == "likely"


def test_a_message_known_by_its_trace_alone_is_no_mail_and_joins_its_copy_when_that_comes(traced: Traced) -> None:
    traced.trace(tracking(SUBMITTED))
    assert traced.collect() == []
    assert traced.ledger.nodes() == []
    assert traced.ledger.is_quiet()
    assert traced.coverage() == {}
    traced.put(letter("other@x", OLIVE, (ANN,), references="<a@x>"), ANN)
    result = traced.scan()
    assert (result.collected, result.judged) == (1, 1)
    assert traced.states() == {"judged": 1}
    traced.put(LETTER, ANN)
    assert traced.look() == HIDDEN
    assert traced.states() == {"judged": 2}
    assert traced.coverage() == {f"{ANN}/Inbox": (2, 2, 0, 0, 0, 0)}


def test_a_trace_that_comes_later_is_news_once(traced: Traced) -> None:
    traced.put(LETTER, ANN)
    assert traced.look() == []
    traced.trace(tracking(SUBMITTED))
    assert traced.look() == HIDDEN
    before = traced.rows_of("participant"), traced.rows_of("circulation")
    shutil.copyfile(traced.traces / "a.csv", traced.traces / "exported again.csv")
    traced.trace(tracking(SUBMITTED, SUBMITTED, DELIVERED).replace(logged(DELIVERED), ""), "more.csv")
    assert traced.collect() == []
    assert traced.scan().judged == 0
    assert (traced.rows_of("participant"), traced.rows_of("circulation")) == before
    assert len(traced.rows_of("trace")) == 3


def test_the_order_of_copies_and_traces_changes_nothing(tmp_path: Path) -> None:
    """Whichever comes first, and however the events are spread over files."""
    steps: list[Callable[[Traced], object]] = [
        lambda p: p.put(LETTER, ANN, name="1.eml"),
        lambda p: p.put(letter("a@x", OLIVE, (ANN,)), OLIVE, "Sent Items", "1.eml"),
        lambda p: p.trace(tracking(("ROUTING", "EXPAND", BOB, MEMBERS)), "1.csv"),
        lambda p: p.trace(tracking(DELIVERED, ("STOREDRIVER", "RECEIVE", f"{ANN};{MEMBERS}", "")), "2.csv"),
    ]
    outcomes = []
    for number, order in enumerate(permutations(steps)):
        if number % 3 == 0:
            with Traced(tmp_path / str(number)) as parish:
                for step in order:
                    step(parish)
                    parish.look()
                circulations = [row[:4] for row in parish.rows_of("circulation")]
                outcomes.append((parish.findings(), circulations, parish.rows_of("participant"), [c.finding for c in parish.all_cases()]))
    assert outcomes[0][0] == HIDDEN
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_what_a_trace_tells_of_mail_from_outside_is_news_to_what_follows_it(traced: Traced) -> None:
    """Who had the original decides whether a later message brings news to them."""
    traced.put(letter("ask@x", OUTSIDE, (OLIVE,), subject="Roof"), OLIVE)
    traced.put(letter("answer@x", OLIVE, (OUTSIDE,), subject="RE: Roof", date=day(1), In_Reply_To="<ask@x>"), OLIVE, "Sent Items")
    traced.look()
    traced.trace(tracking(("SMTP", "RECEIVE", f"{OLIVE};{BOB}", ""), name="<ask@x>", sender=OUTSIDE))
    assert traced.collect() == []
    assert traced.scan().judged == 1
    assert traced.states() == {"context": 1, "judged": 1}


def test_another_address_of_a_reader_hides_nothing_and_shows_nothing(traced: Traced) -> None:
    traced.put(letter("a@x", OLIVE, (BOB,)), BOB)
    traced.trace(tracking(("ROUTING", "RESOLVE", ANN, f"ann.bell@{DOMAIN}")))
    assert traced.look() == HIDDEN
    traced.put(letter("b@x", OLIVE, (BOB, f"ann.bell@{DOMAIN}")), BOB)
    traced.trace(tracking(("ROUTING", "RESOLVE", ANN, f"ann.bell@{DOMAIN}"), name="<b@x>"), "b.log")
    assert traced.look() == HIDDEN


def test_a_copy_that_the_readers_own_rule_brought_explains_its_delivery(traced: Traced) -> None:
    traced.put(LETTER, ANN)
    traced.put(letter("a@x", OLIVE, (ANN,), X_MS_Exchange_Inbox_Rules_Loop=ANN), BOB)
    traced.trace(shelled(*TWO))
    assert traced.look() == []


@pytest.mark.parametrize(
    "protected",
    [Protected(frozenset({UNION})), Protected(subjects=("plots",)), Protected(frozenset({f"unison@{DOMAIN}"}))],
    ids=["address", "words", "alias"],
)
def test_a_protected_message_is_left_out_though_only_its_trace_shows_it(traced: Traced, protected: Protected) -> None:
    traced.protected = protected
    traced.trace(tracking(("STOREDRIVER", "RECEIVE", f"{ANN};{BOB};{UNION}", "")))
    assert traced.collect() == []
    traced.put(LETTER, ANN)
    assert traced.look() == []
    assert traced.coverage() == {f"{ANN}/Inbox": (1, 0, 1, 0, 0, 0)}
    assert traced.states() == {"left out": 1}


def test_a_finding_gives_way_when_a_trace_shows_a_protected_reader(traced: Traced) -> None:
    traced.protected = Protected(frozenset({UNION}))
    traced.put(letter("a@x", OLIVE, (ANN,), Bcc=BOB), OLIVE, "Sent Items")
    assert traced.look() == HIDDEN
    traced.trace(tracking(("STOREDRIVER", "DELIVER", UNION, "")))
    assert traced.look() == []
    assert traced.coverage() == {f"{OLIVE}/Sent Items": (1, 0, 1, 0, 0, 0)}


def test_a_channel_that_is_protected_later_leaves_out_what_was_traced(traced: Traced) -> None:
    traced.trace(tracking(("STOREDRIVER", "DELIVER", UNION, "")))
    assert traced.look() == []
    traced.protected = Protected(frozenset({UNION}))
    traced.scan()
    traced.put(LETTER, ANN)
    traced.scan()
    assert traced.states() == {"left out": 1}


def test_nothing_of_a_trace_stands_in_the_database_in_clear_and_nobody_outside(traced: Traced) -> None:
    traced.trace(tracking(("STOREDRIVER", "RECEIVE", f"{ANN};{BOB};{OUTSIDE}", ""), ("SMTP", "SEND", OUTSIDE, ""), name="<secret-name@x>"))
    traced.trace(tracking(("SMTP", "SEND", OUTSIDE, ""), name="<b@x>"), "b.csv")
    assert traced.collect() == []
    assert len(traced.rows_of("circulation")) == 1
    assert len(traced.rows_of("participant")) == 2
    kept = b"".join(path.read_bytes() for path in traced.folder.glob("parish.db*"))
    for word in (b"secret-name", b"Plots", BOB.encode(), OUTSIDE.encode(), OLIVE.encode()):
        assert word not in kept


def test_a_scan_reads_traces_and_says_what_it_could_not_read(traced: Traced) -> None:
    traced.put(LETTER, ANN)
    traced.trace(tracking(SUBMITTED))
    traced.trace("Dear Ann", "b.txt")
    collector = TraceCollector(TraceFiles("tracking logs", traced.traces), traced.ledger, ROSTER, traced.protected, KEY)
    job = replace(traced.job(), traces=(collector,))
    result = job.run(ScanRequest(), lambda *_: None)
    assert [problem.partition(" is no")[0] for problem in result.problems] == ["tracking logs: b.txt:"]
    assert traced.findings() == HIDDEN


# --- a service that is asked, and the configuration


@dataclass(frozen=True)
class Told:
    recipient: str
    status: str = "delivered"
    message_id: str = "<a@x>"
    sender: str = OLIVE
    time: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_service_is_asked_for_what_it_keeps_and_then_from_a_little_before(traced: Traced) -> None:
    asked: list[tuple[datetime, datetime]] = []
    nows = iter([day(100), day(101), day(102)])

    def ask(since: datetime, until: datetime) -> Iterator[Told]:
        asked.append((since, until))
        yield from (Told(ANN), Told(BOB), Told(PETER, "failed"), Told(MEMBERS, "expanded", message_id=""))
        if len(asked) == 2:
            raise SourceError("is busy")

    service = ServiceTraces("graph", ask, lambda: next(nows))
    collector = TraceCollector(service, traced.ledger, ROSTER, traced.protected, KEY)
    assert list(collector.collect()) == []
    assert list(collector.collect()) == ["graph: message traces: is busy"]
    assert list(collector.collect()) == []
    assert asked == [(day(10), day(100)), (day(98), day(101)), (day(98), day(102))]
    traced.put(LETTER, ANN)
    assert traced.look() == HIDDEN
    assert len(traced.rows_of("participant")) == 4


def test_traces_stand_beside_mail_in_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "load_model", lambda: "a model")
    section = '[[sources]]\nkind = "trace"\nname = "tracking logs"\npath = "traces"\n\n[store]'
    config = install(tmp_path, CONFIG.replace("[store]", section, 1))
    results = {result.subject: result for result in checkup.examine(load(config))}
    assert not results["tracking logs"].passed
    assert "is neither a file nor a folder" in results["tracking logs"].words
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "a.log").write_text(tracking(DELIVERED))
    results = {result.subject: result for result in checkup.examine(load(config))}
    assert results["tracking logs"].passed
    assert "message traces" in results["tracking logs"].words
    app = App(load(config))
    assert [label for label in app.sources if label == "tracking logs"] == []
    assert [collector.trace.label for collector in app.scan_job().traces] == ["tracking logs"]
    app.close()
