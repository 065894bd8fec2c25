"""One message as its readers saw it: who, to whom, when, what was written and what it carried."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Day = date  # a message has a field of that name


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox as a header names it. `email` is lower case; an X.500 legacy address keeps its `/o=…` form."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet or a document's table: rows of cell texts, the header row first where there is one."""

    name: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a message carries. `unread` says why its text is missing; `message` is set for an attached message.

    `quoted` are the mails that a print or a saved copy of mail shows, outermost first.
    """

    name: str
    media_type: str
    size: int
    text: str = ""
    tables: tuple[Table, ...] = ()
    message: Message | None = None
    unread: str | None = None
    quoted: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a message by zone. `forwarded` is the block that a forward carries; `history` the chain that a reply quotes."""

    new: str = ""
    history: str = ""
    forwarded: str = ""
    signature: str = ""
    disclaimer: str = ""


class Quoting(StrEnum):
    """Why an earlier message stands inside a later one: its sender chose to pass it on, or it merely trails along."""

    FORWARDED = "forwarded"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Quoted:
    """An earlier message as a later one shows it, parsed back from its header block as far as that goes."""

    quoting: Quoting
    sender: Address | None
    recipients: tuple[Address, ...] = ()
    subject: str = ""
    sent: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, from whichever copy was read.

    `id` is the Message-ID without angle brackets, or `missing:<custodian>/<folder>/<item>`. `bcc` is None where this copy cannot
    know (a received copy), and empty where the sender's own copy shows there was none. `submitter` is the Sender header (RFC 5322
    3.6.2) where it names another mailbox than From. `quoted` runs from the outermost quoted message inwards.
    """

    id: str
    date: datetime | None
    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] | None = None
    submitter: Address | None = None
    subject: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    body: Body = field(default_factory=Body)
    quoted: tuple[Quoted, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    unread: tuple[str, ...] = ()

    @property
    def day(self) -> Day | None:
        """The calendar day of its date; None without one."""
        return self.date.date() if self.date else None

    @property
    def visible(self) -> tuple[Address, ...]:
        """Everyone whom a reader of the message sees addressed: To and Cc."""
        return self.to + self.cc

    @property
    def passed_on(self) -> Quoted | None:
        """The outermost letter forwarded in the body whose author is told."""
        return next((q for q in self.quoted if q.quoting is Quoting.FORWARDED and q.sender), None)

    @property
    def carried(self) -> tuple[Message, ...]:
        """The messages attached to this one, at every depth, outermost first."""
        direct = tuple(a.message for a in self.attachments if a.message)
        return direct + tuple(inner for message in direct for inner in message.carried)
