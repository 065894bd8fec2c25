"""Private people in a text, named or described, and what is told about each: kinds of data only, never the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.entity import Entity, EntityKind, FindEntities
from rules.lexicon import packaged
from rules.message import Address
from rules.passage import Passage
from rules.resident_data.described import described
from rules.resident_data.facts import HOME, IDENTIFIERS, SPECIAL, contact_only, grave, own_family, reach, shows_home, together, told_in, topics
from rules.resident_data.families import families, is_family
from rules.resident_data.mailboxes import businesses, private
from rules.resident_data.published import is_attribution, reported
from rules.resident_data.readers import Letter
from rules.roster import Roster, plain_name
from rules.rule import Context

_TITLED = re.compile(r"^(mr|mrs|ms|miss|mx|master|mr and mrs|mr & mrs)\b", re.IGNORECASE)
_PUBLIC = re.compile(
    r"\b(cllr|councillor|lord|lady|sir|dame|rt hon|minister|mayor|pc|sgt|insp|dr|prof|rev|judge|president|senator|alderman|"
    r"coach)\.?\s*$",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\W*(dear|hi|hello|hiya|morning|afternoon|evening|thanks|thank you|cheers|hey|good morning|good afternoon|regards|best|love|yours)\b[\s,]*$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SPOKEN_TO = re.compile(r"\b(you|your|yours|you're|you've|you'll)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|me|my|mine|we|we're|we've|us|our)\b", re.IGNORECASE)
LEAST_SCORE = 0.5
_SHORTEST_NAME = 3
_BESIDE = 45
_TITLED_WEIGHT, _FULL_WEIGHT, _FAMILY_WEIGHT, _SINGLE_WEIGHT = 1.7, 1.6, 0.9, -0.5
_AGAINST = -2.5


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of. `surname` is for comparison only and never leaves the rule; for somebody described it is the describing word.

    `is_named` is False for somebody known without a name. `title` is Mr, Mrs and so on in lower case.
    `to_reader` says that the sentence speaks to its reader ("you", "your").
    """

    surname: str
    weight: float
    place: str
    is_named: bool = True
    title: str = ""
    to_reader: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A private person in one stretch of text, with the kinds of data that stand beside and their weight.

    `proper` holds what makes it proper about this person here (a business role, published news), with its weight.
    """

    of: Told
    told: Mapping[str, float]
    proper: Mapping[str, float]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(self.told)

    @property
    def fact_weight(self) -> float:
        return together(self.told)

    @property
    def total(self) -> float:
        return self.of.weight + self.fact_weight + sum(self.proper.values())


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage in sentences with the entities of each and the names in them."""

    sentences: tuple[str, ...]
    entities: tuple[tuple[Entity, ...], ...]
    names: tuple[tuple[tuple[str, float, str], ...], ...]


def mentions(passage: Passage, find: FindEntities, roster: Roster, present: frozenset[str]) -> Iterator[Mention]:
    """The private people of a passage with what is told about each, in the sentence and those that go on about them.

    `present` are name words of the people whom the message is from and to: they are spoken to, not about.
    """
    read = _read(passage, find, roster, present)
    named = [bool(names) for names in read.names]
    news = reported(passage.text)
    for place, sentence in enumerate(read.sentences):
        for surname, weight, beside in read.names[place]:
            told = _told(read, reach(read.sentences, place, named) if weight > 1 else range(place, place + 1))
            told = told if shows_home(beside) else {kind: w for kind, w in told.items() if kind != HOME}
            told = contact_only(told) if weight == _FULL_WEIGHT else told
            fuller = _better_known(weight, sentence, told)
            yield Mention(Told(surname, fuller, passage.place, title=_title(beside, surname)), told, _proper(beside, told, news))
        if not named[place]:
            yield from _unnamed(read, place, passage.place, news)


def _title(beside: str, surname: str) -> str:
    found = re.search(rf"\b(mr|mrs|ms|miss)\.?\s+(?:\w+\s+)?{re.escape(surname)}", beside, re.IGNORECASE)
    return found[1].lower() if found else ""


def _better_known(weight: float, sentence: str, told: Mapping[str, float]) -> float:
    """A first name or a family's name says who it is where a home, or a description, stands beside."""
    if weight >= _FAMILY_WEIGHT + 0.1:
        return weight
    beside = max((d.weight for d in described(sentence)), default=0.0)
    placed = 0.8 if HOME in told or EntityKind.ADDRESS.value in told else 0.0
    return max(weight, min(1.6, weight + placed + beside))


