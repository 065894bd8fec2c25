"""political-use: an officer who asks what it is for has not complied; what the Member says then decides."""

from __future__ import annotations

import pytest
from rule_examples import Example, Row, load_chamber, thread

from rules import protocol
from rules.catalogue import rule
from rules.rule import Context

CHAMBER = load_chamber()
CONTEXT = Context(CHAMBER.council, CHAMBER.roster, protocol.packaged("bolsover-2021"), lambda _: ())
REQUEST = "Simran, could you print 400 of our Labour leaflets for the canvass on Saturday?"
UNCLEAR = "Simran, could you print 400 of the leaflet I left on your desk, for the doors on Saturday?"
DONE = "Done. 400, in your pigeonhole."


def found(*said: str) -> bool:
    """Whether the last of some mails, in turn from a Member to an officer and back, is a potential breach."""
    people = ("cllr.okoro", "officer.kaur")
    mails: list[Row] = []
    for place, text in enumerate(said):
        answers = {"answers": place} if place else {}
        mails.append({"from": people[place % 2], "to": [people[1 - place % 2]], "subject": "Copies", "text": text, **answers})
    political = rule("political-use")
    example = Example(political.id, 1, "", True, tuple(mails))
    return any(f.is_potential_breach for f in political.check(thread(example, CHAMBER), CONTEXT, political.settings))


@pytest.mark.parametrize(
    "question",
    [
        "What's it for?",
        "What are they for please?",
        "Who is it for?",
        "What did you want them for?",
        "Is it for the campaign?",
        "Happy to, is this for the scrutiny panel?",
        "Is it definitely Council work?",
        "Are they party leaflets?",
        "In what capacity do you ask, Councillor?",
        "Could you let me know what it is for, please.",
        "May I ask the purpose? I have to put something on the form. What is the purpose?",
    ],
)
def test_who_asks_what_it_is_for_has_not_complied(question: str) -> None:
    assert not found(UNCLEAR, question)
    assert not found(UNCLEAR, question, "The lift closure notice. It is for the housing consultation.", DONE)


@pytest.mark.parametrize(
    "answer",
    [
        "400 done. Is that all right for you?",
        "Printed. Shall I leave them in committee room 2 for you?",
        "Printed. What day do you need them?",
        "Done. Was that the right size?",
        "I have printed them. What are they for, by the way?",
    ],
)
def test_who_has_done_it_has_complied_whatever_else_is_asked(answer: str) -> None:
    assert found(REQUEST, answer)


@pytest.mark.parametrize("told", ["Yes.", "As I said.", "Just print it, please.", "Put ward correspondence.", "Never you mind."])
def test_a_member_who_tells_no_other_purpose_has_not_made_it_innocent(told: str) -> None:
    assert found(REQUEST, "Is it for the campaign?", told, DONE)
