"""mbox files (RFC 4155): `<root>/<custodian address>/<folder>.mbox`, read in place without the standard library's locking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from scanner.errors import SourceError
from scanner.sources.places import addresses, files, mailbox, mailboxes, named, read_span, relative, tree
from scanner.sources.source import Folder, Head, Page, heads_by

_PAGE = 500
_HEAD = 4096
_BLOCK = 4 * 1024 * 1024
_LONGEST_LINE = 1000
_SUFFIX = ".mbox"
_LARGEST = 200 * 1024 * 1024
# A letter may begin a line with "From ", so the day and the time that RFC 4155 asks for must stand there.
_FROM = re.compile(
    rb"From [^\r\n]*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2})\b[^\r\n]*\d\d:\d\d[^\r\n]*\r?\n"
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MboxSource:
    """mbox files. An item is `<offset>-<length>`; the cursor is the offset read to with a digest of what stands just before it.

    A file that was compacted no longer fits its cursor: the folder is then read anew.
    """

    label: str
    root: Path

    def mailboxes(self) -> tuple[str, ...]:
        return addresses(self.root)

    def folders(self, custodian: str) -> Iterator[Folder]:
        for address, path in mailboxes(self.root, custodian):
            for folder in tree(path):
                for name in files(folder):
                    if name.lower().endswith(_SUFFIX):
                        yield Folder(address, f"{relative(folder, path)}/{name}".removeprefix("./").removesuffix(_SUFFIX))

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        path = self._place(folder)
        starts, size = _starts(path)
        if read_span(path, 0, starts[0] if starts else _HEAD).strip():
            raise SourceError(f"{folder.custodian}/{folder.path}: is no mbox file: it does not begin with a From line (RFC 4155).")
        spans = list(pairwise([*starts, size]))
        offset = _offset(path, cursor, size)
        restarted = cursor is not None and offset == 0 and not cursor.startswith("0:")
        fresh = [span for span in spans if span[0] >= offset]
        for begin in range(0, max(len(fresh), 1), _PAGE):
            page = fresh[begin : begin + _PAGE]
            end = page[-1][1] if page else offset
            yield Page(tuple(f"{a}-{b - a}" for a, b in page), _cursor(path, end), len(spans), restarted and begin == 0)

    def fetch(self, folder: Folder, item: str) -> bytes:
        start, _, length = item.partition("-")
        if int(length) > _LARGEST:
            raise SourceError(f"{folder.custodian}/{folder.path}: message {item} is larger than {_LARGEST // 2**20} MB")
        separator, _, rest = read_span(self._place(folder), int(start), int(length)).partition(b"\n")
        if not separator.startswith(b"From "):
            raise SourceError(f"{folder.custodian}/{folder.path}: message {item} is gone since it was listed.")
        return _QUOTED.sub(rb"\1", rest)

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        return heads_by(self.fetch, folder, items)

    def close(self) -> None:
        """Nothing stays open."""

    def _place(self, folder: Folder) -> Path:
        place = mailbox(self.root, folder.custodian)
        exact = named(place, f"{folder.path}{_SUFFIX}")
        return exact if exact.exists() else named(place, folder.path)


def _starts(path: Path) -> tuple[list[int], int]:
    """Where each message begins, and the size of the file."""
    found: list[int] = []
    at, before = 0, b"\n"
    while block := read_span(path, at, _BLOCK + _LONGEST_LINE):
        found += (at + start for start in _lines_from(before + block, _BLOCK))
        before = block[_BLOCK - 1 : _BLOCK]
        at += min(len(block), _BLOCK)
        if len(block) <= _BLOCK:
            break
    return found, at


def _lines_from(block: bytes, most: int) -> Iterator[int]:
    """Where From lines begin in a block that follows one byte of the block before, up to `most`."""
    place = block.find(b"\nFrom ")
    while 0 <= place < most:
        if _FROM.match(block, place + 1):
            yield place
        place = block.find(b"\nFrom ", place + 1)


def _cursor(path: Path, end: int) -> str:
    start = max(0, end - _HEAD)
    return f"{end}:{blake2b(read_span(path, start, end - start), digest_size=16).hexdigest()}"


def _offset(path: Path, cursor: str | None, size: int) -> int:
    """How far a cursor still holds: what stands before it is unchanged, and what follows begins a message, so that the last one did not grow."""
    end = int(cursor.partition(":")[0]) if cursor else 0
    if not cursor or end > size or _cursor(path, end) != cursor:
        return 0
    return end if end == size or read_span(path, end, 7).lstrip(b"\r\n").startswith(b"From ") else 0
