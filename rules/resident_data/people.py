"""Private people in a text, and what is told about each: kinds of data only, never the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.entity import Entity, EntityKind, FindEntities
from rules.lexicon import packaged
from rules.message import Address
from rules.passage import Passage
from rules.resident_data.mailboxes import businesses, private
from rules.resident_data.readers import Letter
from rules.roster import Roster, plain_name
from rules.rule import Context

_IDENTIFIERS = frozenset(
    {
        EntityKind.NHS_NUMBER,
        EntityKind.NI_NUMBER,
        EntityKind.BANK_ACCOUNT,
        EntityKind.COUNCIL_TAX,
        EntityKind.HOUSING,
        EntityKind.BENEFIT,
        EntityKind.BLUE_BADGE,
        EntityKind.PUPIL,
        EntityKind.DRIVING_LICENCE,
        EntityKind.PASSPORT,
    }
)
_WEIGHTS = {
    EntityKind.DATE_OF_BIRTH: 2.5,
    EntityKind.ADDRESS: 1.6,
    EntityKind.POSTCODE: 0.8,
    EntityKind.PHONE: 1.0,
    EntityKind.EMAIL: 0.8,
    EntityKind.CRIME: 1.2,
    EntityKind.PROPERTY: 1.0,
    EntityKind.VEHICLE: 0.8,
    EntityKind.CASE: 0.5,
}
_NOT_TOPICS = frozenset({"consent", "answers whoever brought the case", "training or invented", "business or public role", "figure of history"})
SPECIAL = frozenset({"health", "safeguarding and social care", "immigration", "crime or allegation", "race, religion or sexuality"})
_TITLED = re.compile(r"^(mr|mrs|ms|miss|mx|master|mr and mrs|mr & mrs)\b", re.IGNORECASE)
_PUBLIC = re.compile(r"\b(cllr|councillor|lord|lady|sir|dame|rt hon|minister|mayor|pc|sgt|insp|dr|prof|rev|judge)\.?\s*$", re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(dear|hi|hello|hiya|morning|afternoon|evening|thanks|thank you|cheers|hey|good morning|good afternoon|regards|best|love|yours)\b[\s,]*$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SPOKEN_TO = re.compile(r"\b(you|your|yours|you're|you've|you'll)\b", re.IGNORECASE)
_LEAST_SCORE = 0.5
_BESIDE = 45


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of. `surname` is for comparison only and never leaves the rule; empty, the person is not named.

    `to_reader` says that the sentence speaks to its reader ("you", "your").
    """

    surname: str
    weight: float
    place: str
    to_reader: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A private person in one stretch of text, with the kinds of data that stand beside."""

    of: Told
    facts: frozenset[str]
    fact_weight: float
    business: bool

    @property
    def total(self) -> float:
        return self.of.weight + self.fact_weight - (2.5 if self.business and not self.facts & SPECIAL else 0.0)


def mentions(passage: Passage, find: FindEntities, roster: Roster, present: frozenset[str]) -> Iterator[Mention]:
    """The private people of a passage with what is told about each, sentence by sentence with its neighbours.

    `present` are name words of the people whom the message is from and to: they are spoken to, not about.
    """
    sentences = list(passage.sentences())
    found = [tuple(e for e in find(s) if e.score >= _LEAST_SCORE) for s in sentences]
    for place, sentence in enumerate(sentences):
        around = range(max(0, place - 1), min(len(sentences), place + 3))
        nearby = " ".join(sentences[i] for i in around)
        names = list(_names(sentence, found[place], roster, present))
        kinds = frozenset(e.kind for i in around for e in found[i] if e.kind is not EntityKind.PERSON)
        own = frozenset(e.kind for e in found[place] if e.kind is not EntityKind.PERSON)
        for surname, weight, beside in names:
            yield _mention(Told(surname, weight, passage.place), kinds, nearby if weight > 1 else sentence, beside)
        if not names and own & _IDENTIFIERS:
            yield _mention(Told("", 1.0, passage.place, to_reader=_SPOKEN_TO.search(sentence) is not None), own, sentence, sentence)
        elif not names and EntityKind.ADDRESS in own:
            yield _mention(Told("", -0.6, passage.place, to_reader=_SPOKEN_TO.search(sentence) is not None), own, sentence, sentence)


def letter_writer(letter: Letter, context: Context, present: frozenset[str]) -> Mention | None:
    """The private person outside whose own letter is passed on, with what the letter tells; None for anybody else's."""
    author = letter.author
    if author is None or context.roster.inside(author.email) or context.roster.who(author) or not author.name:
        return None
    words = _WORD.findall(plain_name(author.name))
    if not words or present.issuperset(words) or (author.email and private(author) == 0):
        return None
    kinds = frozenset(e.kind for e in context.find_entities(letter.passage.text) if e.kind is not EntityKind.PERSON and e.score >= _LEAST_SCORE)
    return _mention(Told(words[-1], 1.6, letter.passage.place), kinds, letter.passage.text, author.email)


def _mention(told_of: Told, kinds: frozenset[EntityKind], text: str, beside: str) -> Mention:
    topics = {act.name: act.weight for act in packaged("rules.resident_data").find(text) if act.name not in _NOT_TOPICS}
    told = {kind.value: 2.5 if kind in _IDENTIFIERS else _WEIGHTS.get(kind, 0.5) for kind in kinds} | topics
    business = packaged("rules.resident_data").has("business or public role", beside) or businesses(_EMAIL.findall(beside.lower()))
    heaviest = sorted(told.values(), reverse=True)[:3]
    return Mention(told_of, frozenset(told), sum(w / (1 + i) for i, w in enumerate(heaviest)), business)


def _names(sentence: str, entities: Iterable[Entity], roster: Roster, present: frozenset[str]) -> Iterator[tuple[str, float, str]]:
    for entity in entities:
        if entity.kind is not EntityKind.PERSON:
            continue
        shown = sentence[entity.start : entity.end]
        before = sentence[max(0, entity.start - 24) : entity.start]
        words = _WORD.findall(plain_name(shown).replace("’", "'"))
        if not words or len(words[-1]) == 1 or _PUBLIC.search(before) or _GREETING.match(before) or _is_known(words, shown, roster, present):
            continue
        titled = _TITLED.match(shown) is not None
        beside = sentence[max(0, entity.start - _BESIDE) : entity.end + _BESIDE]
        yield words[-1].removesuffix("'s"), 1.6 if titled or len(words) > 1 else -0.5, beside


def _is_known(words: list[str], shown: str, roster: Roster, present: frozenset[str]) -> bool:
    """Whether a name is a councillor's, an officer's, or that of somebody on the message."""
    if roster.named(shown) or present.issuperset(w.removesuffix("'s") for w in words):
        return True
    last = words[-1].removesuffix("'s")
    single = len(words) == 1
    return any((last == parts[-1] and (single or parts[0] == words[0])) or (single and last == parts[0]) for parts in _roster_names(roster))


def _roster_names(roster: Roster) -> list[list[str]]:
    return [words for p in roster.people if (words := plain_name(p.name).split())]


def name_words(addresses: Iterable[Address]) -> frozenset[str]:
    """The words of people's names and of the local parts of their addresses, in lower case."""
    text = " ".join(f"{plain_name(a.name)} {re.sub(r'[._+-]', ' ', a.email.partition('@')[0])}" for a in addresses)
    return frozenset(_WORD.findall(text.lower()))
