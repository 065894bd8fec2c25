"""What every source of mail offers: mailboxes, folders, pages of references with a cursor, and the bytes of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from rules.circulation import Role
from scanner.errors import SourceError

_DRAFTS = ("drafts", "draft")
_SENT = ("sent", "sent items", "sent mail", "sent messages", "sent-mail", "outbox")

Head = bytes | SourceError


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of one mailbox. `path` is the source's own name for it; `sent` is what the server says it is for, where it says."""

    custodian: str
    path: str
    sent: bool | None = field(default=None, compare=False)

    @property
    def role(self) -> Role:
        """What its copies are to the custodian: by the server's word, else by the folder's name."""
        sent = self._name in _SENT if self.sent is None else self.sent
        return Role.SENT if sent else Role.RECEIVED

    @property
    def holds_drafts(self) -> bool:
        """Whether, by its name, nobody was sent what lies in it. Servers say so themselves, and their drafts are never listed."""
        return self._name in _DRAFTS

    @property
    def _name(self) -> str:
        return self.path.lower().rsplit("/", 1)[-1].lstrip(".")


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
    """A place where mail lies, read-only. Raises SourceError for a mailbox or folder that cannot be listed or an item that is gone.

    An error whose remedy is patience has been retried already when it gets here. After an error the source can be asked again.
    """

    @property
    def label(self) -> str:
        """Its name in the store and in reports."""
        ...

    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of every mailbox that it is to read. Raises SourceError only where none can be read."""
        ...

    def folders(self, custodian: str) -> Iterator[Folder]:
        """The folders of one mailbox; none where the source has no such mailbox."""
        ...

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        """What has come since the cursor, oldest first; at least one page, so that `expected` is always known."""
        ...

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        """Each item's header block, or more of it where that costs nothing, in any order; an item that cannot be had gives its error."""
        ...

    def fetch(self, folder: Folder, item: str) -> bytes:
        """One message as it lies there (RFC 5322)."""
        ...

    def close(self) -> None:
        """Gives back connections and files, where there are any."""
        ...


def heads_by(fetch: Callable[[Folder, str], bytes], folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
    """Heads for a source to which a whole message is as near as its header."""
    for item in items:
        try:
            yield item, fetch(folder, item)
        except SourceError as error:
            yield item, error
