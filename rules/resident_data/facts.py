"""What is told about a person: kinds of data only, never the data, and how far along the sentences it reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rules.entity import Entity, EntityKind
from rules.lexicon import packaged

IDENTIFIERS = frozenset(
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
PERSONAL = IDENTIFIERS - {EntityKind.BANK_ACCOUNT, EntityKind.COUNCIL_TAX}
"""What no firm has: a private person's, whatever firm or office stands beside it."""
_WEIGHTS = {
    EntityKind.DATE_OF_BIRTH: 2.5,
    EntityKind.ADDRESS: 1.6,
    EntityKind.POSTCODE: 0.8,
    EntityKind.PHONE: 1.0,
    EntityKind.EMAIL: 0.3,
    EntityKind.CRIME: 1.2,
    EntityKind.PROPERTY: 1.0,
    EntityKind.VEHICLE: 0.8,
    EntityKind.CASE: 0.5,
}
_HOME_WEIGHT = 0.9
OWN_FAMILY = "own family"
HOME = "home"
CONTACTS = frozenset({"phone number", "e-mail address", "street address", "postcode"})
LOCAL = frozenset({HOME, "phone number", "street address", "told in confidence"})
_NOT_TOPICS = frozenset(
    {
        "council matter",
        "reports what was done in a case",
        "firm's card",
        "consent",
        "answers whoever brought the case",
        "training or invented",
        "business or public role",
        "figure of history",
        "public already",
        OWN_FAMILY,
    }
)
SPECIAL = frozenset({"health", "safeguarding and social care", "immigration", "crime or allegation", "race, religion or sexuality"})
GRAVE = SPECIAL | {"money and debt", "benefits and council tax", "told in confidence"}
_LESS = frozenset({"housing", "school", "complaint or dispute"})
_HOUSE = re.compile(
    r"\b(?:at|in|number|no\.?|flat|apartment|plot|room)\s+\(?(?:number\s|no\.?\s?|flat\s)?\d{1,3}[a-z]?\b"
    r"(?!\s?(?:am|pm|%|per|years?|months?|weeks?|days?|hours?|minutes?|mins|o'clock|mph|metres|m\b|[:.]\d|st\b|nd\b|rd\b|"
    r"th\b|january|february|march|april|"
    r"may|june|july|august|september|october|november|december|[-–/]\s?\d))",
    re.IGNORECASE,
)
_SURNAMES = re.compile(
    r"\b((?!The|A|An|His|Her|My|Our|Their|Your|In|And|But|New|For|To|Of|No|By|On|At|If|As|Is|Was)[A-Z][\w'’-]+\.?)\s"
    r"()(?:Foster|Burns|Child|Childs|Gay|Blind|Payne|Bond|Fines?|Weeks|Savage|Coward|Crook|Batty|Mould|Damp|Rent|Abbott|Priest|Bishop|Deacon|Gaols?)\b"
)
_SEAT = re.compile(r"\b(?:committee|meeting|interview|conference|training|council|board)\s+room\b|\broom\s+\d", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\b(?:he|she|they|him|her|his|hers|their|them|both|he's|she's|they're|they've|he'd|she'd)\b|"
    r"^\W*(?:and |but |the |poor )?(?:mum|mam|mother|dad|father|husband|wife|missus|partner|son|daughter|lad|lass|girl|boy|baby|bairn|child|"
    r"children|kids|twins|youngest|eldest|oldest|gran|nan|grandad|sister|brother|family|parents?)(?:['’]s)?\b",
    re.IGNORECASE,
)
_LEADS_IN = re.compile(r"\b(?:he|she|they|lady|woman|man|chap|bloke|gentleman|lad|girl|boy|couple|family|tenant|resident|who)\b", re.IGNORECASE)
SOMEBODY_ELSE = re.compile(
    r"\b(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|\d+|some|several|another|no|any|other)\s(?:[\w-]+\s){0,2}?"
    r"(?:man|men|woman|women|person|people|child|children|boys?|girls?|famil(?:y|ies)|residents?|tenants?|adults?|households?|patients?|pensioners?|"
    r"couples?|teenagers?|youths?|victims?|drivers?|pedestrians?|cyclists?|writers?|objectors?|callers?|complainants?|applicants?|claimants?)\b|"
    r"\b(?:someone|somebody|nobody|anyone|anybody)\b",
    re.IGNORECASE,
)
_IDENTIFIES = re.compile(r"^\W*(?:(?i:it|that|this|he|she|they|his|her|their|name|namely|i mean|mrs?|ms|miss|the)\b|[A-Z][\w'’-]+ [A-Z][\w'’-]+\b)")
_SHORT = 7
_FURTHEST = 2
_BARE = 4


