"""Which address outside is a Member's own."""

from __future__ import annotations

import pytest

from rules.home import bears_name_of
from rules.roster import Kind, Person

MEMBER = Person("d.vickers@larch.gov.uk", "Cllr Dawn Vickers", Kind.MEMBER, aliases=("dv@larch.gov.uk",))
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
    ],
)
def test_it_does_not(address: str, person: Person) -> None:
    assert not bears_name_of(address, person)
