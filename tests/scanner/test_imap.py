"""The IMAP source against servers that answer by a script: what they may say, and what is said of it."""

from __future__ import annotations

import base64
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from installation import CONFIG, install
from live.certificates import Authority
from live.lines import CAPABLE, DEFAULTS, EXAMINED, Answers, Script, listening, sealed

from rules.circulation import Role
from scanner.app import App
from scanner.config import load
from scanner.errors import SourceError
from scanner.sources.imap import ImapSource, Server, SignIn
from scanner.sources.imap4 import line as imap_line
from scanner.sources.imap4.folders import Listed, folder_of, is_theirs, readable, shown, wire
from scanner.sources.imap4.progress import Cursor, Listing, listing, uid_of
from scanner.sources.imap4.session import Opened, spans
from scanner.sources.patience import Patience, TransientError
from scanner.sources.source import Folder

ANN, BOB = "ann@tarnside.example", "bob@tarnside.example"
INBOX = Folder(ANN, "INBOX")
SECRET = "Heron-4711"
NO_WAIT = Patience(attempts=2, sleep=lambda _seconds: None)
ITEMS = ["7-4", "7-9"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pair(authority: Authority) -> tuple[Path, Path]:
    return authority.issue("server")


Serve = Callable[..., ImapSource]


@pytest.fixture
def serve(authority: Authority, pair: tuple[Path, Path]) -> Iterator[Serve]:
    """Starts a server by a script, and gives a source that reads it."""
    ends: list[AbstractContextManager[Any]] = []

    def begin(answers: Answers | None = None, account: str = "{mailbox}", scope: tuple[str, ...] = (ANN, BOB), **more: Any) -> ImapSource:
        script = more.pop("script", None) or Script({})
        script.answers, script.context = answers or {}, sealed(pair)
        server = listening(script.serve)
        port = server.__enter__()
        sign_in = SignIn(account, more.pop("password", SECRET), more.pop("token", None))
        optional, patience = more.pop("optional", False), more.pop("patience", NO_WAIT)
        source = ImapSource("imap", Server("127.0.0.1", port, **{"ca": authority.path, "patient": 5.0, **more}), sign_in, scope, optional, patience)
        ends.extend((_closing(source), server))
        return source

    yield begin
    for end in ends:
        end.__exit__(None, None, None)


class _closing(AbstractContextManager[Any]):  # noqa: N801  # stands beside contextlib.closing
    def __init__(self, source: ImapSource) -> None:
        self._source = source

    def __exit__(self, *_: object) -> None:
        self._source.close()


def heads(source: ImapSource, items: list[str], folder: Folder = INBOX) -> dict[str, str | bytes]:
    return {item: str(head) if isinstance(head, SourceError) else head for item, head in source.heads(folder, items)}


# --- folder names, numbers, cursors


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"INBOX", "INBOX"),
        (b"Caf&AOk-/Plans", "Café/Plans"),
        (b"Rates &- Benefits", "Rates & Benefits"),
        (b"&ZeVnLIqe-", "日本語"),
        (b"&2D3eAA-", "\U0001f600"),
        (b"Q&A", "Q\\x26A"),
        (b"R\xc3\xa9union", "R\\xc3\\xa9union"),
        (b"&AOk", "\\x26AOk"),
        (b"&AAo-", "\\x26AAo-"),
        (b"a\\x41", "a\\x5cx41"),
        (b"&2D0-", "\\x262D0-"),
        (b"", ""),
    ],
)
def test_a_folder_name_is_text_and_goes_back_as_it_came(name: bytes, text: str) -> None:
    assert shown(name) == text
    assert wire(text) == name


@pytest.mark.parametrize(
    ("uids", "written"), [([1], "1"), ([1, 2, 3], "1:3"), ([9, 1, 2, 3, 7], "1:3,7,9"), ([4294967295], "4294967295"), ([2, 4, 6], "2,4,6")]
)
def test_uids_are_written_out_with_neighbours_together(uids: list[int], written: str) -> None:
    assert spans(uids) == written


@pytest.mark.parametrize(("item", "numbers"), [("7-4", (7, 4)), ("7", (0, 0)), ("x-4", (0, 0)), ("7-", (0, 0)), ("0001.eml", (0, 0))])
def test_an_item_is_a_number_that_holds_for_ever(item: str, numbers: tuple[int, int]) -> None:
    assert uid_of(item) == numbers


