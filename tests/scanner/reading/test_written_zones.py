"""Zones measured on whole messages labelled line by line, by three authors; the third one's took no part in fitting."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from zone_cases import MARKS, Score, ZoneCase, load, score

from rules.message import Address, Quoted, Quoting
from scanner.reading.zones.zones import divide

CASES = load()
HELD_OUT = [case for case in CASES if case.held_out]
CARRIED = [case for case in CASES if case.quoted]


def _zones(case: ZoneCase) -> dict[str, str]:
    body, _ = divide(case.text, case.forward, case.reply)
    return dict(zip(MARKS, (body.new, body.history, body.forwarded, body.signature, body.disclaimer), strict=True))


def _measured(cases: list[ZoneCase], mark: str = "N") -> Score:
    return sum((score([line for found, line in case.marked() if found == mark], _zones(case)[mark]) for case in cases), Score())


def test_there_are_messages_enough_by_three_authors() -> None:
    hands = Counter(case.hand for case in CASES)
    assert sum(hands.values()) - hands["fitting"] >= 600
    assert min(hands["office"], hands["street"]) >= 150
    assert all(sum(case.author == author for case in CASES) >= 110 for author in (1, 2, 3))
    assert len({(case.hand, case.name) for case in CASES}) == len(CASES)
    assert len(HELD_OUT) >= 150
    assert sum(case.html for case in CASES) >= 90


def test_new_content_is_found_on_messages_held_out() -> None:
    assert _measured(HELD_OUT).f1 >= 0.97


@pytest.mark.parametrize("hand", ["office", "street", "pages"])
def test_new_content_is_found_in_each_of_the_first_authors_hands(hand: str) -> None:
    assert _measured([case for case in HELD_OUT if case.hand == hand]).f1 >= 0.965


def test_new_content_is_found_with_an_author_to_whom_nothing_was_fitted() -> None:
    assert _measured([case for case in HELD_OUT if case.author == 3]).f1 >= 0.97


@pytest.mark.parametrize(
    ("author", "mark", "least"),
    [(1, "H", 0.99), (1, "F", 0.99), (1, "S", 0.95), (1, "D", 0.9), (3, "H", 0.98), (3, "F", 0.97), (3, "S", 0.97), (3, "D", 0.55)],
)
def test_other_zones_are_found_on_messages_held_out(author: int, mark: str, least: float) -> None:
    """A gateway's small print below the history, of which the third author has much, stays history."""
    assert _measured([case for case in HELD_OUT if case.author == author], mark).f1 >= least


def test_new_content_is_found_on_messages_fitted_to() -> None:
    assert _measured([case for case in CASES if not case.held_out]).f1 >= 0.985


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.hand}-{case.name}")
def test_no_letter_is_lost_or_doubled(case: ZoneCase) -> None:
    assert Counter(filter(str.isalnum, "".join(_zones(case).values()))) == Counter(filter(str.isalnum, case.text))


def _name(address: Address | None) -> str:
    return "-" if address is None else address.email or address.name


def _outermost(case: ZoneCase) -> Quoted | None:
    return next(iter(divide(case.text, case.forward, case.reply)[1]), None)


def _head(quoted: Quoted | None) -> str:
    return " | ".join((_name(quoted.sender), "; ".join(map(_name, quoted.recipients)), quoted.sent, quoted.subject)) if quoted else ""


def _alike(case: ZoneCase) -> bool:
    """Whether author, readers in To, time and subject are those that the heading shows, an address before a name."""
    quoted = _outermost(case)
    if quoted is None:
        return False
    sender, to, sent, subject = ((case.quoted[0] + " ").split(" | ") + [""] * 3)[:4]
    people = {_name(address) for address in quoted.recipients}
    return (
        _person(sender) == _name(quoted.sender).strip('"-')
        and {_person(each) for each in to.split(";")} - {""} <= people
        and _letters(quoted.sent) == _letters(sent)
        and _letters(quoted.subject) == _letters(subject)
    )


