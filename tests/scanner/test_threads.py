"""Which circulations are one conversation."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise, permutations

import pytest
from parish import day

from scanner.store.entry import Node, State
from scanner.threads import conversations, pieces, plain_subject

PEOPLE = frozenset({"ann", "olive"})


def node(key: str, at: float | None = 0, *references: str, subject: str = "", people: frozenset[str] = PEOPLE) -> Node:
    return Node(key, None if at is None else day(at), subject, State.PENDING, frozenset(references), people)


def grouped(*nodes: Node) -> list[list[str]]:
    return sorted([n.key for n in group] for group in conversations(nodes))


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("RE: Plot 4", "plot 4"),
        ("Re: FW: re:  Plot 4", "plot 4"),
        ("[EXTERNAL] RE[2]: Plot 4", "plot 4"),
        ("Fwd: [OFFICIAL-SENSITIVE] Plot  4 ", "plot 4"),
        ("AW: WG: Plot 4", "plot 4"),
        ("Reply: Plot 4", "reply: plot 4"),
        ("[Plot] 4", "[plot] 4"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_a_subject_is_compared_without_its_prefixes(subject: str, plain: str) -> None:
    assert plain_subject(subject) == plain


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([node("a", 0), node("b", 1, "a"), node("c", 2)], [["a", "b"], ["c"]]),
        ([node("b", 1, "lost"), node("c", 2, "lost"), node("d", 3)], [["b", "c"], ["d"]]),
        ([node("a", 0, "b"), node("b", 1, "c"), node("c", 2, "a")], [["a", "b", "c"]]),
        ([node("a", 0, "a")], [["a"]]),
        ([node("a", None, "c"), node("b", None, "c"), node("c", 5)], [["c", "a", "b"]]),
        ([node("c", 1), node("b", 1, "c"), node("a", 1, "c", "b")], [["c", "b", "a"]]),
        ([node("a", 0, subject="s"), node("b", 1, subject="s")], [["a", "b"]]),
        ([node("a", 0, subject="s"), node("b", 31, subject="s")], [["a"], ["b"]]),
        ([node("a", 0, subject="s"), node("b", 1, subject="s", people=frozenset({"ann", "bob"}))], [["a"], ["b"]]),
        ([node("a", 0, subject=""), node("b", 1, subject="")], [["a"], ["b"]]),
        ([node("a", 0, subject="s"), node("b", 1, "elsewhere", subject="s")], [["a"], ["b"]]),
        ([node("a", None, subject="s"), node("b", 1, subject="s")], [["a"], ["b"]]),
        ([], []),
    ],
    ids=[
        "a reply",
        "two replies to a lost message",
        "a loop",
        "itself",
        "undated ones last",
        "the same second",
        "one subject, the same people",
        "a month apart",
        "one person in common",
        "no subject",
        "a reference goes before the subject",
        "undated ones have no neighbours",
        "none",
    ],
)
def test_conversations(nodes: list[Node], expected: list[list[str]]) -> None:
    for order in permutations(nodes):
        assert grouped(*order) == expected


def test_a_message_without_references_joins_the_nearest_of_its_subject() -> None:
    others = frozenset({"bob", "peter"})
    found = grouped(
        node("a", 0, subject="s"), node("b", 1, "x", subject="s"), node("c", 2, "y", subject="s", people=others), node("d", 3, subject="s")
    )
    assert found == [["a"], ["b", "d"], ["c"]]


def test_a_thousand_messages_are_one_conversation_whatever_their_order() -> None:
    chain = [node(f"{n:04}", n / 24, f"{n - 1:04}") for n in range(1000)]
    assert [len(group) for group in conversations(reversed(chain))] == [1000]


def test_a_long_conversation_is_cut_into_pieces_that_share_their_edges() -> None:
    group = [node(str(n), n) for n in range(1000)]
    cut = list(pieces(group))
    assert [n.key for _, messages in cut for n in messages] == [n.key for n in group]
    assert all(len(context) + len(messages) <= 200 for context, messages in cut)
    for (_, before), (context, messages) in pairwise(cut):
        assert context and context == before[-len(context) :]
        assert _dates(context)[-1] < _dates(messages)[0]


def _dates(nodes: list[Node]) -> list[datetime]:
    return [n.date for n in nodes if n.date]


class Compared(frozenset[str]):
    """People who count how often they are compared with others."""

    times = 0

    def __and__(self, other: object) -> frozenset[str]:
        Compared.times += 1
        return frozenset(self).intersection(frozenset(other))  # type: ignore[call-overload]


def test_a_robots_reports_of_one_subject_are_not_all_compared_with_each_other() -> None:
    nodes = [node(f"{n:05}", n / 1000, subject="s", people=Compared({f"p{n}", "robot"})) for n in range(1000)]
    assert len(conversations(nodes)) == 1000
    assert Compared.times <= 200 * 1000
