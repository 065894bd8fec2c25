"""Outlook's containers among the parts of a message: which they are, and each as bytes that the reader of mail can read."""

from __future__ import annotations

from enum import Enum, auto

from scanner.reading.mail.limits import Limits
from scanner.reading.mail.parts import Part
from scanner.reading.outlook.compose import content
from scanner.reading.outlook.compound import MAGIC, DamagedError
from scanner.reading.outlook.outlook import is_outlook, outlook_letter
from scanner.reading.outlook.richtext import RichTextLeft
from scanner.reading.outlook.tnef import tnef_item

_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_TNEF_NAMES = frozenset({"winmail.dat", "win.dat"})


class Container(Enum):
    """A saved message (.msg) or a winmail.dat."""

    MESSAGE = auto()
    TNEF = auto()


def is_tnef(part: Part) -> bool:
    """Whether a part is a winmail.dat, by its type or name."""
    return part.media_type in _TNEF_TYPES or part.name.lower() in _TNEF_NAMES


def container(part: Part, most: int) -> Container | None:
    """What an attachment is by its type and name, or by its content where that is at most so many bytes; None for other files."""
    if is_tnef(part):
        return Container.TNEF
    if part.multipart or part.media_type.startswith(("text/", "image/", "message/")) or part.beginning(len(MAGIC))[0] != MAGIC:
        return None
    saved = part.name.lower().endswith(".msg") or part.media_type == "application/vnd.ms-outlook"
    return Container.MESSAGE if saved or is_outlook(part.beginning(most)[0]) else None


def opened(kind: Container, raw: bytes, limits: Limits, left: RichTextLeft) -> bytes | None:
    """A saved message as a whole message; the content of a winmail.dat as a part. None where it is damaged. Never raises."""
    if kind is Container.MESSAGE:
        return outlook_letter(raw, limits, left)
    try:
        return content(tnef_item(raw, limits), limits, left)
    except DamagedError:
        return None
