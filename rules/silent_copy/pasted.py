"""A Member's words in an officer's message under no header that says whose they are: retyped, pasted, or quoted with the heading cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.circulation import Circulation, Turn
from rules.lexicon import packaged
from rules.message import Message
from rules.passage import Passage
from rules.roster import Person, Roster
from rules.silent_copy.wording import Common, Shingle, common, everything, shingles, unattributed, words
from rules.silent_copy.words import mentions

_RUN = 8  # fewer words in a row are a phrase that anybody may use
_WHOLE = 12
_SURELY = 16  # so many in a row, or half as many again in pieces, are nobody else's
_COURTESY = 24  # words; a longer sentence says something beside the courtesy


@dataclass(frozen=True, slots=True)
class Pasted:
    """A Member's letter of which a message holds `number` words, with everyone who had it; `text` is it and what its author added to it."""

    member: Person
    known: frozenset[str]
    text: str
    number: int


def pasted_letters(turn: Turn, readers: Sequence[Person], roster: Roster) -> Iterator[Pasted]:
    """The letters of Members to officers, earlier in the conversation, whose words this message shows to a reader who had not had them.

    A letter whose author is openly on the message is left away, and so are words that somebody else wrote before.
    """
    message, present = turn.message, turn.circulation.visible(roster)
    held: frozenset[Shingle] | None = None
    for place, circulation in enumerate(turn.earlier):
        member = letter_writer(circulation.message, roster)
        if member is None or member.address in present or _had_by_all(circulation, readers, roster):
            continue
        held = _shingles("\n\n".join(unattributed(message, roster))) if held is None else held
        theirs = words(circulation.message.body.new)
        if not _tells(common(theirs, held), message, member):
            continue
        theirs = words(_substance(circulation.message.body.new))
        found = common(theirs, held - _written_before(turn.earlier[:place], member, roster))
        if _tells(found, message, member):
            known = circulation.holders(roster) | _had_since(theirs, turn.earlier, member, readers, roster)
            yield Pasted(member, known, _with_additions(circulation.message, turn.earlier, member, roster), found.total)


def letter_writer(message: Message, roster: Roster) -> Person | None:
    """The Member who wrote this message to an officer or a service, perhaps among others; None where it is no such letter."""
    author = roster.who(message.sender)
    if author is None or not author.is_member or message.automatic:
        return None
    return author if any((p := roster.person(a)) and not p.is_member for a in roster.reached(message.visible)) else None


def _had_by_all(circulation: Circulation, readers: Sequence[Person], roster: Roster) -> bool:
    holders = circulation.holders(roster)
    return all(reader.address in holders for reader in readers)


def _shingles(text: str) -> frozenset[Shingle]:
    return frozenset(shingles(words(text)))


def _tells(found: Common, message: Message, member: Person) -> bool:
    """Whether so many words are a letter passed on, and no phrase in common use; few are where the message names their author."""
    if found.longest >= _SURELY or (found.longest >= _RUN and found.total >= _SURELY * 3 // 2):
        return True
    whole = found.total >= _WHOLE or 2 * found.total >= found.of
    return found.longest >= _RUN and whole and mentions("\n".join((message.body.new, message.body.history)), member)


def _substance(text: str) -> str:
    """A letter without the courtesies that stand in every second one."""
    lexicon = packaged("rules.silent_copy")
    courtesies = (s for s in Passage(text, "").sentences() if len(s.split()) <= _COURTESY and lexicon.has("a courtesy", s))
    dropped = frozenset(courtesies)
    return "\n".join(s for s in Passage(text, "").sentences() if s not in dropped)


def _written_before(earlier: Sequence[Circulation], member: Person, roster: Roster) -> frozenset[Shingle]:
    """What others had written before the letter: its author quotes it, as everybody may."""
    others = (c.message for c in earlier if roster.who(c.message.sender) != member)
    return frozenset(shingle for message in others for shingle in shingles(words(everything(message))))


def _had_since(theirs: list[str], earlier: Sequence[Circulation], member: Person, readers: Sequence[Person], roster: Roster) -> frozenset[str]:
    """Who had these words in a message with their author openly on it, and who among the readers used them in a message of their own."""
    found: set[str] = set()
    for circulation in earlier:
        author = roster.who(circulation.message.sender)
        openly = member.address in circulation.visible(roster)
        if (openly or author in readers) and 2 * common(theirs, _shingles(everything(circulation.message))).total >= len(theirs):
            found |= circulation.holders(roster) if openly or not author else {author.address}
    return frozenset(found)


def _with_additions(letter: Message, earlier: Sequence[Circulation], member: Person, roster: Roster) -> str:
    """The letter with what its author wrote after it in the same exchange: "do show it to Ann" may come the next day."""
    later = (c.message for c in earlier if roster.who(c.message.sender) == member and letter.id in (*c.message.references, c.message.in_reply_to))
    return "\n\n".join(message.body.new for message in (letter, *later))