def reach(sentences: Sequence[str], place: int, named: Sequence[bool], *, below_subject: bool = False) -> range:
    """The sentences that speak of whoever the sentence at `place` names: on while a pronoun or a short one follows, back to one that leads in.

    `named` says which sentences name somebody themselves; those speak of another. A subject (`below_subject`: it is the first) speaks of whomever
    the sentence after it does.
    """
    last = place
    if below_subject and place == 0 and len(named) > 1 and not named[1]:
        last = 1
    while last + 1 < len(sentences) and last - place < _FURTHEST and not named[last + 1] and _follows(sentences[last + 1]):
        last += 1
    led = place > 0 and not named[place - 1] and not _is_apart(sentences, place)
    led = led and (_is_short(sentences[place - 1]) or _points_back(sentences, place))
    return range(place - 1 if led else place, last + 1)


def _points_back(sentences: Sequence[str], place: int) -> bool:
    """Whether the sentence before speaks of somebody whom this one then names, or this one is no more than a name: "Your old headmaster!"."""
    return _LEADS_IN.search(sentences[place - 1]) is not None or len(sentences[place].split()) <= _BARE


def _is_apart(sentences: Sequence[str], place: int) -> bool:
    """Whether the sentence before tells of some nameless one, and this one does not say who that is."""
    return SOMEBODY_ELSE.search(sentences[place - 1]) is not None and _IDENTIFIES.match(sentences[place]) is None


def _follows(sentence: str) -> bool:
    return _is_short(sentence) or _GOES_ON.search(sentence) is not None


def speaks_of_somebody(sentence: str) -> bool:
    """Whether a sentence goes on about somebody named before: by a pronoun, or with its subject left out."""
    return _follows(sentence)


def _is_short(sentence: str) -> bool:
    return len(sentence.split()) <= _SHORT


def told_in(text: str, entities: Iterable[Entity]) -> dict[str, float]:
    """The kinds of data in a text with their weights in log-odds; a home known by its number alone is one."""
    kinds = {e.kind for e in entities if e.kind is not EntityKind.PERSON}
    told = {kind.value: 2.5 if kind in IDENTIFIERS else _WEIGHTS.get(kind, 0.5) for kind in kinds} | topics(text)
    if EntityKind.ADDRESS not in kinds and shows_home(text):
        told[HOME] = _HOME_WEIGHT
    return told


def shows_home(text: str) -> bool:
    """Whether a text gives a home by its number alone: "at 22", "Flat 5", "Room 8"; not a committee's room or an hour."""
    return _HOUSE.search(text) is not None and not _SEAT.search(text)


def topics(text: str) -> dict[str, float]:
    """The topics that a text touches, by the lexicon; a surname that is also one of its words touches none ("Mr Foster")."""
    said = _SURNAMES.sub(r"\1 \2", text)
    return {act.name: act.weight for act in packaged("rules.resident_data").find(said) if act.name not in _NOT_TOPICS}


def contact_only(told: dict[str, float]) -> dict[str, float]:
    """A number or an address of mail alone, beside a name without Mr or Mrs, is how those who are met through their work are given."""
    contacts = {EntityKind.PHONE.value, EntityKind.EMAIL.value}
    return {kind: weight / 3 for kind, weight in told.items()} if told.keys() <= contacts else told


def own_family(text: str) -> dict[str, float]:
    """A letter writer's own family, by the lexicon."""
    lexicon = packaged("rules.resident_data")
    return {"family and relationships": lexicon.acts[OWN_FAMILY].weight} if lexicon.has(OWN_FAMILY, text) else {}


def grave(told: Mapping[str, float]) -> dict[str, float]:
    """What counts against somebody who is not named: grave matters in full, a household's others by half, and nothing else."""
    return {kind: weight if kind in GRAVE else weight / 2 for kind, weight in told.items() if kind in GRAVE | _LESS}


def together(told: Mapping[str, float]) -> float:
    """The weight of several kinds: each further one adds less."""
    return sum(weight / (1 + place) for place, weight in enumerate(sorted(told.values(), reverse=True)[:3]))
