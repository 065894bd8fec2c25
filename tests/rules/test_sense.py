"""The setting in which a trained reader reads, the stretches it is given, and how its opinion stands beside the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rules.circulation import Circulation, Thread
from rules.council import Council
from rules.finding import Evidence, confidence
from rules.message import Address, Body, Message, Quoted, Quoting
from rules.passage import Passage
from rules.roster import Kind, Person, Roster
from rules.sense import Blend, Occasion, Opinion, evidence_of, occasions, opinion, setting_of, stretches, weighed

ANN, BOB, OLIVE = "ann@larch.gov.uk", "bob@larch.gov.uk", "olive@larch.gov.uk"
ROSTER = Roster(
    (Person(ANN, "Cllr Ann Bell", Kind.MEMBER), Person(BOB, "Cllr Bob Carr", Kind.MEMBER), Person(OLIVE, "Olive Dunn", Kind.OFFICER)),
    {},
    frozenset({"larch.gov.uk"}),
)
COUNCIL = Council("Larch District Council", candidates=("Sam Okafor",))
DAY = datetime(2026, 3, 2, tzinfo=UTC)


class Reader:
    """Likes every text that says "please"."""

    def opinions(self, rule: str, read: Sequence[Occasion], /) -> Sequence[float]:
        return [2.0 if "please" in o.text.lower() else -1.0 for o in read]

    def blend(self, rule: str, /) -> Blend | None:
        return Blend(prior=-2.0, words=0.5, against=0.25, sense=1.5) if rule == "political-use" else None

    def nearest(self, rule: str, occasion: Occasion, /) -> str:
        return "Please fold my leaflets."


def message(name: str, sender: str, *to: str, text: str = "", subject: str = "Leaflets", answers: str = "") -> Message:
    people = tuple(Address(t) for t in to)
    return Message(name, DAY, Address(sender), people, subject=subject, body=Body(new=text), in_reply_to=answers)


@pytest.mark.parametrize(
    ("sender", "to", "expected"),
    [
        (ANN, (OLIVE,), "member to officer: Leaflets"),
        (OLIVE, (ANN, BOB), "officer to members: Leaflets"),
        (OLIVE, (ANN, "joan@post.example"), "officer to member and outsider: Leaflets"),
        ("temp@larch.gov.uk", (ANN,), "officer to member: Leaflets"),
        ("joan@post.example", (ANN,), "outsider to member: Leaflets"),
    ],
)
def test_the_setting_says_who_writes_to_whom(sender: str, to: tuple[str, ...], expected: str) -> None:
    (turn,) = Thread((Circulation(message("a", sender, *to)),), frozenset({"a"})).turns()
    assert setting_of(turn, ROSTER, COUNCIL) == expected


def test_the_setting_of_an_answer_holds_what_it_answers_and_no_candidates_name() -> None:
    asked = message("a", ANN, OLIVE, text="Could you print sam okafor's cards? " + "word " * 100)
    done = message("b", OLIVE, ANN, text="Done", answers="a")
    *_, turn = Thread((Circulation(asked), Circulation(done)), frozenset({"b"})).turns()
    setting = setting_of(turn, ROSTER, COUNCIL)
    assert setting.startswith("officer to member: Leaflets | answering member: Could you print our candidate's cards? word")
    assert len(setting.split()) < 105


def test_the_setting_tells_who_is_a_partys_and_which_day_is_the_poll() -> None:
    council = replace(COUNCIL, parties=("Labour",), polling_days=(date(2026, 3, 26),))
    asked = message("a", "bev@larchlabour.example", ANN, text="Any names for the 26th?")
    told = message("b", ANN, "bev@larchlabour.example", subject="Thursday 26th", text="Joan.", answers="a")
    *_, turn = Thread((Circulation(asked), Circulation(told)), frozenset({"b"})).turns()
    assert setting_of(turn, ROSTER, council) == "member to party: polling day | answering party: Any names for polling day?"
    assert occasions([Passage("Joan, on the 26th", "message")], "s", council, ROSTER, turn.message.day) == (Occasion("s", "Joan, on polling day"),)


def test_the_setting_goes_back_to_what_was_asked_before() -> None:
    asked = message("a", ANN, OLIVE, text="Could you print my cards?")
    query = message("b", OLIVE, ANN, text="How many?", answers="a")
    number = message("c", ANN, OLIVE, text="Four hundred.", answers="b")
    done = message("d", OLIVE, ANN, text="Done.", answers="c")
    *_, turn = Thread(tuple(map(Circulation, (asked, query, number, done))), frozenset({"d"})).turns()
    assert setting_of(turn, ROSTER, COUNCIL) == (
        "officer to member: Leaflets | answering member: Four hundred. | before that officer: How many? | "
        "before that member: Could you print my cards?"
    )


def test_the_setting_of_a_forward_holds_what_is_passed_on() -> None:
    appeal = Quoted(Quoting.FORWARDED, Address("party@party.example"), text="Will you chip in?")
    passed = replace(message("a", ANN, BOB, text="In case you missed it"), quoted=(appeal,))
    (turn,) = Thread((Circulation(passed),), frozenset({"a"})).turns()
    assert setting_of(turn, ROSTER, COUNCIL) == "member to member: Leaflets | forwarding party: Will you chip in?"


def test_the_setting_of_an_answer_to_a_forward_holds_what_was_passed_on() -> None:
    appeal = Quoted(Quoting.FORWARDED, Address("party@party.example"), text="Could your office let us have the addresses?")
    passed = replace(message("a", ANN, OLIVE, text="Can you?"), quoted=(appeal,))
    done = message("b", OLIVE, ANN, text="Attached.", answers="a")
    *_, turn = Thread((Circulation(passed), Circulation(done)), frozenset({"b"})).turns()
    assert setting_of(turn, ROSTER, COUNCIL) == (
        "officer to member: Leaflets | answering member: Can you? | before that party: Could your office let us have the addresses?"
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("Yes.", 1),
        ("One two three. " * 20, 1),
        ("One two three four five six. " * 20, 3),
        ("word " * 100, 1),
        ("A b c d e f g h. " * 2000, 14),
    ],
)
def test_a_text_is_read_in_stretches_of_whole_sentences(text: str, number: int) -> None:
    assert len(list(stretches(text))) == number


def test_every_sentence_of_a_long_letter_stands_in_a_stretch() -> None:
    sentences = [f"This is sentence number {n} of the letter." for n in range(50)]
    found = list(stretches(" ".join(sentences)))
    assert all(any(s in stretch for stretch in found) for s in sentences)


def test_an_empty_message_is_read_for_its_setting() -> None:
    assert occasions([Passage("", "message")], "member to officer: x", COUNCIL, ROSTER, None) == (Occasion("member to officer: x", ""),)


def test_without_a_reader_words_alone_count() -> None:
    words = (Evidence("a", "A", 1.0), Evidence("b", "B", 2.0))
    assert opinion(None, "political-use", [Occasion("s", "please")]) is None
    assert opinion(Reader(), "silent-copy", [Occasion("s", "please")]) is None
    assert weighed(words, -1.0, None) == confidence(words, -1.0)
    assert evidence_of(words, None, None, str) == words


def test_the_opinion_on_the_worst_stretch_stands_beside_the_words() -> None:
    read = [Occasion("s", "Good morning."), *occasions([Passage("Good morning. Please fold them.", "message")], "s", COUNCIL, ROSTER, None)]
    heard = opinion(Reader(), "political-use", read)
    assert heard == Opinion("political-use", read[1], 2.0, Blend(-2.0, 0.5, 0.25, 1.5))
    words = (Evidence("a", "A", 1.0),)
    assert weighed(words, -9.0, heard) == confidence((Evidence("", "", 0.5), Evidence("", "", 3.0)), -2.0)
    *scaled, shown = evidence_of(words, heard, Reader(), str.upper)
    assert [e.weight for e in scaled] == [0.5]
    assert shown.weight == 3.0 and shown.excerpt == "PLEASE FOLD THEM."
    assert "Please fold my leaflets." in shown.statement


@pytest.mark.parametrize(
    ("text", "read", "shown"),
    [
        (
            "Hello. Please fold them for Weds 25th March. Jo",
            "Hello. Please fold them for the day before polling day. Jo",
            "Please fold them for Weds 25th March.",
        ),
        ("It is on 19 Mar. Bring leaflets. Please.", "It is on 7 days before polling day. Bring leaflets. Please.", "Please."),
        ("Not on 30 Mar. Please push Sam Okafor. Do it Tues. 24 March.", None, "Not on 30 Mar. Please push Sam Okafor."),
    ],
)
def test_the_sentence_is_shown_as_it_was_written(text: str, read: str | None, shown: str) -> None:
    council = replace(COUNCIL, polling_days=(date(2026, 3, 26),))
    (occasion,) = occasions([Passage(text, "message")], "s", council, ROSTER, date(2026, 3, 2))
    assert read is None or occasion.text == read
    *_, heard = evidence_of((), Opinion("political-use", occasion, 1.0, Blend(0, 1, 1, 1)), Reader(), str)
    assert heard.excerpt == shown


def test_a_sheets_row_is_never_shown() -> None:
    heard = Opinion("political-use", Occasion("s", "please. Joan Moss", is_rows=True), 1.0, Blend(0, 1, 1, 1))
    assert [e.excerpt for e in evidence_of((), heard, Reader(), str)] == [""]
