"""The council's own parties in a text, told apart from the ordinary words that they share."""

from __future__ import annotations

import re

from rules.council import Council
from rules.parties import names_of_party

_ORDINARY = re.compile(
    r"\s+(costs?|market|force|rates?|saving|shortage|charges|estimate|assumptions?|figure|bins?|belt|waste|space|lane|"
    r"group leaders?|groups?|club|led|administration|government|councils?)\b",
    re.IGNORECASE,
)


def party_in(text: str, council: Council) -> str:
    """The party that a text names, or nothing."""
    for party in council.parties:
        for name in names_of_party(party):
            for match in re.finditer(rf"\b{re.escape(name)}\b", text):
                if name[:1].isupper() and not _ORDINARY.match(text, match.end()):
                    return party
    return ""
