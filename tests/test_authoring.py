"""Stories become the corpora that stand in the tree, byte for byte, and as an Exchange council would keep them."""

from __future__ import annotations

import csv
import json
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from mailroom import Mailroom, corpus_of
from story import read

STORIES = sorted((Path(__file__).parent / "corpora" / "stories").glob("*.txt"))


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("story", STORIES, ids=[story.stem for story in STORIES])
def test_a_corpus_is_what_its_story_builds(story: Path, tmp_path: Path) -> None:
    Mailroom(read(story), tmp_path / "built").write()
    built, stands = files_of(tmp_path / "built"), files_of(corpus_of(story))
    assert sorted(set(built) ^ set(stands)) == []
    different = [name for name in built if built[name] != stands[name]]
    if sys.version_info[:2] != (3, 11):  # later Pythons may fold a long header elsewhere; what it says must not differ
        different = [name for name in different if not name.endswith(".eml") or _said(built[name]) != _said(stands[name])]
    assert different == []


def _said(raw: bytes) -> list[object]:
    message = message_from_bytes(raw, policy=policy.default)
    return [
        [(part.get_content_type(), sorted(part.items()), part.get_payload()) for part in message.walk() if not part.is_multipart()],
        message.items(),
    ]


COUNCIL = """\
@council
name: Wexcombe
domains: wexcombe.example; members.wexcombe.example
journal: journal@wexcombe.example
polling_days: 2026-11-12
pre_election: 2026-10-06 2026-11-12
unscanned: jo@wexcombe.example
@people
address,name,kind,role,group,aliases
ann@wexcombe.example,Cllr Ann Marsh,member,,Labour,a.marsh@members.wexcombe.example
tom@wexcombe.example,Cllr Tom Reed,member,,Labour,
olive@wexcombe.example,Olive Price,officer,,,
jo@wexcombe.example,Jo Hill,officer,,,
@lists
list,member
all@wexcombe.example,members@wexcombe.example
all@wexcombe.example,olive@wexcombe.example
members@wexcombe.example,ann@wexcombe.example
members@wexcombe.example,all@wexcombe.example
"""
FIRST = (
    "@message 001\nDate: 2026-10-12 09:14\nFrom: ann@wexcombe.example\nTo: olive@wexcombe.example\nSubject: Lamp\nStyle: plain\n\nThe lamp is out.\n"
)


def built(tmp_path: Path, *messages: str) -> dict[str, EmailMessage]:
    """The messages of a small story as they lie in the mailboxes, by place."""
    (tmp_path / "story.txt").write_text(COUNCIL + "".join(messages), "utf-8")
    Mailroom(read(tmp_path / "story.txt"), tmp_path / "corpus").write()
    found = {}
    for name, raw in files_of(tmp_path / "corpus").items():
        if name.endswith(".eml"):
            message = message_from_bytes(raw, policy=policy.default)
            assert isinstance(message, EmailMessage)
            found[name.removeprefix("mailboxes/").replace("@wexcombe.example", "")] = message
    return found


def later(number: str, headers: str, body: str = "Noted.") -> str:
    return f"@message {number}\nDate: 2026-10-12 10:00\nFrom: olive@wexcombe.example\n{headers}\n\n{body}\n"


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_bcc_stands_in_the_senders_own_copy_alone(tmp_path: Path) -> None:
    copies = built(tmp_path, later("001", "To: ann@wexcombe.example\nBcc: tom@wexcombe.example\nSubject: Lamp"))
    assert {name: copy["Bcc"] for name, copy in copies.items()} == {
        "olive/Sent Items/0001.eml": "Cllr Tom Reed <tom@wexcombe.example>",
        "ann/Inbox/0001.eml": None,
        "tom/Inbox/0001.eml": None,
    }
    assert {copy["Message-ID"] for copy in copies.values()} == {"<001.202610121000@wexcombe.example>"}


@pytest.mark.parametrize(
    ("headers", "places"),
    [
        ("To: all@wexcombe.example", {"olive/Sent Items", "ann/Inbox", "olive/Inbox"}),
        ("To: A.Marsh@members.wexcombe.example", {"olive/Sent Items", "ann/Inbox"}),
        ("To: ann+ward@wexcombe.example", {"olive/Sent Items", "ann/Inbox"}),
        ("To: jo@wexcombe.example; Tom Pryce <tom@pryce.example>", {"olive/Sent Items"}),
        ("To: ann@wexcombe.example\nCc: tom@wexcombe.example\nOnlyIn: tom@wexcombe.example", {"tom/Inbox"}),
        ("Sender: tom@wexcombe.example\nTo: ann@wexcombe.example", {"tom/Sent Items", "ann/Inbox"}),
        ("Sender: tom@wexcombe.example\nTo: ann@wexcombe.example\nOnlyIn: olive@wexcombe.example", {"olive/Sent Items"}),
        ("To: ann@wexcombe.example\nJournal: yes", {"olive/Sent Items", "ann/Inbox", "journal/Inbox"}),
    ],
)
def test_a_message_stands_in_every_mailbox_that_would_hold_it(tmp_path: Path, headers: str, places: set[str]) -> None:
    assert {name.rpartition("/")[0] for name in built(tmp_path, later("001", f"{headers}\nSubject: Lamp"))} == places


