"""What is public already: press reports passed round, and the sayings of the famous."""

from __future__ import annotations

import re

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
        r"^\s*(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:\w+ \d{1,2}|\d{1,2} \w+),? (?:19|"
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
_REPORT = -3.0
_ENOUGH = 2
_DASHES = re.compile(r"(?:--|—|―)\s*$")


def reported(text: str) -> float:
    """The weight (log-odds, never positive) of a text's being published news: a sign of print, and another of print or of a reporter's manner."""
    printed = sum(1 for sign in _PRINTED if sign.search(text))
    return _REPORT if printed and printed + sum(1 for sign in _TELLING if sign.search(text)) >= _ENOUGH else 0.0


def is_attribution(sentence: str, start: int) -> bool:
    """Whether a name stands below a quotation: "-- Frédéric Chopin"."""
    said = sentence[:start].rstrip(" -—―")
    return _DASHES.search(sentence, 0, start) is not None and (not said or said.endswith(('"', "”", "'", "’", ".")))
