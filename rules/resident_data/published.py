"""What is public already: press reports passed round, the sayings of the famous, and talk of people who are no concern of a council's."""

from __future__ import annotations

import re

from rules.lexicon import packaged

_PRINTED = (
    re.compile(
        r"https?://\S*(?:news|bbc|guardian|times|telegraph|independent|post-gazette|post\.com|cnn|reuters|ananova|herald|"
        r"tribune|chronicle|echo|mirror|journal|"
        r"story|article|column|archives|opinion)\S*",
        re.IGNORECASE,
    ),
    re.compile(r"^\s*<?https?://\S+>?\s*$", re.MULTILINE),
    re.compile(
        r"\((?:AP|Reuters|AFP|PA|UPI)\)|^\s*(?:Ananova|Associated Press|Reuters|BBC News|The Guardian|The Times|The Daily \w+|"
        r"The New York Times)\b",
        re.MULTILINE,
    ),
    re.compile(r"^\s*(?:BY|By) [A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}\s*,?(?:\s[\w ]{0,40})?$", re.MULTILINE),
    re.compile(
        r"^\s*(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day)?,? )?(?:\w+ \d{1,2}|\d{1,2} \w+),? (?:19|"
        r"20)\d\d(?:[ ,]+\d{1,2}:\d\d.*)?$",
        re.MULTILINE,
    ),
)
_TELLING = (
    re.compile(r"\b(?:he|she|[A-Z][a-z]+) (?:said|told|added|admitted|claimed)\b"),
    re.compile(r"\b[A-Z][\w'’-]+, \d{2}, |\b(?:said|added): ?[\"“']|\b(?:spokesman|spokeswoman|spokesperson|officials)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:said|told (?:reporters|the BBC|a news conference|the court|the inquest|magistrates))\b.{0,40}\b(?:yesterday|"
        r"on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
    ),
    re.compile(r"(?:,|\.)[\"'”’]{1,2} (?:said|says|he said|she said|told|added) [A-Z]?", re.IGNORECASE),
)
_COURT = re.compile(
    r"\b[A-Z][\w'’-]+, (?:aged )?\d{2}, .{0,120}\b(?:jailed|sentenced|convicted|fined|pleaded|admitted|found guilty|appeared (?:before|at|in))\b|"
    r"\b(?:jailed|sentenced|convicted|fined) (?:for|after|over)\b.{0,160}\b(?:court|judge|magistrates)\b",
    re.DOTALL,
)
_REPORT = -3.0
_ENOUGH = 2
_LONG_TALK, _TALK = -2.2, -1.0
_LONG = 80
_DASHES = re.compile(r"(?:--|—|―)\s*$")


def reported(text: str) -> float:
    """The weight (log-odds, never positive) of a text's being published news.

    It takes a report of a court's in a reporter's words, or a sign of print and another of print or of a reporter's manner.
    """
    if _COURT.search(text):
        return _REPORT
    printed = sum(1 for sign in _PRINTED if sign.search(text))
    return _REPORT if printed and printed + sum(1 for sign in _TELLING if sign.search(text)) >= _ENOUGH else 0.0


def in_passing(text: str) -> float:
    """The weight (log-odds, never positive) against a name's being a resident's, in a text that has nothing of a council's business."""
    if packaged("rules.resident_data").has("council matter", text):
        return 0.0
    return _LONG_TALK if len(text.split()) >= _LONG else _TALK


def is_attribution(sentence: str, start: int) -> bool:
    """Whether a name stands below a quotation: "-- Frédéric Chopin"."""
    said = sentence[:start].rstrip(" -—―")
    return _DASHES.search(sentence, 0, start) is not None and (not said or said.endswith(('"', "”", "'", "’", ".")))
