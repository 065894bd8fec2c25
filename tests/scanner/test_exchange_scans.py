"""Whole scans of an Exchange: the same findings as from files, through every fault of server and line, and by operations that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from installation import CONFIG, install, run
from live.ews import Exchange, Fault, serving
from live.office import EVERYBODY, INBOX, NOW, SECRET, STAFF, Council, Office, opened, told_of_files
from parish import ANN, BOB, OLIVE, letter

from scanner import live
from scanner.errors import ConfigurationError
from scanner.sources.ews.mailbox import Extent
from scanner.sources.ews.readonly import READING, WriteRefusedError, operation_of, refuse_writes
from scanner.sources.ews.wire import Way
from scanner.sources.exchange import ExchangeSource


@pytest.fixture
def office() -> Iterator[Office]:
    with opened() as made:
        yield made


# Nothing but reading leaves.


def attempts() -> dict[str, Callable[[ExchangeSource], object]]:
    """Ways in which exchangelib writes, each through the source's own connection."""
    from exchangelib import Message
    from exchangelib.services import ConvertId, EmptyFolder, SubscribeToPull
    from exchangelib.services.delete_folder import DeleteFolder

    item = [("AAMk", "CQ")]

    def box(source: ExchangeSource) -> Any:
        return source._box(ANN)

    return {
        "send": lambda source: list(calls_create(box(source), Message)),
        "delete": lambda source: box(source).bulk_delete(item),
        "move": lambda source: box(source).bulk_move(item, _place(box(source))),
        "copy": lambda source: box(source).bulk_copy(item, _place(box(source))),
        "send draft": lambda source: box(source).bulk_send(item, save_copy=False),
        "mark read": lambda source: box(source).bulk_update([(Message(id="AAMk", changekey="CQ", is_read=True, account=box(source)), ["is_read"])]),
        "junk": lambda source: box(source).bulk_mark_as_junk(item, is_junk=True, move_item=True),
        "archive": lambda source: box(source).bulk_archive(item, _place(box(source))),
        "upload": lambda source: box(source).upload([(_place(box(source)), "AAAA")]),
        "export": lambda source: box(source).export(item),
        "out of office": lambda source: box(source).oof_settings,
        "rule": lambda source: box(source).delete_rule(type("Rule", (), {"id": "x"})()),
        "empty folder": lambda source: list(EmptyFolder(account=box(source)).call([_place(box(source))], "HardDelete", delete_sub_folders=True)),
        "delete folder": lambda source: list(DeleteFolder(account=box(source)).call([_place(box(source))], "HardDelete")),
        "subscribe": lambda source: list(SubscribeToPull(account=box(source)).call(None, ["NewMailEvent"], None, 1)),
        "convert": lambda source: list(ConvertId(protocol=box(source).protocol).call([], "EntryId")) or source.members("x@y"),
    }


def _place(box: Any) -> Any:
    from exchangelib.properties import FolderId

    return FolderId(id="AAMk")


def calls_create(box: Any, message: Any) -> Any:
    from exchangelib.items import SEND_ONLY
    from exchangelib.services import CreateItem

    made = message(account=box, subject="x", to_recipients=["a@x.example"])
    return CreateItem(account=box).call([made], None, SEND_ONLY, "SendToNone")


@pytest.mark.parametrize("name", [name for name in attempts() if name != "convert"])
def test_a_write_is_refused_before_it_leaves(office: Office, name: str) -> None:
    source = office.source()
    assert list(source.folders(ANN))
    before = len(office.exchange.arrived)
    with pytest.raises(WriteRefusedError, match="no reading operation"):
        attempts()[name](source)
    assert len(office.exchange.arrived) == before
    assert list(office.source().folders(ANN))


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("GET", None),
        ("DELETE", b"<s:Envelope/>"),
        ("POST", b""),
        ("POST", b"not XML"),
        ("POST", "<a><b/></a>"),
        ("POST", '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'),
        *(
            ("POST", f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="{space}">{inside}</s:Envelope>')
            for space, inside in (
                ("http://schemas.microsoft.com/exchange/services/2006/messages", "<s:Body><m:DeleteItem/></s:Body>"),
                ("http://schemas.microsoft.com/exchange/services/2006/messages", "<s:Body><m:GetItem/><m:DeleteItem/></s:Body>"),
                ("http://schemas.microsoft.com/exchange/services/2006/messages", "<s:Body><m:GetItem/></s:Body><s:Body><m:SendItem/></s:Body>"),
                ("http://schemas.microsoft.com/exchange/services/2006/types", "<s:Body><m:GetItem/></s:Body>"),
            )
        ),
    ],
)
def test_only_one_reading_operation_in_a_post_passes(method: str, body: Any) -> None:
    with pytest.raises(WriteRefusedError):
        refuse_writes(method, body)


