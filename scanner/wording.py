"""Fingerprints of what Members write to officers and of what officers' messages bring to Members, so that pasted letters can be found.

A text's fingerprints are some of its five-word shingles, chosen by winnowing (Schleimer, Wilkerson and Aiken, 2003): eight words in a row
that two texts share give at least one in common, twelve give two. Each is a hash under the ledger's key; no word can be read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zlib import crc32

from rules.message import Message
from rules.roster import Roster
from rules.silent_copy.pasted import letter_writer
from rules.silent_copy.wording import shingles, unattributed, words
from scanner.pseudonym import Pseudonym
from scanner.store.entry import Wording

_WINDOW = 4
_MOST = 400  # fingerprints of one message: of its first thousand words or so
_WORDS = 20_000


def wording_of(message: Message, roster: Roster, pseudonym: Pseudonym) -> Wording:
    """The fingerprints of a message; none where it is neither a Member's to an officer nor an officer's to a Member."""
    if letter_writer(message, roster):
        return Wording(_marks((message.body.new,), pseudonym), by_member=True)
    if _is_officers_to_a_member(message, roster):
        present = roster.reached((*message.visible, message.sender))
        return Wording(_marks(unattributed(message, roster, present), pseudonym))
    return Wording()


def _is_officers_to_a_member(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    if message.automatic or (sender.is_member if sender else not roster.inside(message.sender.email)):
        return False
    return any((p := roster.person(a)) and p.is_member for a in roster.reached((*message.visible, *(message.bcc or ()))))


def _marks(texts: Iterable[str], pseudonym: Pseudonym) -> frozenset[int]:
    """The fingerprints of some texts, the first texts' first."""
    chosen: dict[str, None] = {}
    for text in texts:
        chosen |= dict.fromkeys(_winnowed(words(text)[:_WORDS]))
        if len(chosen) >= _MOST:
            break
    return frozenset(_mark(pseudonym(f"words\n{shingle}")) for shingle in list(chosen)[:_MOST])


def _winnowed(several: list[str]) -> Iterator[str]:
    """Of every four shingles in a row the one with the least checksum, the last of equals; the same ones wherever the words stand."""
    found = [" ".join(shingle) for shingle in shingles(several)]
    sums = [(crc32(shingle.encode("utf-8", "surrogatepass")), -place) for place, shingle in enumerate(found)]
    for start in range(max(1, len(sums) - _WINDOW + 1) if sums else 0):
        yield found[-min(sums[start : start + _WINDOW])[1]]


def _mark(name: str) -> int:
    """64 bits of a pseudonym, as the signed number that databases hold."""
    return int.from_bytes(bytes.fromhex(name[:16]), signed=True)