class Box:
    """A folder of these UIDs. `asked` are the windows that were asked for."""

    def __init__(self, *uids: int) -> None:
        self.uids = sorted(uids)
        self.asked: list[tuple[int, int]] = []

    def __repr__(self) -> str:
        return f"Box({self.uids})"

    def numbers(self, first: int, last: int) -> list[tuple[int, int]]:
        self.asked.append((first, last))
        return [(place, uid) for place, uid in enumerate(self.uids, 1) if first <= place <= last]

    def opened(self, validity: int = 7, following: int | None = None, modseq: int = 0) -> Opened:
        return Opened(validity, max(self.uids, default=0) + 1 if following is None else following, modseq, len(self.uids))


@pytest.mark.parametrize(
    ("box", "cursor", "offered", "restarted"),
    [
        (Box(1, 2, 3), None, [1, 2, 3], False),
        (Box(1, 2, 3), "7:4:0:3", [], False),
        (Box(1, 2, 3, 8), "7:4:0:3", [8], False),
        (Box(1, 2, 3), "7:3:0:2", [3], False),
        (Box(5), "7:1:0:0", [5], False),
        (Box(), "7:4:0:0", [], False),
        (Box(1, 3), "7:4:0:3", [1, 3], False),
        (Box(1, 3, 8), "7:4:0:3", [1, 3, 8], False),
        (Box(1, 3, 8, 9), "7:4:0:3", [1, 3, 8, 9], False),
        (Box(), "7:4:0:3", [], False),
        (Box(1, 2, 3), "6:4:0:3", [1, 2, 3], True),
        (Box(1, 2), "7:4:0:3", [1, 2], True),
        (Box(1, 2, 3), "no cursor of ours", [1, 2, 3], True),
    ],
    ids=repr,
)
def test_what_has_come_is_offered_and_all_of_it_where_something_went(box: Box, cursor: str | None, offered: list[int], restarted: bool) -> None:
    following = None if restarted or box.uids else 4
    found = listing(box, box.opened(following=following), cursor)
    assert [uid for _, uid in found.items] == offered
    assert found.restarted is restarted


@pytest.mark.parametrize(("modseq", "restarted"), [(20, False), (31, False), (19, True), (0, False)])
def test_a_change_counter_that_fell_says_that_the_folder_was_put_back(modseq: int, restarted: bool) -> None:
    box = Box(1, 2, 3)
    assert listing(box, box.opened(modseq=modseq), "7:4:20:3").restarted is restarted


def test_a_server_that_names_no_next_uid_is_read_by_what_it_holds() -> None:
    box = Box(1, 2, 3)
    (page,) = listing(box, box.opened(following=0), None).pages()
    assert page.cursor == "7:4:0:3"
    box.uids.append(4)
    assert [uid for _, uid in listing(box, box.opened(following=0), page.cursor).items] == [4]


def test_nothing_new_asks_nothing_and_a_large_folder_is_asked_in_windows() -> None:
    box = Box(*range(1, 12_002))
    pages = list(listing(box, box.opened(), None).pages())
    assert box.asked == [(1, 5000), (5001, 10000), (10001, 12001)]
    assert [len(page.items) for page in pages] == [*[500] * 24, 1]
    assert {page.expected for page in pages} == {12_001}
    box.asked.clear()
    assert listing(box, box.opened(), pages[-1].cursor).items == ()
    assert box.asked == []


@pytest.mark.parametrize("stopped", [1, 2, 3])
def test_each_pages_cursor_covers_it_and_no_more(stopped: int) -> None:
    box = Box(*range(2, 2602, 2))
    pages = list(listing(box, box.opened(), None).pages())
    rest = listing(box, box.opened(), pages[stopped - 1].cursor)
    read = [item for page in pages[:stopped] for item in page.items]
    assert read + [item for page in rest.pages() for item in page.items if rest.items] == [f"7-{uid}" for uid in box.uids]


def test_only_the_first_page_says_that_all_begins_anew() -> None:
    items = tuple((n, n) for n in range(1, 1001))
    assert [page.restarted for page in Listing(Opened(7, 1001, 0, 1000), items, True).pages()] == [True, False]


