"""What one message may yet cost, all that is attached to it included. Mail that is made to be slow is cut short by this, and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from scanner.reading.documents.document import Document
from scanner.reading.mail.limits import Limits
from scanner.reading.outlook.richtext import RichTextLeft

_SLOW_DOCUMENTS = 6
_SEARCHES = 3
_TEXTS = 2

Extract = Callable[[Limits], Document]


class Allowance:
    """Counted down while a message is read. What is read does not depend on the clock, but for documents that are slow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts = limits.parts
        self._searched = _SEARCHES * limits.message_bytes
        self._attached = limits.attached_bytes
        self._body_bytes = _TEXTS * limits.body_bytes
        self._letters = limits.letters
        self._lines = limits.lines
        self._documents = limits.documents
        self._characters = limits.characters
        self._seconds = _SLOW_DOCUMENTS * limits.seconds
        self._plain_bytes = _TEXTS * limits.body_bytes
        self.rich_text = RichTextLeft(limits.body_bytes * 3 // 2)

    def part(self) -> bool:
        """Whether one more part may be opened."""
        self._parts -= 1
        return self._parts >= 0

    def search(self, size: int) -> bool:
        """Whether so many bytes may be searched for boundaries: those of a message inside another are searched with each."""
        self._searched -= size
        return self._searched >= 0

    def attachment(self) -> int:
        """How many bytes the next attachment may have."""
        return min(self._limits.attachment_bytes, self._attached)

    def attached(self, size: int) -> None:
        """Such an attachment was unpacked."""
        self._attached -= size

    def body_bytes(self) -> int:
        """How many bytes of the next text may be decoded."""
        return min(self._limits.body_bytes, self._body_bytes)

    def kept(self, text: str, size: int) -> str:
        """What is kept of a text that was made of so many bytes."""
        shown = text[: self._letters]
        if shown.count("\n") >= self._lines:
            shown = "\n".join(shown.split("\n", self._lines)[: self._lines])
        self._body_bytes -= size
        self._letters -= len(shown)
        self._lines -= shown.count("\n")
        return shown

    def document(self, size: int, extract: Extract) -> Document:
        """A document read within what is left, or the reason why it is not."""
        self._documents -= 1
        if self._documents < 0 or self._characters <= 0:
            return Document(unread="too many attachments to open")
        if self._seconds <= 0:
            return Document(unread=f"the attachments of its message took longer than {_SLOW_DOCUMENTS * self._limits.seconds:g} seconds together")
        bounded = replace(
            self._limits,
            characters=self._characters,
            seconds=min(self._limits.seconds, self._seconds),
            plain_bytes=min(self._limits.plain_bytes, self._plain_bytes),
        )
        started = monotonic()
        found = extract(bounded)
        self._seconds -= monotonic() - started
        self._plain_bytes = max(0, self._plain_bytes - size)
        self._characters -= len(found.text)
        return found
