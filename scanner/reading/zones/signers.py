"""Who signs: the shape of a name, of the lines that stand under one, and of those that do not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scanner.reading.zones.phrases import phrases

_LETTERS = re.compile(r"(?:,?\s(?:(?=[a-z]*[A-Z][a-z]*[A-Z])[A-Za-z]{2,8}+|\([A-Z][a-z]{2,4}\)))++$")
_PRIVATE = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Mx)\b")
_WORD = r"(?:[A-Z]\.|(?:St|Dr|Jr)\.|[A-Z](?:[^\W\d_]|['\u2019-])*)"
_BARE = re.compile(
    rf"^(?:--|\u2013|\u2014|~|-)?\s?(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Rev|Sir|Dame|Mx)\.?\s+)?{_WORD}"
    rf"(?:(?:\s(?:{_WORD}|&|and|of|de|la|van|der|al|ap|y|yr|the))*\s{_WORD})?(?:\s\([^()]{{1,30}}\))?(?:,|\s?x{{1,3}})?$"
)
_FORMULA = re.compile(r"^[A-Z][^.?!:;\d@()|]{3,55},?$")
_OF_PEOPLE = re.compile(
    r"\b(?:I|you|we|me|us|it|he|she|they|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|is|are|was|were|will|can)\b", re.IGNORECASE
)
_SERVED = re.compile(r"\b(?:Tenancy(?! No)|NHS)\b|\b(?:Residents?|Tenants?)['\u2019]? (?:Services?|Association|Team|Forum|Panel|Liaison|Group)\b")
_REFERENCE = re.compile(r"^(?:\w+ ){0,3}(?:ref(?:erence)?|number|no|id)\.?(?: \w+)?\s?[:#]?\s?\S*\d\S*$", re.IGNORECASE)
_RANK = re.compile(r"^(?:PC|PCSO|DC|DS|PS|WPC|Sgt|Insp)\.? (?:\d{2,5} )?(?=[A-Z])")
_FIRM = re.compile(r"\b(?:Ltd|Limited|LLP|PLC|plc|CIC|& (?:Sons?|Daughters?|Co|Partners))\.?$")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_PROPER = re.compile(
    r"^(?:[^\sa-z]\S*|of|the|and|in|on|by|at|for|y|yr|upon|under|de|le|la)(?:\s+(?:[^\sa-z]\S*|of|the|and|in|on|by|at|for|y|yr|upon|under|de|le|la))*$"
)
SENTENCE = re.compile(r"[a-z]{2,}[,;]?\s+\S+\s+\S+.*[.!?]\s*$")
_ENDED = re.compile(r"(?:[.!?\u2026)\"'\u2019\u201d;]|[\U0001F300-\U0001FAFF\u2600-\u27BF]\ufe0f?|\bx{1,3})\s*$")
UNFINISHED = re.compile(
    r"(?:[:,;&-]|\b(?:an?|at|is|are|was|to|for|of|and|or|with|the|by|from|in|on|via|ring|call|contact|ask|tell|see|than|named|called))\s*$",
    re.IGNORECASE,
)
SALUTATION = re.compile(
    r"^\W{0,2}(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|morning|afternoon|annwyl|helo|bore da|p'nawn da|all|both|team)\b.{0,40}$",
    re.IGNORECASE,
)
MOST_LINES = 20
LONGEST_LINE = 100
_LONGEST_NAME = 45


def tells_of_a_case(text: str) -> bool:
    """Whether a line is about somebody's case; a tenancy officer's post and a team's name are not."""
    if not phrases("case_details").search(text) or phrases("posts").search(text):
        return False
    return not (_SERVED.search(text) and _PROPER.match(text) and not any(map(str.isdigit, text)))


def is_official(below: Sequence[str]) -> bool:
    """Whether the lines under a name are a post, a service or a team, or such things as stand under no letter."""
    first = below[:2]
    known = any(phrases("posts").search(row) or phrases("organisations").search(row) for row in first)
    return known or (len(below) == 1 and is_name(below[0])) or all(phrases("trimmings").search(row) for row in below)


def is_name(text: str) -> bool:
    """Whether a line has the shape of a name, of a person or a team: a few words with capitals, no digits, no everyday word."""
    text = " ".join(_RANK.sub("", text[: 2 * LONGEST_LINE].strip(" *_").removeprefix("pp ")).split())
    return len(text) <= _LONGEST_NAME and bool(_BARE.match(text)) and not phrases("no_names").match(text)


