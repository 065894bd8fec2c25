"""What the parts of a message come to: texts one under another, alternatives of one text, files, and what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rules.message import Attachment
from scanner.reading.mail.containers import is_tnef
from scanner.reading.mail.parts import Part
from scanner.reading.outlook.compose import unread_reason

_NOT_WORDS = re.compile(r"<[^<>\s]{0,300}>|\[[^\[\]]{0,300}\]|https?://\S{1,2000}|\S{1,200}@\S{1,200}")
_WORD = re.compile(r"[^\W_]{2,}")
DIFFERENT = 4


@dataclass(frozen=True, slots=True)
class Content:
    """What a part and those below it hold: texts that a reader sees one under another, files, and reasons why something is missing.

    `other` is the text of the less telling alternative, where it says something else.
    """

    texts: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    unread: tuple[str, ...] = ()
    pictures: int = 0

    def __add__(self, later: Content) -> Content:
        return Content(
            self.texts + later.texts,
            self.other + later.other,
            self.attachments + later.attachments,
            self.unread + later.unread,
            self.pictures + later.pictures,
        )


def alternatives(parts: tuple[Part, ...], contents: list[Content]) -> Content:
    """Of texts that ought to say the same the fuller, an HTML one where they do; what another says beside it is kept apart."""
    calendar = [c for p, c in zip(parts, contents, strict=True) if p.media_type == "text/calendar"]
    texts = [c for p, c in zip(parts, contents, strict=True) if p.media_type != "text/calendar"]
    best = max(reversed(texts), key=lambda c: len(words(c.texts)) // DIFFERENT, default=Content())
    known = words(best.texts)
    others = tuple("\n".join(c.texts) for c in texts if c is not best and len(words(c.texts) - known) >= DIFFERENT)
    rest = sum((replace(c, texts=()) for c in texts), Content())
    return replace(rest, texts=best.texts, other=rest.other + others) + _saying_more(sum(calendar, Content()), best)


def _saying_more(calendar: Content, best: Content) -> Content:
    """An invitation without the texts that stand in the letter already."""
    known = words(best.texts)
    return replace(calendar, texts=tuple(text for text in calendar.texts if not words((text,)) <= known))


def beside_tnef(parts: tuple[Part, ...], contents: list[Content]) -> list[Content]:
    """A winmail.dat repeats the letter that it goes with; where there are words beside it, its own are the less telling alternative."""
    wrapped = list(map(is_tnef, parts))
    if not any(words(c.texts) for c, tnef in zip(contents, wrapped, strict=True) if not tnef):
        return contents
    return [replace(c, texts=(), other=c.other + c.texts) if tnef else c for c, tnef in zip(contents, wrapped, strict=True)]


def words(texts: tuple[str, ...]) -> frozenset[str]:
    """The words that a reader sees, links and addresses aside."""
    return frozenset(_WORD.findall(_NOT_WORDS.sub(" ", "\n".join(texts)).lower()))


def closed(part: Part, reason: str) -> Content:
    """An attachment that is not opened, and why."""
    return Content(attachments=(Attachment(part.title(), part.media_type, part.size, unread=reason),))


def missing(part: Part) -> Content:
    """What a container's reader could not open: an attachment where it has a name, else the body."""
    reason, title = unread_reason(part.parameter("reason")), part.title()
    return Content(attachments=(Attachment(title, part.media_type, 0, unread=reason),)) if title else Content(unread=(reason,))


def picture_only(content: Content) -> tuple[str, ...]:
    """A letter that was pasted in or attached as a picture, with no words beside it."""
    return ("body is a picture only",) if content.pictures and not words(content.texts) else ()
