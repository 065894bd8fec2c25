"""Files, Maildirs and mbox files: only what is new is offered, nothing is lost, and what cannot be listed is an error, never an empty folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from outlook_maker import message as saved
from parish import ANN, BOB, OLIVE, Parish, day, letter

from rules.circulation import Role
from scanner.errors import SourceError
from scanner.sources import files, mbox
from scanner.sources.files import EmlSource, MaildirSource
from scanner.sources.mbox import MboxSource
from scanner.sources.source import Folder, Page, Source

INBOX = Folder(ANN, "Inbox")


def listed(source: Source, folder: Folder, cursor: str | None = None) -> tuple[list[str], Page]:
    """All items after a cursor, and the last page."""
    pages = list(source.pages(folder, cursor))
    return [item for page in pages for item in page.items], pages[-1]


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    (tmp_path / ANN / "Inbox").mkdir(parents=True)
    return tmp_path


def eml(mail: Path, *names: str) -> EmlSource:
    for name in names:
        (mail / ANN / "Inbox" / name).write_bytes(letter(name))
    return EmlSource("eml", mail)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("Sent Items", Role.SENT),
        ("sent", Role.SENT),
        ("INBOX/Sent", Role.SENT),
        ("Outbox", Role.SENT),
        ("Inbox", Role.RECEIVED),
        ("Sentinel", Role.RECEIVED),
        (".", Role.RECEIVED),
    ],
)
def test_a_folder_called_sent_holds_what_its_owner_sent(path: str, role: Role) -> None:
    assert Folder(ANN, path).role is role


@pytest.mark.parametrize(
    ("change", "offered"),
    [
        (lambda box: None, []),
        (lambda box: (box / "0009.eml").write_bytes(b"x"), ["0009.eml"]),
        (lambda box: (box / "0002a.eml").write_bytes(b"x"), ["0001.eml", "0002.eml", "0002a.eml", "0003.eml"]),
        (lambda box: (box / "0002.eml").unlink(), ["0001.eml", "0003.eml"]),
        (lambda box: (box / "0003.eml").unlink(), ["0001.eml", "0002.eml"]),
        (lambda box: (box / "notes.txt").write_bytes(b"x"), ["notes.txt"]),
        (lambda box: (box / "Thumbs.db").write_bytes(b"x"), []),
    ],
    ids=["nothing", "later", "between", "deleted", "last deleted", "no message", "litter"],
)
def test_a_cursor_holds_as_long_as_the_names_before_it_do(mail: Path, change: Callable[[Path], object], offered: list[str]) -> None:
    source = eml(mail, "0001.eml", "0002.eml", "0003.eml")
    _, last = listed(source, INBOX)
    change(mail / ANN / "Inbox")
    items, page = listed(source, INBOX, last.cursor)
    assert items == offered
    assert page.expected == sum(path.name != "Thumbs.db" for path in (mail / ANN / "Inbox").iterdir())


def test_a_file_that_is_no_eml_is_listed_and_cannot_be_read(mail: Path) -> None:
    source = eml(mail, "0001.eml")
    (mail / ANN / "Inbox" / "export.pdf").write_bytes(b"x")
    assert listed(source, INBOX)[0] == ["0001.eml", "export.pdf"]
    with pytest.raises(SourceError, match=r"export the message as \.eml"):
        source.fetch(INBOX, "export.pdf")


@pytest.mark.parametrize("name", ["letter.msg", "LETTER.MSG", "wrongly named.eml"])
def test_a_saved_outlook_message_is_mail_under_any_name(parish: Parish, name: str) -> None:
    people = [{0x39FE: ANN, 0x0C15: 1}, {0x39FE: BOB, 0x0C15: 3}]
    values = {0x37: "Allotments", 0x1000: "Thank you.", 0x39: day(1), 0x1035: "<hidden@x>", 0x64: "SMTP", 0x65: OLIVE}
    parish.put(saved(values, people), OLIVE, "Saved", name)
    parish.scan()
    assert parish.findings() == [("silent-copy", "hidden-copy", "hidden@x")]


@pytest.mark.parametrize("content", [b"", b"x", saved({0x37: "x"})[:700]])
def test_a_damaged_outlook_message_fails_alone(mail: Path, content: bytes) -> None:
    source = eml(mail, "0001.eml")
    (mail / ANN / "Inbox" / "letter.msg").write_bytes(content)
    first, second = (head for _, head in source.heads(INBOX, listed(source, INBOX)[0]))
    assert isinstance(first, bytes) and isinstance(second, SourceError) and str(second).startswith("letter.msg: is a damaged Outlook message")


@pytest.mark.parametrize("number", [0, 1, 3, 4, 7])
def test_pages_are_offered_whole_and_their_cursors_go_on(mail: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(files, "_PAGE", 3)
    names = [f"{n}.eml" for n in range(number)]
    source = eml(mail, *names)
    pages = list(source.pages(INBOX, None))
    assert [item for page in pages for item in page.items] == names
    assert len(pages) == max(1, -(-number // 3))
    for place, page in enumerate(pages):
        assert listed(source, INBOX, page.cursor)[0] == names[3 * (place + 1) :]


@pytest.mark.parametrize("cursor", ["", "x", "99:0", "2:0", "-1:", "2"])
def test_a_cursor_of_another_kind_means_from_the_beginning(mail: Path, cursor: str) -> None:
    assert listed(eml(mail, "a.eml", "b.eml"), INBOX, cursor)[0] == ["a.eml", "b.eml"]


@pytest.mark.parametrize(
    "name",
    [
        "A B.eml",
        "UPPER.EML",
        "100%.eml",
        "é ü.eml",
        "line\nend.eml",
        "a\\b.eml",
        "-rf.eml",
        "'\".eml",
        "x" * 200 + ".eml",
        os.fsdecode(b"caf\xe9.eml"),
    ],
    ids=["space", "upper case", "percent", "accents", "line end", "backslash", "dash", "quotes", "long", "no UTF-8"],
)
def test_a_file_of_any_name_is_read_and_stored(parish: Parish, name: str) -> None:
    parish.put(letter("odd@x"), OLIVE, "Odd Items", name)
    parish.scan()
    parish.source.fetched.clear()
    again = parish.scan()
    assert again.judged == again.collected == 0 and parish.source.fetched == []
    assert parish.coverage() == {f"{OLIVE}/Odd Items": (1, 1, 0, 0, 0, 0)}


def test_folders_of_odd_names_and_deep_ones_are_found(mail: Path) -> None:
    for path in ("Projects/2026/March", os.fsdecode(b"Entw\xfcrfe"), "Sent Items"):
        (mail / ANN / path).mkdir(parents=True)
        (mail / ANN / path / "1.eml").write_bytes(letter("a@x"))
    (mail / ANN / "1.eml").write_bytes(letter("a@x"))
    source = EmlSource("eml", mail)
    found = list(source.folders(ANN))
    assert sorted(f.path for f in found) == [".", "Entw\\xfcrfe", "Projects/2026/March", "Sent Items"]
    assert all(source.fetch(folder, "1.eml") for folder in found)


def test_a_mailbox_is_found_whatever_the_case_of_its_folder(mail: Path) -> None:
    (mail / ANN).rename(mail / ANN.upper())
    (mail / ANN.upper() / "Inbox" / "1.eml").write_bytes(letter("a@x"))
    source = EmlSource("eml", mail)
    assert source.mailboxes() == (ANN,) and list(source.folders(ANN)) == [INBOX]
    assert source.fetch(INBOX, "1.eml")


def test_two_folders_of_one_address_are_refused_rather_than_one_passed_over(mail: Path) -> None:
    eml(mail, "1.eml")
    shutil.copytree(mail / ANN, mail / ANN.upper())
    with pytest.raises(SourceError, match="the same mailbox"):
        EmlSource("eml", mail).mailboxes()


def test_a_link_that_leads_back_up_does_not_turn_in_circles(mail: Path) -> None:
    source = eml(mail, "1.eml")
    (mail / ANN / "Inbox" / "loop").symlink_to(mail / ANN)
    assert list(source.folders(ANN)) == [INBOX]


@pytest.mark.parametrize("source", [EmlSource, MaildirSource, MboxSource])
def test_what_cannot_be_listed_is_an_error_and_no_empty_folder(tmp_path: Path, source: type[EmlSource]) -> None:
    with pytest.raises(SourceError, match="cannot be listed"):
        source("x", tmp_path / "missing").mailboxes()
    with pytest.raises(SourceError):
        list(source("x", tmp_path).pages(INBOX, None))


@pytest.mark.parametrize("kind", ["missing", "link to nothing", "folder", "pipe", "too large"])
def test_a_file_that_cannot_be_read_is_an_error(mail: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    path = mail / ANN / "Inbox" / "1.eml"
    match kind:
        case "link to nothing":
            path.symlink_to(mail / "nowhere")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "too large":
            path.write_bytes(b"x" * 100)
            monkeypatch.setattr("scanner.sources.places._LARGEST", 99)
    with pytest.raises(SourceError, match=r"1\.eml"):
        EmlSource("eml", mail).fetch(INBOX, "1.eml")
    assert listed(EmlSource("eml", mail), INBOX)[0] == ([] if kind in ("missing", "folder") else ["1.eml"])


def maildir(mail: Path, **folders: list[str]) -> MaildirSource:
    for name, messages in folders.items():
        place = mail / ANN if name == "INBOX" else mail / ANN / name.replace("_", ".")
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        for message in messages:
            (place / message).write_bytes(letter(message))
    return MaildirSource("maildir", mail)


def test_a_maildirs_folders_are_named_as_people_know_them(tmp_path: Path) -> None:
    source = maildir(tmp_path, INBOX=["cur/1:2,S"], _Sent=["cur/2:2,"], _Work_2026=["cur/3:2,"], Old_2025=["cur/4:2,"])
    found = {folder.path: source.fetch(folder, listed(source, folder)[0][0])[:80] for folder in source.folders(ANN)}
    assert sorted(found) == ["INBOX", "Old.2025", "Sent", "Work/2026"]
    assert len(set(found.values())) == 1
    assert Folder(ANN, "Sent").role is Role.SENT


def test_a_maildir_whose_inbox_is_a_folder_of_its_own_is_read(tmp_path: Path) -> None:
    source = maildir(tmp_path / "x", INBOX=["cur/1:2,"])
    (tmp_path / ANN).mkdir()
    (tmp_path / "x" / ANN).rename(tmp_path / ANN / "INBOX")
    source = MaildirSource("maildir", tmp_path)
    assert list(source.folders(ANN)) == [Folder(ANN, "INBOX")]
    assert source.fetch(Folder(ANN, "INBOX"), "1")


@pytest.mark.parametrize("renamed", ["cur/1.host:2,RS", "cur/1.host", "cur/1.host;2,S", "cur/1.host:2,"])
def test_a_message_is_the_same_under_other_flags(tmp_path: Path, renamed: str) -> None:
    folder = Folder(ANN, "INBOX")
    source = maildir(tmp_path, INBOX=["new/1.host"])
    items, page = listed(source, folder)
    before = source.fetch(folder, "1.host")
    (tmp_path / ANN / "new/1.host").rename(tmp_path / ANN / renamed)
    assert items == ["1.host"]
    assert listed(source, folder, page.cursor)[0] == []
    assert source.fetch(folder, "1.host") == before


def test_a_maildir_passes_over_hidden_files_and_says_what_is_gone(tmp_path: Path) -> None:
    source = maildir(tmp_path, INBOX=["cur/1.host:2,S", "cur/.nfs1"])
    folder = Folder(ANN, "INBOX")
    assert listed(source, folder)[0] == ["1.host"]
    (tmp_path / ANN / "cur/1.host:2,S").unlink()
    with pytest.raises(SourceError, match="gone"):
        source.fetch(folder, "1.host")


def test_a_maildir_is_listed_once_for_many_fetches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = maildir(tmp_path, INBOX=[f"cur/{n}.host:2,S" for n in range(50)])
    calls: list[Path] = []
    original = files._listed

    def counted(part: Path) -> list[str]:
        calls.append(part)
        return original(part)

    monkeypatch.setattr(files, "_listed", counted)
    for n in range(50):
        source.fetch(Folder(ANN, "INBOX"), f"{n}.host")
    assert len(calls) <= 4


FROM = b"From olive@x Mon Mar  2 09:00:00 2026\n"


def box(mail: Path, *messages: bytes) -> MboxSource:
    (mail / ANN / "Inbox.mbox").write_bytes(b"".join(FROM + message + b"\n" for message in messages))
    return MboxSource("mbox", mail)


def fetched(source: MboxSource, cursor: str | None = None) -> list[bytes]:
    return [source.fetch(INBOX, item).strip() for item in listed(source, INBOX, cursor)[0]]


LETTERS = [letter(f"{n}@x", body=f"Letter {n}").strip() for n in range(5)]


@pytest.mark.parametrize("block", [10, 37, 64, 4 * 1024 * 1024])
def test_an_mbox_is_cut_into_its_messages(mail: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(mbox, "_BLOCK", block)
    assert fetched(box(mail, *LETTERS)) == LETTERS


@pytest.mark.parametrize(
    "body",
    ["From the desk of the Leader\n", "From 1 April 2026\n", "From Monday 2 March 2026\n", "From: Ann 09:00:00 2026\n", "a\n\nFrom Ann Bell 2026\n"],
)
def test_a_line_of_a_letter_that_begins_with_from_begins_no_message(mail: Path, body: str) -> None:
    assert fetched(box(mail, letter("1@x", body=body).replace(b"\r\n", b"\n"), LETTERS[1]))[1] == LETTERS[1]


@pytest.mark.parametrize(
    "line",
    [
        b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\n",
        b"From - Tue Jan 13 08:00:00 2026\n",
        b"From 1790@xxx Sat Mar 19 05:52:09 +0000 2022\n",
        b"From ann@x Thu Feb  5 10:00 2026\r\n",
        b"From ann bell Mon, 2 Mar 2026 09:00:00 +0000\n",
    ],
)
def test_the_from_lines_of_many_programs_are_known(mail: Path, line: bytes) -> None:
    (mail / ANN / "Inbox.mbox").write_bytes(line + LETTERS[0] + b"\n\n" + line + LETTERS[1])
    assert fetched(MboxSource("mbox", mail)) == LETTERS[:2]


def test_quoted_from_lines_get_back_what_they_were(mail: Path) -> None:
    source = box(mail, b"Subject: a\n\n>From here\n>>From there\n> From me\n")
    assert fetched(source) == [b"Subject: a\n\nFrom here\n>From there\n> From me"]


def test_an_mbox_that_grew_offers_only_what_is_new(mail: Path) -> None:
    source = box(mail, *LETTERS[:3])
    _, page = listed(source, INBOX)
    box(mail, *LETTERS)
    assert fetched(source, page.cursor) == LETTERS[3:]
    assert listed(source, INBOX, page.cursor)[1].restarted is False


@pytest.mark.parametrize("kept", [LETTERS[1:], LETTERS[:2], [LETTERS[0], *LETTERS[2:]], []])
def test_a_compacted_mbox_is_read_anew(mail: Path, kept: list[bytes]) -> None:
    source = box(mail, *LETTERS)
    _, page = listed(source, INBOX)
    box(mail, *kept)
    assert fetched(source, page.cursor) == kept
    pages = list(source.pages(INBOX, page.cursor))
    assert pages[0].restarted and pages[0].expected == len(kept)


def test_a_message_that_was_still_being_written_is_read_anew(mail: Path) -> None:
    source = box(mail, LETTERS[0])
    path = mail / ANN / "Inbox.mbox"
    _, page = listed(source, INBOX)
    path.write_bytes(path.read_bytes() + b"And the rest of it.\n\n" + FROM + LETTERS[1])
    first, second = fetched(source, page.cursor)
    assert first.endswith(b"And the rest of it.") and second == LETTERS[1]
    assert next(iter(source.pages(INBOX, page.cursor))).restarted


def test_an_empty_mbox_holds_nothing_and_may_grow(mail: Path) -> None:
    source = box(mail)
    items, page = listed(source, INBOX)
    assert items == [] and page.expected == 0
    box(mail, LETTERS[0])
    assert fetched(source, page.cursor) == LETTERS[:1]
    assert listed(source, INBOX, page.cursor)[1].restarted is False


@pytest.mark.parametrize("content", [LETTERS[0], b"\x00" * 100, b"From nowhere in particular\n\ntext"])
def test_a_file_that_is_no_mbox_is_an_error(mail: Path, content: bytes) -> None:
    (mail / ANN / "Inbox.mbox").write_bytes(content)
    with pytest.raises(SourceError, match="no mbox file"):
        list(MboxSource("mbox", mail).pages(INBOX, None))


def test_mbox_files_lie_in_folders_under_any_spelling_of_their_suffix(mail: Path) -> None:
    for name in ("Inbox.mbox", "Old/Sent.2025.mbox", "Loud.MBOX"):
        (mail / ANN / name).parent.mkdir(exist_ok=True)
        (mail / ANN / name).write_bytes(FROM + LETTERS[0])
    source = MboxSource("mbox", mail)
    folders = list(source.folders(ANN))
    assert sorted(folder.path for folder in folders) == ["Inbox", "Loud.MBOX", "Old/Sent.2025"]
    assert all(source.fetch(folder, listed(source, folder)[0][0]).strip() == LETTERS[0] for folder in folders)


def test_an_mbox_that_was_compacted_between_list_and_fetch_does_not_yield_half_a_message(mail: Path) -> None:
    source = box(mail, *LETTERS)
    items, _ = listed(source, INBOX)
    (mail / ANN / "Inbox.mbox").write_bytes(FROM + b"Subject: other\n\n" + b"y" * 5000)
    with pytest.raises(SourceError, match="gone"):
        source.fetch(INBOX, items[2])


@pytest.mark.parametrize("kind", ["eml", "maildir", "mbox"])
def test_every_kind_of_source_gives_the_same_findings(tmp_path: Path, kind: str) -> None:
    hidden = letter("hidden@x", OLIVE, (ANN,), date=day(1), Bcc="cllr.carr@tarnside.gov.uk")
    with Parish(tmp_path, kind=kind) as parish:
        place = parish.mail / OLIVE
        match kind:
            case "eml":
                parish.put(hidden, OLIVE, "Sent")
            case "maildir":
                (place / ".Sent" / "cur").mkdir(parents=True)
                (place / ".Sent" / "cur" / "1:2,S").write_bytes(hidden)
            case "mbox":
                place.mkdir()
                (place / "Sent.mbox").write_bytes(FROM + hidden)
        parish.scan()
        assert parish.findings() == [("silent-copy", "hidden-copy", "hidden@x")]
        assert parish.coverage() == {f"{OLIVE}/Sent": (1, 1, 0, 0, 0, 0)}
        assert parish.scan().collected == 0
