"""Exchange through exchangelib's real client, against a server of our own: what is listed, read, noticed and told of lists and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from live.office import BIG, HIDDEN, INBOX, PLANNERS, SENT, STAFF, Council, Office, listed, opened
from parish import ANN, BOB, DOMAIN, JOURNAL, OLIVE, PETER, letter

from rules.circulation import Role
from scanner.errors import SourceError
from scanner.reading.mail.envelope import read_envelope
from scanner.sources.directory import Directory, Forwarding
from scanner.sources.ews.mailbox import Extent
from scanner.sources.source import Folder


@pytest.fixture
def office() -> Iterator[Office]:
    with opened() as made:
        yield made


# What is listed.


def test_folders_are_the_mail_folders_of_the_tree_and_sent_is_what_the_server_says(office: Office) -> None:
    office.exchange.mailbox(PETER, sent="Éléments envoyés")
    top = office.exchange.of(PETER, "msgfolderroot").id
    year = office.exchange.folder(PETER, "2025", parent=office.exchange.of(PETER, "sentitems").id)
    office.exchange.folder(PETER, "Q1", parent=year)
    office.exchange.folder(PETER, "Plans / maps", kind="", parent=top)
    office.exchange.folder(PETER, "News", kind="IPF.Note.OutlookHomepage", parent=top)
    office.exchange.folder(PETER, "Letter templates", kind="IPF.Note.Templates", parent=top)
    office.exchange.folder(PETER, "Unread", parent=top, tag="SearchFolder")
    office.exchange.folder(PETER, "Old drafts", parent=office.exchange.of(PETER, "drafts").id)
    office.exchange.folder(PETER, "Conflicts", parent=office.exchange.of(PETER, "syncissues").id)
    found = {folder.path: folder.role for folder in office.source(PETER).folders(PETER)}
    sent = {"Éléments envoyés", "Éléments envoyés/2025", "Éléments envoyés/2025/Q1"}
    assert found == dict.fromkeys(sent, Role.SENT) | dict.fromkeys(("Inbox", "Deleted Items", "Plans ∕ maps", "Letter templates"), Role.RECEIVED)


def test_a_deep_tree_is_listed_over_many_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(25):
        office.exchange.folder(ANN, f"Ward {number:02}", parent=office.exchange.of(ANN, "inbox").id)
    office.exchange.page = 7
    assert sum(folder.path.startswith("Inbox/Ward") for folder in office.source().folders(ANN)) == 25
    assert office.operations.count("FindFolder") == 5


def test_two_folders_of_one_path_are_told_apart(office: Office) -> None:
    inbox = office.exchange.of(ANN, "inbox").id
    office.exchange.folder(ANN, "a∕b", parent=inbox)
    office.exchange.folder(ANN, "a/b", parent=inbox)
    paths = [folder.path for folder in office.source().folders(ANN)]
    assert {"Inbox/a∕b", "Inbox/a∕b (2)"} <= set(paths) and len(paths) == len(set(paths))


def test_a_mailbox_that_is_not_in_scope_has_no_folders_here(office: Office) -> None:
    assert list(office.source(ANN).folders(OLIVE)) == []
    assert office.operations == []


@pytest.mark.parametrize("extent", [Extent(), Extent(archive=True), Extent(recoverable=True), Extent(archive=True, recoverable=True)])
def test_archive_and_recoverable_items_are_read_where_asked_for(office: Office, extent: Extent) -> None:
    for role, name, inside in (
        ("archivemsgfolderroot", "Archive top", "Sent Items"),
        ("recoverableitemsroot", "Recoverable", "Deletions"),
        ("archiverecoverableitemsroot", "Archive recoverable", "Purges"),
    ):
        root = office.exchange.folder(ANN, name, "", role, parent="none")
        office.exchange.folder(ANN, inside, "IPF.Note" if "Sent" in inside else "", parent=root)
    found = {folder.path: folder.role for folder in office.source(extent=extent).folders(ANN)}
    assert found.get("Archive/Sent Items") == (Role.SENT if extent.archive else None)
    assert found.get("Recoverable Items/Deletions") == (Role.RECEIVED if extent.recoverable else None)
    assert ("Archive/Recoverable Items/Purges" in found) is (extent.archive and extent.recoverable)


def test_a_mailbox_without_an_archive_is_whole_without_it(office: Office) -> None:
    assert not [folder for folder in office.source(extent=Extent(archive=True)).folders(ANN) if folder.path.startswith("Archive")]


def test_an_archive_that_is_closed_to_the_account_is_a_problem_of_its_own(office: Office) -> None:
    office.exchange.denied[f"{ANN}/archivemsgfolderroot"] = "ErrorAccessDenied"
    office.exchange.put(ANN, "inbox", letter("a@x"))
    with Council(office, ANN, extent=Extent(archive=True)) as council:
        result = council.scan()
        assert [p for p in result.problems if p.startswith(f"{ANN}/Archive:") and "Full Access" in p]
        assert council.coverage()[f"{ANN}/Inbox"] == (1, 1, 0, 0, 0, 0)


@pytest.mark.parametrize("number", [0, 1, 6, 7, 8, 21])
def test_items_come_in_pages_and_each_once(office: Office, number: int) -> None:
    office.exchange.page = 7
    items = [office.exchange.put(ANN, "inbox", letter(f"{n}@x")).id for n in range(number)]
    found, last = listed(office.source(), INBOX)
    assert found == items
    assert last.expected == number and not last.restarted


def test_what_is_no_mail_and_what_was_never_sent_is_left_out_and_not_expected(office: Office) -> None:
    mail = [
        office.exchange.put(ANN, "deleteditems", letter(f"{kind}@x"), kind=kind, tag=tag).id
        for kind, tag in (
            ("IPM.Note", "Message"),
            ("IPM.Note.SMIME", "Message"),
            ("IPM.Schedule.Meeting.Request", "MeetingRequest"),
            ("REPORT.IPM.Note.NDR", "Item"),
            ("IPM.Post", "PostItem"),
            ("IPM.TaskRequest", "Message"),
            ("IPM.Something.Else", "NeverHeardOf"),
        )
    ]
    for kind, tag in (("IPM.Contact", "Contact"), ("IPM.Appointment", "CalendarItem"), ("IPM.Task", "Task"), ("IPM.StickyNote", "Message")):
        office.exchange.put(ANN, "deleteditems", letter("n@x"), kind=kind, tag=tag)
    office.exchange.put(ANN, "deleteditems", letter("draft@x", Bcc=BOB), draft=True)
    folder = Folder(ANN, "Deleted Items")
    source = office.source()
    found, last = listed(source, folder)
    assert (found, last.expected) == (mail, 7)
    assert [item for item, head in source.heads(folder, found) if not isinstance(head, SourceError)] == mail
    later = office.exchange.put(ANN, "deleteditems", letter("later@x")).id
    office.exchange.put(ANN, "deleteditems", letter("n@x"), kind="IPM.Contact.Friend", tag="Contact")
    found, last = listed(source, folder, last.cursor)
    assert (found, last.expected) == ([later], 8)
    assert listed(source, folder, last.cursor) == ([], replace(last, items=()))


# What is new, what is gone, and cursors that no longer hold.


def nothing(office: Office, first: Any) -> None:
    """No change."""


def arrival(office: Office, first: Any) -> None:
    office.exchange.put(ANN, "inbox", letter("new@x"))


def reading(office: Office, first: Any) -> None:
    office.exchange.touch(first)


def deletion(office: Office, first: Any) -> None:
    office.exchange.delete(ANN, "inbox", first)


def both(office: Office, first: Any) -> None:
    arrival(office, first)
    deletion(office, first)


def refusal(office: Office, first: Any) -> None:
    office.exchange.of(ANN, "inbox").epoch += 1


@pytest.mark.parametrize(
    ("change", "items", "expected", "restarted"),
    [(nothing, 0, 3, False), (arrival, 1, 4, False), (reading, 0, 3, False), (deletion, 2, 2, False), (both, 3, 3, False), (refusal, 3, 3, True)],
)
def test_only_what_is_new_is_offered_and_everything_where_something_went(
    office: Office, change: Callable[[Office, Any], None], items: int, expected: int, restarted: bool
) -> None:
    first, *_ = [office.exchange.put(ANN, "inbox", letter(f"{n}@x")) for n in range(3)]
    source = office.source()
    cursor = listed(source, INBOX)[1].cursor
    change(office, first)
    found, last = listed(source, INBOX, cursor)
    assert (len(found), last.expected, last.restarted) == (items, expected, restarted)
    assert listed(source, INBOX, last.cursor)[0] == []


def test_a_quiet_folder_costs_one_request(office: Office) -> None:
    source = office.source()
    cursor = listed(source, INBOX)[1].cursor
    office.exchange.arrived.clear()
    listed(source, INBOX, cursor)
    assert office.operations == ["SyncFolderItems"]


@pytest.mark.parametrize("cursor", ["", "again", "x", "1:2", "1:2:", "a:b:c", "3:0:bm9uc2Vuc2U="])
def test_a_cursor_of_another_kind_means_everything(office: Office, cursor: str) -> None:
    office.exchange.put(ANN, "inbox", letter("a@x"))
    assert len(listed(office.source(), INBOX, cursor)[0]) == 1


def test_a_listing_that_was_broken_off_begins_again_so_that_no_deletion_is_missed(office: Office) -> None:
    items = [office.exchange.put(ANN, "inbox", letter(f"{n}@x")) for n in range(20)]
    office.exchange.page = 8
    source = office.source()
    cursor = next(iter(source.pages(INBOX, None))).cursor
    office.exchange.delete(ANN, "inbox", items[0])
    assert listed(source, INBOX, cursor)[0] == [item.id for item in items[1:]]


def test_what_goes_while_it_is_listed_is_missed_in_the_next_scan(office: Office) -> None:
    items = [office.exchange.put(ANN, "inbox", letter(f"{n}@x")) for n in range(20)]
    office.exchange.page = 8
    with Council(office, ANN) as council:
        rounds = iter(range(100))

        def meanwhile(operation: str) -> None:
            if operation == "SyncFolderItems" and office.exchange.arrived[-1] and next(rounds) == 3:
                office.exchange.delete(ANN, "inbox", items[0])

        office.exchange.before = meanwhile
        council.scan()
        office.exchange.before = lambda operation: None
        council.scan()
        assert council.coverage()[f"{ANN}/Inbox"] == (19, 19, 0, 0, 0, 0)


def test_much_new_mail_comes_in_pages_and_the_cursor_moves_with_the_last(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.sources.ews.listing._A_PAGE", 4)
    source = office.source()
    cursor = listed(source, INBOX)[1].cursor
    for n in range(10):
        office.exchange.put(ANN, "inbox", letter(f"{n}@x"))
    pages = list(source.pages(INBOX, cursor))
    assert [len(page.items) for page in pages] == [4, 4, 2]
    assert [listed(source, INBOX, page.cursor)[0] != [] for page in pages] == [True, True, False]


def test_items_that_the_server_counts_and_does_not_list_show_as_not_reached(office: Office) -> None:
    office.exchange.put(ANN, "inbox", letter("a@x"))
    office.exchange.of(ANN, "inbox").hidden = 2
    with Council(office, ANN) as council:
        council.scan()
        assert council.coverage()[f"{ANN}/Inbox"] == (3, 1, 0, 0, 0, 2)


# What is read.


def test_bcc_is_put_back_into_the_senders_copy_and_nowhere_else(office: Office) -> None:
    raw = letter("a@x", OLIVE, (ANN,), Bcc=f'"Carr, Bob ""Bobby""" <{BOB}>, {PETER}')
    sent = office.exchange.put(OLIVE, "sentitems", raw)
    received = office.exchange.put(ANN, "inbox", letter("a@x", OLIVE, (ANN,)))
    source = office.source()
    for whole in (source.fetch(SENT, sent.id), next(iter(source.heads(SENT, [sent.id])))[1]):
        assert isinstance(whole, bytes)
        bcc = read_envelope(whole, "").message.bcc
        assert bcc is not None and [address.email for address in bcc] == [BOB, PETER]
    assert source.fetch(INBOX, received.id) == letter("a@x", OLIVE, (ANN,))
    assert source.fetch(SENT, sent.id).endswith(received.mime)


