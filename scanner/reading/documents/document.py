"""What reading an attached document gives."""

from __future__ import annotations

from dataclasses import dataclass

from rules.message import Table


@dataclass(frozen=True, slots=True)
class Document:
    """A document's text and tables. `unread` says why some or all of it is missing, and may stand beside text."""

    text: str = ""
    tables: tuple[Table, ...] = ()
    unread: str | None = None
