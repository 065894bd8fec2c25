"""On which way a message came to each recipient, put together from all that traces tell of it, in whatever order and files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from scanner.sources.sightings import Way
from scanner.store.entry import Participant

TRACE = "trace-"
_ROLE = "envelope-trace"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message shows, under pseudonyms: `addresses` in its headers; `lists` whose members are known from elsewhere.

    `rerouted` are those whose own copies came by a rule or a redirection.
    """

    addresses: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    rerouted: frozenset[str] = frozenset()


def resolved(told: Iterable[Participant], shown: Shown) -> Iterator[Participant]:
    """Each traced recipient as a journal report would list them, with the list or mailbox that the sender addressed.

    Who came openly on one way is told of by that way alone. Where it is only told that somebody got it, and a list was opened into nobody
    knows whom, they may be of that list.
    """
    traced = [each for each in told if each.role.startswith(TRACE)]
    parents = _parents(traced)
    lists = {each.person_key for each in traced if each.role == f"{TRACE}{Way.LIST}"}
    closed = sorted(lists - shown.lists)
    perhaps = next((key for key in closed if _top(key, parents, shown) in shown.addresses), next(iter(closed), ""))
    opened = lists | {each.via_key for each in traced if each.role == f"{TRACE}{Way.EXPANDED}"}
    for person in sorted({each.person_key for each in traced} - opened):
        ways = {(way, via) for way, via in _ways(person, traced, parents, shown)}
        openly = sorted(via for way, via in ways if way is Way.EXPANDED and via in shown.addresses)
        if openly:
            yield Participant(person, _ROLE, openly[0])
        elif known := sorted(each for each in ways if each[0] is not Way.DELIVERED):
            yield from (Participant(person, _ROLE, via, way is Way.FORWARDED) for way, via in known)
        elif person not in shown.rerouted:
            yield Participant(person, _ROLE, perhaps)


def _parents(traced: Iterable[Participant]) -> dict[str, list[str]]:
    """What each address was opened from."""
    found: dict[str, list[str]] = {}
    for each in traced:
        if each.role == f"{TRACE}{Way.EXPANDED}" and each.via_key:
            found.setdefault(each.person_key, []).append(each.via_key)
    return {key: sorted(set(several)) for key, several in found.items()}


def _ways(person: str, traced: Collection[Participant], parents: dict[str, list[str]], shown: Shown) -> Iterator[tuple[Way, str]]:
    for each in traced:
        if each.person_key == person:
            way = Way(each.role.removeprefix(TRACE))
            yield way, _top(each.via_key, parents, shown) if way is Way.EXPANDED else each.via_key


def _top(key: str, parents: dict[str, list[str]], shown: Shown) -> str:
    """The list that the sender addressed, of those that lie within one another; one that the message shows before any other."""
    passed: list[str] = []
    level = [key]
    while level:
        if openly := [each for each in level if each in shown.addresses]:
            return min(openly)
        passed += level
        level = sorted({up for each in level for up in parents.get(each, ()) if up not in passed})
    return passed[-1]
