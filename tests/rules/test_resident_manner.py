"""What only looks like a resident told of: words and places taken for names, talk of the famous, court reports; and what a letter or a mass mail shows."""

from __future__ import annotations

import pytest

from rules.finding import Evidence
from rules.message import Address, Attachment, Body, Message
from rules.passage import Passage
from rules.resident_data.asked import inherited
from rules.resident_data.facts import topics
from rules.resident_data.families import families
from rules.resident_data.mailboxes import private
from rules.resident_data.mass import greets_residents
from rules.resident_data.mistaken import is_mistaken
from rules.resident_data.published import in_passing, reported
from rules.resident_data.readers import letters, signer
from rules.resident_data.scale import PRIOR, chance, scaled

SENDER = Address("rao@larch.gov.uk", "Asha Rao")


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        (["a", "we"], "is now band ", ""),
        (["smithy", "yard"], "floor at ", ""),
        (["jack", "okay"], "", ""),
        (["bell", "green"], "a flat on ", ""),
        (["will", "you"], "", ""),
        (["weir", "fold"], "", " library is shut"),
        (["crab", "inn"], "", ""),
        (["lib", "dem"], "", " Monday at 5"),
    ],
)
def test_a_word_or_a_place_is_nobody(words: list[str], before: str, after: str) -> None:
    assert is_mistaken(words, before, after, " ".join(words))


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        (["joan", "green"], "a word with ", ""),
        (["sam", "may"], "", ""),
        (["green"], "at ", ""),
        (["ada", "hill"], "written to ", ""),
        (["ada", "hill"], "", " (library)"),
        (["hold"], "", " the line"),
        (["ayesha", "hill"], "", " school appeal"),
        (["alan", "call"], "", ""),
    ],
)
def test_a_surname_that_is_also_a_word_stays_one(words: list[str], before: str, after: str) -> None:
    assert not is_mistaken(words, before, after, " ".join(words))


def test_a_bracket_stands_in_nobodys_name() -> None:
    assert is_mistaken(["maureen", "dictated"], "", " by car)", "Maureen (dictated")


@pytest.mark.parametrize(
    ("text", "weighs"),
    [
        ("Have you read the new life of Ivor Lund? He was ill for years.", True),
        ("Ivor Lund has been ill since his tenancy began.", False),
        ("Councillors should know that Ivor Lund is ill.", False),
    ],
)
def test_talk_without_a_councils_business_weighs_against_a_name(text: str, weighs: bool) -> None:
    assert (in_passing(text) < 0) is weighs


def test_longer_talk_weighs_more() -> None:
    assert in_passing("word " * 100) < in_passing("word")


def test_a_report_of_a_court_is_published() -> None:
    assert reported("Ivor Lund, 33, who sent threats to the staff, was jailed on Monday.") < 0
    assert reported("Ivor Lund was in court again, I hear.") == 0.0


def test_a_surname_that_is_a_topics_word_tells_nothing() -> None:
    assert topics("Mr Foster is at the door") == {}
    assert "family and relationships" in topics("They foster two boys")


def test_a_place_named_like_a_family_is_none() -> None:
    assert list(families("Good to see you at the Shambles on Wednesday.")) == []


def test_who_signed_an_attached_letter() -> None:
    letter = Passage("Dear Sir\n\nMy son has no school.\n\nYours faithfully,\nPaula Dent\n6 Ferry Row", "attachment letter.docx")
    assert signer(letter) == Address("", "Paula Dent")
    assert signer(Passage(letter.text, "message")) is None
    assert signer(Passage("Minutes. Present: Paula Dent", "attachment minutes.docx")) is None


def test_the_subject_is_read_with_what_is_written_under_it() -> None:
    message = Message("1@x", None, SENDER, subject="RE: [2] Fwd: Mrs Lund", body=Body(new="Eleven weeks behind."), attachments=())
    (letter,) = letters(message)
    assert letter.subject == "Mrs Lund"
    attached = Message("2@x", None, SENDER, subject="Mrs Lund", attachments=(Attachment("a.docx", "application/x", 1, "Text."),))
    assert [each.subject for each in letters(attached)] == [""]


@pytest.mark.parametrize("opening", ["Dear tenant,", "Dear Parents/Carers,", "Hello neighbours", "Dear all residents,", "DEAR LEASEHOLDER"])
def test_a_salutation_to_residents(opening: str) -> None:
    assert greets_residents(f"{opening}\n\nThe water will be off.")


@pytest.mark.parametrize("opening", ["Dear colleagues,", "Dear resident engineer and team,", "Dear Mr Tenant,", "Dear clerks"])
def test_a_salutation_to_others(opening: str) -> None:
    assert not greets_residents(f"{opening}\n\nThe water will be off.")


@pytest.mark.parametrize(
    ("email", "name", "plain", "greeted"),
    [
        ("ann@doyle.example", "Ann Doyle", 0.0, 1.0),
        ("kt@kerrtown.example", "", 0.6, 1.0),
        ("office@kerrtown.example", "", 0.0, 0.0),
        ("ann@doylebuilders.example", "Ann Field", 0.0, 0.0),
    ],
)
def test_a_domain_of_ones_own(email: str, name: str, plain: float, greeted: float) -> None:
    assert private(Address(email, name)) == plain
    assert private(Address(email, name), is_resident=True) == greeted


def test_scaled_weights_add_up_to_the_chance() -> None:
    evidence = scaled((Evidence("a", "says", 1.7), Evidence("b", "says", 2.0)))
    assert chance(evidence) > 0.9
    assert chance(scaled((Evidence("a", "says", -PRIOR),))) == pytest.approx(0.45, abs=0.05)


@pytest.mark.parametrize(
    ("answer", "told"), [("Yes, Mr Daley.", True), ("He is, Mr Daley that is.", True), ("Mr Daley wants the gate mended.", False)]
)
def test_a_yes_says_what_was_asked(answer: str, told: bool) -> None:
    question = "Is the new man upstairs one of those from the prison?"
    message = Message("1@x", None, SENDER, body=Body(new=answer))
    assert bool(inherited(message, question)) is told
