"""Which address outside is a Member's own."""

from __future__ import annotations

import pytest

from rules.home import bears_name_of, sent_home
from rules.message import Address, Message
from rules.roster import Kind, Person, Roster

MEMBER = Person("d.vickers@larch.gov.uk", "Cllr Dawn Vickers", Kind.MEMBER, aliases=("dv@larch.gov.uk",))
VACANT = Person("ward4@larch.gov.uk", "(Vacant)", Kind.MEMBER)
SHORT = Person("m.ash@larch.gov.uk", "Cllr Martin Ash", Kind.MEMBER)


@pytest.mark.parametrize(
    ("address", "person"),
    [
        ("dawn.vickers@post.example", MEMBER),
        ("dawn@vickers.example", MEMBER),
        ("dawn@vickersfamily.example", MEMBER),
        ("dv@post.example", MEMBER),
        ("martin@ash.example", SHORT),
    ],
)
def test_it_bears_the_name(address: str, person: Person) -> None:
    assert bears_name_of(address, person)


@pytest.mark.parametrize(
    ("address", "person"),
    [
        ("dawn@post.example", MEMBER),
        ("office@vickersfamily.example", MEMBER),
        ("martin@ashtonhomes.example", SHORT),
        ("dk@post.example", MEMBER),
        ("ward4@post.example", VACANT),
    ],
)
def test_it_does_not(address: str, person: Person) -> None:
    assert not bears_name_of(address, person)


@pytest.mark.parametrize(
    ("to", "bcc", "home"),
    [
        (("dawn.vickers@post.example",), (), True),
        (("dawn.vickers@post.example",), ("joan@post.example",), False),
        (("dawn.vickers@post.example", "joan@post.example"), (), False),
        (("joan@post.example",), (), False),
        (("m.ash@larch.gov.uk",), (), False),
    ],
)
def test_it_goes_home_where_nobody_else_has_it(to: tuple[str, ...], bcc: tuple[str, ...], home: bool) -> None:
    message = Message("a@x", None, Address(MEMBER.address), tuple(map(Address, to)), bcc=tuple(map(Address, bcc)))
    assert sent_home(message, Roster((MEMBER, SHORT), {}, frozenset({"larch.gov.uk"}))) is home