@pytest.mark.parametrize(("how", "role"), [("yes", "Bcc"), ("recipient", "Recipient")])
def test_a_journal_report_carries_the_envelope_and_the_message(tmp_path: Path, how: str, role: str) -> None:
    headers = f"To: members@wexcombe.example\nBcc: tom@wexcombe.example\nSubject: Lamp\nJournal: {how}"
    report = built(tmp_path, later("001", headers))["journal/Inbox/0001.eml"]
    assert report["X-MS-Journal-Report"] == ""
    assert f"\n{role}: tom@wexcombe.example\n" in text(report)
    assert ": ann@wexcombe.example, Expanded: members@wexcombe.example\n" in text(report)
    (carried,) = report.iter_attachments()
    assert carried.get_content_type() == "message/rfc822"
    assert carried.get_content()["Message-ID"] == "<001.202610121000@wexcombe.example>"


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ("plain", "On Mon, 12 Oct 2026 at 09:14, Cllr Ann Marsh <ann@wexcombe.example> wrote:\n\n> The lamp is out."),
        (
            "outlook",
            "From: Cllr Ann Marsh <ann@wexcombe.example>\nSent: 12 October 2026 09:14\nTo: Olive Price <olive@wexcombe.example>\nSubject: Lamp\n\nThe lamp",
        ),
    ],
)
def test_a_reply_quotes_and_refers(tmp_path: Path, style: str, words: str) -> None:
    reply = built(tmp_path, FIRST, later("002", f"To: ann@wexcombe.example\nRe: 001\nStyle: {style}"))["ann/Inbox/0001.eml"]
    assert reply["Subject"] == "RE: Lamp"
    assert reply["In-Reply-To"] == reply["References"] == "<001.202610120914@wexcombe.example>"
    assert text(reply).startswith(f"Noted.\n\n{words}")


def test_a_reply_below_the_quote_and_one_without(tmp_path: Path) -> None:
    head = "To: ann@wexcombe.example\nRe: 001\n"
    copies = built(tmp_path, FIRST, later("002", f"{head}Style: bottom"), later("003", f"{head}NoQuote: yes\nNoRefs: yes"))
    assert text(copies["ann/Inbox/0001.eml"]).strip().endswith("> The lamp is out.\n\nNoted.")
    assert text(copies["ann/Inbox/0002.eml"]).strip() == "Noted."
    assert copies["ann/Inbox/0002.eml"]["References"] is None


def test_a_forward_takes_the_attachments_along(tmp_path: Path) -> None:
    first = FIRST + "@attach lamps.xlsx\nLane,Lamps\nMill,3\n@attach letter.docx\nDear all\n@attach plan.pdf\nA plan\n"
    copies = built(
        tmp_path, first, later("002", "To: tom@wexcombe.example\nFwd: 001"), later("003", "To: tom@wexcombe.example\nSubject: x\nAttachMessage: 001")
    )
    forward, attached = copies["tom/Inbox/0001.eml"], copies["tom/Inbox/0002.eml"]
    assert [part.get_filename() for part in forward.iter_attachments()] == ["lamps.xlsx", "letter.docx", "plan.pdf"]
    assert [part.get_content_type() for part in attached.iter_attachments()] == ["message/rfc822"]


@pytest.mark.parametrize("headers", ["To: tom@wexcombe.example", "To: ann@wexcombe.example\nOnlyIn: tom@wexcombe.example"])
def test_a_copy_that_a_mailboxs_own_rule_made_is_marked_and_nobodys_sent_mail(tmp_path: Path, headers: str) -> None:
    copies = built(tmp_path, FIRST, later("002", f"{headers}\nAutoForward: 001\nStyle: plain"))
    assert copies["tom/Inbox/0001.eml"]["Auto-Submitted"] == "auto-forwarded"
    assert copies["tom/Inbox/0001.eml"]["X-MS-Exchange-Inbox-Rules-Loop"] == headers.partition("\n")[0].removeprefix("To: ")
    assert set(copies) == {"ann/Sent Items/0001.eml", "olive/Inbox/0001.eml", "tom/Inbox/0001.eml"}


def test_labels_name_the_message_or_where_it_lies(tmp_path: Path) -> None:
    label = "Label: silent-copy | clear | hard | open-cc | a | pipe"
    built(tmp_path, FIRST.replace("Subject", f"{label}\nSubject"), later("002", f"To: ann@wexcombe.example\nSubject: x\nNoId: yes\n{label}"))
    with (tmp_path / "corpus" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["message_id"] for row in rows] == ["001.202610120914@wexcombe.example", "missing:olive@wexcombe.example/Sent Items/0001.eml"]
    assert rows[0]["why"] == "a | pipe"
    facts = json.loads((tmp_path / "corpus" / "council.json").read_text("utf-8"))
    assert (facts["domains"], facts["pre_election"]) == (["wexcombe.example", "members.wexcombe.example"], [["2026-10-06", "2026-11-12"]])


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (FIRST + FIRST, "message 001 stands twice"),
        (FIRST.replace("Subject: Lamp", "Subject"), "message 001: not a header line: 'Subject'"),
        (FIRST.replace("Style", "Label: silent-copy | perhaps | easy | x | y\nStyle"), "message 001: not a label"),
        (FIRST.replace("Style", "Label: silent-copy | flag | easy\nStyle"), "message 001: not a label"),
        (FIRST + later("002", "To: ann@wexcombe.example\nRe: 003"), "message 002: re names '003', which does not come before it"),
        (later("001", "To: ann@wexcombe.example\nFwd: 001"), "message 001: fwd names '001'"),
        (later("001", "To: ann@wexcombe.example\nOnlyIn: tom@wexcombe.example"), r"message 001: OnlyIn names \['tom@wexcombe.example'\]"),
    ],
)
def test_a_story_that_does_not_fit_is_refused(tmp_path: Path, messages: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        built(tmp_path, messages)
