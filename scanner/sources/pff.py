"""The door to libpff: one Outlook data file (.pst, .ost; MS-PST) opened read-only, its mail folders, and its items as properties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pypff

from scanner.reading.outlook.mapi import AttachedFile, Item, Properties, Tag
from scanner.sources.heap import attached_item

_DEEPEST = 100
_MOST_FOLDERS = 20_000
_MOST_RECIPIENTS = 20_000
_LARGEST = 200 * 1024 * 1024
_SEARCH, _NORMAL = 0x03, 0x04  # kinds of node (MS-PST 2.2.2.1)
_KIND = 0x1F
_EMBEDDED, _NO_CONTENT = 5, (0, 2, 3, 4, 6, 7)  # MS-OXCMSG 2.2.2.9
_MAIL = "ipf.note"
_OF_A_CACHE = ("Root - Mailbox", "IPM_SUBTREE")  # where an .ost, which names no such folder, keeps what a person sees
_LOGS = "sync issues"
_UNREAL = "ipf.note.outlookhomepage"  # feeds that Outlook reads


class DamagedFileError(Exception):
    """The file, a folder or an item cannot be read. Its text says what of it, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of mail: its path, whether it is known to hold what its owner sent, how many items, and how to get each."""

    path: str
    sent: bool | None
    count: int
    item: Callable[[int], Any]


class PersonalFile:
    """One open data file. `key` tells it from every other file, whatever their names."""

    def __init__(self, path: Path) -> None:
        self._file = pypff.file()
        self.size = path.stat().st_size
        try:
            self._file.open(str(path))
            self._store = _properties(self._file.message_store)
        except Exception as error:
            raise DamagedFileError("cannot be opened as an Outlook data file") from error
        self.key = self._store.blob(0x0FF9)[:16].hex() or f"{self.size:x}"

    def places(self) -> Iterator[Place]:
        """The folders that hold mail, each under its own name, and the items that belong to no folder any more.

        Calendars, contacts, tasks and Outlook's logs are no mail; drafts were never sent. Raises DamagedFileError where folders cannot be listed.
        """
        try:
            yield from self._places(self._top(), "", set(), 0)
            if orphans := [each for each in range(self._file.number_of_orphan_items) if self._is_message(each)]:
                yield Place("Orphaned items", None, len(orphans), lambda number: self._file.get_orphan_item(orphans[number]))
        except DamagedFileError:
            raise
        except Exception as error:
            raise DamagedFileError("its folders cannot be listed") from error

    def close(self) -> None:
        self._file.close()

    def _is_message(self, number: int) -> bool:
        try:
            return bool(self._file.get_orphan_item(number).identifier & _KIND == _NORMAL)
        except OSError:
            return False

    def _top(self) -> Any:
        """The folder above all that a person sees in Outlook (PidTagIpmSubTreeEntryId), or the root where the file does not tell."""
        root = self._file.root_folder
        shown = root
        for name in _OF_A_CACHE:
            shown = next((each for each in shown.sub_folders if each.name == name), None) if shown else None
        if wanted := _node(self._store, Tag.IPM_SUBTREE):
            waiting = [(root, 0)]
            while waiting:
                folder, depth = waiting.pop()
                if folder.identifier == wanted:
                    return folder
                if depth < 3:
                    waiting += [(each, depth + 1) for each in folder.sub_folders]
        return shown or root

    def _places(self, folder: Any, path: str, seen: set[int], depth: int) -> Iterator[Place]:
        if depth > _DEEPEST or len(seen) > _MOST_FOLDERS:
            raise DamagedFileError("its folders lie inside one another without end")
        below: dict[str, int] = {}
        for number in range(folder.number_of_sub_folders):
            each = folder.get_sub_folder(number)
            node = each.identifier
            if node in seen or node & _KIND == _SEARCH or (each.name or "").lower() == _LOGS:
                continue
            seen.add(node)
            name = (each.name or f"folder {node}").replace("/", "∕").strip()
            below[name] = below.get(name, 0) + 1
            own = f"{path}{name}" if below[name] == 1 else f"{path}{name} ({below[name]})"
            if self._holds_mail(each, node):
                sent = True if node in (_node(self._store, Tag.SENT_ITEMS), _node(self._store, Tag.OUTBOX)) else None
                yield Place(own, sent, each.number_of_sub_messages, each.get_sub_message)
            yield from self._places(each, f"{own}/", seen, depth + 1)

    def _holds_mail(self, folder: Any, node: int) -> bool:
        kind = _properties(folder).text(Tag.CONTAINER_CLASS).lower()
        mail = not kind or kind.startswith(_MAIL)
        return mail and kind != _UNREAL and (folder.name or "").lower() != "drafts" and node != _node(self._store, Tag.DRAFTS)


def identifier(node: Any) -> int:
    """An item's number in its file, which it keeps for life. Raises DamagedFileError."""
    try:
        return int(node.identifier)
    except Exception as error:
        raise DamagedFileError("is damaged") from error


