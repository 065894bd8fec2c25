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
from rules.resident_data.facts import (
    CONTACTS,
    HOME,
    IDENTIFIERS,
    PERSONAL,
    SPECIAL,
    contact_only,
    grave,
    reach,
    shows_home,
    together,
    told_in,
)
from rules.resident_data.families import families, is_family
from rules.resident_data.mailboxes import businesses
from rules.resident_data.mistaken import is_mistaken
from rules.resident_data.offices import holds_office
from rules.resident_data.published import is_attribution, reported
from rules.resident_data.readers import Letter
from rules.roster import Roster, plain_name

_TITLED = re.compile(r"^(mr|mrs|ms|miss|mx|master|mr and mrs|mr & mrs)\b", re.IGNORECASE)
_PAUSE = re.compile(r"\W*$|\s*[,.!:;–—-]|\s+(?:and|&)\s")
_GREETING = re.compile(
    r"^\W*(dear|hi|hello|hiya|morning|afternoon|evening|thanks|thank you|cheers|hey|good morning|good afternoon|regards|best|love|yours)\b[\s,]*$",
    re.IGNORECASE,
)
_SALUTATION = re.compile(r"^\W*(?:\w+ ){1,3}(?:mr|mrs|ms|miss|mx|dr|prof|rev|cllr|councillor)\.? [\w'’-]+(?: [\w'’-]+)?\s*,", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SPOKEN_TO = re.compile(r"\b(you|your|yours|you're|you've|you'll)\b", re.IGNORECASE)
LEAST_SCORE, _BESIDE = 0.5, 45
SUBJECT = "subject"
"""Where somebody is told of whom the subject names."""
_TITLED_WEIGHT, FULL_WEIGHT, _FAMILY_WEIGHT, _SINGLE_WEIGHT = 1.7, 1.6, 0.9, -0.5
_AGAINST, _LESS_AGAINST = -2.5, -0.8


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of. `surname` is for comparison only and never leaves the rule; for somebody described it is the describing word.

    `is_named` is False for somebody known without a name. `title` is Mr, Mrs and so on in lower case.
    `to_reader` says that the sentence speaks to its reader ("you", "your"), or that the text does and tells of nobody else.
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
    """A passage in sentences with the entities of each, the names in them, and whether each speaks to or of somebody on the message."""

    sentences: tuple[str, ...]
    entities: tuple[tuple[Entity, ...], ...]
    names: tuple[tuple[tuple[str, float, str], ...], ...]
    spoken: tuple[bool, ...]


def mentions(letter: Letter, find: FindEntities, roster: Roster, present: frozenset[str]) -> Iterator[Mention]:
    """The private people of a letter with what is told about each, in the sentence and those that go on about them.

    `present` are name words of the people whom the message is from and to: they are spoken to, not about.
    """
    passage = letter.passage
    read = _read(passage, find, roster, present, letter.subject)
    named = [bool(names) for names in read.names]
    news = reported(passage.text)
    for place, sentence in enumerate(read.sentences):
        for surname, weight, beside in read.names[place]:
            around = reach(read.sentences, place, named, below_subject=bool(letter.subject)) if weight > _SINGLE_WEIGHT else range(place, place + 1)
            told = _told(read, around)
            told = told if shows_home(beside) else {kind: w for kind, w in told.items() if kind != HOME}
            told = contact_only(told) if weight == FULL_WEIGHT else told
            fuller = _better_known(weight, sentence, told)
            who = Told(surname, fuller, SUBJECT if letter.subject and place == 0 else passage.place, title=_title(beside, surname))
            yield Mention(who, told, proper_role(beside, sentence, told, news))
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
        told = _told(read, range(place, place + 1))
        others = any(read.names) or any(True for each in read.sentences for _ in described(each))
        to_reader = read.spoken[place] or (any(read.spoken) and not others)
        who = Told("", 1.0 if kinds & IDENTIFIERS else -0.6, where, is_named=False, to_reader=to_reader)
        yield Mention(who, told, proper_role("" if kinds & PERSONAL else sentence, sentence, told, news))
    for shown in described(sentence):
        told = grave(_told(read, _described_in(read, place)))
        if told:
            yield Mention(Told(shown.key, shown.weight, where, is_named=False), told, proper_role(sentence, sentence, told, news))


def _described_in(read: _Read, place: int) -> range:
    """Where a description's facts are sought: as for a name, and in the next sentence, whose subject may be what was found out."""
    around = reach(read.sentences, place, [bool(n) for n in read.names])
    further = place + 1 < len(read.sentences) and not read.names[place + 1]
    return range(around.start, max(around.stop, place + 2) if further else around.stop)


def _told(read: _Read, around: range) -> dict[str, float]:
    return told_in(" ".join(read.sentences[i] for i in around), (e for i in around for e in read.entities[i]))


def names_in(text: str, find: FindEntities, roster: Roster, present: frozenset[str]) -> frozenset[str]:
    """The surnames of the private people whom a text names, in lower case, for comparison."""
    read = _read(Passage(text, ""), find, roster, present)
    return frozenset(surname for names in read.names for surname, weight, _ in names)


def _read(passage: Passage, find: FindEntities, roster: Roster, present: frozenset[str], subject: str = "") -> _Read:
    """A passage read; a subject counts as the sentence before its first."""
    sentences = (*((subject,) if subject else ()), *passage.sentences())
    found = tuple(tuple(e for e in find(s) if e.score >= LEAST_SCORE) for s in sentences)
    names = tuple(tuple(_names(s, e, roster, present)) for s, e in zip(sentences, found, strict=True))
    spoken = [_is_of_somebody_here(s, e, present) for s, e in zip(sentences, found, strict=True)]
    if subject:
        spoken[0] = any(spoken)
    return _Read(sentences, found, names, tuple(spoken))


def _is_of_somebody_here(sentence: str, entities: Sequence[Entity], present: frozenset[str]) -> bool:
    """Whether a sentence says "you", or names somebody on the message in full; a first name alone may be no more than a call."""
    shown = (WORD.findall(plain_name(sentence[e.start : e.end])) for e in entities if e.kind is EntityKind.PERSON)
    return _SPOKEN_TO.search(sentence) is not None or any(len(words) > 1 and present.issuperset(words) for words in shown)


def proper_role(beside: str, sentence: str, told: Mapping[str, float], news: float) -> dict[str, float]:
    """What makes it proper to tell this of this person here: a business or an office beside the name, or a firm's card in the sentence."""
    lexicon = packaged("rules.resident_data")
    business = lexicon.has("business or public role", beside) or businesses(_EMAIL.findall(beside.lower()))
    card = told.keys() <= CONTACTS and lexicon.has("firm's card", sentence)
    role = {"business or public role": _LESS_AGAINST if told.keys() & SPECIAL else _AGAINST} if business or card else {}
    return role | ({"published report": news} if news else {})


def _names(sentence: str, entities: Sequence[Entity], roster: Roster, present: frozenset[str]) -> Iterator[tuple[str, float, str]]:
    marked = []
    saluted = match.end() if (match := _SALUTATION.match(sentence)) else 0
    for entity in entities:
        shown = sentence[entity.start : entity.end]
        before = sentence[max(0, entity.start - 24) : entity.start]
        words = WORD.findall(plain_name(shown).replace("’", "'"))
        if entity.kind is not EntityKind.PERSON or not words or len(words[-1]) == 1 or _is_greeted(before, sentence[entity.end :]):
            continue
        if not _TITLED.match(shown) and (entity.end < saluted or is_mistaken(words, before, sentence[entity.end :], shown)):
            continue
        if holds_office(sentence, entity.start, entity.end) or _is_known(words, shown, roster, present) or is_attribution(sentence, entity.start):
            continue
        marked.append(range(entity.start, entity.end))
        weight = _TITLED_WEIGHT if _TITLED.match(shown) else FULL_WEIGHT if len(words) > 1 else _SINGLE_WEIGHT
        if weight == _SINGLE_WEIGHT and is_family(sentence, entity.start, entity.end):
            weight = _FAMILY_WEIGHT
        yield words[-1].removesuffix("'s"), weight, _around(sentence, entity.start, entity.end)
    for start, end, name in families(sentence):
        if not any(start in span for span in marked) and not _is_known([name], name, roster, present):
            yield name.removesuffix("s").removesuffix("se"), _FAMILY_WEIGHT - 0.2, _around(sentence, start, end)


def _is_greeted(before: str, after: str) -> bool:
    """Whether a name is that of whom a sentence greets; after a comma ("Hello, Mr Locke has") only where nothing is said of it."""
    return bool(_GREETING.match(before)) and ("," not in before or bool(_PAUSE.match(after)))


def _around(sentence: str, start: int, end: int) -> str:
    return sentence[max(0, start - _BESIDE) : end + _BESIDE]


def _is_known(words: list[str], shown: str, roster: Roster, present: frozenset[str]) -> bool:
    """Whether a name is a councillor's, an officer's, or that of somebody on the message, with initials perhaps ("P. M. Ash")."""
    whole = [w.removesuffix("'s") for w in words if len(w) > 1]
    if roster.named(shown) or (present.issuperset(whole) and any(p.startswith(words[0].removesuffix("'s")) for p in present)):
        return True
    last = words[-1].removesuffix("'s")
    single = len(words) == 1
    return any((last == parts[-1] and (single or parts[0] == words[0])) or (single and last == parts[0]) for parts in _roster_names(roster))


def _roster_names(roster: Roster) -> list[list[str]]:
    return [words for p in roster.people if (words := plain_name(p.name).split())]


def name_words(addresses: Iterable[Address]) -> frozenset[str]:
    """The words of people's names and of the local parts of their addresses, in lower case."""
    text = " ".join(f"{plain_name(a.name)} {re.sub(r'[._+-]', ' ', a.email.partition('@')[0])}" for a in addresses)
    return frozenset(WORD.findall(text.lower()))
