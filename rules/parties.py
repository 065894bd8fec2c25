"""The council's parties and candidates as they call themselves, and the addresses outside that are theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.council import Council
from rules.message import Address
from rules.roster import Roster, plain_name

_LONG_ENOUGH, _LONG_WORD = 6, 5
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
_BODY = r"(?:\s+party)?\s+(?:association|branch|clp|campaign|federation|headquarters|hq|constituency|group)\b|\s+party\b"
_ENDINGS = ("party", "tories", "independents")  # of a domain's parts: "hillfordparty", "hillfordtories", "hillford-independents"
_NOT_ENDINGS = ("stories", "factories", "directories", "territories", "laboratories", "inventories", "thirdparty", "teaparty", "letsparty")
_OTHERS = ("independent", "reform", "the", "green", "resident")  # words that many bodies have in their names


def names_of_party(party: str) -> tuple[str, ...]:
    """A party's name with the ones that it goes by."""
    return (party, *_NICKNAMES.get(party.lower(), ()))


def of_campaign(address: Address, council: Council, roster: Roster) -> bool:
    """Whether an address is outside and a candidate's or a party's, by the name shown with it or by what it is made of."""
    if not address.email or roster.inside(address.email):
        return False
    candidates = (plain_name(c).split() for c in council.candidates if roster.named(c) is None)
    if any(words and (words == plain_name(address.name).split() or _made_of(address.email, words)) for words in candidates):
        return True
    host = address.email.lower().partition("@")[2]
    if any(part.endswith(_ENDINGS) and not part.replace("-", "").endswith(_NOT_ENDINGS) for part in host.split(".")):
        return True
    domain = re.sub(r"[^a-z]", "", host)
    return any(name in domain for party in council.parties for name in _as_written_in_addresses(party)) or _party_body(address.name, council)


def _made_of(email: str, words: list[str]) -> bool:
    """Whether an address is made of a name: in its parts ("craig@fennimorecampaign.example"), or in one piece."""
    parts = re.split(r"[._+@-]", email.lower())
    whole = "".join(words)
    return all(any(part == word or (len(word) >= _LONG_WORD and part.startswith(word)) for part in parts) for word in words) or (
        len(whole) > _LONG_WORD and any(part.startswith(whole) for part in parts)
    )


def _party_body(shown: str, council: Council) -> bool:
    """Whether a name shown is that of a party's association or branch; of "Green" and the like only "Green Party"."""
    for party in council.parties:
        for name in names_of_party(party):
            body = r"\s+party\b" if name.lower().startswith(_OTHERS) else f"(?:{_BODY})"
            if re.search(rf"\b{re.escape(name)}{body}", shown, re.IGNORECASE):
                return True
    return False


def _as_written_in_addresses(party: str) -> Iterator[str]:
    """A party's names without spaces, as far as they are nobody else's: "libdems", "saltmarshfirst"; not "green" or "independents"."""
    for name in names_of_party(party):
        made_of = re.sub(r"[^a-z]", "", name.lower())
        if len(made_of) >= _LONG_ENOUGH and not made_of.startswith(("independent", "reform", "the", "tories")):
            yield made_of