def _unnamed(read: _Read, place: int, where: str, news: float) -> Iterator[Mention]:
    """Somebody known by an identifier, by an address with something said of those in it, or by a description."""
    sentence = read.sentences[place]
    kinds = {e.kind for e in read.entities[place]}
    if kinds & IDENTIFIERS or EntityKind.ADDRESS in kinds:
        spoken = _SPOKEN_TO.search(sentence) is not None
        told = _told(read, range(place, place + 1))
        yield Mention(Told("", 1.0 if kinds & IDENTIFIERS else -0.6, where, is_named=False, to_reader=spoken), told, _proper(sentence, told, news))
    for who in described(sentence):
        told = grave(_told(read, _described_in(read, place)))
        if told:
            yield Mention(Told(who.key, who.weight, where, is_named=False), told, _proper(sentence, told, news))


def _described_in(read: _Read, place: int) -> range:
    """Where a description's facts are sought: as for a name, and in the next sentence, whose subject may be what was found out."""
    around = reach(read.sentences, place, [bool(n) for n in read.names])
    further = place + 1 < len(read.sentences) and not read.names[place + 1]
    return range(around.start, max(around.stop, place + 2) if further else around.stop)


def _told(read: _Read, around: range) -> dict[str, float]:
    return told_in(" ".join(read.sentences[i] for i in around), (e for i in around for e in read.entities[i]))


def letter_writer(letter: Letter, context: Context, present: frozenset[str]) -> Mention | None:
    """The private person outside whose own letter is passed on, with what the letter tells; None for anybody else's.

    The address that the letter was sent from tells nothing more about its writer.
    """
    author = letter.author
    if author is None or context.roster.inside(author.email) or context.roster.who(author) or not author.name:
        return None
    words = _WORD.findall(plain_name(author.name))
    if not words or present.issuperset(words) or (author.email and private(author) == 0):
        return None
    if len(words[-1]) < _SHORTEST_NAME:
        return None
    sentences = tuple(letter.passage.sentences())
    of_self = {kind: weight for s in sentences if _FIRST_PERSON.search(s) for kind, weight in topics(s).items()} | own_family(letter.passage.text)
    found = (e for s in sentences for e in context.find_entities(s) if e.score >= LEAST_SCORE and e.kind is not EntityKind.EMAIL)
    told = told_in("", found) | of_self
    return Mention(Told(words[-1], _FULL_WEIGHT, letter.passage.place), told, _proper(author.email, told, reported(letter.passage.text)))


def names_in(text: str, find: FindEntities, roster: Roster, present: frozenset[str]) -> frozenset[str]:
    """The surnames of the private people whom a text names, in lower case, for comparison."""
    read = _read(Passage(text, ""), find, roster, present)
    return frozenset(surname for names in read.names for surname, weight, _ in names)


def _read(passage: Passage, find: FindEntities, roster: Roster, present: frozenset[str]) -> _Read:
    sentences = tuple(passage.sentences())
    found = tuple(tuple(e for e in find(s) if e.score >= LEAST_SCORE) for s in sentences)
    return _Read(sentences, found, tuple(tuple(_names(s, e, roster, present)) for s, e in zip(sentences, found, strict=True)))


def _proper(beside: str, told: Mapping[str, float], news: float) -> dict[str, float]:
    """What makes it proper to tell this of this person here."""
    lexicon = packaged("rules.resident_data")
    business = lexicon.has("business or public role", beside) or businesses(_EMAIL.findall(beside.lower()))
    found = {"business or public role": _AGAINST} if business and not told.keys() & SPECIAL else {}
    return found | ({"published report": news} if news else {})


def _names(sentence: str, entities: Sequence[Entity], roster: Roster, present: frozenset[str]) -> Iterator[tuple[str, float, str]]:
    marked = []
    for entity in entities:
        shown = sentence[entity.start : entity.end]
        before = sentence[max(0, entity.start - 24) : entity.start]
        words = _WORD.findall(plain_name(shown).replace("’", "'"))
        if entity.kind is not EntityKind.PERSON or not words or len(words[-1]) == 1 or _PUBLIC.search(before) or _GREETING.match(before):
            continue
        if _is_known(words, shown, roster, present) or is_attribution(sentence, entity.start):
            continue
        marked.append(range(entity.start, entity.end))
        weight = _TITLED_WEIGHT if _TITLED.match(shown) else _FULL_WEIGHT if len(words) > 1 else _SINGLE_WEIGHT
        if weight == _SINGLE_WEIGHT and is_family(sentence, entity.start, entity.end):
            weight = _FAMILY_WEIGHT
        yield words[-1].removesuffix("'s"), weight, _around(sentence, entity.start, entity.end)
    for start, end, name in families(sentence):
        if not any(start in span for span in marked) and not _is_known([name], name, roster, present):
            yield name.removesuffix("s").removesuffix("se"), _FAMILY_WEIGHT - 0.2, _around(sentence, start, end)


def _around(sentence: str, start: int, end: int) -> str:
    return sentence[max(0, start - _BESIDE) : end + _BESIDE]


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
