"""Candidates as people name them, told from others of that name and from ordinary words."""

from __future__ import annotations

import pytest

from rules.candidates import candidate_said, names_candidate
from rules.council import Council
from rules.roster import Kind, Person, Roster

ROSTER = Roster((Person("gill.ames@wexcombe.gov.uk", "Cllr Gill Ames", Kind.MEMBER), Person("h.quill@wexcombe.gov.uk", "Hugh Quill", Kind.OFFICER)))
ROSTER_CHRIS = Roster((Person("chris@wexcombe.gov.uk", "Christopher Hale", Kind.OFFICER),))
COUNCIL = Council("Wexcombe", candidates=("Russell Pennock", "Sadia Quill", "Gill Treloar", "Will Market", "Gill Ames", "Tony Leeds", " ", "-"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A vote for RUSSELL  PENNOCK, or Sadia Quill", "A vote for our candidate, or our candidate"),
        ("share Russ's one would u", "share our candidate's one would u"),
        ("Russell can hold the scissors; Sadia the ribbon", "our candidate can hold the scissors; our candidate the ribbon"),
        ("Pennock's lot, Cllr Pennock and Treloar", "our candidate's lot, Cllr our candidate and our candidate"),
        ("Will Market is ours", "our candidate is ours"),
    ],
)
def test_a_candidate_is_called_so(text: str, said: str) -> None:
    assert candidate_said(text, COUNCIL, ROSTER) == said
    assert names_candidate(text, COUNCIL, ROSTER)


@pytest.mark.parametrize(
    "text",
    [
        "Gill Ames and Gill, Hugh Quill, Cllr Gill Ames",
        "Will you come to the Market on Russ Street?",
        "Dear Russell, thanks Sadia, hello Russ, Dear Jean and Russell",
        "Mr Pennock of Mill Lane, trains to Leeds, Dear Ms Treloar, Pennock 3, the River Treloar",
        "russell.pennock@vote.example, Russell-Cotes, Anti-Pennock, step Russ-wards",
        "See you there\nRussell\n",
        "Helen Pennock, Russell Crabbe, russell, pennock, Prussell",
        "",
    ],
)
def test_others_of_the_name_are_not(text: str) -> None:
    assert candidate_said(text, COUNCIL, ROSTER) == text
    assert not names_candidate(text, COUNCIL, ROSTER)


@pytest.mark.parametrize(
    ("candidate", "text", "said"),
    [
        ("Councillor Peter Vane", "The Council and Peter Vane, Pete too", "The Council and our candidate, our candidate too"),
        ("Smith, John", "John Smith for the doors", "our candidate for the doors"),
        ("John Smith (Labour)", "JOHN SMITH, not Labour", "our candidate, not Labour"),
        ("Niamh O'Neil", "vote O’Neil", "vote our candidate"),
        ("Francesca Dale", "Fran for France", "our candidate for France"),
        ("Ieuan", "Ask Ieuan", "Ask our candidate"),
    ],
)
def test_names_are_taken_as_lists_of_candidates_write_them(candidate: str, text: str, said: str) -> None:
    assert candidate_said(text, Council("Wexcombe", candidates=(candidate,)), ROSTER) == said


def test_what_an_officers_first_name_is_shortened_to_is_theirs() -> None:
    council = Council("Wexcombe", candidates=("Christine Dale",))
    assert candidate_said("Chris in Highways has the envelopes", council, ROSTER_CHRIS) == "Chris in Highways has the envelopes"
    assert candidate_said("Chris is on the doors", council, ROSTER) == "our candidate is on the doors"


def test_a_council_without_candidates_names_none() -> None:
    assert candidate_said("Russell Pennock", Council("Wexcombe"), ROSTER) == "Russell Pennock"


def test_long_text_is_looked_through_in_no_time() -> None:
    for text in ("Russ" * 50_000, "Russ Street " * 20_000, " " * 200_000, "Mr " * 60_000):
        assert candidate_said(text, COUNCIL, ROSTER) == text