def test_a_bcc_that_the_bytes_already_have_is_not_doubled(office: Office) -> None:
    item = office.exchange.put(OLIVE, "sentitems", letter("a@x"))
    item.mime, item.bcc = letter("a@x", Bcc=BOB), (("", BOB),)
    assert office.source().fetch(SENT, item.id).lower().count(b"bcc:") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Cc": f"Peter Eames <{PETER}>, all.staff@{DOMAIN}"},
        {"sender": f'"Dunn, Olive" <{OLIVE}>', "Sender": f"Registry <{PETER}>"},
        {"subject": "=?utf-8?B?Q2Fmw6kg4oCTIHBsYW5z?="},
        {"sender": f"=?utf-8?Q?Zo=C3=AB_O'Hara?= <{OLIVE}>"},
        {"In_Reply_To": "<x@y>", "References": "<w@y> <x@y>"},
        {"Resent_From": BOB},
        {"Auto_Submitted": "auto-forwarded"},
        {"X_MS_Exchange_Inbox_Rules_Loop": ANN},
        {"subject": "word " * 400},
        {"to": tuple(f"resident.{n}@post.example" for n in range(300))},
        {"date": None},
        {"subject": ""},
        {"message_id": None},
    ],
    ids=lambda changes: next(iter(changes), "plain"),
)
def test_a_head_says_what_the_whole_message_says(office: Office, changes: dict[str, Any]) -> None:
    item = office.exchange.put(ANN, "inbox", letter(**{"message_id": "a@x", **changes}))
    source = office.source()
    head = dict(source.heads(INBOX, [item.id]))[item.id]
    assert isinstance(head, bytes) and max(map(len, head.split(b"\r\n"))) < 998
    assert read_envelope(head, "f") == read_envelope(source.fetch(INBOX, item.id), "f")


