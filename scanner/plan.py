"""What the second pass has to read: the conversations with something new in them, as independent tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scanner.judge import Dossier
from scanner.store.entry import Node, State
from scanner.store.ledger import Ledger
from scanner.threads import conversations, lent, pieces


@dataclass(frozen=True, slots=True)
class Range:
    """Which messages a scan is about: dated from `since` and before `until`, held by `mailbox`; empty means all."""

    since: datetime | None = None
    until: datetime | None = None
    mailbox: str = ""

    def holds(self, moment: datetime | None) -> bool:
        """Whether a date lies in the range; an undated message always does, rather than be lost."""
        return moment is None or ((self.since is None or moment >= self.since) and (self.until is None or moment < self.until))


def settle(ledger: Ledger) -> None:
    """Makes pending again what was judged before something came into its conversation, so that the order of scans changes nothing."""
    ledger.settle(outdated(ledger.nodes()))


def outdated(nodes: Iterable[Node]) -> frozenset[str]:
    """The judged messages before whom something stands in their conversation that did not, or not so, when they were judged."""
    found: set[str] = set()
    groups = conversations(n for n in nodes if n.news or n.state is not State.LEFT_OUT)
    for group in groups:
        if any(node.news for node in group):
            found.update(_outdated(group))
    return frozenset(found | _outdated_by_letters(groups))


def _outdated_by_letters(groups: list[list[Node]]) -> set[str]:
    """The judged messages that hold words of a letter in whose conversation, before them, something is news."""
    of = _by_key(groups)
    borrowing = [(node, group) for group in groups for node in group if node.letters and node.state is State.JUDGED and not node.news]
    several = ((node, lent(node, group, of)) for node, group in borrowing)
    return {node.key for node, whole in several if any(each.news for each in whole) and node.key in _outdated(whole)}


def _by_key(groups: list[list[Node]]) -> dict[str, list[Node]]:
    """The conversations of letters whose words stand elsewhere, by the letter's key."""
    wanted = frozenset(key for group in groups for node in group for key in node.letters)
    return {node.key: group for group in groups for node in group if node.key in wanted}


def _outdated(group: Sequence[Node]) -> Iterator[str]:
    """What follows news, or follows what was another conversation until news joined the two."""
    former = {node.key: number for number, old in enumerate(conversations(n for n in group if not n.news)) for node in old}
    before: set[int] = set()
    after_news = False
    for node in group:
        if node.news:
            after_news = True
            continue
        if node.state is State.JUDGED and (after_news or before - {former[node.key]}):
            yield node.key
        before.add(former[node.key])


def tasks(ledger: Ledger, wanted: Range, custodians: Collection[str] | None, among: Collection[str] | None = None) -> Iterator[list[Dossier]]:
    """Each conversation with a pending message of the range, held by one of these mailboxes (None: any), as the dossiers to read, in order.

    A message that holds words of letters from elsewhere is a task by itself, with their conversations. `among` bounds what is judged (None: all).
    """
    held = ledger.held_by(custodians) if custodians is not None else None
    groups = conversations(node for node in ledger.nodes() if node.state is not State.LEFT_OUT)
    of = _by_key(groups)
    for group in groups:
        for context, messages in pieces(group):
            pending = [n for n in messages if n.state is State.PENDING and wanted.holds(n.date)]
            asked = [n for n in pending if (held is None or n.key in held) and (among is None or n.key in among)]
            for nodes, judged in _apart([*context, *messages], asked, of):
                if dossiers := _dossiers(ledger, nodes, judged):
                    yield dossiers


def _apart(piece: list[Node], asked: list[Node], of: Mapping[str, list[Node]]) -> Iterator[tuple[list[Node], frozenset[str]]]:
    """A piece of a conversation with what is to be judged of it, and each message that borrows letters with all that it needs."""
    if plain := frozenset(node.key for node in asked if not node.letters):
        yield piece, plain
    yield from ((lent(node, piece, of), frozenset({node.key})) for node in asked if node.letters)


def _dossiers(ledger: Ledger, nodes: list[Node], judged: frozenset[str]) -> list[Dossier]:
    """What is to be judged and all before it. A message of which every copy is gone can no longer be read."""
    last = max(place for place, node in enumerate(nodes) if node.key in judged)
    keys = [node.key for node in nodes[: last + 1]]
    copies, envelopes = ledger.copies(keys), ledger.envelopes(keys)
    found = [
        Dossier(key, tuple(copies[key]), tuple(envelopes.get(key, ())), key in judged)
        for key in keys
        if any(not located.gone for located in copies.get(key, ()))
    ]
    return found if any(dossier.judged for dossier in found) else []
