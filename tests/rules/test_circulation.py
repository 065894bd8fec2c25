"""The order of a conversation's messages, whatever order their keys have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from rules.circulation import Circulation, in_order
from rules.message import Address, Message

NOON = datetime(2027, 4, 20, 12, tzinfo=UTC)


def _circulation(name: str, when: datetime | None, answers: str = "", *references: str) -> Circulation:
    return Circulation(Message(name, when, Address("ann@wexcombe.gov.uk"), in_reply_to=answers, references=references))


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        ((_circulation("b", NOON), _circulation("a", NOON, "b"), _circulation("c", NOON, "", "b", "a")), "bac"),
        ((_circulation("c", NOON), _circulation("b", NOON), _circulation("a", NOON)), "abc"),
        ((_circulation("z", None), _circulation("y", None, "z")), "zy"),
        ((_circulation("a", NOON, "b"), _circulation("b", NOON, "a"), _circulation("c", NOON, "c")), "cab"),
        ((), ""),
    ],
)
def test_messages_of_one_second_stand_as_they_answer_each_other(several: tuple[Circulation, ...], expected: str) -> None:
    for order in permutations(several):
        assert "".join(c.message.id for c in in_order(order)) == expected


def test_messages_of_different_times_stay_as_they_stand() -> None:
    several = [_circulation("b", NOON - timedelta(minutes=1), "a"), _circulation("a", NOON), _circulation("d", None), _circulation("c", NOON, "d")]
    assert [c.message.id for c in in_order(several)] == ["b", "a", "d", "c"]