@pytest.mark.parametrize("text", [None, "", "7", "7:4:0", "a:b:c:d", "7:4:0:3:9", "-7:4:0:3", "99999999999:1:1:1"])
def test_what_is_no_cursor_is_none(text: str | None) -> None:
    assert Cursor.read(text) is None


FOLDERS = [
    (Listed(b"INBOX"), Role.RECEIVED),
    (Listed(b"Sent"), Role.SENT),
    (Listed(b"INBOX.Sent Items", separator=b"."), Role.SENT),
    (Listed(b"Gesendet", frozenset({b"\\sent"})), Role.SENT),
    (Listed(b"Absent", separator=b""), Role.RECEIVED),
]


@pytest.mark.parametrize(("listed", "role"), FOLDERS, ids=[each.name.decode() for each, _ in FOLDERS])
def test_what_was_sent_is_known_by_the_servers_word_or_by_name(listed: Listed, role: Role) -> None:
    assert folder_of(ANN, listed).role is role


def test_branches_without_mail_and_drafts_are_passed_over() -> None:
    marked = [
        Listed(b"Sent", frozenset({b"\\sent"})),
        Listed(b"Entwurf", frozenset({b"\\drafts"})),
        Listed(b"Drafts"),
        Listed(b"x", frozenset({b"\\noselect"})),
    ]
    assert [each.name for each in readable(marked)] == [b"Drafts", b"Sent"]
    plain = [Listed(b"INBOX.Drafts", separator=b"."), Listed(b"Drafts-2024"), Listed(b"y", frozenset({b"\\nonexistent"}))]
    assert [each.name for each in readable(plain)] == [b"Drafts-2024"]


@pytest.mark.parametrize(
    ("user", "theirs"), [(b"ann@tarnside.example", True), (b"ANN", True), (b"anne", False), (b"bob", False), (b"", False), (b"ann^x", False)]
)
def test_a_shared_mailbox_is_known_by_address_or_by_name(user: bytes, theirs: bool) -> None:
    assert is_theirs(user, ANN) is theirs
    assert is_theirs(b"j^price", "j.price@tarnside.example")


# --- what a server may say


def test_a_mailbox_is_listed_and_read(serve: Serve) -> None:
    script = Script({})
    one = b"From: a@x\r\nSubject: one\r\n\r\n"
    source = serve(
        {
            "LIST .*": b'* LIST (\\Noselect) "/" "[All]"\r\n* LIST () "/" INBOX\r\n* LIST () "/" {4}\r\na"b)\r\n* LIST () "/" 2024\r\nTAG OK done\r\n',
            r"UID FETCH 4,9 \(BODY.PEEK\[HEADER\]\)": b"* 1 FETCH (UID 4 BODY[HEADER] {27}\r\n%s)\r\n* 1 FETCH (FLAGS ())\r\nTAG OK done\r\n" % one,
            r"UID FETCH 4 \(BODY.PEEK\[\]\)": b"* 9 EXISTS\r\n* 1 FETCH (BODY[] {31}\r\n%sBody UID 4)\r\nTAG OK done\r\n" % one,
        },
        script=script,
    )
    assert source.mailboxes() == (ANN, BOB)
    assert [folder.path for folder in source.folders(ANN)] == ["2024", "INBOX", 'a"b)']
    (page,) = source.pages(INBOX, None)
    assert (list(page.items), page.cursor, page.expected) == (ITEMS, "7:12:0:2", 2)
    assert heads(source, ITEMS) == {
        "7-4": one,
        "7-9": "ann@tarnside.example/INBOX: message 7-9 is gone since it was listed, or the folder was renumbered.",
    }
    assert source.fetch(INBOX, "7-4") == one + b"Body"
    assert list(source.folders("carl@tarnside.example")) == []
    source.close()
    assert {request.split()[1] for request in script.received if b" " in request} <= {
        *(b"CAPABILITY", b"AUTHENTICATE", b"LIST", b"EXAMINE", b"FETCH", b"UID", b"LOGOUT")
    }


