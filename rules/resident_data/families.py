"""Families named by their surname: "the Begums", "the Ogunbanjo family", "a family called Laity"."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HOUSEHOLD = re.compile(r"\s+(?:family|household|boys?|girls?|children|kids|brothers|sisters|twins|lads?)\b")
_FAMILY = re.compile(r"\b[Tt]he\s(?P<name>(?:O['’]|Mc|Mac)?[A-Z][a-zà-ž]{2,}?(?:ses|s))(?:['’])?(?=[\s,.;:)–-]|$)(?!\s+(?:[A-Z]|of\b))")
_NO_FAMILY = re.compile(
    r"(?:ians|icans|ists|ions|ings|ness|ents|ants|ees|ities)$|^(?:conservatives|liberals|democrats|committees|wards|parishes|boroughs|counties|districts|panels|groups|teams|chairs|whips|clerks|deputies|"
    r"mayors|ministers|shops|flats|markets|roads|streets|elections|polls|budgets|estates|lanes|halls|fields|bridges|heads|docks|quays|finances|"
    r"members|officers|councillors|tories|greens|independents|traders|neighbours|leaders|"
    r"directors|romans|germans|europeans|services|works|parks|gardens|stables|towers|schools|houses|woods|rivers|lakes|"
    r"friends|scouts|guides|boys|girls|"
    r"lads|libraries|minutes|terms|standards|rules|regulations|times|news|games|olympics|villas|courts|limes|oaks|beeches|"
    r"elms|poplars|cedars|brothers|"
    r"sisters|judges|managers|partners|press|business|congress|yanks|dutch|welsh|irish|brits|scots|poles|greeks|turks|"
    r"states|nations|midlands|highlands|"
    r"downs|fens|rovers|wanderers|united|arms|bins|police|universities|colleges|mews|bus|census|campus|circus|process|express)$",
    re.IGNORECASE,
)

_TOGETHER = re.compile(
    r"\b[Tt]he (?P<name>[A-Z][a-zà-ž]{2,}) (?:family|household|children|kids|twins)\b|"
    r"\b(?:family|household) (?:called|named) (?P<called>[A-Z][a-zà-ž]{2,})"
)
_OF_MANY = re.compile(
    r"(?:ish|ian|ese|ean|ican|ani)$|^(?:royal|holy|council|church|county|city|village|forces|foster|young|local|other|whole|entire|afghan)$",
    re.IGNORECASE,
)
_LOCATIVE = re.compile(r"\b(?:at|in|on|through|across|around|along|round|near|off|up|down|over|via)\s+$", re.IGNORECASE)


def families(sentence: str) -> Iterator[tuple[int, int, str]]:
    """Where a family's name stands and, in lower case, what it is; offices, peoples, places and teams that are plural too are left out."""
    for match in _FAMILY.finditer(sentence):
        if not _NO_FAMILY.search(match["name"]) and not _LOCATIVE.search(sentence, 0, match.start()):
            yield match.start("name"), match.end("name"), match["name"].lower()
    for match in _TOGETHER.finditer(sentence):
        group = "name" if match["name"] else "called"
        if not _OF_MANY.search(match[group]):
            yield match.start(group), match.end(group), match[group].lower()


def is_family(sentence: str, start: int, end: int) -> bool:
    """Whether a single name is a family's."""
    return any(place == start for place, _, _ in families(sentence)) or _HOUSEHOLD.match(sentence, end) is not None
