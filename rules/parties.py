"""The council's parties and candidates as they call themselves, and the addresses outside that are theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_BODY = re.compile(
    r"\b(?:association|party|branch|clp|campaign|federation|headquarters|hq|office|conservatives|tories|labour|lib dems)\b", re.IGNORECASE
)


def names_of_party(party: str) -> tuple[str, ...]:
    """A party's name with the ones that it goes by."""
    return (party, *_NICKNAMES.get(party.lower(), ()))


def of_campaign(address: Address, council: Council, roster: Roster) -> bool:
    """Whether an address is outside and a candidate's or a party's, by the name shown with it or by what it is made of."""
    if not address.email or roster.inside(address.email):
        return False
    shown, made_of = plain_name(address.name), re.sub(r"[^a-z@]", "", address.email.lower())
    for candidate in council.candidates:
        words = plain_name(candidate).split()
        if words and roster.named(candidate) is None and (" ".join(words) == shown or all(word in made_of for word in words)):
            return True
    domain = made_of.partition("@")[2]
    return any(name in domain for party in council.parties for name in _as_written_in_addresses(party)) or _party_body(address.name, council)


def _party_body(shown: str, council: Council) -> bool:
    """Whether a name shown is that of a party's association, branch or office."""
    several = (name for party in council.parties for name in names_of_party(party))
    return _BODY.search(shown) is not None and any(re.search(rf"\b{re.escape(name)}\b", shown) for name in several)


def _as_written_in_addresses(party: str) -> Iterator[str]:
    """A party's names without spaces, as far as they are nobody else's: "libdems", "saltmarshfirst"; not "green" or "independents"."""
    for name in names_of_party(party):
        made_of = re.sub(r"[^a-z]", "", name.lower())
        if len(made_of) >= _LONG_ENOUGH and not made_of.startswith(("independent", "reform", "the")):
            yield made_of
