"""Forwarding as servers told it, put beside the roster: whose mail goes to which Member, or out of the council."""

from __future__ import annotations

from collections.abc import Iterable

from reports.arrangement import Arrangement
from rules.message import Address
from rules.roster import Roster
from scanner.store.register import Arranged


def arrangements(arranged: Iterable[Arranged], roster: Roster) -> tuple[Arrangement, ...]:
    """Every forwarding that somebody should know of. What leads to the mailbox's own owner is left out, lists opened."""
    found = (_arrangement(each, roster) for each in arranged)
    return tuple(each for each in found if each.concerns)


def _arrangement(each: Arranged, roster: Roster) -> Arrangement:
    told = each.forwarding
    owner = roster.main_address(told.custodian)
    reached = sorted(roster.reached((Address(told.target),)) - {owner})
    members = tuple(person for address in reached if (person := roster.person(address)) and person.is_member)
    return Arrangement(
        custodian=told.custodian,
        owner=roster.person(told.custodian),
        target=told.target,
        members=members,
        outside=not roster.inside(told.target),
        kind=told.kind,
        copies_all=told.copies_all,
        first_seen=each.first_seen,
        ended=each.ended,
    )
