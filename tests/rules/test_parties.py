"""Which addresses outside are a party's or a candidate's."""

from __future__ import annotations

import pytest

from rules.council import Council
from rules.message import Address
from rules.parties import of_campaign
from rules.roster import Kind, Person, Roster

COUNCIL = Council("Wexcombe", parties=("Conservative", "Liberal Democrat", "Green", "Independent"), candidates=("Carol Mostyn", "Ann Marsh"))
ROSTER = Roster((Person("ann@wexcombe.example", "Cllr Ann Marsh", Kind.MEMBER),), {}, frozenset({"wexcombe.example"}))


@pytest.mark.parametrize(
    "address",
    [
        Address("simon@wexcombe-conservatives.example", "Simon Petrie"),
        Address("philippa@wexlibdems.example"),
        Address("office@wexca.example", "Wexcombe Conservative Association"),
        Address("hello@greens.example", "Wexcombe Green Party"),
        Address("carol@mostyn.example", "C Mostyn"),
        Address("carol@mostyncampaign.example"),
        Address("carolmostyn@homemail.example"),
        Address("cm@homemail.example", "Carol Mostyn"),
        Address("organiser@wexcombeparty.example"),
        Address("news@mail.wexcombe-tories.example"),
        Address("joyce@wexcombeindependents.example"),
    ],
)
def test_a_party_and_a_candidate_are_known_by_address_or_name(address: Address) -> None:
    assert of_campaign(address, COUNCIL, ROSTER)


@pytest.mark.parametrize(
    "address",
    [
        Address("pat@homemail.example", "Pat"),
        Address("hilary@greengrocer.example", "Hilary Green"),
        Address("desk@greenlane.example", "Green Lane Residents' Association"),
        Address("hg@bank.example", "Hilary Green, Branch Manager"),
        Address("iopc@police.example", "Independent Office for Police Conduct"),
        Address("shop@factories.example", "Histories of Factories"),
        Address("carol.costyn@homemail.example"),
        Address("desk@local-stories.example"),
        Address("hire@the-tea-party.example"),
        Address("data@third-party.example"),
        Address("balloons@partyplanner.example"),
        Address("desk@independent-living.example", "Independent Living Centre"),
        Address("ann.marsh@homemail.example", "Ann Marsh"),
        Address("association@wexcombe.example", "Wexcombe Conservative Association"),
        Address("", "Wexcombe Conservative Association"),
    ],
)
def test_others_are_not(address: Address) -> None:
    assert not of_campaign(address, COUNCIL, ROSTER)
