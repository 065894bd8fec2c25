"""The council's own parties and candidates in a text, told apart from the ordinary words that they share."""

from __future__ import annotations

import re

from rules.council import Council
from rules.parties import names_of_party
from rules.roster import Roster, plain_name

_ORDINARY = re.compile(
    r"\s+(costs?|market|force|rates?|saving|shortage|charges|estimate|assumptions?|figure|bins?|belt|waste|space|lane|"
    r"group leaders?|groups?|club|led|administration|government|councils?)\b",
    re.IGNORECASE,
)


def names_candidate(text: str, council: Council, roster: Roster) -> bool:
    """Whether a text names one of the council's candidates, who is not on its roster."""
    return any(_candidate(candidate, text, roster) for candidate in council.candidates)


def party_in(text: str, council: Council) -> str:
    """The party that a text names, or nothing."""
    for party in council.parties:
        for name in names_of_party(party):
            for match in re.finditer(rf"\b{re.escape(name)}\b", text):
                if name[:1].isupper() and not _ORDINARY.match(text, match.end()):
                    return party
    return ""


def _candidate(candidate: str, text: str, roster: Roster) -> bool:
    """A candidate by full name, or by a first name or surname that nobody on the roster has."""
    taken = {word for person in roster.people for word in plain_name(person.name).split()}
    full = re.search(rf"\b{re.escape(candidate)}\b", text, re.IGNORECASE) is not None and roster.named(candidate) is None
    alone = [word for word in candidate.split() if len(word) > 2 and word.lower() not in taken]
    return full or any(re.search(rf"\b{re.escape(word)}\b", text) for word in alone)