NAMESPACES = b'* NAMESPACE (("" "/")) (("shared/" "/")) (("Public/" "/"))\r\nTAG OK done\r\n'
SHARING: Answers = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN NAMESPACE SPECIAL-USE LIST-EXTENDED\r\nTAG OK done\r\n",
    "NAMESPACE": NAMESPACES,
    r'LIST "" "\*" RETURN \(SPECIAL-USE\)': b'* LIST (\\Sent) "/" Post\r\n* LIST () "/" shared\r\n* LIST () "/" shared/bob/INBOX\r\nTAG OK done\r\n',
    r'LIST "" "shared/%" .*': b'* LIST () "/" shared/bob\r\n* LIST () "/" shared/bobby\r\nTAG OK done\r\n',
    r'LIST "" "shared/bob\*" .*': b'* LIST () "/" shared/bob\r\n* LIST () "/" shared/bobby\r\n* LIST () "/" "shared/bob/Sent Items"\r\nTAG OK done\r\n',
    r'LIST "" "Public/%" .*': b'* LIST () "/" Public/planning@tarnside.example\r\nTAG OK done\r\n',
    r'LIST "" "Public/planning@tarnside.example\*" .*': b'* LIST () "/" Public/planning@tarnside.example\r\nTAG OK done\r\n',
}
PLANNING = "planning@tarnside.example"


def test_one_account_reads_what_is_shared_with_it_each_under_its_owner(serve: Serve) -> None:
    source = serve(SHARING, "ann", (ANN, BOB, PLANNING, "carl@tarnside.example"), optional=True)
    assert source.mailboxes() == (ANN, BOB, PLANNING)
    found = {mailbox: [(folder.path, folder.role) for folder in source.folders(mailbox)] for mailbox in source.scope}
    assert found == {
        ANN: [("Post", Role.SENT)],
        BOB: [("shared/bob", Role.RECEIVED), ("shared/bob/Sent Items", Role.SENT)],
        PLANNING: [("Public/planning@tarnside.example", Role.RECEIVED)],
        "carl@tarnside.example": [],
    }


def test_a_mailbox_that_was_named_and_is_not_seen_is_said(serve: Serve) -> None:
    source = serve(SHARING, "ann", (ANN, "carl@tarnside.example"))
    assert source.mailboxes() == source.scope
    with pytest.raises(SourceError, match=r"sees no mailbox of carl@.*; have it shared"):
        list(source.folders("carl@tarnside.example"))


@pytest.mark.parametrize(
    ("answers", "words", "passing"),
    [
        (
            {"": b"TAG NO [AUTHENTICATIONFAILED] no\r\n"},
            "refused the sign-in of ann@tarnside.example (AUTHENTICATIONFAILED): the name or the secret",
            False,
        ),
        ({"": b"TAG NO [AUTHORIZATIONFAILED] no\r\n"}, "may not read this mailbox, or the server has none", False),
        ({"": b"TAG NO [EXPIRED] no\r\n"}, "password has expired", False),
        ({"": b"TAG NO Login failed for Heron-4711\r\n"}, "check sources.account and the secret", False),
        ({"": b"TAG NO [UNAVAILABLE] later\r\n"}, "not available (UNAVAILABLE)", True),
        ({"": b"TAG NO [LIMIT] too many\r\n"}, "no more connections", True),
        ({"": b""}, "ended the connection", True),
        ({"EXAMINE .*": b"* BYE [UNAVAILABLE] restarting\r\n"}, "not available (UNAVAILABLE)", True),
        ({"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n"}, "takes no passwords", False),
        ({"CAPABILITY": b"* CAPABILITY POP3\r\nTAG OK done\r\n"}, "does not accept a command", False),
        ({"EXAMINE .*": b"TAG NO [NONEXISTENT] no\r\n"}, "gone since it was listed", False),
        ({"EXAMINE .*": b"TAG NO [NOPERM] no\r\n"}, "rights to look up and to read", False),
        ({"EXAMINE .*": b"TAG NO [INUSE] busy\r\n"}, "locked by another program", True),
        ({"EXAMINE .*": b"TAG NO Mailbox is \x1b[31mon fire\r\n"}, "refused (Mailbox is  [31mon fire)", False),
        ({"EXAMINE .*": b"TAG BAD User is authenticated but not connected.\r\n"}, "grant full access", False),
        ({"EXAMINE .*": b"TAG BAD Request is throttled. Suggested Backoff Time: 2500 milliseconds\r\n"}, "asks for fewer requests", True),
        ({"EXAMINE .*": b"* 2 EXISTS\r\nTAG OK done\r\n"}, "no UIDVALIDITY", False),
        ({"EXAMINE .*": b"* OK [UIDVALIDITY 7] .\r\nTAG OK done\r\n"}, "no IMAP", True),
        ({"EXAMINE .*": b"* many EXISTS\r\n\x00\r\n"}, "in the midst of an answer", True),
        ({r"FETCH .*": b"* 1 FETCH (UID 4\r\nTAG OK done\r\n"}, "no IMAP", True),
        ({r"FETCH .*": b"* 1 FETCH (UID " + b"9" * 1_100_000 + b")\r\nTAG OK done\r\n"}, "no IMAP", True),
    ],
)
def test_what_a_server_refuses_is_said_with_a_remedy_and_no_secret(serve: Serve, answers: Answers, words: str, passing: bool) -> None:
    waits: list[float] = []
    source = serve(answers, patience=Patience(attempts=3, sleep=waits.append))
    with pytest.raises(SourceError) as refused:
        list(source.pages(INBOX, None))
    assert words in str(refused.value)
    assert SECRET not in f"{refused.value!r} {source!r}"
    assert isinstance(refused.value, TransientError) is passing
    assert len(waits) == (2 if passing else 0)
    assert "throttled" not in str(answers) or waits == [2.5, 2.5]


