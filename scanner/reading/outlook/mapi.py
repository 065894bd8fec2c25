"""What Outlook's containers have in common: items of typed properties (MS-OXCDATA 2.11, MS-OXPROPS), with recipients and attachments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from scanner.reading.mail.charsets import decoded, guessed

STRING8, UNICODE = 0x001E, 0x001F
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CODEPAGES = {65001: "utf-8", 65000: "utf-7", 20127: "ascii", 28591: "iso-8859-1", 28605: "iso-8859-15", 20866: "koi8-r", 21866: "koi8-u"}
_CODEPAGES |= {28590 + part: f"iso-8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 13)}
_CODEPAGES |= {50220: "iso-2022-jp", 50221: "iso-2022-jp", 50222: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr", 54936: "gb18030"}
_LONGEST = 32 * 1024 * 1024


class Tag(IntEnum):
    """Property ids, named as in MS-OXPROPS without `PidTag`."""

    AUTO_FORWARDED = 0x0005
    MESSAGE_CLASS = 0x001A
    SUBJECT = 0x0037
    CLIENT_SUBMIT_TIME = 0x0039
    SENT_REPRESENTING_ENTRY_ID = 0x0041
    SENT_REPRESENTING_NAME = 0x0042
    SENT_REPRESENTING_ADDRESS_TYPE = 0x0064
    SENT_REPRESENTING_EMAIL = 0x0065
    RECEIVED_BY_EMAIL = 0x0076
    TRANSPORT_HEADERS = 0x007D
    RECIPIENT_TYPE = 0x0C15
    SENDER_ENTRY_ID = 0x0C19
    SENDER_NAME = 0x0C1A
    SENDER_ADDRESS_TYPE = 0x0C1E
    SENDER_EMAIL = 0x0C1F
    DISPLAY_BCC = 0x0E02
    DISPLAY_CC = 0x0E03
    DISPLAY_TO = 0x0E04
    DELIVERY_TIME = 0x0E06
    MESSAGE_FLAGS = 0x0E07
    ENTRY_ID = 0x0FFF
    BODY = 0x1000
    RTF = 0x1009
    HTML = 0x1013
    MESSAGE_ID = 0x1035
    REFERENCES = 0x1039
    IN_REPLY_TO = 0x1042
    NAME = 0x3001
    ADDRESS_TYPE = 0x3002
    EMAIL = 0x3003
    CREATED = 0x3007
    IPM_SUBTREE = 0x35E0
    OUTBOX = 0x35E2
    DELETED_ITEMS = 0x35E3
    SENT_ITEMS = 0x35E4
    CONTAINER_CLASS = 0x3613
    DRAFTS = 0x36D7
    CONTENT = 0x3701
    FILE_NAME = 0x3704
    METHOD = 0x3705
    LONG_FILE_NAME = 0x3707
    MEDIA_TYPE = 0x370E
    CONTENT_ID = 0x3712
    SMTP_ADDRESS = 0x39FE
    INTERNET_CODEPAGE = 0x3FDE
    MESSAGE_CODEPAGE = 0x3FFD
    SENDER_SMTP = 0x5D01
    SENT_REPRESENTING_SMTP = 0x5D02
    RECEIVED_BY_SMTP = 0x5D07
    RECIPIENT_NAME = 0x5FF6


@dataclass(frozen=True, slots=True)
class Properties:
    """Properties by id, each its type and its bytes. `codepage` is that of eight-bit strings, 0 where unknown; `damaged` could not be read,
    among them 0 for properties that are not even known by name.
    """

    rows: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    codepage: int = 0
    damaged: frozenset[int] = frozenset()

    def text(self, tag: int) -> str:
        """A string without its closing zero, or nothing."""
        kind, raw = self.rows.get(tag, (0, b""))
        raw = raw[:_LONGEST]
        if kind == UNICODE:
            return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").partition("\0")[0]
        return in_codepage(raw.partition(b"\0")[0], self.codepage) if kind == STRING8 else ""

    def blob(self, tag: int) -> bytes:
        """A property's bytes, whatever its type."""
        return self.rows.get(tag, (0, b""))[1]

    def kind(self, tag: int) -> int:
        """A property's type, 0 where it is missing."""
        return self.rows.get(tag, (0, b""))[0]

    def number(self, tag: int) -> int | None:
        """A whole number or a truth value; None where it is missing."""
        kind, raw = self.rows.get(tag, (0, b""))
        size = {0x0002: 2, 0x0003: 4, 0x000B: 1, 0x0014: 8}.get(kind, 0)
        return int.from_bytes(raw[:size], "little") if size and len(raw) >= size else None

    def moment(self, tag: int) -> datetime | None:
        """A time, kept as 100 nanoseconds since 1601 (MS-DTYP 2.3.3), in UTC; None where it is missing or out of all reason."""
        kind, raw = self.rows.get(tag, (0, b""))
        ticks = int.from_bytes(raw[:8], "little") if kind == 0x0040 and len(raw) >= 8 else 0
        found = _EPOCH + timedelta(microseconds=ticks // 10) if 0 < ticks < 2**58 else _EPOCH
        return found if 1980 <= found.year <= 2100 else None


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attachment. `item` is an attached message; `unread` a word of `compose.REASONS` that says why its content is missing."""

    properties: Properties
    item: Item | None = None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One message as a container keeps it. `incomplete` says that recipients are known to be missing."""

    properties: Properties
    recipients: tuple[Properties, ...] = ()
    attachments: tuple[AttachedFile, ...] = ()
    incomplete: bool = False


def in_codepage(raw: bytes, codepage: int) -> str:
    """Text in a Windows codepage, guessed where that is unknown or wrong."""
    return decoded(raw, _CODEPAGES.get(codepage, f"cp{codepage}")) if codepage else guessed(raw)
