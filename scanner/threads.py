"""Which circulations belong to one conversation: References and In-Reply-To first, subject with participants where those are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from scanner.store.entry import Node

_PREFIX = re.compile(r"^\s*((re|fw|fwd|aw|wg|sv|tr|rv)\s*(\[\d+\])?\s*:\s*|\[(external|ext|official|official-sensitive)\]\s*)+", re.IGNORECASE)
_APART = timedelta(days=30)
_SHARED = 2
_LOOKED_BACK = 200  # messages of one subject: a robot's daily report must not be compared with all of last month's
_PIECE, _CONTEXT = 150, 50


def plain_subject(subject: str) -> str:
    """A subject without reply and forward prefixes and mail-gateway marks, in lower case, for comparison."""
    return " ".join(_PREFIX.sub("", subject).lower().split())


class _Sets:
    """Disjoint sets by union and path halving."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, key: str) -> str:
        parent = self._parent.setdefault(key, key)
        while parent != (above := self._parent.setdefault(parent, parent)):
            self._parent[key] = above
            key, parent = parent, above
        return parent

    def join(self, one: str, other: str) -> None:
        self._parent[self.root(one)] = self.root(other)


def conversations(nodes: Iterable[Node]) -> list[list[Node]]:
    """The circulations grouped by conversation, each group in the order of its dates, undated ones last."""
    nodes = list(nodes)
    sets = _Sets()
    for node in nodes:
        sets.root(node.key)
        for key in node.references:
            sets.join(node.key, key)
    _join_by_subject(nodes, sets)
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        groups.setdefault(sets.root(node.key), []).append(node)
    return [sorted(group, key=_order) for group in groups.values()]


def pieces(group: list[Node]) -> Iterator[tuple[list[Node], list[Node]]]:
    """A conversation as (context, messages) of a bounded length: one that never ends is taken piece by piece."""
    for start in range(0, len(group), _PIECE):
        yield group[max(0, start - _CONTEXT) : start], group[start : start + _PIECE]


def lent(node: Node, own: Iterable[Node], groups: Mapping[str, list[Node]]) -> list[Node]:
    """A message among its own conversation and those of the letters that it holds words of, in order, each letter named as a reference.

    Of a letter's conversation only what came before the message and last, and the letter itself. `groups` has the conversation of each key.
    """
    found = {each.key: each for each in own}
    for key in sorted(node.letters & groups.keys()):
        before = [each for each in groups[key] if _order(each) < _order(node)]
        found |= {each.key: each for place, each in enumerate(before) if each.key == key or place >= len(before) - _CONTEXT}
    found[node.key] = replace(node, references=node.references | node.letters)
    return sorted(found.values(), key=_order)


def _join_by_subject(nodes: list[Node], sets: _Sets) -> None:
    """A message without references joins the nearest earlier one of the same subject that shares two participants within 30 days."""
    latest: dict[str, list[Node]] = {}
    for node in sorted((n for n in nodes if n.subject_key and n.date), key=_order):
        before = latest.setdefault(node.subject_key, [])
        if not node.references:
            for earlier in islice(reversed(before), _LOOKED_BACK):
                if node.date and earlier.date and node.date - earlier.date > _APART:
                    break
                if len(node.participants & earlier.participants) >= _SHARED:
                    sets.join(node.key, earlier.key)
                    break
        before.append(node)


def _order(node: Node) -> tuple[bool, float, int, str]:
    """By date; of the same second or without one, by how many messages each follows."""
    return node.date is None, node.date.timestamp() if node.date else 0.0, len(node.references), node.key