def test_a_listing_that_a_busy_server_gives_at_last_is_taken(serve: Serve) -> None:
    source = serve(
        {"EXAMINE .*": [b"TAG NO [INUSE] busy\r\n", EXAMINED], "FETCH .*": [b"", DEFAULTS[r"FETCH 1:2 \(UID\)"]]},
        patience=Patience(4, sleep=lambda _: None),
    )  # type: ignore[list-item]
    assert next(iter(source.pages(INBOX, None))).items == tuple(ITEMS)


def test_a_connection_that_was_dropped_while_idle_is_made_again_without_waiting(serve: Serve) -> None:
    def never(_seconds: float) -> None:
        raise AssertionError("waited")

    script = Script({})
    source = serve(
        {"LIST .*": DEFAULTS["LIST .*"], "EXAMINE .*": [b"* BYE idle for too long\r\n", EXAMINED]}, script=script, patience=Patience(sleep=never)
    )
    list(source.folders(ANN))
    assert next(iter(source.pages(INBOX, None))).items == tuple(ITEMS)
    assert sum(b"AUTHENTICATE" in request for request in script.received) == 2


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"TAG NO this message cannot be converted\r\n", "cannot be converted"),
        (b"TAG NO [SERVERBUG] oh\r\n", "SERVERBUG"),
        (b"* 1 FETCH (UID 4 BODY[HEADER] {5}\r\nFr)\r\nTAG OK done\r\n", "answer in time"),
        (b"* 1 FETCH (UID 4 BODY[HEADER] {99999999}\r\n", "more than 64 MB"),
        (b"* 1 FETCH (UID 4 BODY[HEADER] NIL)\r\nTAG OK done\r\n", "something else"),
        (b"", "ended the connection"),
    ],
)
def test_one_message_that_cannot_be_had_hides_no_other(serve: Serve, bad: bytes, words: str) -> None:
    good = b"* 2 FETCH (UID 9 BODY[HEADER] {13}\r\nFrom: a@x\r\n\r\n)\r\nTAG OK done\r\n"
    source = serve({r"UID FETCH (4|4,9) .*": bad, r"UID FETCH 9 .*": good}, patience=Patience(2, sleep=lambda _: None), patient=0.4)
    found = heads(source, ITEMS)
    assert found["7-9"] == b"From: a@x\r\n\r\n"
    assert words in str(found["7-4"])


def test_a_server_that_goes_away_while_heads_are_read_is_no_fault_of_the_messages(serve: Serve) -> None:
    source = serve({r"UID FETCH .*": b"", "EXAMINE .*": [EXAMINED, b""]})
    with pytest.raises(SourceError, match="ended the connection"):
        heads(source, ITEMS)