def is_closing(text: str) -> bool:
    """Whether a line is closing words or a name."""
    return bool(phrases("closing_words").match(text.strip()[:120])) or is_name(text)


def is_formula(text: str, name: str) -> bool:
    """Whether a line has the shape of closing words of the writer's own, above a name: short, no sentence, and about nobody's post or whereabouts."""
    shaped = bool(_FORMULA.match(text)) and 1 < len(text.split()) < 8 and any(word.islower() for word in text.split())
    if not shaped or (_OF_PEOPLE.search(text) and not text.endswith(",")) or UNFINISHED.search(text.rstrip(",")):
        return False
    return not any(phrases(kind).search(text) for kind in ("posts", "organisations", "case_details", "reaching", "places")) and is_signed(name)


def asks_to_reach(above: str) -> bool:
    """Whether the last sentence asks for something to be sent or somebody to be rung, so that the name and place below it are news."""
    last = _SENTENCES.split(above[-2 * LONGEST_LINE :].rstrip())[-1]
    return not last.endswith("?") and bool(phrases("reaching").search(last))


def is_signed(name: str) -> bool:
    """Whether a line is a name, of a person or a firm, and not that of a street or a hall; letters after it aside."""
    if len(name) > LONGEST_LINE or phrases("closing_words").match(name):
        return False
    return bool(_FIRM.search(name) and _PROPER.match(name)) or (is_name(_LETTERS.sub("", name)) and not phrases("places").search(name))


def is_personal(name: str, below: Sequence[str]) -> bool:
    """Whether the lines under a name are what its bearer puts there: an address, telephone numbers, a firm of that name."""
    own = {word.lower() for word in re.findall(r"[^\W\d_]{4,}", name)}
    shared = own & {word.lower() for row in below for word in re.findall(r"[^\W\d_]{4,}", row)}
    kinds = ("places", "contacts", "trimmings", "posts", "organisations")
    if not is_signed(name):
        return False
    proper = all(_PROPER.match(row) or any(phrases(kind).search(row) for kind in kinds[1:3]) for row in below)
    known = shared or "/" in name or phrases("organisations").search(name) or any(phrases(kind).search(row) for kind in kinds for row in below)
    return proper and bool(known)


def finished(above: str, apart: bool, *, full: bool, personal: bool = False) -> bool:
    """Whether what stands above a name is finished, so that the name signs it. A full name needs a full stop, one with an address a sentence."""
    if not above or (SALUTATION.match(above) and not _ENDED.search(above)):
        return False
    if _ENDED.search(above) or (apart and _REFERENCE.match(above[:LONGEST_LINE])):
        return True
    full = full and not (personal and len(above.split()) > 3 and _OF_PEOPLE.search(above[-LONGEST_LINE:]))
    return apart and not full and not UNFINISHED.search(above) and not is_name(above)


def are_short(lines: Sequence[str]) -> bool:
    """Whether lines are as few and short as those of a signature, with no sentence and nobody's case among them."""
    block = [line.strip() for line in lines if line.strip()]
    return (
        len(block) <= MOST_LINES
        and all((len(row) <= LONGEST_LINE and not SENTENCE.search(row)) or phrases("trimmings").search(row) for row in block)
        and not any(map(tells_of_a_case, block))
    )


def is_prose(text: str, *, announced: bool) -> bool:
    """Whether a line is a sentence of a letter, not one that stands in a signature; under a line of dashes (`announced`) short ones may."""
    words = len(text.split())
    if phrases("contacts").search(text) or phrases("trimmings").search(text):
        return False
    long = words > 7 and (len(text) > LONGEST_LINE or bool(SENTENCE.search(text)))
    return long or (not announced and words > 3 and text[-1] in ".?" and bool(re.search(r"\s[a-z]", text)))


def is_said(text: str) -> bool:
    """Whether a line is words of a letter, full stop or not, and nothing that stands in a signature."""
    small = sum(word[0].islower() for word in text.split())
    return small > 3 and not any(phrases(kind).search(text.strip()) for kind in ("contacts", "trimmings", "posts", "organisations", "phones"))


def is_public_name(text: str) -> bool:
    """Whether a line is a name, letters after it aside, without the title of a private person."""
    return len(text) <= LONGEST_LINE and is_name(_LETTERS.sub("", text)) and not _PRIVATE.match(text)
