"""Folders of .eml and Outlook .msg files, and Maildirs: `<root>/<custodian address>/<folder>/…`, one message a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from scanner.errors import SourceError
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.outlook import is_outlook, outlook_letter
from scanner.sources.places import addresses, directories, files, mailbox, mailboxes, named, read_file, relative, shown, tree
from scanner.sources.source import Folder, Head, Page, heads_by

_PAGE = 500
_LITTER = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class EmlSource:
    """.eml and .msg files, sorted by name; any other file among them is an item that cannot be read.

    The cursor is the last name read with a digest of all names up to it: files that arrive between older ones change the digest,
    and the folder is listed from its beginning again (the store knows what it has).
    """

    label: str
    root: Path

    def mailboxes(self) -> tuple[str, ...]:
        return addresses(self.root)

    def folders(self, custodian: str) -> Iterator[Folder]:
        for address, path in mailboxes(self.root, custodian):
            yield from (Folder(address, relative(folder, path)) for folder in tree(path) if _messages(folder))

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        yield from pages_of(_messages(self._place(folder)), cursor)

    def fetch(self, folder: Folder, item: str) -> bytes:
        if not item.lower().endswith((".eml", ".msg")):
            raise SourceError(f"{item}: is no .eml or .msg file; export the message as .eml")
        raw = read_file(named(self._place(folder), item))
        return _from_outlook(item, raw) if is_outlook(raw) or item.lower().endswith(".msg") else raw

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        return heads_by(self.fetch, folder, items)

    def close(self) -> None:
        """Nothing stays open."""

    def _place(self, folder: Folder) -> Path:
        return named(mailbox(self.root, folder.custodian), folder.path)


def _from_outlook(item: str, raw: bytes) -> bytes:
    """A saved Outlook message as mail."""
    written = outlook_letter(raw, Limits())
    if written is None:
        raise SourceError(f"{item}: is a damaged Outlook message; open it in Outlook and save it again")
    return written


@dataclass(frozen=True, slots=True)
class MaildirSource:
    """Maildirs (cr.yp.to/proto/maildir.html), with Maildir++ subfolders. An item is the unique part of a name: flags come and go behind the colon."""

    label: str
    root: Path

    def mailboxes(self) -> tuple[str, ...]:
        return addresses(self.root)

    def folders(self, custodian: str) -> Iterator[Folder]:
        for address, path in mailboxes(self.root, custodian):
            if (path / "cur").is_dir():
                yield Folder(address, "INBOX")
            for folder in directories(path):
                if (folder / "cur").is_dir():
                    name = shown(folder.name)
                    yield Folder(address, name[1:].replace(".", "/") if name.startswith(".") else name)

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        place = self._place(folder)
        yield from pages_of(sorted({_unique(name) for part in _parts(place) for name in _listed(part)}), cursor)

    def fetch(self, folder: Folder, item: str) -> bytes:
        """The message under whatever flags; one that was moved or marked while it was sought is sought once more."""
        place = self._place(folder)
        for look_up in (_by_unique, _by_unique.__wrapped__):
            for part in _parts(place):
                name = look_up(part, _changed(part)).get(item)
                if name and (path := named(part, name)).exists():
                    return read_file(path)
        raise SourceError(f"{folder.custodian}/{folder.path}/{item}: is gone since it was listed.")

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        return heads_by(self.fetch, folder, items)

    def close(self) -> None:
        """Nothing stays open."""

    def _place(self, folder: Folder) -> Path:
        path = mailbox(self.root, folder.custodian)
        if folder.path == "INBOX" and (path / "cur").is_dir():
            return path
        dotted = named(path, f".{folder.path.replace('/', '.')}")
        return dotted if dotted.is_dir() else named(path, folder.path)


def pages_of(names: list[str], cursor: str | None) -> Iterator[Page]:
    """Sorted names as pages after the cursor; all of them where the cursor no longer fits."""
    start = _covered(names, cursor)
    digest = _added(blake2b(digest_size=16), names[:start])
    if start == len(names):
        yield Page((), _cursor(start, digest), len(names))
    for begin in range(start, len(names), _PAGE):
        page = names[begin : begin + _PAGE]
        yield Page(tuple(page), _cursor(begin + len(page), _added(digest, page)), len(names))


def _covered(names: list[str], cursor: str | None) -> int:
    """How many of the names a cursor covers; none where it no longer fits them."""
    count = cursor.partition(":")[0] if cursor else ""
    end = int(count) if count.isdigit() else 0
    return end if end <= len(names) and _cursor(end, _added(blake2b(digest_size=16), names[:end])) == cursor else 0


def _added(digest: blake2b, names: list[str]) -> blake2b:
    digest.update("".join(f"{name}\n" for name in names).encode())
    return digest


def _cursor(end: int, digest: blake2b) -> str:
    return f"{end}:{digest.hexdigest()}"


def _messages(place: Path) -> list[str]:
    """Everything that may be mail; what is none is listed too, so that it is counted as not read."""
    return [name for name in files(place) if not name.startswith((".", "~$")) and name.lower() not in _LITTER]


def _parts(place: Path) -> tuple[Path, ...]:
    """Where a Maildir holds messages; one that lacks `new` holds none there."""
    return tuple(part for part in (place / "cur", place / "new") if part.is_dir() or part.name == "cur")


def _listed(part: Path) -> list[str]:
    """A Maildir's messages: names that begin with a dot are none."""
    return [name for name in files(part) if not name.startswith(".")]


def _changed(part: Path) -> int:
    try:
        return part.stat().st_mtime_ns
    except OSError as error:
        raise SourceError(f"{shown(str(part))}: cannot be read ({error.strerror})") from error


@lru_cache(maxsize=4)
def _by_unique(part: Path, _changed: int) -> dict[str, str]:
    """Under which name each item of a Maildir lies, kept until the folder changes."""
    return {_unique(name): name for name in _listed(part)}


def _unique(name: str) -> str:
    return name.partition(":")[0].partition(";")[0]