def test_a_header_cannot_make_a_write_look_like_reading(office: Office) -> None:
    session = office.source()._box(ANN).protocol.gate.session()
    deletes = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><DeleteItem xmlns="x"/></s:Body></s:Envelope>'
    with pytest.raises(WriteRefusedError):
        session.post(office.url, data=deletes, headers={"SOAPAction": "http://schemas.microsoft.com/exchange/services/2006/messages/GetItem"})
    assert office.operations == []


def test_a_whole_scan_asks_only_what_reads(office: Office) -> None:
    with Council(office, *EVERYBODY, extent=Extent(archive=True, recoverable=True)) as council:
        council.furnish()
        council.scan()
        council.source.members(STAFF)
        council.source.forwardings(ANN)
    assert set(office.operations) <= {name.rpartition("}")[2] for name in READING}
    assert all(operation_of(body) in READING for _, body in office.exchange.requests)


# The scan as a whole.


def test_mail_on_the_server_and_the_same_mail_as_files_give_the_same_findings(office: Office, tmp_path: Path) -> None:
    with Council(office, *EVERYBODY) as council:
        council.furnish()
        result = council.scan()
        assert result.problems == ()
        assert council.told() == told_of_files(tmp_path)
        assert len(council.findings()) > 5
        again = council.scan()
        assert (again.collected, again.judged) == (0, 0)


TRANSIENT = {
    "503": Fault("status", 503, headers={"Retry-After": "7"}),
    "500 without XML": Fault("status", 500),
    "502": Fault("status", 502),
    "429": Fault("status", 429),
    "dropped": Fault("drop"),
    "cut without a length": Fault("cut"),
    "cut short": Fault("short"),
    "fewer answers than questions": Fault("fewer"),
    "garbage": Fault("garbage"),
    "malformed": Fault("malformed"),
    "busy": Fault("soap", back_off=4000),
    "busy by item": Fault("item", code="ErrorServerBusy"),
    "too many objects": Fault("item", code="ErrorTooManyObjectsOpened"),
    "failover": Fault("soap", code="ErrorMailboxFailover"),
    "internal": Fault("soap", code="ErrorInternalServerError"),
}


@pytest.mark.parametrize("name", TRANSIENT)
def test_every_request_may_fail_once_in_any_way_and_the_scan_is_the_same(office: Office, tmp_path: Path, name: str) -> None:
    with Council(office, *EVERYBODY) as council:
        council.furnish()
        office.exchange.fault = lambda number, operation: TRANSIENT[name] if number % 2 else None
        result = council.scan()
        office.exchange.fault = lambda number, operation: None
        assert result.problems == ()
        assert council.told() == told_of_files(tmp_path)
    assert len(office.waits) * 2 >= len(office.exchange.arrived) - 2
    if asked := {"503": 7.0, "busy": 4.0}.get(name):  # but for the first question, which only finds out how to sign in
        assert set(office.waits[1:]) == {asked}


def test_a_server_that_hangs_is_left_and_asked_again(office: Office) -> None:
    office.exchange.put(ANN, "inbox", letter("a@x"))
    office.exchange.fault = lambda number, operation: Fault("hang") if number in {2, 5} else None
    with Council(office, ANN, way=Way(lambda: NOW, timeout=0.3)) as council:
        assert council.scan().problems == ()
        assert council.coverage()[f"{ANN}/Inbox"] == (1, 1, 0, 0, 0, 0)


