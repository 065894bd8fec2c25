"""What servers are asked beside mail, before a scan judges: who is on the lists that mail went to, and which mailboxes send mail on.

A failure here is a problem of the scan and never its end: judging goes on with what is known from files and from earlier scans.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from rules.roster import Roster, canonical
from scanner.errors import SourceError
from scanner.pseudonym import Pseudonym
from scanner.sources.directory import Directory
from scanner.sources.source import Source
from scanner.store.ledger import Ledger
from scanner.store.register import Register

T = TypeVar("T")

_ENOUGH = 3


@runtime_checkable
class _Directory(Directory, Source, Protocol):
    """A source of mail that can be asked."""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """One scan's questions. `roster` is that of the files, whose lists win over a server's."""

    sources: tuple[Source, ...]
    register: Register
    ledger: Ledger
    roster: Roster
    pseudonym: Pseudonym
    at: datetime

    def notice(self, addresses: Collection[str]) -> None:
        """Puts down addresses that mail went to and the roster does not know, to be asked about."""
        self.register.note(addresses, self.pseudonym, self.at)

    def informed(self) -> Roster:
        """The roster with the lists that servers told."""
        return with_lists(self.roster, self.register.lists())

    def known(self) -> tuple[str, ...]:
        """The lists of earlier scans, and what stands on the files' lists that may be a list itself."""
        nested = (canonical(member) for members in self.roster.lists.values() for member in members)
        return tuple(sorted({*self.register.lists(), *(each for each in nested if is_stranger(each, self.roster))}))

    def lists(self, addresses: Iterable[str]) -> Iterator[str]:
        """Asks who is on these; gives what went wrong, in words.

        What was judged while nothing was known of a list is to be judged once more. An address of which no server could tell stays to be asked.
        """
        waiting, untold = set(addresses), set[str]()
        for source in self._directories():
            asked = _asked(source.members, sorted(waiting))
            failed = {address: answer for address, answer in asked.items() if isinstance(answer, SourceError)}
            told = {a: tuple(map(canonical, answer)) for a, answer in asked.items() if answer is not None and not isinstance(answer, SourceError)}
            yield from (f"{source.label}: who is on the list {address} could not be read: {error}" for address, error in failed.items())
            untold |= waiting - (asked.keys() - failed.keys())
            waiting -= told.keys()
            self._learn(source, told)
        self.register.settle(waiting - untold, self.pseudonym, self.at)

    def forwardings(self, source: Source, custodians: Collection[str]) -> Iterator[str]:
        """Asks which of a source's mailboxes send mail on; gives what went wrong, in words."""
        if not isinstance(source, Directory) or not any(each is source for each in self.sources):
            return
        asked = _asked(source.forwardings, custodians)
        for custodian, answer in asked.items():
            if isinstance(answer, SourceError):
                yield f"{custodian}: its forwarding could not be read: {answer}"
            else:
                self.register.record_forwardings(source.label, custodian, answer, self.at)
        if left := len(custodians) - len(asked):
            yield f"{source.label}: the forwarding of {left} more was not asked for after {_ENOUGH} failures in a row."

    def _directories(self) -> Iterator[_Directory]:
        return (source for source in self.sources if isinstance(source, _Directory))

    def _learn(self, source: Source, told: dict[str, tuple[str, ...]]) -> None:
        new = self.register.record_members(source.label, told, self.at)
        self.register.settle(told, self.pseudonym, self.at)
        self.ledger.ask_again_about(frozenset(self.pseudonym(address) for address in new))


def _asked(question: Callable[[str], T], addresses: Iterable[str]) -> dict[str, T | SourceError]:
    """The answer or the failure for each address. After several failures in a row the others are left: a right is missing for all of them."""
    found: dict[str, T | SourceError] = {}
    failures = 0
    for address in addresses:
        try:
            found[address] = question(address)
            failures = 0
        except SourceError as error:
            found[address] = error
            failures += 1
        if failures == _ENOUGH:
            break
    return found


def is_stranger(address: str, roster: Roster) -> bool:
    """Whether an address is the council's, as its domain has it, and neither a person nor a list on the roster: it may be a list."""
    return "@" in address and roster.person(address) is None and not roster.is_list(address) and roster.inside(address)


def with_lists(roster: Roster, told: dict[str, tuple[str, ...]]) -> Roster:
    """A roster with more lists; what the roster says of an address itself stands."""
    more = {name: members for name, members in told.items() if roster.person(name) is None and not roster.is_list(name)}
    return replace(roster, lists={**roster.lists, **more}) if more else roster