def item(node: Any, *, whole: bool = True) -> Item:
    """An item with its recipients and, where it is wanted whole, its attachments. Raises DamagedFileError."""
    try:
        return _item(node, whole=whole)
    except DamagedFileError:
        raise
    except Exception as error:
        raise DamagedFileError("is damaged") from error


def _item(node: Any, *, whole: bool) -> Item:
    properties = _properties(node)
    codepage = properties.number(Tag.MESSAGE_CODEPAGE) or 0
    properties = replace(properties, codepage=codepage)
    recipients, incomplete = _recipients(node, codepage)
    return Item(properties, recipients, tuple(_attached(node, codepage)) if whole else (), incomplete)


def _recipients(node: Any, codepage: int) -> tuple[tuple[Properties, ...], bool]:
    """The table of recipients, and whether some of it is missing."""
    try:
        table = node.recipients
        if table is None:
            return (), False
        count = table.number_of_record_sets
        kept = min(count, _MOST_RECIPIENTS)
        return tuple(replace(_row(table.get_record_set(number)), codepage=codepage) for number in range(kept)), kept < count
    except (OSError, AttributeError):
        return (), True


def _attached(node: Any, codepage: int) -> Iterator[AttachedFile]:
    left = [_LARGEST]
    for number in range(getattr(node, "number_of_attachments", 0)):
        try:
            yield _file(node.get_attachment(number), codepage, left)
        except OSError:
            yield AttachedFile(Properties(), unread="damaged")


def _file(node: Any, codepage: int, left: list[int]) -> AttachedFile:
    found = replace(_properties(node, skipping=Tag.CONTENT), codepage=codepage)
    size = node.size or 0
    left[0] -= size
    if left[0] < 0:
        raise DamagedFileError(f"is larger than {_LARGEST // 2**20} MB")
    raw = node.read_buffer(size) if size else b""
    method = found.number(Tag.METHOD)
    if method == _EMBEDDED:
        inner = attached_item(raw, codepage)
        return AttachedFile(found, inner) if inner else AttachedFile(found, unread="damaged")
    if method not in _NO_CONTENT:
        found = replace(found, rows=found.rows | {int(Tag.CONTENT): (0x0102, raw)})
    return AttachedFile(found)


def _properties(node: Any, skipping: int = 0) -> Properties:
    """The properties of an item of any kind; of several record sets the first has them."""
    return _row(node.get_record_set(0), skipping) if node.number_of_record_sets else Properties()


def _row(record: Any, skipping: int = 0) -> Properties:
    rows: dict[int, tuple[int, bytes]] = {}
    damaged: set[int] = set()
    for number in range(record.number_of_entries):
        tag = 0
        try:
            entry = record.get_entry(number)
            tag, kind = entry.entry_type or 0, entry.value_type or 0
            if 0 < tag < 0x8000 and tag != skipping:
                rows[tag] = (kind, entry.data or b"")
        except OSError:
            damaged.add(tag)
    return Properties(rows, 0, frozenset(damaged))


def _node(found: Properties, tag: Tag) -> int:
    """The number of the folder that an entry id names (MS-PST 2.4.3.2); 0 for none."""
    raw = found.blob(tag)
    return int.from_bytes(raw[20:24], "little") if len(raw) >= 24 else 0
