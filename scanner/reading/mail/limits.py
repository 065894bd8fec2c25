"""How much of one message is read before the rest is named as unread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from scanner.reading.documents.document import Document


class Enclosure(Protocol):
    """A place apart, where a document that would break its reader breaks nothing else."""

    def extract(self, name: str, media_type: str, content: bytes, limits: Limits) -> Document: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep hostile mail cheap. Ordinary mail stays an order of magnitude below each.

    `message_bytes` bounds what of a message is looked at, and `header_bytes` one header block; both are applied before anything is parsed.
    `parts` and `depth` bound the MIME tree, attached messages included; `body_bytes` one text part, `letters` and `lines` all;
    `attachment_bytes` one decoded attachment, `attached_bytes` all. `documents` bounds how many attachments are opened, `plain_bytes` those
    texts among them that are read in this process; `expanded_bytes` what a compressed document may unfold to; `characters` the text kept of
    one document, and of all in one message; `pages` and `cells` its length; `nesting` how many archives may lie inside one another.

    `enclosure` is where documents are read, None for this process. There, `seconds` bounds one document, six times as long all of one
    message, and `memory_bytes` all that the reader holds. `ocr` says that pictures of pages are read by Tesseract, where it is installed.
    """

    message_bytes: int = 150 * 1024 * 1024
    header_bytes: int = 256 * 1024
    parts: int = 1_000
    depth: int = 20
    body_bytes: int = 2 * 1024 * 1024
    letters: int = 1_000_000
    lines: int = 50_000
    attachment_bytes: int = 50 * 1024 * 1024
    attached_bytes: int = 100 * 1024 * 1024
    documents: int = 100
    plain_bytes: int = 256 * 1024
    expanded_bytes: int = 100 * 1024 * 1024
    characters: int = 2_000_000
    pages: int = 500
    cells: int = 1_000_000
    nesting: int = 2
    seconds: float = 10.0
    memory_bytes: int = 768 * 1024 * 1024
    ocr: bool = False
    enclosure: Enclosure | None = None