def test_no_property_can_begin_a_header_of_its_own(office: Office) -> None:
    item = office.exchange.put(ANN, "inbox", letter("a@x", subject="=?utf-8?Q?Hello=0D=0ABcc:_bob@x.example?="))
    head = dict(office.source().heads(INBOX, [item.id]))[item.id]
    assert isinstance(head, bytes) and b"\r\nBcc:" not in head


def test_heads_are_asked_for_fifty_at_a_time_without_the_messages(office: Office) -> None:
    items = [office.exchange.put(ANN, "inbox", letter(f"{n}@x")).id for n in range(120)]
    source = office.source()
    listed(source, INBOX)
    office.exchange.arrived.clear()
    office.exchange.requests.clear()
    assert [item for item, _ in source.heads(INBOX, iter(items))] == items
    assert office.operations == ["GetItem"] * 3
    assert not any(b"MimeContent" in body for _, body in office.exchange.requests)


@pytest.mark.parametrize(
    "code", ["ErrorItemNotFound", "ErrorMimeContentConversionFailed", "ErrorCorruptData", "ErrorInternalServerError", "ErrorNew"]
)
def test_one_item_that_cannot_be_had_does_not_take_the_others_with_it(office: Office, code: str) -> None:
    items = [office.exchange.put(ANN, "inbox", letter(f"{n}@x")).id for n in range(5)]
    office.exchange.denied[items[2]] = code
    source = office.source()
    found = dict(source.heads(INBOX, items))
    assert [isinstance(found[item], SourceError) for item in items] == [False, False, True, False, False]
    with pytest.raises(SourceError, match=ANN):
        source.fetch(INBOX, items[2])


