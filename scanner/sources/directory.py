"""What a mail server knows beside mail: who is on its lists, and which mailboxes send their mail on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A standing arrangement of a mailbox: mail that comes in goes on to `target`, an address.

    `kind` is "forward", "redirect" or "forward-as-attachment", as inbox rules name it, or "mailbox" for one that an administrator set.
    `copies_all` says that no condition narrows it. A rule's name is not kept: it may say whom it is about.
    """

    custodian: str
    target: str
    kind: str
    copies_all: bool


@runtime_checkable
class Directory(Protocol):
    """A source that can also be asked for lists and forwarding. Raises SourceError where the server does not tell."""

    def members(self, address: str) -> tuple[str, ...] | None:
        """The addresses that a list leads to, through nested lists; None where the address is no list."""
        ...

    def forwardings(self, custodian: str) -> tuple[Forwarding, ...]:
        """The forwarding of one mailbox that is switched on."""
        ...