def test_a_folder_that_was_renumbered_gives_no_other_message_in_its_place(serve: Serve) -> None:
    source = serve()
    assert "is gone since it was listed, or the folder was renumbered" in str(heads(source, ["6-4"])["6-4"])
    with pytest.raises(SourceError, match="renumbered"):
        source.fetch(INBOX, "6-4")


def test_a_message_above_the_limit_is_refused_before_it_is_taken(serve: Serve) -> None:
    source = serve({r"UID FETCH 4 \(BODY.PEEK\[\]\)": b"* 1 FETCH (UID 4 BODY[] {999999999}\r\n"})
    with pytest.raises(SourceError, match=r"ann@tarnside\.example/INBOX: message 7-4 is larger than 200 MB"):
        source.fetch(INBOX, "7-4")


# --- TLS and sign-in


def test_with_starttls_nothing_but_the_wish_for_it_is_sent_in_clear(serve: Serve) -> None:
    script = Script({}, clear=True)
    source = serve({"CAPABILITY": [b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nTAG OK done\r\n", CAPABLE]}, script=script, starttls=True)
    assert [folder.path for folder in source.folders(ANN)] == ["INBOX"]
    assert [request.split()[1] for request in script.received[:2]] == [b"CAPABILITY", b"STARTTLS"]


@pytest.mark.parametrize(
    ("capable", "greeting", "words"),
    [
        (CAPABLE, b"* OK ready\r\n", "offers no STARTTLS"),
        (b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n", b"* PREAUTH you are in\r\n", "does not accept"),
    ],
)
def test_a_server_or_a_thief_that_wants_no_tls_gets_no_password(serve: Serve, capable: bytes, greeting: bytes, words: str) -> None:
    script = Script({}, greeting=greeting, clear=True)
    source = serve({"CAPABILITY": capable}, script=script, starttls=True)
    with pytest.raises(SourceError, match=words):
        list(source.folders(ANN))
    assert not any(b"AUTHENTICATE" in request or b"LOGIN" in request for request in script.received)


def certified(authority: Authority, tmp_path: Path, case: str) -> tuple[Path, Path]:
    day = timedelta(days=1)
    match case:
        case "another name":
            return authority.issue(case, "mail.tarnside.example")
        case "expired":
            return authority.issue(case, begins=-3 * day, ends=-day)
        case "not yet":
            return authority.issue(case, begins=day, ends=3 * day)
    return Authority(tmp_path, "Somebody Else").issue(case)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("another name", "is not for the name 127.0.0.1; write the name"),
        ("expired", "has expired; renew it"),
        ("not yet", "set this machine's clock"),
        ("unknown", "by an authority that is not trusted here; name the council's own with sources.ca"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_in_words(authority: Authority, tmp_path: Path, case: str, words: str) -> None:
    script = Script({}, context=sealed(certified(authority, tmp_path, case)))
    with listening(script.serve) as port:
        source = ImapSource("imap", Server("127.0.0.1", port, ca=authority.path), SignIn("{mailbox}", SECRET), (ANN,), patience=NO_WAIT)
        with pytest.raises(SourceError) as refused:
            source.mailboxes()
    assert words in str(refused.value)
    assert script.received == []


def test_a_port_without_tls_a_closed_port_a_silent_one_and_an_unknown_name_are_told_apart(authority: Authority) -> None:
    def said(host: str, port: int, **more: Any) -> str:
        with pytest.raises(SourceError) as refused:
            ImapSource("imap", Server(host, port, ca=authority.path, **more), SignIn("{mailbox}", SECRET), (ANN,), patience=NO_WAIT).mailboxes()
        return str(refused.value)

    with listening(Script({}).serve) as port:
        assert "does not speak TLS on this port; set starttls" in said("127.0.0.1", port)
    assert "refuses connections; check sources.port" in said("127.0.0.1", port)
    with listening(lambda line: line.recv(65536) and line.recv(65536)) as port:  # type: ignore[arg-type, return-value]
        assert "does not answer in time" in said("127.0.0.1", port, patient=0.2)
    assert "no server of this name" in said("no-such-host.invalid", 993)


@pytest.mark.parametrize(
    ("name", "words"), [("none.pem", "cannot be read (No such file or directory)"), ("letter.pem", "is no certificate in PEM form")]
)
def test_a_certificate_authority_that_is_none_is_said(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "letter.pem").write_text("Dear Ann")
    source = ImapSource("imap", Server("127.0.0.1", 1, ca=tmp_path / name), SignIn("{mailbox}", SECRET), (ANN,))
    with pytest.raises(SourceError, match=re.escape(words)):
        source.mailboxes()


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n", ""),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "asks for a sign-in"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "does not let this machine through to imap.tarnside.example:993 (status 403)"),
        (b"", "the connection broke"),
        (b"x" * 20_000, "the connection broke"),
    ],
)
def test_a_proxy_is_asked_for_a_tunnel(authority: Authority, reply: bytes, words: str) -> None:
    script = Script({}, context=sealed(authority.issue("behind", "imap.tarnside.example")))
    asked: list[bytes] = []

    def proxy(line: Any) -> None:
        asked.append(line.recv(4096))
        line.sendall(reply)
        if not words:
            script.serve(line)

    with listening(proxy) as port:
        server = Server("imap.tarnside.example", 993, ca=authority.path, proxy=f"http://127.0.0.1:{port}")
        source = ImapSource("imap", server, SignIn("{mailbox}", SECRET), (ANN,), patience=NO_WAIT)
        if words:
            with pytest.raises(SourceError) as refused:
                list(source.folders(ANN))
            assert words in str(refused.value)
        else:
            assert [folder.path for folder in source.folders(ANN)] == ["INBOX"]
            source.close()
    assert asked[0].startswith(b"CONNECT imap.tarnside.example:993 HTTP/1.1\r\n")


def test_the_account_signs_in_for_each_mailbox_with_any_letters_in_the_password(serve: Serve) -> None:
    script = Script({})
    source = serve({}, "{mailbox}*scanner", script=script, password="Füllhorn")
    list(source.folders(BOB))
    (sent,) = [request for request in script.received if b" " not in request]
    assert base64.b64decode(sent) == b"\0bob@tarnside.example*scanner\0F\xc3\xbcllhorn"


def test_a_password_that_login_cannot_carry_is_said(serve: Serve) -> None:
    source = serve({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"}, password="Füllhorn")
    with pytest.raises(SourceError, match="takes only plain letters"):
        list(source.folders(ANN))


def test_a_token_is_asked_for_at_each_sign_in(serve: Serve) -> None:
    tokens = iter(["old", "new"])
    script = Script({})
    source = serve({"EXAMINE .*": [b"", EXAMINED]}, script=script, token=lambda: next(tokens), patience=Patience(2, sleep=lambda _: None))
    list(source.pages(INBOX, None))
    sent = [base64.b64decode(request) for request in script.received if b" " not in request]
    assert sent == [b"user=ann@tarnside.example\1auth=Bearer old\1\1", b"user=ann@tarnside.example\1auth=Bearer new\1\1"]


def test_a_token_that_is_refused_ends_the_exchange_as_the_protocol_has_it(serve: Serve) -> None:
    source = serve({"": [b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n", b"TAG NO [AUTHENTICATIONFAILED] no\r\n"]}, token=lambda: "stale-token")
    with pytest.raises(SourceError, match="AUTHENTICATIONFAILED") as refused:
        list(source.folders(ANN))
    assert "stale-token" not in str(refused.value)


def test_no_more_than_a_few_connections_are_kept(serve: Serve) -> None:
    script = Script({})
    many = tuple(f"{name}@tarnside.example" for name in "abcdefghijkl")
    source = serve({}, scope=many, script=script)
    for mailbox in many:
        list(source.folders(mailbox))
    assert sum(b"LOGOUT" in request for request in script.received) == len(many) - 8


# --- nothing is written


WRITES: list[tuple[str, Callable[[Any], object]]] = [
    ("SELECT", lambda c: c.select_folder("INBOX")),
    ("UID", lambda c: c.add_flags([4], [b"\\Seen"])),
    ("UID", lambda c: c.delete_messages([4])),
    ("UID", lambda c: c.copy([4], "x")),
    ("UID", lambda c: c.answers("4", "(BODY[])", by_uid=True)),
    ("UID", lambda c: c.answers("4", "(RFC822)", by_uid=True)),
    ("part of a command", lambda c: c.answers("4", "(BODY.PEEK[])\r\nA1 DELETE INBOX", by_uid=True)),
    ("FETCH", lambda c: c.answers("4", "(BODY[TEXT])", by_uid=False)),
    ("APPEND", lambda c: c.append("INBOX", b"From: a@x\r\n\r\n")),
    ("EXPUNGE", lambda c: c.expunge()),
    ("CLOSE", lambda c: c.close_folder()),
    ("CREATE", lambda c: c.create_folder("x")),
    ("DELETE", lambda c: c.delete_folder("x")),
    ("RENAME", lambda c: c.rename_folder("INBOX", "x")),
    ("SUBSCRIBE", lambda c: c.subscribe_folder("INBOX")),
    ("part of a command", lambda c: c.examine(b"x\r\nA1 DELETE INBOX")),
    ("part of a command", lambda c: c._imap.send(b"A1 STORE 1 +FLAGS (x)\r\nA2 NOOP\r\n")),
    ("part of a command", lambda c: c._imap.send(b" STORE")),
]


@pytest.mark.parametrize(("verb", "write"), WRITES, ids=[f"{number}-{verb}" for number, (verb, _) in enumerate(WRITES)])
def test_whatever_would_write_is_stopped_before_it_is_sent(serve: Serve, verb: str, write: Callable[[Any], object]) -> None:
    script = Script({})
    source = serve({}, script=script)
    list(source.pages(INBOX, None))
    client = next(iter(source._sessions.values()))._client
    before = list(script.received)
    with pytest.raises(SourceError, match=f"{verb} was not sent: Aboveboard only reads"):
        write(client)
    assert script.received == before


def test_neither_mail_nor_secret_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    source = serve({r"UID FETCH 4 .*": b"* 1 FETCH (UID 4 BODY[] {10}\r\nMrs Moss .)\r\nTAG OK done\r\n"})
    assert source.fetch(INBOX, "7-4") == b"Mrs Moss ."
    assert "Moss" not in caplog.text
    assert SECRET not in caplog.text
    assert imap_line.ANSWER < 2**30


def test_the_default_context_checks_names(authority: Authority) -> None:
    trust = Server("x", ca=authority.path).trust()
    assert trust.check_hostname
    assert trust.verify_mode is ssl.CERT_REQUIRED


# --- as a configuration names it


def configured(tmp_path: Path, more: str, mailboxes: str = '"roster"') -> ImapSource:
    section = f'[[sources]]\nkind = "imap"\nhost = "mail.tarnside.example"\nport = 143\nstarttls = true\nmailboxes = {mailboxes}\n{more}\n\n[store]'
    made = App(load(install(tmp_path, CONFIG.replace("[store]", section, 1)))).sources["imap:mail.tarnside.example"]
    assert isinstance(made, ImapSource)
    return made


def test_a_configuration_names_server_account_and_mailboxes(tmp_path: Path) -> None:
    (tmp_path / "imap.secret").write_text(SECRET + "\n")
    more = 'account = "{mailbox}*scan"\npassword = "file:imap.secret"\nca = "ca.pem"\nproxy = "http://proxy:3128"'
    source = configured(tmp_path, more)
    assert source.server == Server("mail.tarnside.example", 143, True, tmp_path / "ca.pem", "http://proxy:3128")
    assert source.sign_in.user(ANN) == f"{ANN}*scan"
    assert source.sign_in.password == SECRET
    assert SECRET not in repr(source)
    assert source.optional
    assert "jo.price@wexcombe.example" in source.scope


def test_named_mailboxes_and_the_journals_are_in_scope(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARNSIDE_IMAP", SECRET)
    more = 'account = "scan"\npassword = "env:TARNSIDE_IMAP"\njournal = "journal2@wexcombe.example"'
    source = configured(tmp_path, more, '["Ann@tarnside.example", "bob@tarnside.example"]')
    assert source.scope == (ANN, BOB, "journal2@wexcombe.example")
    assert not source.optional
    assert source.sign_in.token is None


def test_an_application_signs_in_with_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARNSIDE_IMAP", SECRET)
    source = configured(tmp_path, 'account = "{mailbox}"\noauth = { tenant = "t", client = "c", secret = "env:TARNSIDE_IMAP" }')
    assert source.sign_in.token is not None
    assert SECRET not in repr(source)