def test_directory_names_become_addresses_and_who_left_keeps_the_name(office: Office) -> None:
    office.exchange.people = {"/o=tarnside/cn=bob": ("Bob Carr", BOB), "/o=tarnside/cn=gone": ("Gone", "gone@x.example")}
    item = office.exchange.put(OLIVE, "sentitems", letter("a@x", to=("Gone <gone@x.example>",), Bcc=BOB))
    source = office.source()
    office.exchange.departed = {"/o=tarnside/cn=gone"}
    head = dict(source.heads(SENT, [item.id]))[item.id]
    assert isinstance(head, bytes)
    message = read_envelope(head, "").message
    assert [a.email for a in message.bcc or ()] == [BOB]
    assert [a.email for a in message.to] in ([], [""]) and b'"Gone"' in head
    asked = office.operations.count("ResolveNames")
    dict(source.heads(SENT, [item.id]))
    assert office.operations.count("ResolveNames") == asked


# Who is on a list, and what is sent on.


@pytest.fixture
def lists(office: Office) -> Office:
    office.exchange.lists = {
        STAFF: [("Olive Dunn", OLIVE, "Mailbox"), ("Planners", PLANNERS.upper(), "PublicDL"), ("", "press@news.example", "Contact")],
        PLANNERS: [("", PETER, "Mailbox"), ("Staff", STAFF, "PublicDL"), ("", OLIVE, "Mailbox")],
        HIDDEN: [],
        BIG: [("", f"p{n}@{DOMAIN}", "Mailbox") for n in range(20)],
        f"nests@{DOMAIN}": [("", ANN, "Mailbox"), ("", HIDDEN, "PublicDL")],
    }
    office.exchange.people = {ANN: ("Ann Bell", ANN)}
    return office


