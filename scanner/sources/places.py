"""Mailbox folders on a disk: found by address, listed in full or not at all, their names made fit for a database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

from rules.roster import canonical
from scanner.errors import SourceError

_LARGEST = 200 * 1024 * 1024


def mailboxes(root: Path, custodian: str | None = None) -> Iterator[tuple[str, Path]]:
    """Each mailbox as its address and its folder, or the one asked for. Raises SourceError where two folders claim one address."""
    found: dict[str, Path] = {}
    for path in directories(root):
        address = canonical(shown(path.name))
        if (other := found.setdefault(address, path)) is not path:
            raise SourceError(f"{root}: {shown(other.name)} and {shown(path.name)} are the same mailbox; put their folders into one.")
    yield from ((address, path) for address, path in found.items() if custodian is None or address == canonical(custodian))


def addresses(root: Path) -> tuple[str, ...]:
    """The address of every mailbox in a folder."""
    return tuple(address for address, _ in mailboxes(root))


def mailbox(root: Path, custodian: str) -> Path:
    """A mailbox's folder, whatever the case of its name. Raises SourceError where there is none."""
    exact = root / custodian
    if exact.is_dir():
        return exact
    for _, path in mailboxes(root, custodian):
        return path
    raise SourceError(f"{root}: the mailbox {custodian} is gone since it was listed.")


def shown(name: str) -> str:
    """A name as text; bytes that are no UTF-8 are written as `\\xe9`, since neither database nor terminal takes them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def named(place: Path, name: str) -> Path:
    """What lies in a folder under a shown name or path."""
    path = place / name
    if "\\x" not in name or path.exists():
        return path
    for part in name.split("/"):
        place = next((p for p in _entries(place) if shown(p.name) == part), place / part)
    return place


def directories(root: Path) -> list[Path]:
    """The folders in a folder, by name. Raises SourceError where it cannot be listed."""
    return [path for path in _entries(root) if path.is_dir()]


def files(place: Path) -> list[str]:
    """The shown names of everything in a folder that is no folder, by name; a link to nothing too, since it says that mail is missing."""
    return sorted(shown(path.name) for path in _entries(place) if not path.is_dir())


def tree(place: Path) -> Iterator[Path]:
    """A folder and all folders in it, by name; a link that leads back up is passed over. Raises SourceError where one cannot be listed."""
    yield place
    above = (place.resolve(), *place.resolve().parents)
    for path in directories(place):
        if not (path.is_symlink() and path.resolve() in above):
            yield from tree(path)


def _entries(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir())
    except OSError as error:
        raise SourceError(
            f"{shown(str(place))}: cannot be listed ({error.strerror}); check sources.path and the account's right to read it."
        ) from error


def read_file(path: Path) -> bytes:
    """A file's bytes. Raises SourceError where it is gone, forbidden, no ordinary file, or larger than 200 MB."""
    try:
        found = path.stat()
        if not S_ISREG(found.st_mode):
            raise SourceError(f"{shown(path.name)}: is no ordinary file")
        if found.st_size > _LARGEST:
            raise SourceError(f"{shown(path.name)}: is larger than {_LARGEST // 2**20} MB")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{shown(path.name)}: cannot be read ({error.strerror})") from error


def read_span(path: Path, start: int, length: int) -> bytes:
    """Some bytes of a file, fewer where it ends before. Raises SourceError where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length)
    except OSError as error:
        raise SourceError(f"{shown(path.name)}: cannot be read ({error.strerror})") from error


def relative(path: Path, above: Path) -> str:
    """A folder's path below another, as its source names it."""
    return shown(os.path.relpath(path, above)).replace(os.sep, "/")
