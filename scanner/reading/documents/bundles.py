"""Files inside a file: the members of an archive, the sheets embedded in a letter, what is attached to a PDF; each read by the same door.

What they hold together is bounded, whatever each says of itself. A reason names a member by its number and kind: its name may say whom it is about.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rules.message import Table
from scanner.reading.documents.archives import DAMAGED, chunks
from scanner.reading.documents.document import Document
from scanner.reading.mail.limits import Limits

ReadOne = Callable[[str, bytes, Limits], Document]

_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 0x1
_REASONS = 3
_OTHER_ARCHIVES = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"MSCF": "cab"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another. `unfold` gives its bytes up to so many and one piece more; it raises one of archives.DAMAGED."""

    name: str
    unfold: Callable[[int], bytes]
    encrypted: bool = False


def foreign_archive(content: bytes) -> str | None:
    """What kind of archive it is that no reader opens; None for anything else."""
    if content[257:262] == b"ustar":
        return "tar"
    return next((kind for signature, kind in _OTHER_ARCHIVES.items() if content.startswith(signature)), None)


def members_of(archive: zipfile.ZipFile, wanted: Callable[[str], object] | None = None) -> Iterator[Member]:
    """The files of a zip archive, without folders and what systems leave behind."""
    for info in archive.infolist():
        folder = info.filename[-1:] == "/"  # is_dir() raises where the name is empty
        litter = info.filename.endswith(_LITTER) or info.filename.startswith(_LITTER)
        if not folder and not litter and (wanted is None or wanted(info.filename)):
            yield Member(info.filename, _unfolding(archive, info), bool(info.flag_bits & _ENCRYPTED))


def _unfolding(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    return lambda most: b"".join(chunks(archive, info, most))


def read(members: Iterable[Member], limits: Limits, read_one: ReadOne) -> Document:
    """The members' texts one under another under their names, and their tables; what is unread of them in one reason. Never raises."""
    if limits.nesting <= 0:
        return Document(unread="archives inside one another deeper than are opened")
    bundle = _Bundle(replace(limits, nesting=limits.nesting - 1))
    for member in members:
        if not bundle.take(member, read_one):
            break
    return bundle.document()


class _Bundle:
    """What has been read of the members, and how much more may be."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._texts: list[str] = []
        self._tables: list[Table] = []
        self._faults: list[tuple[str, str]] = []
        self._seen = 0
        self._cut = ""

    def take(self, member: Member, read_one: ReadOne) -> bool:
        """Reads one more member; whether there is room for another."""
        limits = self._limits
        if self._seen >= limits.documents:
            self._cut = f"files after the first {limits.documents} in it not read"
            return False
        self._seen += 1
        document = Document(unread="encrypted") if member.encrypted else self._opened(member, read_one)
        if document.text.strip():
            self._texts.append(f"{member.name}\n{document.text}")
        self._tables += document.tables
        if document.unread:
            suffix = PurePosixPath(member.name).suffix.lower()[:10]
            self._faults.append((f"file {self._seen} ({suffix or 'no kind'})", document.unread))
        cells = sum(len(row) for table in document.tables for row in table.rows)
        left = max(0, self._limits.characters - len(document.text))
        self._limits = replace(self._limits, characters=left, cells=max(0, self._limits.cells - cells))
        if not self._cut and not left:
            self._cut = "text cut"
        return not self._cut

    def _opened(self, member: Member, read_one: ReadOne) -> Document:
        most = min(self._limits.expanded_bytes, self._limits.attachment_bytes)
        try:
            content = member.unfold(most)
        except DAMAGED:
            return Document(unread="damaged")
        if len(content) > most:
            self._cut = "unfolds to more bytes than are read"
            return Document()
        self._limits = replace(self._limits, expanded_bytes=self._limits.expanded_bytes - len(content))
        return read_one(member.name, content, self._limits)

    def document(self) -> Document:
        """All of it."""
        return Document("\n\n".join(self._texts), tuple(self._tables), "; ".join(filter(None, (self._cut, self._reasons()))) or None)

    def _reasons(self) -> str:
        """What is unread: the bare reason where it is one for all, or else the first few by number and kind of their files."""
        distinct = {reason for _, reason in self._faults}
        if len(self._faults) == self._seen and len(distinct) == 1:
            return distinct.pop()
        if not distinct:
            return ""
        named = [f"{file}: {reason}" for file, reason in self._faults[:_REASONS]] + ["…"] * (len(self._faults) > _REASONS)
        return f"{len(self._faults)} of {self._seen} files in it not read in full: {'; '.join(named)}"
