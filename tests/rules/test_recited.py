"""Who is said to have written what stands between quotation marks."""

from __future__ import annotations

import pytest

from rules.circulation import Circulation, Turn
from rules.message import Address, Body, Message, Quoted, Quoting
from rules.roster import Kind, Person, Roster
from rules.silent_copy.recited import recited_letters

MEMBERS = {
    "jan": "Cllr Jan Birch",
    "martin": "Cllr Martin Ash",
    "tom": "Cllr Tom May",
    "pat": "Cllr Pat O’Neill",
    "rita": "Cllr Rita Dunn MBE",
    "sue": "Cllr Sue Hall",
    "ward4": "(Vacant)",
}
ROSTER = Roster(
    (*(Person(f"{n}@larch.gov.uk", name, Kind.MEMBER) for n, name in MEMBERS.items()), Person("hale@larch.gov.uk", "Roger Hale", Kind.OFFICER)),
    {},
    frozenset({"larch.gov.uk"}),
)
LETTER = "I shall ask for the file on the wharf and would rather the Cabinet heard of it on the day."


def recited(text: str, below: str = "", subject: str = "", answers: str = "") -> list[str]:
    quoted = (Quoted(Quoting.HISTORY, None, text=below),) if below else ()
    to = (Address("martin@larch.gov.uk"),)
    message = Message("a@x", None, Address("hale@larch.gov.uk"), to, subject=subject, body=Body(new=text), quoted=quoted, in_reply_to=answers)
    return [r.member.address.partition("@")[0] for r in recited_letters(Turn(Circulation(message), ()), ROSTER)]


@pytest.mark.parametrize(
    ("led_in", "who"),
    [
        ("Cllr Birch wrote to me last night:", "jan"),
        ("Birch to Hale, Friday:", "jan"),
        ("Birch to Roger Friday:", "jan"),
        ("Jan Birch wrote:", "jan"),
        ("Cllr O'Neill wrote to me:", "pat"),
        ("Cllr O’Neill wrote to me:", "pat"),
        ("Cllr Rita Dunn MBE writes:", "rita"),
        ("I had a note from Cllr Birch on Friday:", "jan"),
        ("An email from Jan Birch this morning:", "jan"),
    ],
)
@pytest.mark.parametrize("marks", ['"{}"', "“{}”"])
def test_a_member_wrote_it(led_in: str, who: str, marks: str) -> None:
    assert recited(f"{led_in} {marks.format(LETTER)}") == [who]


@pytest.mark.parametrize(
    "led_in",
    [
        "I wrote to Cllr Birch on Friday:",
        "This is what I sent to Cllr Birch:",
        "A resident wrote to Cllr Birch:",
        "Proposed answer to the letter from Cllr Birch:",
        "Mrs Birch of Elm Road wrote to me:",
        "Jane Birch wrote to me:",
        "Birch Close residents wrote to us:",
        "Birch to Hale Road junction, the contractor says:",
        "As you may know the contractor wrote to us:",
        "The contractor for the Hall wrote to us:",
        "Cllr Ash wrote to me:",  # who reads it
    ],
)
def test_somebody_else_wrote_it(led_in: str) -> None:
    assert recited(f'{led_in} "{LETTER}"') == []


def test_what_stands_between_two_short_quotations_is_not_recited() -> None:
    assert recited('Cllr Birch wrote to me "urgently" and since then I have had four calls from people who all of them call it "soon".') == []


@pytest.mark.parametrize("signed", ["J. Birch", "Jan Birch.", "jan birch -"])
def test_a_quotation_without_heading_greets_the_officer_and_bears_a_members_name(signed: str) -> None:
    assert recited("This is what I had:", below=f"Roger, {LETTER} {signed}") == ["jan"]


@pytest.mark.parametrize(
    ("below", "subject", "answers"),
    [
        (f"Roger, {LETTER} Jan Birch", "RE: The wharf", ""),
        (f"Roger, {LETTER} Jan Birch", "The wharf", "before@x"),
        (f"Martin, {LETTER} Jan Birch", "The wharf", ""),
        (f"Roger, {LETTER} Mrs Elm", "The wharf", ""),
        (f"Roger, {LETTER} Martin Ash", "The wharf", ""),  # who reads it
        ("Roger, fine by me. Jan Birch", "The wharf", ""),
    ],
)
def test_history_other_letters_and_a_line_are_not_recited(below: str, subject: str, answers: str) -> None:
    assert recited("See below.", below, subject, answers) == []
