"""Outlook data files: `<root>/<custodian address>.pst`, or several in a folder of that name. Each item comes as the mail that it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.compose import letter
from scanner.reading.outlook.letterhead import letterhead
from scanner.reading.outlook.mapi import Item
from scanner.sources.files import pages_of
from scanner.sources.pff import DamagedFileError, PersonalFile, Place, identifier, item
from scanner.sources.places import directories, files, named, shown
from scanner.sources.source import Folder, Head, Page, heads_by

_SUFFIXES = (".pst", ".ost")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A data file as it was when it was opened, and its folders by path. `numbers` finds the items of the folder listed last."""

    owner: str
    prefix: str
    file: PersonalFile
    stamp: tuple[int, int]
    places: dict[str, Place]
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PstSource:
    """Outlook data files. An item is named by its file's own key and its number there, which it keeps when it is moved or the file compacted.

    The cursor is as with .eml files; a file that was exported anew has another key, and its items are new ones. One file at a time is open.
    """

    label: str
    root: Path
    opened: dict[Path, _Opened] = field(default_factory=dict, compare=False, repr=False)

    def mailboxes(self) -> tuple[str, ...]:
        found = {canonical(shown(path.stem)): None for path in _files(self.root)}
        return tuple(found | {canonical(shown(path.name)): None for path in directories(self.root)})

    def folders(self, custodian: str) -> Iterator[Folder]:
        for prefix, path in self._archives(custodian):
            archive = self._open(custodian, prefix, path)
            yield from (Folder(archive.owner, prefix + place.path, place.sent) for place in archive.places.values())

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        yield from pages_of(list(self._numbers(*self._place(folder))), cursor)

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        return heads_by(self._head, folder, items)

    def fetch(self, folder: Folder, item_name: str) -> bytes:
        """The item written as RFC 5322. Raises SourceError, for this item alone, where it is damaged or gone."""
        return letter(self._item(folder, item_name, whole=True), Limits())

    def _head(self, folder: Folder, item_name: str) -> bytes:
        return letterhead(self._item(folder, item_name, whole=False)) + b"\r\n"

    def _item(self, folder: Folder, item_name: str, *, whole: bool) -> Item:
        archive, place = self._place(folder)
        name = f"{folder.custodian}/{folder.path}/{item_name}"
        number = self._numbers(archive, place).get(item_name)
        if number is None:
            raise SourceError(f"{name}: is gone since it was listed.")
        try:
            return item(_node(place, number), whole=whole)
        except DamagedFileError as error:
            raise SourceError(f"{name}: {error}; Outlook's scanpst repairs damaged data files.") from error

    def close(self) -> None:
        for each in self.opened.values():
            each.file.close()
        self.opened.clear()

    def _archives(self, custodian: str) -> Iterator[tuple[str, Path]]:
        """The data files of a mailbox; those in its folder each with their own name before the paths of their folders."""
        wanted = canonical(custodian)
        yield from (("", path) for path in _files(self.root) if canonical(shown(path.stem)) == wanted)
        for folder in directories(self.root):
            if canonical(shown(folder.name)) == wanted:
                yield from ((f"{shown(path.stem)}/", path) for path in _files(folder))

    def _place(self, folder: Folder) -> tuple[_Opened, Place]:
        held = [(each.prefix, path) for path, each in self.opened.items() if each.owner == canonical(folder.custodian)]
        for prefix, path in chain(held, self._archives(folder.custodian)):
            if folder.path.startswith(prefix):
                archive = self._open(folder.custodian, prefix, path)
                if place := archive.places.get(folder.path.removeprefix(prefix)):
                    return archive, place
        raise SourceError(f"{folder.custodian}/{folder.path}: is gone since it was listed.")

    def _open(self, custodian: str, prefix: str, path: Path) -> _Opened:
        """The file, opened again where it has changed."""
        name = shown(path.name)
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if (held := self.opened.get(path)) and held.stamp == stamp:
                return held
            self.close()
            file = PersonalFile(path)
            self.opened[path] = _Opened(canonical(custodian), prefix, file, stamp, {place.path: place for place in file.places()})
        except DamagedFileError as error:
            raise SourceError(f"{name}: {error}; close Outlook, or let its scanpst repair a copy.") from error
        except OSError as error:
            raise SourceError(f"{name}: cannot be read ({error.strerror}); check the account's right to read it.") from error
        return self.opened[path]

    def _numbers(self, archive: _Opened, place: Place) -> dict[str, int]:
        """Where each item of a folder stands, by name, oldest first; one whose number is damaged is named by its place."""
        if place.path not in archive.numbers:
            archive.numbers.clear()
            archive.numbers[place.path] = dict(sorted((_name(archive.file, place, number), number) for number in range(place.count)))
        return archive.numbers[place.path]


def _files(folder: Path) -> list[Path]:
    return [named(folder, name) for name in files(folder) if name.lower().endswith(_SUFFIXES)]


def _name(file: PersonalFile, place: Place, number: int) -> str:
    try:
        return f"{file.key[:8]}-{identifier(_node(place, number)):010}"
    except DamagedFileError:
        return f"{file.key[:8]}-place-{number}"


def _node(place: Place, number: int) -> object:
    """An item of a folder. Raises DamagedFileError."""
    try:
        return place.item(number)
    except Exception as error:
        raise DamagedFileError("is damaged") from error
