"""Outlook's containers among the parts of a message: which they are, and each as bytes that the reader of mail can read."""

from __future__ import annotations

from enum import Enum, auto

from scanner.reading.compose import content
from scanner.reading.compound import MAGIC, DamagedError
from scanner.reading.limits import Limits
from scanner.reading.outlook import is_outlook, outlook_letter
from scanner.reading.parts import Part
from scanner.reading.tnef import tnef_item

_TNEF_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_TNEF_NAMES = frozenset({"winmail.dat", "win.dat"})


class Container(Enum):
    """A saved message (.msg) or a winmail.dat."""

    MESSAGE = auto()
    TNEF = auto()


def container(part: Part) -> Container | None:
    """What an attachment is by its type and name, or by its content; None for other files."""
    name = part.name.lower()
    if part.media_type in _TNEF_TYPES or name in _TNEF_NAMES:
        return Container.TNEF
    if part.multipart or part.media_type.startswith(("text/", "image/", "message/")):
        return None
    saved = name.endswith(".msg") or part.media_type == "application/vnd.ms-outlook"
    return Container.MESSAGE if (saved and part.content.startswith(MAGIC)) or is_outlook(part.content) else None


def opened(kind: Container, raw: bytes, limits: Limits) -> bytes | None:
    """A saved message as a whole message; the content of a winmail.dat as a part. None where it is damaged. Never raises."""
    if kind is Container.MESSAGE:
        return outlook_letter(raw, limits)
    try:
        return content(tnef_item(raw, limits), limits)
    except DamagedError:
        return None