LASTING = {
    "401": Fault("status", 401),
    "403": Fault("status", 403),
    "404": Fault("status", 404),
    "redirected": Fault("status", 302, headers={"Location": "/owa/auth"}),
    "503 for good": Fault("status", 503),
    "dropped for good": Fault("drop"),
    "denied": Fault("soap", code="ErrorImpersonateUserDenied"),
    "item denied": Fault("item", code="ErrorAccessDenied"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_server_that_fails_from_any_request_on_is_said_to_and_the_next_scan_makes_good(office: Office, name: str) -> None:
    with Council(office, ANN, OLIVE) as whole:
        office.exchange.put(OLIVE, "sentitems", letter("a@x", Bcc=BOB))
        office.exchange.put(ANN, "inbox", letter("a@x"))
        whole.scan()
        number, expected = len(office.exchange.arrived), whole.told()
    assert expected[0] and number > 10
    for first in range(1, number + 1, 3):
        office.exchange.arrived.clear()
        office.exchange.fault = lambda at, operation, first=first: LASTING[name] if at >= first else None  # type: ignore[misc]
        with Council(office, ANN, OLIVE) as council:
            result = council.scan()
            assert result.problems or council.cases.failures(), first
            office.exchange.fault = lambda at, operation: None
            assert council.scan().problems == ()
            assert council.told() == expected, first


def test_a_mailbox_that_is_deleted_in_mid_scan_is_said_to_be_gone(office: Office) -> None:
    office.exchange.put(ANN, "inbox", letter("a@x"))

    def gone(operation: str) -> None:
        if operation == "GetItem":
            office.exchange.denied[ANN] = "ErrorNonExistentMailbox"

    office.exchange.before = gone
    with Council(office, ANN, OLIVE) as council:
        council.scan()
        result = council.scan()
        assert any(ANN in problem and "no mailbox on this Exchange" in problem for problem in result.problems)
        assert f"{OLIVE}/Inbox" in council.coverage()


def test_moved_and_deleted_mail_is_counted_where_it_lies(office: Office) -> None:
    item = office.exchange.put(ANN, "inbox", letter("a@x"))
    with Council(office, ANN) as council:
        council.scan()
        office.exchange.delete(ANN, "inbox", item)
        office.exchange.put(ANN, "deleteditems", letter("a@x"))
        council.scan()
        coverage = council.coverage()
        assert coverage[f"{ANN}/Inbox"] == (0, 0, 0, 0, 0, 0) and coverage[f"{ANN}/Deleted Items"] == (1, 1, 0, 0, 0, 0)


def test_a_connection_that_was_dropped_while_idle_is_made_anew(office: Office) -> None:
    item = office.exchange.put(ANN, "inbox", letter("a@x"))
    source = office.source()
    assert source.fetch(INBOX, item.id)  # looks the mailbox up first, so that each later fetch is one request on one connection
    office.exchange.hangs_up = True
    for _ in range(3):
        assert source.fetch(INBOX, item.id)
        assert office.exchange.hung_up.acquire(timeout=10)
    assert office.waits == []


def test_a_closed_source_can_be_asked_again(office: Office) -> None:
    item = office.exchange.put(ANN, "inbox", letter("a@x"))
    source = office.source()
    first = source.fetch(INBOX, item.id)
    source.close()
    source.close()
    assert source.fetch(INBOX, item.id) == first


def test_a_source_connects_to_nothing_before_it_is_asked(office: Office) -> None:
    office.source().mailboxes()
    assert office.operations == []


def test_the_program_scans_an_exchange_with_worker_processes_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the configuration to a finding, by the command that a user runs."""
    people = tuple(f"{name}@wexcombe.example" for name in ("cllr.ann.marsh", "cllr.tom.reed", "jo.price"))
    member, hidden, officer = people
    exchange = Exchange()
    exchange.schemes, exchange.account, exchange.password = 'Basic realm="x"', "WEXCOMBE\\svc", SECRET
    for address in people:
        exchange.mailbox(address)
    exchange.put(officer, "sentitems", letter("a@x", officer, (member,), Bcc=hidden))
    for address in (member, hidden):
        exchange.put(address, "inbox", letter("a@x", officer, (member,)))
    monkeypatch.setenv("EXCHANGE_PASSWORD", SECRET)
    with serving(exchange) as url:
        signs_in = 'account = "WEXCOMBE\\\\svc"\npassword = "env:EXCHANGE_PASSWORD"'
        files = 'kind = "eml"\npath = "mailboxes"\njournal = "journal@wexcombe.example"'
        config = CONFIG.replace(files, f'kind = "exchange"\nserver = "{url}"\n{signs_in}').replace("workers = 1", "workers = 2")
        done = run("scan", "--config", install(tmp_path, config), timeout=120)
    assert done.returncode == 0, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert "silent-copy" in said and "New copies read: 3." in said
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("server", ["http://mail.example.gov.uk/EWS/Exchange.asmx", "ftp://mail.example.gov.uk"])
def test_a_password_is_not_sent_in_the_clear(server: str) -> None:
    with pytest.raises(ConfigurationError, match="in the clear"):
        live._safe(server)