def _person(shown: str) -> str:
    found = re.search(r"<?([^\s<>]+@[^\s<>]+)", shown)
    return (found[1] if found else shown).strip(' "-')


@pytest.mark.parametrize("case", [c for c in CARRIED if c.author == 1 and not c.held_out], ids=lambda case: case.name)
def test_a_carried_message_is_parsed_back(case: ZoneCase) -> None:
    quoted = _outermost(case)
    assert _head(quoted) == case.quoted[0]
    assert quoted
    people = [address for address in (quoted.sender, *quoted.recipients) if address]
    assert all(("@" in address.email) == ("@" in _name(address)) for address in people)


def test_carried_messages_held_out_are_parsed_back() -> None:
    held = [case for case in CARRIED if case.author == 1 and case.held_out]
    assert sum(_head(_outermost(case)) == case.quoted[0] for case in held) >= 0.95 * len(held)


@pytest.mark.parametrize(("author", "least"), [(2, 0.85), (3, 0.9)])
def test_carried_messages_of_other_authors_are_parsed_back(author: int, least: float) -> None:
    several = [case for case in CARRIED if case.author == author]
    assert sum(map(_alike, several)) >= least * len(several)


@pytest.mark.parametrize("case", [c for c in CARRIED if c.forward], ids=lambda case: case.name)
def test_the_text_of_a_carried_message_is_what_stands_under_its_header(case: ZoneCase) -> None:
    _, quoted = divide(case.text, case.forward, case.reply)
    block = "".join(_letters(line) for mark, line in case.marked() if mark in "FH")
    first = next(each for each in quoted if each.text)
    text = _letters(first.text)
    assert quoted[0].quoting is Quoting.FORWARDED
    assert _letters(first.subject) in block.partition(text)[0]
    assert _letters(first.sent) in block.partition(text)[0]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def test_names_without_addresses_stay_without() -> None:
    text = "See below.\n\nFrom: Bell, Ann\nSent: 03 May 2026 10:12\nTo: Carr, Bob; Fox, Dee (Cllr)\nSubject: Drains\n\nText."
    quoted = divide(text, True)[1][0]
    assert quoted.sender == Address("", "Bell, Ann")
    assert quoted.recipients == (Address("", "Carr, Bob"), Address("", "Fox, Dee (Cllr)"))


@pytest.mark.parametrize(
    ("text", "sender", "sent"),
    [
        ("Le mar. 21 juil. 2026 à 09:15, Luc Fabre <luc@mairie.example> a écrit :\n> Oui.", "luc@mairie.example", "mar. 21 juil. 2026 à 09:15"),
        ("Am 10.06.2026 um 08:15 schrieb Max Vogel <max@stadt.example>:\n> Ja.", "max@stadt.example", "10.06.2026 08:15"),
        (">>> Paul Dacre <paul@post.example> 28/05/2026 17:44 >>>\nWho pays?", "paul@post.example", "28/05/2026 17:44"),
        ("Quoting Ruth Amis <ruth@calder.example>:\n\n> Did you sign?", "ruth@calder.example", ""),
        ("At 10:12 AM +0100 on 9/5/26, Bernard Tilly wrote:\n>Still on?", "Bernard Tilly", ""),
    ],
)
def test_attributions_name_author_and_time(text: str, sender: str, sent: str) -> None:
    quoted = divide(f"Yes.\n\n{text}", False)[1][0]
    assert _name(quoted.sender) == sender
    assert quoted.sent == sent or not sent


def test_words_under_a_typed_attribution_that_quotes_nothing_are_new() -> None:
    body, _ = divide("On 9 May 2026 at 10:12, Ann Bell wrote:\n\n[figures left out]\n\nThey do not add up.\n\nCheers\nBob", False)
    assert "They do not add up." in body.new
    assert "wrote:" in body.history


def test_short_sentences_under_dashes_are_signature() -> None:
    body, _ = divide("See you there.\n\n-- \nBob Carr\nWelcome to the far north.\nIt is cold.", False)
    assert body.new == "See you there."
    assert "It is cold." in body.signature
