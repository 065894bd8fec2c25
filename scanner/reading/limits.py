"""How much of one message is read before the rest is named as unread."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep hostile mail cheap. Ordinary mail stays an order of magnitude below each.

    `header_bytes` bounds one header block and is applied before anything is parsed. `parts` and `depth` bound the MIME tree, attached
    messages included; `body_bytes` one text part; `attachment_bytes` one decoded attachment. `documents` bounds how many attachments are
    opened; `expanded_bytes` what a compressed document may unfold to; `characters` the text kept of one document; `pages` and `cells` its length.
    """

    header_bytes: int = 256 * 1024
    parts: int = 1_000
    depth: int = 20
    body_bytes: int = 2 * 1024 * 1024
    attachment_bytes: int = 50 * 1024 * 1024
    documents: int = 100
    expanded_bytes: int = 100 * 1024 * 1024
    characters: int = 2_000_000
    pages: int = 500
    cells: int = 1_000_000
