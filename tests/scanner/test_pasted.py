"""Members' letters pasted into officers' messages: found by fingerprints across conversations, in any order, and nothing else joined by them."""

from __future__ import annotations

import random
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from parish import ALL, ANN, BOB, OLIVE, PETER, RESIDENT, ROSTER, UNION, Parish, day, letter
from sqlalchemy import select

from rules.message import Message
from scanner.collect import Protected
from scanner.pseudonym import pseudonym
from scanner.reading.mail.mime import read_message
from scanner.store.ledger import Ledger
from scanner.store.tables import pasted, wording
from scanner.wording import wording_of

KEY = pseudonym(b"a key for tests only")
WORDS = "the weir at Holm Lane has been leaking into the cellars since Sunday and nobody in your team will say who pays"
FOUND = [("silent-copy", "forward", "note@x")]


def ask(parish: Parish, to: tuple[str, ...] = (OLIVE,), body: str = f"Olive, {WORDS}.\n\nAnn", when: float = 0, **headers: str) -> Path:
    return parish.put(letter("ask@x", ANN, to, body, "Holm Lane", day(when), **headers), ANN, "Sent Items")


def note(
    parish: Parish, body: str = f"Bob, you should see this.\n\n{WORDS}\n\nI have not replied.", to: tuple[str, ...] = (BOB,), **headers: str
) -> Path:
    return parish.put(letter("note@x", OLIVE, to, body, "Heads up", day(1), **headers), OLIVE, "Sent Items")


def likenesses(parish: Parish) -> set[tuple[str, str]]:
    with parish.engine.begin() as connection:
        return {tuple(row) for row in connection.execute(select(pasted.c.circulation_key, pasted.c.letter_key))}


def fingerprints(parish: Parish) -> dict[str, int]:
    """How many each message left."""
    with parish.engine.begin() as connection:
        keys = [row.circulation_key for row in connection.execute(select(wording.c.circulation_key))]
    return {key: keys.count(key) for key in keys}


# --- in any order


@pytest.mark.parametrize("order", ["at once", "the letter first", "the note first"])
def test_words_of_a_letter_in_a_message_to_another_member_are_found_whatever_came_first(parish: Parish, order: str) -> None:
    for step in ("note", "ask") if order == "the note first" else ("ask", "note"):
        (ask if step == "ask" else note)(parish)
        if order != "at once":
            parish.scan()
    result = parish.scan()
    assert result.judged == (2 if order == "at once" else 0)
    assert parish.findings() == FOUND
    (case,) = parish.all_cases()
    assert case.finding.strength == "likely" and "words of a letter from Ann Bell" in case.finding.evidence[0].statement
    assert not any(e.excerpt for e in case.finding.evidence)
    assert parish.scan(afresh=True).judged == 2 and parish.findings() == FOUND


def test_a_letter_that_is_judged_later_is_found_in_a_message_of_another_period(parish: Parish) -> None:
    ask(parish)
    note(parish)
    parish.scan(since=day(0.5))
    assert parish.findings() == []
    assert parish.scan(until=day(0.5)).judged == 2
    assert parish.findings() == FOUND and parish.states() == {"judged": 2}


def test_a_scan_of_one_mailbox_leaves_the_message_of_another_for_the_next(parish: Parish) -> None:
    note(parish)
    parish.scan()
    ask(parish)
    assert parish.scan(mailbox=ANN).judged == 1
    assert parish.states() == {"judged": 1, "pending": 1} and parish.findings() == []
    assert parish.scan().judged == 1
    assert parish.findings() == FOUND


