"""Who is identified without a name or by a family's, how far a fact reaches, and what reads as published."""

from __future__ import annotations

import pytest

from rules.message import Address, Attachment, Message, Table
from rules.passage import Passage
from rules.resident_data.described import described
from rules.resident_data.facts import reach, shows_home
from rules.resident_data.families import families
from rules.resident_data.ledger import asks_who
from rules.resident_data.published import is_attribution, reported
from rules.resident_data.readers import signer
from rules.resident_data.sheets import listings


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        ("It was the lady at number 14 with the twins.", "14"),
        ("It is that Polish woman who cleans at the school.", "school"),
        ("It's the vicar's wife.", "wife"),
        ("Your old headmaster!", "headmaster"),
        ("How is your aunt?", "aunt"),
        ("3 has been refused the loan.", "3"),
        ("Flat 8 hoards.", "8"),
        ("It was him next door.", "door"),
    ],
)
def test_somebody_is_identified_without_a_name(sentence: str, key: str) -> None:
    (found,) = described(sentence)
    assert found.weight >= 0.5
    assert found.key == key or key in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "A local resident has written about the bins.",
        "A woman in the ward is unwell.",
        "The family concerned has been told.",
        "Somebody at the meeting objected.",
        "We have 14 of them in stock.",
        "The vote is at 7.",
        "Your wife will be pleased.",
    ],
)
def test_the_anonymous_are_nobody(sentence: str) -> None:
    assert list(described(sentence)) == []


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("It's the Begums at 26.", ["begums"]),
        ("Ask the Hargreaveses, they know.", ["hargreaveses"]),
        ("the Members have gone, and the Mayor's car too", []),
        ("the Ukrainians and the Conservatives met", []),
        ("the Terms of Reference", []),
    ],
)
def test_families(sentence: str, names: list[str]) -> None:
    assert [name for _, _, name in families(sentence)] == names


@pytest.mark.parametrize(
    ("text", "home"), [("Mrs Lund at 22", True), ("Flat 5 (Mr Lund)", True), ("at 22 o'clock", False), ("at 9pm", False), ("Committee Room 2", False)]
)
def test_a_home_by_its_number(text: str, home: bool) -> None:
    assert shows_home(text) is home


def test_a_fact_reaches_on_by_pronoun_and_stops_at_another_name() -> None:
    sentences = (
        "Mrs Lund came to see me about the ramp at the front.",
        "She has been on oxygen for a year and cannot get out.",
        "Mr Kay has dementia.",
    )
    assert reach(sentences, 0, [True, False, True]) == range(2)


@pytest.mark.parametrize(
    ("question", "pries"),
    [
        ("Which one of them is it?", True),
        ("Is she on benefits?", True),
        ("When will the bins be emptied?", False),
        ("Mrs Lund at 22 wants the slab mending.", False),
    ],
)
def test_prying(question: str, pries: bool) -> None:
    assert asks_who(question) is pries


def test_a_report_needs_a_sign_of_print_and_another() -> None:
    told = 'Edna Lund, 84, of The Pound, said: "I cannot go on."'
    assert reported(told) == 0.0
    assert reported(f"https://www.echo.example/news/1\n\nBy Sam Whitlock\n\n{told}") < 0


def test_a_quotation_is_attributed_not_told_of() -> None:
    quotation = '"Simplicity is the highest goal." -- Frederic Chopin'
    assert is_attribution(quotation, quotation.index("Frederic"))
    assert not is_attribution("I saw Frederic Chopin", 6)


@pytest.mark.parametrize(
    ("header", "people"),
    [
        (("PCN", "Keeper", "VRM", "Reason cancelled"), 1),
        (("Account", "Liable person", "Property", "Annual award £"), 1),
        (("Ref", "Appellant", "School", "Outcome"), 1),
        (("Ref", "Supplier", "Address", "Amount"), 0),
        (("Ref", "Street", "Defects", "Cost £"), 0),
    ],
)
def test_a_sheet_is_judged_by_its_headers(header: tuple[str, ...], people: int) -> None:
    table = Table("Sheet1", (header, ("1", "Ivy Lund", "x", "y")))
    message = Message("1@x", None, Address("rao@larch.gov.uk"), attachments=(Attachment("list.xlsx", "application/x", 1, "", (table,)),))
    assert sum(each.people for each in listings(message)) == people


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Dear Mrs Birch,\nI object.\nYours sincerely,\nNorman Bache", "Norman Bache"),
        ("Dear Mrs Birch,\nI object.\nNorman Bache\n01632 960853", "Norman Bache"),
        ("Dear Sir, the dust would finish me.\nMrs J. Bache", "Mrs J. Bache"),
        ("Dear Mrs Birch,\nI object to the shed.\nThank you", ""),
        ("Dear Mrs Birch,\nThe road is closed.\nKind Regards\n", ""),
        ("Dear Mrs Birch,\nThe road is closed.\nCustomer Services\nLarchester City Council", ""),
        ("Minutes of the parish meeting\nNorman Bache", ""),
    ],
)
def test_an_attached_letter_is_its_signers(text: str, name: str) -> None:
    found = signer(Passage(text, "attachment scan.pdf"))
    assert (found.name if found else "") == name
    assert signer(Passage(text, "message")) is None
