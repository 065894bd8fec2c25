"""What every source of mail offers: folders, pages of references with a cursor, and the bytes of one message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from rules.circulation import Role

_SENT = ("sent", "sent items", "sent mail", "sent messages", "sent-mail", "outbox")


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of one mailbox. `path` is the source's own name for it."""

    custodian: str
    path: str

    @property
    def role(self) -> Role:
        """What its copies are to the custodian, by the folder's name."""
        return Role.SENT if self.path.lower().rsplit("/", 1)[-1].lstrip(".") in _SENT else Role.RECEIVED


@dataclass(frozen=True, slots=True)
class Page:
    """References that belong together: stored in one transaction with the cursor that covers them.

    `expected` is how many items the folder holds in all. `restarted` says that earlier item names no longer hold
    (a compacted mbox, a changed UIDVALIDITY), so that what the store knows of this folder must give way.
    """

    items: tuple[str, ...]
    cursor: str
    expected: int
    restarted: bool = False


class Source(Protocol):
    """A place where mail lies, read-only. Raises SourceError for a folder that cannot be listed or an item that is gone."""

    @property
    def label(self) -> str:
        """Its name in the store and in reports."""
        ...

    def folders(self, custodian: str | None = None) -> Iterator[Folder]:
        """Every folder, or those of one mailbox."""
        ...

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        """What has come since the cursor, oldest first; at least one page, so that `expected` is always known."""
        ...

    def fetch(self, folder: Folder, item: str) -> bytes:
        """One message as it lies there (RFC 5322)."""
        ...
