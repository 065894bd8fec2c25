"""Who is who: Members, officers, shared mailboxes, their aliases, and the lists they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from rules.message import Address


class Kind(StrEnum):
    """What a person on the roster is to the council. A service is a mailbox that officers share."""

    MEMBER = "member"
    OFFICER = "officer"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Person:
    """One row of people.csv. `group` is a Member's political group; `role` a post or portfolio."""

    address: str
    name: str
    kind: Kind
    role: str = ""
    group: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def is_member(self) -> bool:
        return self.kind is Kind.MEMBER


_SCHEME = re.compile(r"^(smtp|x500|ex|eum|sip|mailto)\s*:\s*", re.IGNORECASE)
_ENCAPSULATED = re.compile(r"^imceaex-(?P<local>[^@]+)(@.*)?$")
_ESCAPED = re.compile(r"\+([0-9a-f]{2})")
_GROUP_MARK = " (fydibohf23spdlt)"  # Exchange sets it to every legacy address's administrative group, and people leave it out
_TITLES = frozenset({"cllr", "councillor", "mayor", "leader", "chair", "the"})
_TITLE = re.compile(r"^(the\s+)?(cllr|councillor|cllr\.|ald|alderman|dr|mr|mrs|ms|miss|mx|prof|rev|sir|dame|lord|lady|cpt|capt)\.?\s+", re.IGNORECASE)


def canonical(email: str) -> str:
    """The form in which addresses are compared: no scheme prefix, lower case, IMCEAEX encapsulation (MS-OXOABK) undone, Exchange's mark left out."""
    text = _SCHEME.sub("", email.strip().strip("<>")).lower()
    if match := _ENCAPSULATED.match(text):
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), match["local"].replace("_", "/"))
    return text.replace(_GROUP_MARK, "") if text.startswith("/o=") else text


def without_tag(email: str) -> str:
    """A plus-address (RFC 5233) without its tag: `ann+ward@x` is `ann@x`."""
    local, at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" if at else email


def plain_name(name: str) -> str:
    """A person's name as people compare it: without titles, post-nominals or case, `Surname, Given` turned round."""
    text = re.sub(r"\(.*?\)", " ", name).strip()
    if text.count(",") == 1 and "@" not in text:
        surname, given = (part.strip() for part in text.split(","))
        text = f"{given} {surname}"
    while (shorter := _TITLE.sub("", text)) != text:
        text = shorter
    return " ".join(text.lower().split())


def _signed(person: Person) -> Iterator[str]:
    """The names that somebody may sign with. An address counts where it is made of a first name and the surname."""
    name = plain_name(person.name).split()
    if not name:
        return
    locals_ = (address.partition("@")[0].lower().split(".") for address in (person.address, *person.aliases) if "@" in address)
    for words in (name, *(w for w in locals_ if len(w) > 1 and all(w) and w[-1] == name[-1] and w[0] not in _TITLES)):
        yield " ".join(words)
        if len(words) > 1:
            yield from (f"{words[0][0]} {words[-1]}", f"{words[0][0]}. {words[-1]}")


@dataclass(frozen=True)
class Roster:
    """People and lists. Built once for a scan; look-ups are by any alias, plus-address, letter case or legacy form.

    `lists` maps a list's address to its members' addresses, themselves lists perhaps.
    """

    people: tuple[Person, ...]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()

    @cached_property
    def _by_address(self) -> dict[str, Person]:
        return {canonical(address): person for person in self.people for address in (person.address, *person.aliases)}

    @cached_property
    def _by_name(self) -> dict[str, Person]:
        return {plain_name(person.name): person for person in self.people}

    @cached_property
    def _expanded(self) -> dict[str, frozenset[str]]:
        return {canonical(name): self._members_of(canonical(name), frozenset()) for name in self.lists}

    @cached_property
    def _direct(self) -> dict[str, tuple[str, ...]]:
        return {canonical(name): tuple(canonical(member) for member in members) for name, members in self.lists.items()}

    @cached_property
    def words_of_names(self) -> frozenset[str]:
        """Every first name and surname on the roster, in lower case."""
        return frozenset(word for person in self.people for word in plain_name(person.name).split())

    @cached_property
    def signatures(self) -> Mapping[str, Person]:
        """Members by the names that they sign with, in lower case: the roster's, a name that their address is made of ("ann.vell@"), and an initial
        with the surname; only those that are nobody else's on the roster.
        """
        meant: dict[str, set[str]] = {}
        for person in self.people:
            for signed in _signed(person):
                meant.setdefault(signed, set()).add(canonical(person.address))
        alone = {signed: self._by_address[addresses.pop()] for signed, addresses in meant.items() if len(addresses) == 1}
        return {signed: person for signed, person in alone.items() if person.is_member}

    def _members_of(self, name: str, above: frozenset[str]) -> frozenset[str]:
        """The main addresses behind a list; `above` are the lists being expanded, so a cycle ends."""
        found: set[str] = set()
        for member in self._direct[name]:
            if member in self._direct:
                if member not in above | {name}:
                    found |= self._members_of(member, above | {name})
            else:
                found.add(self.main_address(member))
        return frozenset(found)

    def person(self, email: str) -> Person | None:
        """The person whom an address belongs to, or None for an outsider, a list or an unknown inside address."""
        address = canonical(email)
        return self._by_address.get(address) or self._by_address.get(without_tag(address))

    def named(self, name: str) -> Person | None:
        """The person of that full name, titles and case aside."""
        return self._by_name.get(plain_name(name))

    def who(self, address: Address) -> Person | None:
        """The person behind a header's address; a legacy or missing address falls back on its display name."""
        if (person := self.person(address.email)) or "@" in address.email:
            return person
        return self.named(address.name or address.email)

    def main_address(self, email: str) -> str:
        """A person's one main address for any of theirs; any other address in its canonical form."""
        person = self.person(email)
        return canonical(person.address) if person else canonical(email)

    def is_list(self, email: str) -> bool:
        return canonical(email) in self._direct

    def inside(self, email: str) -> bool:
        """Whether an address is the council's: on one of its domains, on the roster, or one of its lists."""
        address = canonical(email)
        return self.on_domain(address) or self.person(address) is not None or self.is_list(address)

    def on_domain(self, email: str) -> bool:
        """Whether an address is on one of the council's domains or below one."""
        domain = email.lower().rpartition("@")[2]
        return any(domain == d or domain.endswith("." + d) for d in self.domains)

    def reached(self, addresses: Iterable[Address]) -> frozenset[str]:
        """The main addresses of everyone whom these header addresses reach, lists opened at every depth."""
        found: set[str] = set()
        for address in addresses:
            if self.is_list(address.email):
                found |= self._expanded[canonical(address.email)]
            else:
                person = self.who(address)
                found.add(canonical(person.address) if person else canonical(address.email))
        return frozenset(found)
