"""The council's own parties and candidates in a text, told apart from the ordinary words that they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rules.council import Council
from rules.message import Address
from rules.roster import Roster, plain_name

_LONG_ENOUGH = 6
_NICKNAMES = {
    "conservative": ("Tory", "Tories", "Conservatives"),
    "conservatives": ("Tory", "Tories", "Conservative"),
    "labour": ("Labour Party", "Labour's"),
    "liberal democrat": ("Lib Dem", "Lib Dems", "LibDem", "LibDems", "Liberal Democrats"),
    "liberal democrats": ("Lib Dem", "Lib Dems", "LibDem", "LibDems", "Liberal Democrat"),
    "green party": ("the Greens", "Greens"),
    "green": ("the Greens", "Greens", "Green Party"),
    "reform uk": ("Reform",),
}
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
        for name in (party, *_NICKNAMES.get(party.lower(), ())):
            for match in re.finditer(rf"\b{re.escape(name)}\b", text):
                if name[:1].isupper() and not _ORDINARY.match(text, match.end()):
                    return party
    return ""


def goes_to_campaign(addresses: Iterable[Address], council: Council, roster: Roster) -> bool:
    """Whether one of these addresses is outside and a candidate's or a party's, by its name or by what it is made of."""
    return any(_of_campaign(address, council, roster) for address in addresses if address.email and not roster.inside(address.email))


def _of_campaign(address: Address, council: Council, roster: Roster) -> bool:
    shown, made_of = plain_name(address.name), re.sub(r"[^a-z@]", "", address.email.lower())
    for candidate in council.candidates:
        words = plain_name(candidate).split()
        if words and roster.named(candidate) is None and (" ".join(words) == shown or all(word in made_of for word in words)):
            return True
    domain = made_of.partition("@")[2]
    return any(name in domain for party in council.parties for name in _as_written_in_addresses(party))


def _as_written_in_addresses(party: str) -> Iterator[str]:
    """A party's names without spaces, as far as they are nobody else's: "libdems", "saltmarshfirst"; not "green" or "independents"."""
    for name in (party, *_NICKNAMES.get(party.lower(), ())):
        made_of = re.sub(r"[^a-z]", "", name.lower())
        if len(made_of) >= _LONG_ENOUGH and not made_of.startswith(("independent", "reform", "the")):
            yield made_of


def _candidate(candidate: str, text: str, roster: Roster) -> bool:
    """A candidate by full name, or by a first name or surname that nobody on the roster has."""
    taken = {word for person in roster.people for word in plain_name(person.name).split()}
    full = re.search(rf"\b{re.escape(candidate)}\b", text, re.IGNORECASE) is not None and roster.named(candidate) is None
    alone = [word for word in candidate.split() if len(word) > 2 and word.lower() not in taken]
    return full or any(re.search(rf"\b{re.escape(word)}\b", text) for word in alone)
