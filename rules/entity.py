"""Personal data as a finder of entities reports it: what kind stands where, never what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class EntityKind(StrEnum):
    """The kinds of personal data that text alone can show. The value is how a digest names one."""

    PERSON = "name"
    EMAIL = "e-mail address"
    PHONE = "phone number"
    ADDRESS = "street address"
    POSTCODE = "postcode"
    DATE_OF_BIRTH = "date of birth"
    NHS_NUMBER = "NHS number"
    NI_NUMBER = "National Insurance number"
    BANK_ACCOUNT = "bank account"
    COUNCIL_TAX = "council tax account"
    HOUSING = "rent or tenancy reference"
    BENEFIT = "benefit reference"
    BLUE_BADGE = "Blue Badge number"
    PROPERTY = "property reference (UPRN)"
    CRIME = "crime reference"
    PUPIL = "pupil number"
    DRIVING_LICENCE = "driving licence number"
    PASSPORT = "passport number"
    VEHICLE = "vehicle registration"
    CASE = "case reference"


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of text, `start` to `end` in characters, that holds personal data; `score` is the finder's own, 0 to 1."""

    kind: EntityKind
    start: int
    end: int
    score: float = 1.0


FindEntities = Callable[[str], tuple[Entity, ...]]