def test_a_list_leads_to_everybody_behind_it_through_circles(lists: Office) -> None:
    source = lists.source()
    assert isinstance(source, Directory)
    assert source.members(STAFF.upper()) == (OLIVE, "press@news.example", PETER)
    asked = lists.operations.count("ExpandDL")
    source.members(STAFF)
    assert asked == lists.operations.count("ExpandDL") == 2


@pytest.mark.parametrize("address", [ANN, "nobody@post.example"])
def test_what_is_no_list_has_no_members(lists: Office, address: str) -> None:
    assert lists.source().members(address) is None


@pytest.mark.parametrize(("address", "words"), [(HIDDEN, "does not show"), (f"nests@{DOMAIN}", "does not show"), (BIG, "only a part")])
def test_a_list_that_is_not_shown_in_full_is_an_error_and_no_short_list(lists: Office, address: str, words: str) -> None:
    lists.exchange.page = 10
    with pytest.raises(SourceError, match=words):
        lists.source().members(address)


def test_a_group_in_scope_is_its_mailboxes(lists: Office) -> None:
    source = lists.source(group=f"group:{STAFF}", journal=JOURNAL)
    assert source.mailboxes() == (OLIVE, PETER, JOURNAL)
    with pytest.raises(SourceError, match="no distribution list"):
        lists.source(group=f"group:{ANN}").mailboxes()


def rule(actions: str, enabled: str = "true", more: str = "", conditions: str = "") -> str:
    return (
        f"<t:Rule><t:RuleId>x</t:RuleId><t:DisplayName>About Mrs Moss</t:DisplayName><t:Priority>1</t:Priority><t:IsEnabled>{enabled}</t:IsEnabled>"
        f"{more}{conditions}<t:Actions>{actions}</t:Actions></t:Rule>"
    )


def to(kind: str, *addresses: str) -> str:
    people = "".join(
        f"<t:Address><t:Name>x</t:Name><t:EmailAddress>{each}</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Address>" for each in addresses
    )
    return f"<t:{kind}>{people}</t:{kind}>"


_ONLY = "<t:Conditions><t:ContainsSubjectStrings><t:String>x</t:String></t:ContainsSubjectStrings></t:Conditions>"


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("", []),
        (rule("<t:Delete>true</t:Delete>"), []),
        (rule(to("ForwardToRecipients", "Bob@X.example")), [("bob@x.example", "forward", True)]),
        (rule(to("RedirectToRecipients", "a@x.example", "b@x.example")), [("a@x.example", "redirect", True), ("b@x.example", "redirect", True)]),
        (rule(to("ForwardAsAttachmentToRecipients", "a@x.example"), conditions=_ONLY), [("a@x.example", "forward-as-attachment", False)]),
        (rule(to("ForwardToRecipients", "a@x.example"), conditions="<t:Conditions/>"), [("a@x.example", "forward", True)]),
        (rule(to("ForwardToRecipients", "a@x.example"), enabled="false"), []),
        (rule(to("ForwardToRecipients", "a@x.example"), more="<t:IsInError>true</t:IsInError>"), []),
        (rule(to("ForwardToRecipients", "/o=tarnside/cn=bob").replace("SMTP", "EX")), [(BOB, "forward", True)]),
        (rule(to("ForwardToRecipients", "a@x.example")) * 2, [("a@x.example", "forward", True)]),
    ],
    ids=["none", "deletes", "forwards", "redirects", "narrowed", "empty conditions", "off", "broken", "by directory name", "twice"],
)
def test_inbox_rules_that_send_mail_on_are_told(office: Office, rules: str, found: list[tuple[str, str, bool]]) -> None:
    office.exchange.rules[ANN] = rules
    office.exchange.people = {"/o=tarnside/cn=bob": ("Bob Carr", BOB)}
    told = office.source().forwardings(ANN)
    assert told == tuple(Forwarding(ANN, *each) for each in found)
    assert "Moss" not in repr(told)
