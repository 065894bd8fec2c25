"""Microsoft 365 through Graph: the same findings as from files, nothing lost to faults, nothing but reads on the wire."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from installation import CONFIG, install
from live.entra import CLIENT, SECRET, TENANT, Entra
from live.graph import TOKEN, Letter, Tenant, Token
from parish import ANN, BOB, JOURNAL, OLIVE, PETER, RESIDENT, ROSTER, START, UNION, Parish, day, furnish, letter, outcome, post

from rules.circulation import Role
from scanner.app import App
from scanner.collect import Protected
from scanner.config import load
from scanner.errors import SourceError
from scanner.pseudonym import pseudonym
from scanner.reading.mail.envelope import read_envelope
from scanner.sources import web
from scanner.sources.directory import Directory, Forwarding
from scanner.sources.graph import GraphSource
from scanner.sources.microsoft.line import Line
from scanner.sources.patience import Patience, TransientError
from scanner.sources.source import Folder, Page, Source
from scanner.sources.tokens import GRAPH, Application, Tokens
from scanner.sources.tracking.service import ServiceTraces
from scanner.traces import TraceCollector

MAIL = [row for row in post() if row[3]]  # Exchange holds no message without any property
EVERYBODY = (ANN, BOB, OLIVE, PETER)
GROUP = f"scanned@{ANN.partition('@')[2]}"
INBOX, SENT = Folder(OLIVE, "Inbox"), Folder(OLIVE, "Sent Items", sent=True)
HIDDEN = letter("hidden@x", OLIVE, (ANN,), Bcc=f"Bob Carr <{BOB}>, {PETER}")


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        for address in EVERYBODY:
            made.box(address)
        yield made


@pytest.fixture
def after() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def source(tenant: Tenant, after: ExitStack) -> GraphSource:
    return after.enter_context(closing(source_of(tenant)))


def source_of(tenant: Tenant, scope: tuple[str, ...] | str = EVERYBODY, **more: Any) -> GraphSource:
    patience = more.get("patience") or Patience(sleep=lambda seconds: None)
    line = Line(more.get("token") or Token(), patience, tenant.base)
    return GraphSource("graph:tarnside", line, lambda: scope, JOURNAL if JOURNAL in tenant.boxes else None)


class Cloud(Parish):
    """The parish with its mail at Microsoft 365."""

    def __init__(self, folder: Path, tenant: Tenant, **more: Any) -> None:
        super().__init__(folder)
        self.tenant, self.more = tenant, more
        self.protected, self.journal = Protected(frozenset({UNION})), JOURNAL

    @cached_property
    def source(self) -> GraphSource:  # type: ignore[override]
        return source_of(self.tenant, **self.more)

    def close(self) -> None:
        self.source.close()
        super().close()


def lay(tenant: Tenant, mail: list[tuple[str, str, str, bytes]]) -> None:
    for custodian, folder, name, raw in mail:
        tenant.put(raw, custodian, folder, name)


def plainly(found: tuple[Any, ...]) -> tuple[Any, ...]:
    """An outcome whose items go by their file's name, as the tenant's ids end in it."""
    findings, coverage, failures = found
    named = [replace(f, copies=tuple(replace(c, item=file_of(c.item)) for c in f.copies)) for f in findings]
    return named, coverage, [replace(f, item=file_of(f.item)) for f in failures]


def file_of(item: str) -> str:
    return item.rpartition("~")[2].rstrip("=")


def listed(source: Source, folder: Folder, cursor: str | None = None) -> list[Page]:
    list(source.folders(folder.custodian))
    return list(source.pages(folder, cursor))


def items(pages: list[Page]) -> list[str]:
    return [item for page in pages for item in page.items]


# --- the whole way


@pytest.mark.parametrize("poor", [False, True], ids=["all headers", "no From, To or Cc among the headers"])
def test_the_same_mail_gives_the_same_outcome_as_from_files(tmp_path: Path, tenant: Tenant, poor: bool) -> None:
    tenant.page, tenant.poor_headers = 2, poor
    lay(tenant, MAIL)
    with Parish(tmp_path / "files") as files, Cloud(tmp_path / "cloud", tenant) as cloud:
        furnish(files, MAIL)
        assert cloud.scan().problems == files.scan().problems == ()
        assert len(cloud.findings()) > 10
        assert plainly(outcome(cloud.cases)) == plainly(outcome(files.cases))
        assert cloud.states() == files.states()
        assert cloud.scan().collected == 0
    assert {method for method, _, _ in tenant.arrived} == {"GET", "POST"}
    assert {path for method, path, _ in tenant.arrived if method == "POST"} == {"/$batch"}
    assert all('IdType="ImmutableId"' in each for each in tenant.preferred)
    assert tenant.most_at_once <= 4


def test_another_process_fetches_without_having_listed(tenant: Tenant, source: GraphSource) -> None:
    sent = tenant.put(HIDDEN, OLIVE, "Sent Items")
    assert b"hidden@x" in source.fetch(Folder(OLIVE, "Sent Items"), sent.id)
    assert set(tenant.asked()) == {"/users/…/messages/…", "/users/…/messages/…/$value"}


FAULTS = ["drop", "truncated", "garbage", "nothing", "500", "503 1", "429 1", "401"]
TWO = (OLIVE, BOB)
SMALL = [row for row in MAIL if (row[0], row[2]) in {(OLIVE, "0002.eml"), (OLIVE, "0013.eml"), (OLIVE, "0014.eml"), (BOB, "0001.eml")}]


def faultless(tmp_path: Path, tenant: Tenant) -> tuple[tuple[Any, ...], int]:
    lay(tenant, SMALL)
    tenant.page = 1
    with Cloud(tmp_path / "calm", tenant, scope=TWO) as calm:
        assert calm.scan().problems == ()
        assert calm.findings()
        found, number = outcome(calm.cases), len(tenant.arrived)
    tenant.arrived.clear()
    return found, number


@pytest.mark.parametrize("fault", FAULTS)
def test_every_request_may_fail_once(tmp_path: Path, tenant: Tenant, fault: str) -> None:
    found, number = faultless(tmp_path, tenant)
    met: set[tuple[str, bytes]] = set()

    def once(n: int, path: str) -> str | None:
        request = (path, tenant.arrived[-1][2])
        known = request in met
        met.add(request)
        return None if known else fault

    tenant.faults = once
    with Cloud(tmp_path / "storm", tenant, scope=TWO) as storm:
        assert storm.scan().problems == ()
        assert outcome(storm.cases) == found
    assert len(tenant.arrived) >= number + len(met)


def test_one_fault_at_each_request_in_turn_changes_nothing(tmp_path: Path, tenant: Tenant) -> None:
    found, number = faultless(tmp_path, tenant)
    for which in range(1, number + 1):
        tenant.arrived.clear()
        tenant.faults = lambda n, path, which=which: FAULTS[which % len(FAULTS)] if n == which else None
        with Cloud(tmp_path / f"storm-{which}", tenant, scope=TWO) as storm:
            assert storm.scan().problems == (), which
            assert outcome(storm.cases) == found, which
        assert len(tenant.arrived) > number


def test_an_outage_from_any_request_on_loses_nothing_once_it_is_over(tmp_path: Path, tenant: Tenant) -> None:
    found, number = faultless(tmp_path, tenant)
    for which in range(1, number + 1, 3):
        tenant.arrived.clear()
        tenant.faults = lambda n, path, which=which: "drop" if n >= which else None
        with Cloud(tmp_path / f"storm-{which}", tenant, scope=TWO, patience=Patience(attempts=1)) as storm:
            broken = storm.scan()
            assert broken.problems or storm.cases.failures(), which
            tenant.faults = lambda n, path: None
            assert storm.scan().problems == (), which
            assert outcome(storm.cases) == found, which


def test_a_lost_place_at_any_request_is_found_again(tmp_path: Path, tenant: Tenant) -> None:
    """Graph may forget a list while it is read (410)."""
    lists: set[int] = set()
    tenant.faults = lambda n, path: lists.add(n) if "/delta" in path else None
    found, _ = faultless(tmp_path, tenant)
    assert len(lists) >= 5
    for which in lists:
        tenant.arrived.clear()
        tenant.faults = lambda n, path, which=which: "410" if n == which else None
        with Cloud(tmp_path / f"storm-{which}", tenant, scope=TWO) as storm:
            assert storm.scan().problems == (), which
            assert outcome(storm.cases) == found, which


def test_a_server_that_hangs_up_between_requests_is_called_again(tmp_path: Path, tenant: Tenant) -> None:
    found, _ = faultless(tmp_path, tenant)
    tenant.hangs_up = True
    with Cloud(tmp_path / "hung", tenant, scope=TWO) as hung:
        assert hung.scan().problems == ()
        assert outcome(hung.cases) == found


def test_a_server_that_is_silent_is_given_up_in_time(tenant: Tenant, source: GraphSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_SECONDS", 0.05)
    tenant.faults = lambda number, path: "hang 0.2"
    with pytest.raises(TransientError, match="did not answer in time"):
        list(replace(source, line=Line(Token(), Patience(attempts=1), tenant.base)).folders(OLIVE))


# --- listing


def test_folders_are_found_by_what_the_server_says_they_are(tenant: Tenant, source: GraphSource) -> None:
    tenant.boxes[OLIVE].places["id-sentitems"].name = "Gesendete Elemente"
    for path in ("Inbox", "Gesendete Elemente", "Projects/Mill/Old", "Projects/Either∕Or", "Sent Items"):
        tenant.put(letter(f"{path}@x"), OLIVE, path.replace("∕", "\N{DIVISION SLASH}"))
    next(p for p in tenant.boxes[OLIVE].places.values() if p.name.startswith("Either")).name = "Either/Or"
    tenant.place(OLIVE, "Clutter", hidden=True)
    tenant.put(letter("clutter@x"), OLIVE, "Clutter")
    tenant.place(OLIVE, "Unread mail", search=True)
    tenant.put(letter("found@x"), OLIVE, "Unread mail")
    found = {folder.path: folder.role for folder in source.folders(OLIVE)}
    assert found == {
        "Inbox": Role.RECEIVED,
        "Gesendete Elemente": Role.SENT,
        "Projects/Mill/Old": Role.RECEIVED,
        "Projects/Either∕Or": Role.RECEIVED,
        "Sent Items": Role.SENT,  # by its name alone: a folder that somebody made
    }
    assert all(len(items(list(source.pages(Folder(OLIVE, path), None)))) == 1 for path in found)


def test_a_mailbox_out_of_scope_is_not_opened(tenant: Tenant, after: ExitStack) -> None:
    source = after.enter_context(closing(source_of(tenant, (ANN,))))
    assert source.mailboxes() == (ANN,)
    assert list(source.folders(OLIVE)) == []
    assert tenant.arrived == []


def test_the_journal_is_in_scope(tenant: Tenant, after: ExitStack) -> None:
    tenant.box(JOURNAL)
    assert after.enter_context(closing(source_of(tenant, (ANN,)))).mailboxes() == (ANN, JOURNAL)


def test_drafts_are_nobodys_mail(tenant: Tenant, source: GraphSource) -> None:
    tenant.put(letter("draft@x", OLIVE, (ANN,), Bcc=BOB), OLIVE, "Deleted Items", draft=True)
    sent = tenant.put(letter("real@x"), OLIVE, "Deleted Items")
    tenant.boxes[OLIVE].places["id-deleteditems"].others = 7  # contacts and tasks
    (page,) = listed(source, Folder(OLIVE, "Deleted Items"))
    assert (page.items, page.expected) == ((sent.id,), 1)


def test_only_what_is_new_is_listed_and_a_mark_as_read_is_not(tenant: Tenant, source: GraphSource) -> None:
    tenant.page = 2
    first = [tenant.put(letter(f"{n}@x"), OLIVE) for n in range(5)]
    pages = listed(source, INBOX)
    assert [(len(page.items), page.expected, page.restarted) for page in pages] == [(2, 5, False), (2, 5, False), (1, 5, False)]
    assert [page.items for page in listed(source, INBOX, pages[-1].cursor)] == [()]
    tenant.put(letter("new@x"), OLIVE)
    tenant.touch(OLIVE, first[0])
    (page,) = listed(source, INBOX, pages[-1].cursor)
    assert (len(page.items), page.expected) == (2, 6)
    assert items(listed(source, INBOX, pages[0].cursor)) == [each.id for each in first[2:]]  # a scan that broke off goes on


def test_what_went_is_missed_and_what_moved_keeps_its_name(tmp_path: Path, tenant: Tenant) -> None:
    gone, moved = tenant.put(letter("gone@x", RESIDENT), OLIVE), tenant.put(letter("moved@x", RESIDENT), OLIVE)
    stays = tenant.put(letter("stays@x", RESIDENT), OLIVE)
    with Cloud(tmp_path, tenant) as cloud:
        cloud.scan()
        assert cloud.coverage() == {f"{OLIVE}/Inbox": (3, 3, 0, 0, 0, 0)}
        tenant.remove(OLIVE, gone)
        tenant.remove(OLIVE, moved, "Archive")
        tenant.put(letter("new@x", RESIDENT), OLIVE)
        tenant.arrived.clear()
        assert cloud.scan().collected == 2
        assert cloud.coverage() == {f"{OLIVE}/Archive": (1, 1, 0, 0, 0, 0), f"{OLIVE}/Inbox": (2, 2, 0, 0, 0, 0)}
        assert stays.id not in str(tenant.arrived)  # what is known is not read again
        tenant.remove(OLIVE, stays)
        tenant.remove(OLIVE, tenant.put(letter("brief@x", RESIDENT), OLIVE))
        assert cloud.scan().problems == ()
        assert cloud.coverage()[f"{OLIVE}/Inbox"] == (1, 1, 0, 0, 0, 0)


@pytest.mark.parametrize("how", ["forgotten", "unfit", "resync required", "another host", "another folder"])
def test_a_cursor_that_is_refused_begins_anew(tenant: Tenant, source: GraphSource, how: str) -> None:
    for n in range(3):
        tenant.put(letter(f"{n}@x"), OLIVE)
    cursor = listed(source, INBOX)[-1].cursor
    match how:
        case "forgotten":
            tenant.forget_rounds()
        case "unfit":
            cursor = cursor.replace("generation-", "no-token-")
        case "resync required":
            cursor = f"id-inbox {tenant.base}/users/{OLIVE}/mailFolders/id-inbox/messages/delta?$deltatoken=resync"
        case "another folder":
            place = tenant.boxes[OLIVE].places.pop("id-inbox")
            tenant.boxes[OLIVE].places["id-new"] = replace(place, id="id-new")
        case "another host":
            cursor = "id-inbox https://graph.elsewhere.example/v1.0/users/x/mailFolders/y/messages/delta?$deltatoken=z"
    tenant.page = 1
    pages = listed(source, INBOX, cursor)
    assert [(len(page.items), page.expected, page.restarted) for page in pages] == [(1, 3, True), (1, 3, False), (1, 3, False)]


def test_mail_that_comes_while_a_folder_is_listed_is_listed_too(tenant: Tenant, source: GraphSource) -> None:
    tenant.page = 2
    for n in range(4):
        tenant.put(letter(f"{n}@x"), OLIVE)
    late = iter([1])
    tenant.before = lambda path: next(late, None) and tenant.put(letter("late@x"), OLIVE) if "skiptoken" in path else None
    pages = listed(source, INBOX)
    assert (len(set(items(pages))), pages[-1].expected) == (5, 5)
    assert pages[-1].cursor


def test_a_folder_that_will_not_add_up_is_listed_again_by_the_next_scan(tenant: Tenant, source: GraphSource) -> None:
    tenant.put(letter("0@x"), OLIVE)
    # A message that the delta query keeps to itself.
    tenant.boxes[OLIVE].places["id-inbox"].letters["unlisted"] = Letter("unlisted", letter("1@x"))
    tenant.before = lambda path: tenant.boxes[OLIVE].places["id-inbox"].letters.pop("unlisted", None) if "/delta" in path else _put_back(tenant)
    pages = listed(source, INBOX)
    assert ({*items(pages)}, pages[-1].expected) == ({*items(pages)[:1]}, 2)
    tenant.before = lambda path: None
    assert len(items(listed(source, INBOX, pages[-1].cursor))) == 2


def test_what_was_told_and_went_within_one_round_is_not_taken_for_there(tmp_path: Path, tenant: Tenant) -> None:
    tenant.put(letter("stays@x", RESIDENT), OLIVE)
    with Cloud(tmp_path, tenant) as cloud:
        cloud.scan()
        tenant.page = 1
        brief = tenant.put(letter("brief@x", RESIDENT), OLIVE)
        tenant.put(letter("new@x", RESIDENT), OLIVE)
        went = iter([True])

        def go(path: str) -> None:
            if "skiptoken" in path and next(went, False):
                tenant.remove(OLIVE, brief)
                tenant._rounds = {name: ([*rows, {"id": brief.id, "@removed": {}}], at, seen) for name, (rows, at, seen) in tenant._rounds.items()}

        tenant.before = go
        cloud.scan()
        cloud.scan()
        assert cloud.coverage() == {f"{OLIVE}/Inbox": (2, 2, 0, 0, 0, 0)}


def _put_back(tenant: Tenant) -> None:
    tenant.boxes[OLIVE].places["id-inbox"].letters.setdefault("unlisted", Letter("unlisted", letter("1@x")))


def test_no_link_is_followed_to_another_host_and_no_circle_round(tenant: Tenant, source: GraphSource) -> None:
    answer = {"id": "x", "value": [], "@odata.nextLink": "https://collector.example/v1.0/users/x/mailFolders"}
    tenant.read = lambda path, prefer: (200, {}, json.dumps(answer).encode())  # type: ignore[method-assign]
    with pytest.raises(SourceError, match="leads elsewhere; it was not followed"):
        list(source.folders(OLIVE))
    answer["@odata.nextLink"] = f"{tenant.base}/users/x/mailFolders"
    assert list(source.folders(OLIVE)) == []


# --- heads


def test_a_sent_copys_head_is_made_of_properties(tenant: Tenant, source: GraphSource) -> None:
    raw = letter(
        "sent@x",
        f'"Dunn, Olive" <{OLIVE}>',
        (f"Zoë Bell <{ANN}>", RESIDENT),
        subject="Größe der Parzelle",
        date=day(3),
        Cc=PETER,
        Bcc=BOB,
        Sender=PETER,
        In_Reply_To="<asked@x>",
        References="<first@x> <asked@x>",
    )
    sent = tenant.put(raw, OLIVE, "Sent Items")
    ((item, head),) = source.heads(SENT, [sent.id])
    assert item == sent.id
    assert isinstance(head, bytes)
    assert read_envelope(head, "").message == read_envelope(raw, "").message
    assert "/$value" not in str(tenant.arrived)


def test_a_received_copys_headers_are_taken_as_they_are(tenant: Tenant, source: GraphSource) -> None:
    raw = letter("x@x", RESIDENT, (OLIVE,), Auto_Submitted="auto-replied", Resent_From=ANN, References="<a@x> <b@x>")
    for tenant.poor_headers in (False, True):
        put = tenant.put(raw, OLIVE)
        ((_, head),) = source.heads(INBOX, [put.id])
        assert isinstance(head, bytes)
        assert read_envelope(head, "") == read_envelope(raw, "")
        assert b"Bcc" not in head


def test_no_property_begins_a_header_of_its_own(tenant: Tenant, source: GraphSource) -> None:
    answer = {
        "id": "any",
        "internetMessageId": "<x@x>",
        "subject": "Hello\r\nBcc: cllr.carr@tarnside.gov.uk\n\nBody\u2028Cc: x@x",
        "from": {"emailAddress": {"name": 'O"live\r\nX', "address": OLIVE}},
        "toRecipients": [{"emailAddress": {"name": None, "address": ANN}}, {"emailAddress": None}, None],
        "sentDateTime": "nonsense",
        "internetMessageHeaders": [{"name": "X-One\r\nBcc", "value": "y"}, {"name": "X-Two", "value": "a\r\nBcc: b@x"}, None],
    }
    tenant.read = lambda path, prefer: (200, {}, json.dumps(answer).encode())  # type: ignore[method-assign]
    ((_, head),) = source.heads(SENT, ["any"])
    assert isinstance(head, bytes)
    made = read_envelope(head, "").message
    assert (made.bcc, made.cc, made.date, made.sender.email, [a.email for a in made.to]) == (None, (), None, OLIVE, [ANN])


def test_heads_come_twenty_at_a_time_and_each_fails_alone(tenant: Tenant, source: GraphSource) -> None:
    put = [tenant.put(letter(f"{n}@x"), OLIVE).id for n in range(45)]
    found = dict(source.heads(INBOX, [*put, "never-was"]))
    assert tenant.asked() == {"/$batch": 3}
    assert set(found) == {*put, "never-was"}
    assert all(isinstance(found[item], bytes) for item in put)
    assert "gone since it was listed (ErrorItemNotFound)" in str(found["never-was"])


@pytest.mark.parametrize("status", [429, 503, 401])
def test_only_what_a_batch_left_unanswered_is_asked_again(tenant: Tenant, after: ExitStack, status: int) -> None:
    waits: list[float] = []
    token = Token()
    source = after.enter_context(closing(source_of(tenant, patience=Patience(sleep=waits.append), token=token)))
    put = [tenant.put(letter(f"{n}@x"), OLIVE).id for n in range(4)]
    refused = {put[1], put[3]}

    def inner(path: str) -> dict[str, Any] | None:
        item = next((each for each in refused if each.rstrip("=").replace("~", "%7E") in path or each.rstrip("=") in path), None)
        if item is None:
            return None
        refused.discard(item)
        return {"status": status, "headers": {"retry-after": "9"}, "body": {"error": {"code": "TooManyRequests"}}}

    tenant.inner = inner
    assert all(isinstance(head, bytes) for _, head in source.heads(INBOX, put))
    sizes = [len(json.loads(body)["requests"]) for _, _, body in tenant.arrived]
    assert sizes == [4, 2]
    assert waits == [0.0 if status == 401 else 9.0]
    assert token.renewed == (status == 401)


def test_a_message_that_breaks_the_server_each_time_does_not_hold_up_the_others(tenant: Tenant, source: GraphSource) -> None:
    put = [tenant.put(letter(f"{n}@x"), OLIVE).id for n in range(3)]
    tenant.inner = lambda path: {"status": 500, "body": {"error": {"code": "ErrorInternalServerError"}}} if put[1].rstrip("=") in path else None
    found = dict(source.heads(INBOX, put))
    assert [isinstance(found[item], bytes) for item in put] == [True, False, True]
    assert "ErrorInternalServerError" in str(found[put[1]])


# --- whole messages


def test_the_senders_copy_has_its_bcc_again(tenant: Tenant, source: GraphSource) -> None:
    sent = tenant.put(HIDDEN, OLIVE, "Sent Items")
    raw = source.fetch(SENT, sent.id)
    assert b"Bcc" not in tenant.boxes[OLIVE].places["id-sentitems"].letters[sent.id].mime()
    assert read_envelope(raw, "").message == read_envelope(HIDDEN, "").message
    received = tenant.put(letter("hidden@x", OLIVE, (ANN,)), BOB)
    assert source.fetch(Folder(BOB, "Inbox"), received.id) == received.raw


def test_a_bcc_that_stands_in_the_mime_is_not_put_in_twice(tenant: Tenant, source: GraphSource, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tenant.put(HIDDEN, OLIVE, "Sent Items")
    monkeypatch.setattr(Letter, "mime", lambda self: self.raw)
    assert source.fetch(SENT, sent.id) == HIDDEN


def test_a_message_that_went_says_so(tenant: Tenant, source: GraphSource) -> None:
    with pytest.raises(SourceError, match=f"{OLIVE}/Inbox: It is gone since it was listed"):
        source.fetch(INBOX, "never-was")


# --- patience and refusals


def test_the_wait_that_the_server_asks_for_is_kept(tenant: Tenant, after: ExitStack) -> None:
    waits: list[float] = []
    source = after.enter_context(closing(source_of(tenant, patience=Patience(sleep=waits.append))))
    tenant.faults = lambda number, path: "429 17" if number == 1 else "503 5" if number == 2 else None
    list(source.folders(OLIVE))
    assert waits == [17.0, 5.0]
    tenant.arrived.clear()
    tenant.faults = lambda number, path: "429 7200"
    with pytest.raises(TransientError, match="busy or out of order"):
        list(source.folders(OLIVE))
    assert len(tenant.arrived) == 1  # longer than it may: the mailbox is given up


@pytest.mark.parametrize(
    ("asked", "seconds"), [("12", 12), ("1.5", 1.5), ("-3", 0), ("soon", None), (None, None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
def test_a_wait_is_a_number_or_a_date(asked: str | None, seconds: float | None) -> None:
    assert web.seconds_of(asked) == seconds


def test_a_wait_until_a_date_is_counted_from_now() -> None:
    until = (datetime.now(UTC) + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert 60 < (web.seconds_of(until) or 0) <= 91


def test_a_token_that_expires_in_mid_scan_is_renewed_once(tmp_path: Path, tenant: Tenant) -> None:
    lay(tenant, MAIL)
    token = Token("worn", "fresh")
    tenant.tokens = {"worn"}

    def expire(number: int, path: str) -> None:
        if number == 20:
            tenant.tokens = {"fresh"}

    tenant.faults = expire
    with Cloud(tmp_path, tenant, token=token) as cloud:
        assert cloud.scan().problems == ()
        assert len(cloud.findings()) > 10
    assert token.renewed == 1


def test_a_token_that_is_never_accepted_is_said_to_be(tenant: Tenant, source: GraphSource) -> None:
    tenant.tokens = set()
    with pytest.raises(SourceError, match="does not accept the application's token"):
        list(source.folders(OLIVE))
    assert len(tenant.arrived) == 2


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "ErrorAccessDenied", "“Application Mail.Read” (RBAC for Applications)"),
        (404, "MailboxNotEnabledForRESTAPI", "on a server of your own (use kind = exchange"),
        (404, "ErrorInvalidUser", "no mailbox under this address"),
        (404, "ErrorNonExistentMailbox", "no mailbox under this address"),
        (404, "MailboxInfoStale", "busy or out of order (MailboxInfoStale)"),
        (418, "", "answers with an error (418)"),
    ],
)
def test_a_mailbox_that_is_refused_is_named_and_the_others_are_read(tmp_path: Path, tenant: Tenant, status: int, code: str, words: str) -> None:
    lay(tenant, MAIL)
    tenant.denied[ANN] = (status, code)
    with Cloud(tmp_path, tenant) as cloud:
        result = cloud.scan()
        assert len(result.problems) == 1
        assert result.problems[0].startswith(f"{ANN}: ")
        assert words in result.problems[0]
        assert "Someone Particular" not in str(result.problems)
        assert cloud.findings()
        tenant.denied.clear()
        assert cloud.scan().problems == ()


def test_a_mailbox_that_goes_in_mid_scan_leaves_the_others_whole(tmp_path: Path, tenant: Tenant) -> None:
    lay(tenant, MAIL)
    tenant.before = lambda path: tenant.denied.update({ANN: (404, "MailboxNotEnabledForRESTAPI")}) if "/delta" in path else None
    with Cloud(tmp_path, tenant) as cloud:
        result = cloud.scan()
        assert result.problems
        assert all(problem.startswith(f"{ANN}/") for problem in result.problems)
        tenant.before = lambda path: None
        tenant.denied.clear()
        assert cloud.scan().problems == ()
        assert sum(row[0] for row in cloud.coverage().values()) == len(MAIL)


# --- lists, rules, traces


def group(mail: str, *members: tuple[str, str | None, str], **more: Any) -> dict[str, Any]:
    rows = [
        {"@odata.type": f"#microsoft.graph.{kind}", "id": str(number), "mail": address, "userPrincipalName": name}
        for number, (kind, address, name) in enumerate(members)
    ]
    return {"id": f"g-{mail}", "mail": mail, "members": rows, **more}


SCANNED = group(
    GROUP,
    ("user", ANN.upper(), "abell@tarnside.onmicrosoft.com"),
    ("group", f"inner@{TENANT}", ""),
    ("user", OLIVE, OLIVE),
    ("orgContact", RESIDENT, ""),
    ("user", "guest@partner.example", "guest_partner.example#EXT#@tarnside.onmicrosoft.com"),
    ("user", None, "service@tarnside.onmicrosoft.com"),
    aliases=[f"o'brien@{TENANT}"],
)


def test_a_group_is_a_scope_and_a_list(tenant: Tenant, after: ExitStack) -> None:
    tenant.groups = [group("other@x"), SCANNED]
    source = after.enter_context(closing(source_of(tenant, f"group:{GROUP}")))
    assert isinstance(source, Directory)
    assert source.mailboxes() == (ANN, OLIVE)
    assert source.members(GROUP) == tuple(sorted((ANN, OLIVE, RESIDENT, "guest@partner.example")))
    assert source.members(f"o'brien@{TENANT}") == source.members(GROUP)
    assert source.members(ANN) is None
    assert [folder.custodian for folder in source.folders(BOB)] == []


def test_a_group_that_cannot_be_opened_is_said_to_be(tenant: Tenant, after: ExitStack) -> None:
    source = after.enter_context(closing(source_of(tenant, f"group:{GROUP}")))
    with pytest.raises(SourceError, match=f"{GROUP}: Microsoft 365 has no group"):
        source.mailboxes()
    tenant.groups, tenant.named_members = [SCANNED], False
    with pytest.raises(SourceError, match=r"does not name them; consent to User\.ReadBasic\.All"):
        source.mailboxes()
    tenant.denied["groups"] = (403, "Authorization_RequestDenied")
    with pytest.raises(SourceError, match=r"consent to GroupMember\.Read\.All"):
        source.members(GROUP)


def recipients(*addresses: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"name": "", "address": address}} for address in addresses]


def test_inbox_rules_that_send_mail_on_are_told(tenant: Tenant, source: GraphSource) -> None:
    nothing = {"@odata.type": "x", "subjectContains": [], "sentToMe": None, "hasAttachments": False}
    tenant.boxes[ANN].rules = [
        {
            "isEnabled": True,
            "hasError": False,
            "conditions": nothing,
            "exceptions": None,
            "actions": {"forwardTo": recipients(RESIDENT.upper(), BOB)},
        },
        {"isEnabled": True, "conditions": {"subjectContains": ["plot"]}, "actions": {"redirectTo": recipients("x@home.example"), "delete": True}},
        {"isEnabled": True, "exceptions": {"sentToMe": True}, "actions": {"forwardAsAttachmentTo": recipients("y@home.example"), "forwardTo": None}},
        {"isEnabled": False, "actions": {"forwardTo": recipients("off@home.example")}},
        {"isEnabled": True, "hasError": True, "actions": {"forwardTo": recipients("broken@home.example")}},
        {"isEnabled": True, "actions": {"moveToFolder": "id"}},
        {"isEnabled": True, "actions": None},
    ]
    assert source.forwardings(ANN) == (
        Forwarding(ANN, RESIDENT, "forward", True),
        Forwarding(ANN, BOB, "forward", True),
        Forwarding(ANN, "x@home.example", "redirect", False),
        Forwarding(ANN, "y@home.example", "forward-as-attachment", False),
    )
    assert source.forwardings(BOB) == ()
    tenant.denied["messageRules"] = (403, "ErrorAccessDenied")
    with pytest.raises(SourceError, match=r"Application MailboxSettings\.Read"):
        source.forwardings(ANN)


def test_traces_are_asked_for_in_windows_and_not_beyond_what_is_kept(tenant: Tenant, source: GraphSource) -> None:
    def row(number: int, **more: Any) -> dict[str, Any]:
        when = (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {"messageId": f"<{number}@x>", "recipientAddress": BOB.upper(), "senderAddress": OLIVE, "status": "delivered", "subject": "Secret"}
        return {"id": str(number), "receivedDateTime": when, **known, **more}

    tenant.traces = [row(number) for number in range(-5, 100, 5)]
    found = list(source.traces(START - timedelta(days=400), START + timedelta(days=94)))
    assert [trace.message_id for trace in found] == [f"{number}@x" for number in range(5, 94, 5)]
    assert (found[0].recipient, found[0].sender, found[0].status, found[0].time) == (BOB, OLIVE, "delivered", START + timedelta(days=5))
    assert "Secret" not in repr(found)
    assert len(tenant.arrived) == 9
    tenant.traces = [row(0, receivedDateTime="2026-03-02T09:00:00Z", messageId=None)]
    assert [trace.message_id for trace in source.traces(START - timedelta(days=1), START + timedelta(days=1))] == [""]
    tenant.denied["traces"] = (403, "Authorization_RequestDenied")
    with pytest.raises(SourceError, match=r"ExchangeMessageTrace\.Read\.All"):
        list(source.traces(START, START + timedelta(days=1)))


def test_a_trace_of_the_tenants_proves_a_silent_copy(tmp_path: Path, tenant: Tenant) -> None:
    tenant.put(letter("a@x", OLIVE, (ANN,)), ANN)
    known = {"messageId": "<a@x>", "senderAddress": OLIVE, "receivedDateTime": "2026-05-20T09:00:00Z"}
    tenant.traces = [{"recipientAddress": who, "status": what, **known} for who, what in ((ANN, "delivered"), (BOB, "delivered"), (PETER, "failed"))]
    with Cloud(tmp_path, tenant) as cloud:
        traces = ServiceTraces("graph:tarnside", cloud.source.traces, lambda: datetime(2026, 6, 1, tzinfo=UTC))
        collector = TraceCollector(traces, cloud.ledger, ROSTER, cloud.protected, pseudonym(b"a key for tests only"))
        assert list(collector.collect()) == []
        assert cloud.scan().problems == ()
        assert cloud.findings() == [("silent-copy", "hidden-copy", "a@x")]
        tenant.denied["traces"] = (403, "Authorization_RequestDenied")
        assert "ExchangeMessageTrace.Read.All" in next(collector.collect())


# --- nothing but reads; no secret anywhere


READABLE = ["/users/a@x/mailFolders", "/users('a%40x')/mailFolders('i%2Fd%3D')/messages/microsoft.graph.delta()?$deltatoken=x", "/groups?$filter=x"]
FORBIDDEN = [
    "/users/a@x/sendMail",
    "/users/a@x/messages",
    "/me/messages",
    "/users",
    "/users/a@x/messages/../sendMail",
    "/users/a@x/messages/1/attachments",
]


@pytest.mark.parametrize("path", READABLE)
def test_what_is_read_may_be_read(tenant: Tenant, source: GraphSource, path: str) -> None:
    source.line._web.send("GET", f"{tenant.base}{path}", {})
    assert len(tenant.arrived) == 1
    tenant.complaints.clear()


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [*READABLE, *FORBIDDEN])
def test_nothing_else_reaches_the_wire(tenant: Tenant, source: GraphSource, method: str, path: str) -> None:
    if method == "GET" and path in READABLE:
        return
    with pytest.raises(SourceError, match="was not sent: this program only reads"):
        source.line._web.send(method, f"{tenant.base}{path}", {"Authorization": f"Bearer {TOKEN}"}, b"{}" if method != "GET" else b"")
    assert tenant.arrived == []


@pytest.mark.parametrize(
    "requests",
    [
        [{"id": "1", "method": "DELETE", "url": "/users/a@x/messages/1"}],
        [{"id": "1", "method": "GET", "url": "/users/a@x/mailFolders"}, {"id": "2", "method": "POST", "url": "/users/a@x/messages/1"}],
        [{"id": "1", "method": "GET", "url": "/users/a@x/sendMail"}],
        [{"id": "1", "method": "GET", "url": "/users/a@x/mailFolders", "body": {}}],
        [{"id": "1", "method": "get", "url": "/users/a@x/mailFolders"}],
        [{"id": str(n), "method": "GET", "url": "/users/a@x/mailFolders"} for n in range(21)],
        [],
        "no list",
        [{"id": "1"}],
    ],
)
def test_a_batch_of_anything_but_reads_does_not_reach_the_wire(tenant: Tenant, source: GraphSource, requests: Any) -> None:
    with pytest.raises(SourceError, match="was not sent: this program only reads"):
        source.line._web.send("POST", f"{tenant.base}/$batch", {}, json.dumps({"requests": requests}).encode())
    assert tenant.arrived == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/v1.0/groups", "http://collector.example/v1.0/groups", "{host}/beta/groups", "{host}/v1.0x/groups"]
)
def test_no_token_goes_to_another_place(tenant: Tenant, source: GraphSource, url: str) -> None:
    with pytest.raises(SourceError, match="was not sent"):
        source.line._web.send("GET", url.format(host=tenant.base.removesuffix("/v1.0")), {"Authorization": f"Bearer {TOKEN}"})
    assert tenant.arrived == []


@pytest.mark.parametrize("fault", ["drop", "garbage", "401", "403", "500", "truncated", "404"])
def test_the_token_stands_in_no_error_and_no_log(tenant: Tenant, source: GraphSource, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tenant.faults = lambda number, path: fault
    for ask in (lambda: list(source.folders(OLIVE)), lambda: source.fetch(INBOX, "x"), lambda: list(source.heads(INBOX, ["x"]))):
        with pytest.raises(SourceError) as met:
            ask()
        chain: BaseException | None = met.value
        while chain:
            assert TOKEN not in f"{chain!s}{chain!r}{vars(chain)}"
            assert not hasattr(chain, "request")
            chain = chain.__cause__
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(source)


def test_a_proxy_is_asked_in_the_servers_place() -> None:
    with Tenant() as proxy:
        asked: list[str] = []

        def answer(method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
            asked.append(path)
            return 200, {}, b'{"value": []}'

        proxy.answer = answer  # type: ignore[method-assign]
        line = Line(Token(), Patience(attempts=1), "http://graph.example/v1.0", proxy=proxy.base.removesuffix("/v1.0"))
        with closing(line):
            assert list(line.each("/groups")) == []
        assert asked == ["http://graph.example/v1.0/groups"]


# --- sign-in and configuration


def test_a_token_of_entra_opens_graph(tmp_path: Path, tenant: Tenant, after: ExitStack) -> None:
    tenant.put(letter("x@x"), OLIVE)
    with Entra(tmp_path) as entra:
        tokens = Tokens(Application(TENANT, CLIENT, GRAPH, SECRET), entra.url, entra.ca)
        source = after.enter_context(closing(source_of(tenant, token=tokens)))
        assert entra.arrived == tenant.arrived == []  # it costs nothing until it is asked
        tenant.tokens = {"token-1"}
        assert len(items(listed(source, INBOX))) == 1
        tenant.tokens = {"token-2"}
        assert len(items(listed(source, INBOX))) == 1
        assert entra.issued == ["token-1", "token-2"]
        tenant.tokens, entra.refuses = set(), "7000222"
        with pytest.raises(SourceError, match="client secret has expired"):
            list(source.folders(OLIVE))


SECTION = """[[sources]]
kind = "graph"
mailboxes = {mailboxes}
oauth = {{ tenant = "wexcombe.example", client = "c", {credential} }}
journal = "journal@wexcombe.example"
"""


@pytest.mark.parametrize(
    ("mailboxes", "credential", "found"),
    [
        ('"roster"', 'secret = "env:WEXCOMBE_GRAPH"', None),
        ('["Ann@wexcombe.example"]', 'certificate = "file:graph.pem"', ("ann@wexcombe.example", "journal@wexcombe.example")),
    ],
)
def test_the_configuration_makes_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailboxes: str, credential: str, found: tuple[str, ...] | None
) -> None:
    monkeypatch.setenv("WEXCOMBE_GRAPH", SECRET)
    (tmp_path / "graph.pem").write_text("a certificate")
    begin, end = CONFIG.index("[[sources]]"), CONFIG.index("[store]")
    path = install(tmp_path, CONFIG[:begin] + SECTION.format(mailboxes=mailboxes, credential=credential) + "\n" + CONFIG[end:])
    with closing(App(load(path))) as app:
        (source,) = app.sources.values()
        assert isinstance(source, GraphSource)
        assert source.label == "graph:wexcombe.example"
        everybody = tuple(person.address for person in app.roster.people)
        assert source.mailboxes() == (found or tuple(dict.fromkeys((*everybody, "journal@wexcombe.example"))))
        assert SECRET not in repr(source)


_: Callable[..., Source] = GraphSource  # it keeps to the protocol
