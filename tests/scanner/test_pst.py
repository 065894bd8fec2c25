"""Outlook data files: mail folders by name and purpose, items by their own number, damage for one item alone; a stand-in for the library, and real files."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from outlook_maker import kind_and_bytes
from parish import ANN, BOB, OLIVE, Parish

from rules.circulation import Role
from scanner.errors import SourceError
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.mime import read_message
from scanner.sources import pff
from scanner.sources.heap import attached_item
from scanner.sources.pst import PstSource
from scanner.sources.source import Folder

MAIL = Path(__file__).parents[2].parent / "shared" / "mail" / "pst"
KEY = bytes(range(16))


@dataclass
class Entry:
    entry_type: int
    value_type: int
    data: bytes | None


@dataclass
class Record:
    entries: list[Entry]

    @property
    def number_of_entries(self) -> int:
        return len(self.entries)

    def get_entry(self, number: int) -> Entry:
        return self.entries[number]


class Table:
    def __init__(self, rows: list[dict[int, Any]]) -> None:
        self._records = [record(row) for row in rows]
        self.number_of_record_sets = len(rows)

    def get_record_set(self, number: int) -> Record:
        return self._records[number]


def record(values: dict[int, Any]) -> Record:
    return Record([Entry(tag, *kind_and_bytes(value)) for tag, value in values.items()])


@dataclass
class Attachment:
    values: dict[int, Any]
    content: bytes = b""
    number_of_record_sets: int = 1

    @property
    def size(self) -> int:
        return len(self.content)

    def get_record_set(self, _: int) -> Record:
        return record(self.values)

    def read_buffer(self, size: int) -> bytes:
        return self.content[:size]


@dataclass
class Message:
    identifier: int
    values: dict[int, Any]
    people: list[dict[int, Any]] | None = None
    files: list[Attachment] = field(default_factory=list)
    number_of_record_sets: int = 1

    @property
    def recipients(self) -> Table | None:
        return None if self.people is None else Table(self.people)

    @property
    def number_of_attachments(self) -> int:
        return len(self.files)

    def get_attachment(self, number: int) -> Attachment:
        return self.files[number]

    def get_record_set(self, _: int) -> Record:
        if 0 in self.values:
            raise OSError("libpff_item_get_record_set: out of bounds")
        return record(self.values)


class Broken:
    @property
    def identifier(self) -> int:
        raise OSError("unable to retrieve identifier")


@dataclass
class Directory:
    """A folder; with no class it is one of mail."""

    identifier: int
    name: str | None
    messages: list[Any] = field(default_factory=list)
    sub_folders: list[Directory] = field(default_factory=list)
    kind: str = ""
    number_of_record_sets: int = 1

    @property
    def number_of_sub_folders(self) -> int:
        return len(self.sub_folders)

    def get_sub_folder(self, number: int) -> Directory:
        return self.sub_folders[number]

    @property
    def number_of_sub_messages(self) -> int:
        return len(self.messages)

    def get_sub_message(self, number: int) -> Any:
        if self.messages[number] is None:
            raise OSError("unable to retrieve sub message")
        return self.messages[number]

    def get_record_set(self, _: int) -> Record:
        return record({0x3613: self.kind} if self.kind else {})


@dataclass
class DataFile:
    """What pypff.file offers."""

    root_folder: Directory
    key: bytes = KEY
    orphans: list[Message] = field(default_factory=list)

    def open(self, path: str) -> None:
        if Path(path).read_bytes().startswith(b"bad"):
            raise OSError("libpff_file_open: unsupported signature")

    def close(self) -> None:
        self.closed = True

    @property
    def number_of_orphan_items(self) -> int:
        return len(self.orphans)

    def get_orphan_item(self, number: int) -> Message:
        return self.orphans[number]

    @property
    def message_store(self) -> Message:
        places = {0x35E0: TOP, 0x35E4: SENT, 0x35E2: OUTBOX}
        return Message(0, {0x0FF9: self.key} | {tag: bytes(20) + struct.pack("<I", node) for tag, node in places.items()})


TOP, SENT, OUTBOX = 0x8022, 0x80C2, 0x80A2
AUTHOR = {0x42: "Olive Dunn", 0x64: "SMTP", 0x65: OLIVE}


def letter(number: int, **more: Any) -> Message:
    values = {0x37: "\x01\x05RE: Allotments", 0x1000: "Thank you.", 0x39: datetime(2026, 3, 2, 9, tzinfo=UTC), 0x1035: f"<{number}@x>", 0x0E07: 0x21}
    return Message(0x200000 + number, values | AUTHOR, [{0x39FE: ANN, 0x3001: "Ann Bell", 0x0C15: 1}, *more.get("people", [])], more.get("files", []))


def mailbox(*messages: Any, **folders: Any) -> DataFile:
    """A data file with an inbox, and what the test puts beside it."""
    below = [Directory(0x8082, "Inbox", list(messages)), *folders.get("beside", [])]
    return DataFile(
        Directory(0x122, None, [], [Directory(TOP, "Top of Personal Folders", [], below), Directory(0x8062, "Search Root")]),
        orphans=folders.get("orphans", []),
    )


@pytest.fixture
def lay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[DataFile], PstSource]:
    """Puts a data file in place of those that the source opens."""

    def put(file: DataFile, name: str = f"{OLIVE}.pst") -> PstSource:
        monkeypatch.setattr(pff.pypff, "file", lambda: file)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"!BDN")
        return PstSource("pst", tmp_path)

    return put


INBOX = Folder(OLIVE, "Inbox")


def items(source: PstSource, folder: Folder = INBOX, cursor: str | None = None) -> list[str]:
    return [item for page in source.pages(folder, cursor) for item in page.items]


def test_folders_of_mail_are_listed_under_their_names(lay: Callable[[DataFile], PstSource]) -> None:
    beside = [
        Directory(SENT, "Gesendete Elemente", [letter(9)]),
        Directory(0x8102, "Calendar", kind="IPF.Appointment"),
        Directory(0x8122, "Contacts", kind="IPF.Contact"),
        Directory(0x8142, "Drafts"),
        Directory(0x8162, "Search", kind="IPF.Note"),
        Directory(0x8183, "A search"),
        Directory(0x81A2, "A/B", [], [Directory(0x81C2, "Twin"), Directory(0x81E2, "Twin"), Directory(0x8202, None)]),
        Directory(0x8222, "RSS Feeds", kind="IPF.Note.OutlookHomepage"),
    ]
    found = {folder.path: folder.role for folder in lay(mailbox(beside=beside)).folders(OLIVE)}
    assert sorted(found) == ["A∕B", "A∕B/Twin", "A∕B/Twin (2)", "A∕B/folder 33282", "Gesendete Elemente", "Inbox", "Search"]
    assert [path for path, role in found.items() if role is Role.SENT] == ["Gesendete Elemente"]


def test_mailboxes_are_files_or_folders_of_files(lay: Callable[[DataFile], PstSource], tmp_path: Path) -> None:
    lay(mailbox(letter(1)))
    lay(mailbox(letter(1)), f"{ANN.upper()}/2024.PST")
    source = lay(mailbox(letter(1)), f"{ANN.upper()}/2025.ost")
    (tmp_path / "notes.txt").write_bytes(b"x")
    assert sorted(source.mailboxes()) == [ANN, OLIVE]
    assert [folder.path for folder in source.folders(ANN)] == ["2024/Inbox", "2025/Inbox"]
    assert [folder.path for folder in source.folders(OLIVE)] == ["Inbox"] and list(source.folders(BOB)) == []
    assert source.fetch(Folder(ANN, "2025/Inbox"), items(source, Folder(ANN, "2025/Inbox"))[0])


def test_an_item_is_written_as_mail(lay: Callable[[DataFile], PstSource]) -> None:
    files = [Attachment({0x3705: 1, 0x3707: "plots.csv", 0x370E: "text/csv"}, b"a,b\nc,d"), Attachment({0x3705: 7, 0x3707: "shared.docx"})]
    source = lay(mailbox(letter(1, people=[{0x39FE: BOB, 0x0C15: 3}], files=files)))
    found = read_message(source.fetch(INBOX, items(source)[0]), "missing:x")
    assert (found.id, found.subject, found.sender.email, found.body.new) == ("1@x", "RE: Allotments", OLIVE, "Thank you.")
    assert [a.email for a in found.to] == [ANN] and [a.email for a in found.bcc or ()] == [BOB]
    assert [(a.name, a.text, bool(a.unread)) for a in found.attachments] == [("plots.csv", "a,b\nc,d", False), ("shared.docx", "", True)]


def test_a_head_says_what_the_whole_item_says(lay: Callable[[DataFile], PstSource]) -> None:
    source = lay(mailbox(letter(1, people=[{0x39FE: BOB, 0x0C15: 3}], files=[Attachment({0x3705: 1}, b"x" * 10_000)]), letter(2)))
    for item, head in source.heads(INBOX, items(source)):
        assert isinstance(head, bytes) and len(head) < 1_000
        assert read_envelope(head, "x") == read_envelope(source.fetch(INBOX, item), "x")


def test_without_a_table_of_recipients_the_bcc_is_unknown(lay: Callable[[DataFile], PstSource]) -> None:
    known, unknown = letter(1), letter(2)
    unknown.people = None
    source = lay(mailbox(known, unknown))
    assert [read_envelope(source.fetch(INBOX, item), "x").message.bcc for item in items(source)] == [(), None]


def test_a_cursor_covers_what_was_listed(lay: Callable[[DataFile], PstSource]) -> None:
    file = mailbox(letter(2), letter(1))
    source = lay(file)
    (page,) = source.pages(INBOX, None)
    assert page.items == ("00010203-0002097153", "00010203-0002097154") and page.expected == 2
    assert items(source, cursor=page.cursor) == []
    file.root_folder.sub_folders[0].sub_folders[0].messages.append(letter(3))
    source.close()
    assert items(source, cursor=page.cursor) == ["00010203-0002097155"]


def test_a_file_that_was_exported_anew_has_other_items(lay: Callable[[DataFile], PstSource], tmp_path: Path) -> None:
    source = lay(mailbox(letter(1)))
    (old,) = items(source)
    other = mailbox(letter(1))
    other.key = KEY[::-1]
    lay(other)
    os.utime(tmp_path / f"{OLIVE}.pst", ns=(1, 1))
    assert items(source) == ["0f0e0d0c-0002097153"]
    with pytest.raises(SourceError, match="gone"):
        source.fetch(INBOX, old)


def test_a_damaged_item_fails_alone_and_is_named(lay: Callable[[DataFile], PstSource]) -> None:
    broken = letter(2)
    broken.values = {0: "x"}
    source = lay(mailbox(letter(1), broken, None, Broken()))
    found = dict(source.heads(INBOX, items(source)))
    assert [isinstance(head, SourceError) for head in found.values()] == [False, True, True, True]
    assert [str(head).partition(":")[0] for head in found.values() if isinstance(head, SourceError)] == [
        f"{OLIVE}/Inbox/00010203-{name}" for name in ("0002097154", "place-2", "place-3")
    ]


def test_a_cache_shows_the_folders_that_a_person_sees(lay: Callable[[DataFile], PstSource]) -> None:
    logs = Directory(0x8322, "Sync Issues", [letter(2)], [Directory(0x8342, "Conflicts", [letter(3)])])
    seen = Directory(0x8302, "IPM_SUBTREE", [], [Directory(0x8362, "Inbox", [letter(1)]), logs])
    roots = [Directory(0x8202, "Root - Public"), Directory(0x8222, "Root - Mailbox", [], [Directory(0x8242, "Finder"), seen])]
    assert [folder.path for folder in lay(DataFile(Directory(0x122, None, [], roots)), f"{OLIVE}.ost").folders(OLIVE)] == ["Inbox"]


def test_items_without_a_folder_are_listed(lay: Callable[[DataFile], PstSource]) -> None:
    source = lay(mailbox(orphans=[letter(4), Message(0x8022, {}), Message(0x200064, {0x37: "Found"})]))
    folder = Folder(OLIVE, "Orphaned items")
    assert folder in source.folders(OLIVE)
    assert [read_envelope(source.fetch(folder, item), "x").message.subject for item in items(source, folder)] == ["RE: Allotments", "Found"]


@pytest.mark.parametrize("fault", ["bad", "gone", "circle"])
def test_a_file_that_cannot_be_read_is_an_error_in_words(lay: Callable[[DataFile], PstSource], tmp_path: Path, fault: str) -> None:
    file = mailbox(letter(1))
    source = lay(file)
    if fault == "bad":
        (tmp_path / f"{OLIVE}.pst").write_bytes(b"bad")
    elif fault == "gone":
        (tmp_path / f"{OLIVE}.pst").unlink()
    else:
        deep = file.root_folder.sub_folders[0]
        for number in range(200):
            deep.sub_folders = [Directory(0x9000 + 32 * number + 2, "x")]
            deep = deep.sub_folders[0]
    with pytest.raises(SourceError):
        source.fetch(INBOX, "x")
    if fault != "gone":
        with pytest.raises(SourceError, match=f"{OLIVE}.pst"):
            list(source.folders(OLIVE))


def test_a_folder_in_itself_is_listed_once(lay: Callable[[DataFile], PstSource]) -> None:
    file = mailbox(letter(1))
    file.root_folder.sub_folders[0].sub_folders[0].sub_folders = file.root_folder.sub_folders
    assert next(f.path for f in lay(file).folders(OLIVE)) == "Inbox"
    assert len(list(lay(file).folders(OLIVE))) < 5


def heap(values: dict[int, Any]) -> bytes:
    """The first block of a property heap (MS-PST 2.3.1), each longer value an allocation of its own."""
    allocations: list[bytes] = [b"", b""]
    rows = b""
    for tag, value in sorted(values.items()):
        kind, raw = kind_and_bytes(value)
        if kind in (0x0003, 0x000B):
            rows += struct.pack("<HH4s", tag, kind, raw.ljust(4, b"\0"))
        else:
            allocations.append(raw)
            place = len(allocations) << 5 if len(raw) < 1_000 else 0x8021
            rows += struct.pack("<HHI", tag, kind, place)
    allocations[:2] = [struct.pack("<BBBBI", 0xB5, 2, 6, 0, 2 << 5), rows]
    body = b"".join(raw if len(raw) < 1_000 or at < 2 else b"" for at, raw in enumerate(allocations))
    ends, end = [12], 12
    for at, raw in enumerate(allocations):
        end += len(raw) if len(raw) < 1_000 or at < 2 else 0
        ends.append(end)
    page = struct.pack(f"<HH{len(ends)}H", len(allocations), 0, *ends)
    return struct.pack("<HBBII", end, 0xEC, 0xBC, 1 << 5, 0) + body + page


def test_a_message_attached_inside_is_read_as_far_as_its_heap_goes(lay: Callable[[DataFile], PstSource]) -> None:
    inner = {0x37: "Inner", 0x1035: "<inner@x>", 0x0E04: "Ann Bell", 0x0E07: 0x31, **AUTHOR}
    files = [Attachment({0x3705: 5}, heap(inner | {0x1000: "Inside."})), Attachment({0x3705: 5}, heap(inner | {0x1000: "Long. " * 1_000}))]
    source = lay(mailbox(letter(1, files=files)))
    short, long = read_message(source.fetch(INBOX, items(source)[0]), "x").carried
    assert (short.id, short.subject, short.sender.email, short.to[0].name, short.body.new) == ("inner@x", "Inner", OLIVE, "Ann Bell", "Inside.")
    assert short.bcc is None and [bool(a.unread) for a in short.attachments] == [True]
    assert short.unread == long.unread == ("cannot be read in its Outlook container",)
    assert (long.subject, long.body.new) == ("Inner", "")


@pytest.mark.parametrize("length", range(0, 200, 7))
def test_a_damaged_heap_is_no_message_or_less_of_one(length: int) -> None:
    whole = heap({0x37: "Inner", 0x1000: "Inside.", 0x39: datetime(2026, 3, 2, tzinfo=UTC)})
    attached_item(whole[:length], 0)
    attached_item(whole[:length] + b"\xff" * 100, 0)
    found = attached_item(whole, 0)
    assert found and found.properties.text(0x1000) == "Inside."


def test_a_hidden_copy_in_a_data_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = letter(1, people=[{0x39FE: BOB, 0x3001: "Bob Carr", 0x0C15: 3}])
    monkeypatch.setattr(pff.pypff, "file", lambda: mailbox(beside=[Directory(SENT, "Sent Items", [hidden])]))
    with Parish(tmp_path) as parish:
        (parish.mail / f"{OLIVE}.pst").write_bytes(b"!BDN")
        parish.__dict__["source"] = PstSource("pst", parish.mail)
        parish.scan()
        assert parish.findings() == [("silent-copy", "hidden-copy", "1@x")]
        assert parish.coverage()[f"{OLIVE}/Sent Items"] == (1, 1, 0, 0, 0, 0)
        assert parish.scan().collected == 0


@pytest.mark.skipif(not MAIL.is_dir(), reason="the folder of real mail is not here")
def test_real_data_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, path in enumerate(sorted(MAIL.glob("*.pst"))):
        (tmp_path / f"box{number}@x.example.pst").write_bytes(path.read_bytes())
    source = PstSource("pst", tmp_path)
    assert [len(list(source.folders(custodian))) for custodian in source.mailboxes()] == [1, 5]
    monkeypatch.setattr(pff, "_MAIL", "")
    source.close()
    found = [
        read_message(source.fetch(folder, item), "missing:x")
        for box in source.mailboxes()
        for folder in source.folders(box)
        for item in items(source, folder)
    ]
    assert len(found) == 4 and all(m.subject for m in found)
    assert sorted(len(m.to) for m in found) == [0, 0, 0, 4] and sum(len(m.carried) for m in found) == 2


@pytest.mark.parametrize("content", [b"", b"x" * 5_000, b"!BDN" + bytes(1_000), b"!BDN" + b"\xff" * 5_000])
def test_a_file_that_is_no_data_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / f"{OLIVE}.pst").write_bytes(content)
    with pytest.raises(SourceError, match="cannot be opened as an Outlook data file"):
        list(PstSource("pst", tmp_path).folders(OLIVE))
