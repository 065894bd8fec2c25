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
    rf"(?:(?:\s(?:{_WORD}|&|and|of|de|la|van|der|al|ap|y|yr|the))*\s{_WORD})?(?:\s\([^().]{{1,30}}\))?(?:,|\s?x{{1,3}})?$"
)
SENTENCE = re.compile(r"[a-z]{2,}[,;]?\s+\S+\s+\S+.*[.!?]\s*$")
_ENDED = re.compile(r"(?:[.!?\u2026)\"'\u2019\u201d;]|[\U0001F300-\U0001FAFF\u2600-\u27BF]\ufe0f?|\bx{1,3})\s*$")
_UNFINISHED = re.compile(
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
    """Whether a line is about somebody's case; a tenancy officer's post is not."""
    return bool(phrases("case_details").search(text)) and not phrases("posts").search(text)


def is_official(below: Sequence[str]) -> bool:
    """Whether the lines under a name are a post, a service or a team, or such things as stand under no letter."""
    first = below[:2]
    known = any(phrases("posts").search(row) or phrases("organisations").search(row) for row in first)
    return known or (len(below) == 1 and is_name(below[0])) or all(phrases("trimmings").search(row) for row in below)


def is_name(text: str) -> bool:
    """Whether a line has the shape of a name, of a person or a team: a few words with capitals, no digits, no everyday word."""
    text = " ".join(text[: 2 * LONGEST_LINE].strip(" *_").removeprefix("pp ").split())
    return len(text) <= _LONGEST_NAME and bool(_BARE.match(text)) and not phrases("no_names").match(text)


def finished(above: str, apart: bool, *, full: bool) -> bool:
    """Whether what stands above a name is finished, so that the name signs it. A full name needs a full stop there."""
    if not above or (SALUTATION.match(above) and not _ENDED.search(above)):
        return False
    if _ENDED.search(above):
        return True
    return apart and not full and not _UNFINISHED.search(above) and not is_name(above)


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


def is_public_name(text: str) -> bool:
    """Whether a line is a name, letters after it aside, without the title of a private person."""
    return len(text) <= LONGEST_LINE and is_name(_LETTERS.sub("", text)) and not _PRIVATE.match(text)
