"""What is to be judged, and what must be judged again because its conversation is no longer what it was."""

from __future__ import annotations

from datetime import datetime

import pytest
from parish import ANN, OLIVE, Parish, day, letter

from scanner.plan import Range, outdated, tasks
from scanner.store.entry import Node, State
from scanner.threads import conversations


@pytest.mark.parametrize(
    ("since", "until", "moment", "held"),
    [
        (None, None, day(1), True),
        (None, None, None, True),
        (day(1), day(2), day(1), True),
        (day(1), day(2), day(2), False),
        (day(1), None, day(0.9), False),
        (None, day(2), day(0.9), True),
        (day(1), day(2), None, True),
    ],
)
def test_a_range_holds_its_first_day_and_not_its_last_and_all_that_is_undated(
    since: datetime | None, until: datetime | None, moment: datetime | None, held: bool
) -> None:
    assert Range(since, until).holds(moment) is held


def node(key: str, at: float, *references: str, state: State = State.JUDGED, news: bool = False) -> Node:
    return Node(key, day(at), "", state, frozenset(references), frozenset(), news)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([node("a", 0), node("b", 1, "a")], ""),
        ([node("a", 0), node("b", 1, "a", news=True, state=State.PENDING), node("c", 2, "b")], "c"),
        ([node("a", 0, news=True, state=State.CONTEXT), node("b", 1, "a")], "b"),
        ([node("a", 0, news=True, state=State.LEFT_OUT), node("b", 1, "a")], "b"),
        ([node("a", 0, state=State.LEFT_OUT), node("b", 1, "a")], ""),
        ([node("a", 0), node("b", 1, "a"), node("c", 2, "b", news=True, state=State.PENDING)], ""),
        ([node("a", 0, news=True, state=State.PENDING), node("b", 1, "a", state=State.PENDING), node("c", 2, "a", state=State.CONTEXT)], ""),
        ([node("a", 0), node("b", 1, "x"), node("c", 2, "a", "b", news=True, state=State.PENDING)], "b"),
        ([node("a", 0), node("b", 1, "a"), node("c", 2, "x"), node("d", 3, "c", "a", news=True, state=State.PENDING), node("e", 4, "x")], "ce"),
        ([node("a", 0, news=True, state=State.PENDING), node("z", 1)], ""),
    ],
    ids=[
        "nothing new",
        "a message in between",
        "an outsider's letter before",
        "one before that is left out now",
        "one that always was",
        "news at the end",
        "what is pending anyway",
        "news that joins two conversations",
        "the later half of two that were joined",
        "another conversation",
    ],
)
def test_what_follows_news_is_outdated(nodes: list[Node], expected: str) -> None:
    assert outdated(nodes) == frozenset(expected)


def test_news_in_the_first_piece_of_a_long_conversation_reaches_the_last() -> None:
    chain = [node(f"{n:04}", n, f"{n - 1:04}") for n in range(400)]
    assert len(outdated([node("new", 0.5, "0000", news=True, state=State.PENDING), *chain])) == 399
    assert len(conversations(chain)) == 1


def test_what_comes_after_the_last_message_to_be_judged_is_not_read(parish: Parish) -> None:
    parish.put(letter("a@x", date=day(0)), OLIVE, "Sent Items")
    parish.put(letter("b@x", date=day(1), In_Reply_To="<a@x>"), OLIVE, "Sent Items")
    parish.put(letter("c@x", date=day(2), In_Reply_To="<b@x>"), OLIVE, "Sent Items")
    parish.scan(until=day(0))
    todo = list(tasks(parish.ledger, Range(until=day(1.5), since=day(0.5)), None))
    assert [[(d.judged, d.copies[0].copy.item) for d in task] for task in todo] == [[(False, "0001.eml"), (True, "0002.eml")]]


def test_a_mailboxs_scan_judges_only_what_it_holds(parish: Parish) -> None:
    parish.put(letter("mine@x", ANN, (OLIVE,), date=day(0)), ANN, "Sent Items")
    parish.put(letter("theirs@x", OLIVE, (ANN,), date=day(1), In_Reply_To="<mine@x>"), OLIVE, "Sent Items")
    parish.scan(until=day(-1))
    assert parish.scan(mailbox=ANN).judged == 1
    assert parish.states() == {"judged": 1, "pending": 1}
