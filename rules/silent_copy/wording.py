"""Whose words a text holds: runs of words that two texts have in common, whatever its layout, quotation marks and case.

Texts are compared by shingles, five words in a row (Broder, "On the resemblance and containment of documents", 1997).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rules.message import Message
from rules.passage import text_of
from rules.roster import Roster

SPAN = 5
Shingle = tuple[str, ...]
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LINK = re.compile(r"(?:https?://|www\.)\S+")
_LONGEST = 300_000  # characters; committee papers are not pasted letters
_RUN = 6


@dataclass(frozen=True, slots=True)
class Common:
    """How many words of one text stand in another: in all, in the longest run, and of how many."""

    total: int = 0
    longest: int = 0
    of: int = 0


def words(text: str) -> list[str]:
    """The words of a text as they are compared: lower case, no punctuation, no links; a long text's beginning only."""
    return _WORD.findall(_LINK.sub(" ", text[:_LONGEST].lower().replace("’", "'")))


def shingles(several: Sequence[str]) -> list[Shingle]:
    """Every five words in a row, in order; none of a text that is shorter."""
    return list(zip(*(several[start:] for start in range(SPAN)), strict=False))


def common(several: Sequence[str], held: Collection[Shingle]) -> Common:
    """How many of the words stand in runs of six or more that are all in `held`."""
    runs = (sum(1 for _ in run) + SPAN - 1 for found, run in groupby(shingle in held for shingle in shingles(several)) if found)
    long = [run for run in runs if run >= _RUN]
    return Common(sum(long), max(long, default=0), len(several))


def unattributed(message: Message, roster: Roster, authors: Collection[str] | None = None) -> Iterator[str]:
    """The texts of a message that stand under nobody's name: what its sender wrote or attached, and quotations without a telling header.

    With `authors`, main addresses, only quotations from these people count as attributed; without, from anybody on the roster.
    """
    yield message.body.new
    yield message.body.signature  # a letter pasted below one's own name
    for quoted in message.quoted:
        author = roster.who(quoted.sender) if quoted.sender else None
        if author is None or (authors is not None and author.address not in authors):
            yield quoted.text
    if not message.quoted:
        yield from (message.body.history, message.body.forwarded)
    yield from (text_of(attachment) for attachment in message.attachments if attachment.message is None)


def everything(message: Message) -> str:
    """All the text of a message, whoever wrote it; what is attached as a message included."""
    body = message.body
    attached = (text_of(a) if a.message is None else everything(a.message) for a in message.attachments)
    return "\n\n".join((body.new, body.signature, body.history, body.forwarded, *attached))