def test_a_scan_that_ends_before_letters_were_looked_for_is_taken_up(parish: Parish, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(parish)
    note(parish)
    look, times = Ledger.pair, iter((False, True))

    def dies(ledger: Ledger) -> Any:
        if next(times):
            raise KeyboardInterrupt
        return look(ledger)

    monkeypatch.setattr(Ledger, "pair", dies)
    with pytest.raises(KeyboardInterrupt):
        parish.scan()
    assert parish.states() == {"judged": 2} and parish.findings() == []
    monkeypatch.undo()
    assert parish.scan().judged == 1
    assert parish.findings() == FOUND and parish.scan().judged == 0


def test_a_copy_of_the_letter_that_comes_later_shows_that_the_reader_had_it(parish: Parish) -> None:
    parish.put(letter("ask@x", ANN, (OLIVE,), f"Olive, {WORDS}.", "Holm Lane", day(0)), OLIVE)
    note(parish)
    parish.scan()
    assert parish.findings() == FOUND
    parish.put(letter("ask@x", ANN, (OLIVE,), f"Olive, {WORDS}.", "Holm Lane", day(0)), BOB)
    assert parish.scan().judged == 2
    assert parish.findings() == []


def test_conversations_stay_apart(parish: Parish) -> None:
    """Only the message with the words borrows the letter; what follows in either conversation is not judged again."""
    note(parish)
    parish.put(letter("after@x", BOB, (OLIVE,), "Thank you.", "RE: Heads up", day(2), In_Reply_To="<note@x>"), BOB, "Sent Items")
    parish.scan()
    ask(parish)
    parish.source.fetched.clear()
    assert parish.scan().judged == 2
    assert parish.findings() == FOUND
    assert [item[0] for item in parish.source.fetched].count(BOB) == 0


# --- what is no such thing


@pytest.mark.parametrize(
    ("asked", "noted", "found"),
    [
        ({}, {}, FOUND),
        ({"Cc": BOB}, {}, []),
        ({"to": (BOB,)}, {}, []),
        ({}, {"Cc": ANN}, []),
        ({}, {"to": (PETER,)}, []),
        ({"body": f"Olive, {WORDS}. Please forward this to Bob."}, {}, []),
        ({"when": 2}, {}, []),
        ({}, {"body": "Bob, somebody says that the weir at Holm Lane has been leaking."}, []),
        ({}, {"body": "> " + WORDS.replace(" since", "\r\n> since").upper()}, FOUND),
        ({}, {"body": f"Bob, as she posted on her Facebook page: {WORDS}"}, []),
    ],
    ids=["pasted", "in the circulation", "to a Member", "on the message", "to an officer", "asked", "later", "few words", "quoted", "published"],
)
def test_what_counts_as_pasted(parish: Parish, asked: dict[str, Any], noted: dict[str, Any], found: list[tuple[str, str, str]]) -> None:
    ask(parish, **asked)
    note(parish, **noted)
    parish.scan()
    assert parish.findings() == found


@pytest.mark.parametrize("subjects", [4, 5])
def test_words_that_stand_in_many_letters_join_nothing(parish: Parish, subjects: int) -> None:
    for n in range(subjects):
        parish.put(letter(f"{n}@x", ANN, (OLIVE,), f"Number {n}. {WORDS}", f"Matter {n}", day(n / 100)), ANN, "Sent Items")
    note(parish)
    parish.scan()
    assert len(likenesses(parish)) == (4 if subjects == 4 else 0)
    assert parish.findings() == (FOUND if subjects == 4 else [])


def test_one_letter_to_many_officers_is_no_common_property(parish: Parish) -> None:
    for n in range(9):
        parish.put(letter(f"{n}@x", ANN, (OLIVE,), f"{WORDS}", "Holm Lane", day(n / 100)), ANN, "Sent Items")
    note(parish)
    parish.scan()
    assert parish.findings() == FOUND and len(likenesses(parish)) == 8


def test_words_that_an_officer_used_before_the_letter_are_not_the_members(parish: Parish) -> None:
    ask(parish)
    note(parish)
    parish.scan()
    assert parish.findings() == FOUND
    parish.put(letter("form@x", PETER, (BOB,), f"Our notice reads: {WORDS}", "Notice", day(-9)), PETER, "Sent Items")
    assert parish.scan().judged == 2
    assert likenesses(parish) == set() and parish.findings() == []


# --- what is kept


def read(raw: bytes) -> Message:
    return read_message(raw, "x")


@pytest.mark.parametrize(
    ("raw", "by_member", "leaves"),
    [
        (letter("a@x", ANN, (OLIVE,), WORDS), True, True),
        (letter("a@x", ANN, (ALL,), WORDS), True, True),
        (letter("a@x", ANN, (BOB,), WORDS), False, False),
        (letter("a@x", ANN, (RESIDENT,), WORDS), False, False),
        (letter("a@x", OLIVE, (BOB,), WORDS), False, True),
        (letter("a@x", f"post.room@{OLIVE.partition('@')[2]}", (BOB,), WORDS), False, True),
        (letter("a@x", OLIVE, (PETER,), WORDS), False, False),
        (letter("a@x", OLIVE, (PETER,), WORDS, Bcc=BOB), False, True),
        (letter("a@x", RESIDENT, (BOB,), WORDS), False, False),
        (letter("a@x", OLIVE, (BOB,), WORDS, Auto_Submitted="auto-replied"), False, False),
        (letter("a@x", ANN, (OLIVE,), "Yes please."), False, False),
    ],
)
def test_only_letters_between_members_and_officers_leave_fingerprints(raw: bytes, by_member: bool, leaves: bool) -> None:
    found = wording_of(read(raw), ROSTER, KEY)
    assert (bool(found.marks), found.by_member and bool(found.marks)) == (leaves, by_member)


def test_what_a_reply_quotes_of_the_member_it_goes_to_leaves_none() -> None:
    chain = f"Noted.\n\nFrom: Ann Bell <{ANN}>\nSent: Monday\nTo: Olive Dunn <{OLIVE}>\nSubject: Plot\n\n{WORDS}"
    assert not wording_of(read(letter("a@x", OLIVE, (ANN,), chain)), ROSTER, KEY).marks
    assert wording_of(read(letter("a@x", OLIVE, (BOB,), chain)), ROSTER, KEY).marks


def mixed(number: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [f"w{draw.randrange(5000)}" for _ in range(number)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("run", "least"), [(8, 1), (12, 2)])
def test_a_run_of_words_leaves_the_same_fingerprints_wherever_it_stands(seed: int, run: int, least: int) -> None:
    same = mixed(run, seed)
    one, other = (" ".join((*mixed(30, seed + n), *same, *mixed(30, seed + n + 1))) for n in (100, 200))
    found = [wording_of(read(letter("a@x", ANN, (OLIVE,), text)), ROSTER, KEY).marks for text in (one, other)]
    assert len(found[0] & found[1]) >= least
    assert pseudonym(b"another key of 16")("x") != KEY("x")


def test_a_very_long_message_leaves_a_bounded_number_and_soon() -> None:
    message = read(letter("a@x", OLIVE, (BOB,), "\n".join(" ".join(mixed(12, n)) for n in range(5000))))
    began = perf_counter()
    assert len(message.body.new) > 300_000
    assert len(wording_of(message, ROSTER, KEY).marks) == 400
    assert perf_counter() - began < 2


def test_no_word_of_a_letter_stands_in_the_database(parish: Parish) -> None:
    parish.put(letter("a@x", ANN, (OLIVE,), "zebedee quagmire marzipan ocelot xylophone peregrine tamarind", "Tea", day(0)), ANN, "Sent Items")
    parish.put(letter("b@x", OLIVE, (BOB,), "So: zebedee quagmire marzipan ocelot xylophone peregrine tamarind", "T", day(1)), OLIVE, "Sent Items")
    parish.scan()
    assert len(fingerprints(parish)) == 2 and len(likenesses(parish)) == 1
    raw = b"".join(path.read_bytes() for path in sorted(parish.folder.glob("parish.db*"))).lower()
    assert not any(word in raw for word in (b"zebedee", b"quagmire", b"ocelot", b"tamarind"))


@pytest.mark.parametrize("where", ["in the same scan", "later", "by a copy that comes later"])
def test_protected_mail_leaves_no_fingerprints_and_loses_those_it_had(parish: Parish, where: str) -> None:
    if where == "in the same scan":
        parish.protected = Protected(frozenset({UNION}))
    ask(parish, Cc="" if where == "by a copy that comes later" else UNION)
    note(parish)
    parish.scan()
    assert parish.findings() == ([] if where == "in the same scan" else FOUND)
    parish.protected = Protected(frozenset({UNION}))
    if where == "by a copy that comes later":
        parish.put(letter("ask@x", ANN, (OLIVE,), "", "Holm Lane", day(0), Bcc=UNION), ANN, "Archive")
    parish.scan()
    assert parish.states() == {"judged": 1, "left out": 1}
    assert parish.findings() == [] and likenesses(parish) == set() and len(fingerprints(parish)) == 1


def test_fingerprints_follow_the_text_as_it_was_last_read(parish: Parish) -> None:
    ask(parish)
    path = note(parish)
    parish.scan()
    before = fingerprints(parish)
    parish.scan(afresh=True)
    assert fingerprints(parish) == before and parish.findings() == FOUND
    path.write_bytes(letter("note@x", OLIVE, (BOB,), "Bob, see you on Tuesday.", "Heads up", day(1)))
    parish.scan(afresh=True)
    assert likenesses(parish) == set() and parish.findings() == []
