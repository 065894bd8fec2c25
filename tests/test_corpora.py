"""Every labelled corpus keeps to its layout, holds enough to measure by, and invents everybody in it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from mailroom import corpus_of

from rules.catalogue import RULES
from rules.message import Message
from rules.roster import Roster, canonical
from scanner.app import App
from scanner.corpus import configuration_of, verdicts_of
from scanner.demo import council
from scanner.reading.mail.journal import unwrap
from scanner.reading.mail.mime import read_message

# Councils whose hands took more than four weeks for their elections.
LONGER = {
    "ashcombe": 47,
    "dyffryn": 54,
    "stourbrook": 44,
    "lindmere": 44,
    "farrowdene": 40,
    "wyndleshire": 40,
    "castlemere": 47,
    "brackenfell": 47,
    "brackmoor": 47,
    "lynmoor": 47,
    "aldershaw": 44,
    "marrowdale": 38,
    "fenbourne": 39,
    "skelbrough": 40,
    "kelderby": 43,
    "marsholt": 44,
    "overthwaite": 43,
    "marbury": 47,
    "thornleigh": 46,
}
# What else their hands put into mailboxes: folders of delegates and of casework, and messages that cannot be read.
FOLDERS = {
    "corvendale": {"Archive", "Gwen - delegate"},
    "hollinshaw": {"Casework", "Drafts"},
    "marsholt": {"Archive", "Deleted Items"},
    "netherby": {"Delegated"},
    "pebblesea": {"Cllr Oakshott (delegate)"},
    "thistledon": {"Shared - Chairman"},
}
UNREAD = {
    "overthwaite": {"helen.garsdale@overthwaite.gov.uk/Inbox/0021.eml", "martin.oddie@overthwaite.gov.uk/Sent Items/0006.eml"},
    "ellerfirth": {"ruth.ansell@ellerfirth.gov.uk/Sent Items/0007.eml"},
    "corvendale": {"lorna.haynes@corvendale.gov.uk/Inbox/0010.eml"},
    "hollinshaw": {"marcus.oyelaran@hollinshaw.gov.uk/Inbox/0017.eml"},
    "crossgarth": {"bethan.lloyd@crossgarth.gov.uk/Inbox/0019.eml"},
    "fenbourne": {"bill.cawthorne@fenbourne.gov.uk/Sent Items/0008.eml", "helen.drury@fenbourne.gov.uk/Inbox/0015.eml"},
    "stonemoor": {"sian.dowding@stonemoor.gov.uk/Inbox/0004.eml"},
    "pellmouth": {"ruth.danvers@pellmouth.gov.uk/Inbox/0017.eml"},
    "skelbrough": {"cllr.r.ellershaw@skelbrough.gov.uk/Inbox/0036.eml", "peter.olroyd@skelbrough.gov.uk/Sent Items/0011.eml"},
}
# Councils that were asked for more of another rule.
FEWER = {(name, "silent-copy"): 7 for name in ("wickhurst", "thistledon", "ambleford", "crossgarth", "stellbeck", "ellerfirth", "wensbury")}
FEWER |= {(name, "silent-copy"): 6 for name in ("larkbridge", "cawdale", "hartmere", "netherby", "fenmarch", "brindlecote", "tarnholt")}
FEWER |= {(name, "silent-copy"): 5 for name in ("wyrecliffe", "ottershaw", "stonemoor", "aldwick")}
HERE = Path(__file__).parent / "corpora"
MADE_AS_MAIL = [
    HERE / name
    for name in (
        *("brackmoor", "lynmoor", "aldershaw", "marrowdale", "fenbourne", "skelbrough"),
        *("kelderby", "marsholt", "overthwaite", "marbury", "thornleigh"),
    )
]  # by hands that did not write stories
CORPORA = [*(corpus_of(story) for story in sorted((HERE / "stories").glob("*.txt"))), *MADE_AS_MAIL]
TRAINING = sorted((Path(__file__).parent.parent / "training" / "councils").iterdir())

_EMAIL = re.compile(r"[\w.+'-]+@([\w-]+(?:\.[\w-]+)+)")
_PHONE = re.compile(r"(?<![\w.])(?:\+44\s?(?:\(0\)\s?)?|0)\d(?:(?:[^\S\t]|-)?\d){8,9}(?!\w)")  # a tab parts two cells
# Ofcom's numbers for use in drama.
_DRAMA = re.compile(
    r"0(?:1632960|1134960|1144960|1154960|1164960|1174960|1184960|1214960|1314960|1414960|1514960|1614960|1914980|2079460|28964960?6|2920180)\d+"
    r"|07700900\d{3}|08081570\d{3}|0909879\d{4}|03069990\d{3}"
)
_NHS = re.compile(r"(?<![\d-])\d{3}[ -]\d{3}[ -]\d{4}(?![\d-])")
_TITLED = re.compile(r"\b(?:Cllr|Councillor) ((?:[A-Z][\w’'-]+ ?){1,3})")

each_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=[corpus.name for corpus in CORPORA])
every_corpus = pytest.mark.parametrize("corpus", [*CORPORA, *TRAINING], ids=[corpus.name for corpus in (*CORPORA, *TRAINING)])


@cache
def copies_of(corpus: Path) -> tuple[tuple[Path, Message], ...]:
    """Each file with the message that it is, or, in the journal, carries."""
    journal = configuration_of(corpus, corpus).sources[0].journal
    return tuple((path, _message(path, journal)) for path in sorted((corpus / "mailboxes").rglob("*.eml")))


def _message(path: Path, journal: str | None) -> Message:
    raw, place = path.read_bytes(), "/".join(path.parts[-3:])
    if path.parts[-3] == journal and (report := unwrap(raw)):
        return read_message(report.original, report.message_id)
    return read_message(raw, f"missing:{place}")


@cache
def roster_of(corpus: Path) -> Roster:
    return App(configuration_of(corpus, corpus)).filed


def texts_of(message: Message) -> Iterator[str]:
    """Everything that can be read in a message, carried messages too."""
    yield message.subject
    yield from (message.body.new, message.body.history, message.body.forwarded, message.body.signature, message.body.disclaimer)
    for attachment in message.attachments:
        yield attachment.text
        yield from (cell for table in attachment.tables for row in table.rows for cell in row)
        if attachment.message:
            yield from texts_of(attachment.message)


def test_the_demonstration_is_among_them() -> None:
    assert council() in CORPORA
    assert len(CORPORA) >= 5


@every_corpus
def test_the_layout_is_kept(corpus: Path) -> None:
    assert sorted(path.name for path in corpus.iterdir()) == ["council.json", "labels.csv", "lists.csv", "mailboxes", "people.csv"]
    roster, section = roster_of(corpus), configuration_of(corpus, corpus).sources[0]
    for mailbox in (corpus / "mailboxes").iterdir():
        assert mailbox.name == section.journal or roster.main_address(mailbox.name) == mailbox.name, mailbox.name
        assert {folder.name for folder in mailbox.iterdir()} <= {"Inbox", "Sent Items", *FOLDERS.get(corpus.name, ())}
        for folder in mailbox.iterdir():
            assert sorted(path.name for path in folder.iterdir()) == [f"{n:04}.eml" for n in range(1, len(list(folder.iterdir())) + 1)]


@each_corpus
def test_it_is_large_enough_to_measure_by(corpus: Path) -> None:
    kinds = Counter(person.kind.value for person in roster_of(corpus).people)
    assert kinds["member"] >= 12
    assert kinds["officer"] >= 6
    messages = {message.id: message for _, message in copies_of(corpus)}
    assert len(messages) >= 150
    assert sum(bool(message.attachments) for message in messages.values()) >= 3
    days = [message.date for message in messages.values() if message.date]
    assert timedelta(days=24) <= max(days) - min(days) <= timedelta(days=LONGER.get(corpus.name, 31))


@every_corpus
def test_every_rule_has_enough_flags_and_hard_negatives(corpus: Path) -> None:
    counts = Counter((verdict.rule, verdict.expected) for verdict in verdicts_of(corpus))
    assert all(counts[rule.id, expected] >= FEWER.get((corpus.name, rule.id), 8) for rule in RULES for expected in ("flag", "clear")), counts


@every_corpus
def test_every_label_is_of_a_message_that_is_there_and_says_why(corpus: Path) -> None:
    there = {message.id for _, message in copies_of(corpus)}
    verdicts = verdicts_of(corpus)
    assert sorted({v.message_id for v in verdicts} - there) == []
    assert {v.difficulty for v in verdicts} <= {"easy", "medium", "hard"}
    assert all(v.scenario and v.why for v in verdicts)


@every_corpus
def test_councillors_named_in_labels_are_on_the_roster(corpus: Path) -> None:
    surnames = {word for person in roster_of(corpus).people if person.is_member for word in re.findall(r"[\w’']+", person.name.replace("’", "'"))}
    for verdict in verdicts_of(corpus):
        for name in _TITLED.findall(verdict.why):
            words = re.findall(r"[\w’']+", name.replace("’", "'").removesuffix("'s "))
            assert any(word.removesuffix("'s") in surnames for word in words), f"{verdict.message_id}: nobody of that name is a Member"


@every_corpus
def test_a_bcc_stands_in_sent_items_alone(corpus: Path) -> None:
    assert [path for path, message in copies_of(corpus) if message.bcc and path.parts[-2] != "Sent Items" and path.parts[-3] not in _journals()] == []
    assert any(message.bcc for _, message in copies_of(corpus))


@cache
def _journals() -> set[str]:
    return {str(configuration_of(corpus, corpus).sources[0].journal) for corpus in (*CORPORA, *TRAINING)}


@every_corpus
def test_nothing_in_it_is_unreadable_by_accident(corpus: Path) -> None:
    assert {"/".join(path.parts[-3:]) for path, message in copies_of(corpus) if message.unread} == UNREAD.get(corpus.name, set())


@every_corpus
def test_every_address_outside_is_invented(corpus: Path) -> None:
    domains = configuration_of(corpus, corpus).council.domains
    for path, message in copies_of(corpus):
        people = " ".join(p.email for p in (message.sender, *message.visible, *(message.bcc or ())))
        for domain in _EMAIL.findall(" ".join((people, *texts_of(message)))):
            name = domain.lower()
            assert name.endswith(".example") or any(name == d or name.endswith(f".{d}") for d in domains), f"{path}: an address that may be real"


@every_corpus
def test_every_phone_and_nhs_number_is_invented(corpus: Path) -> None:
    for path, message in copies_of(corpus):
        for text in texts_of(message):
            for phone in _PHONE.findall(text):
                digits = re.sub(r"^(?:\+44\(?0?\)?)", "0", re.sub(r"[\s-]", "", phone))
                assert _DRAMA.fullmatch(digits), f"{path}: a phone number that may be real"
            for number in _NHS.findall(text):
                assert number.startswith("999"), f"{path}: an NHS number outside the test range"


@every_corpus
def test_lists_lead_to_people(corpus: Path) -> None:
    roster = roster_of(corpus)
    with (corpus / "lists.csv").open(encoding="utf-8") as file:
        members = {canonical(row["member"]) for row in csv.DictReader(file)}
    assert sorted(m for m in members if not roster.person(m) and not roster.is_list(m)) == []


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("ring 01632 960123", False),
        ("ring 020 7946 0182", False),
        ("ring +44 7700 900123", False),
        ("ring +44 (0)1632 960123", False),
        ("ring 0121 496 0000", False),
        ("ring 01246 242424", True),
        ("ring 07911-123456", True),
        ("ring 020 7219 3000", True),
    ],
)
def test_a_real_phone_number_would_be_seen(text: str, *, real: bool) -> None:
    (phone,) = _PHONE.findall(text)
    assert bool(_DRAMA.fullmatch(re.sub(r"^(?:\+44\(?0?\)?)", "0", re.sub(r"[\s-]", "", phone)))) is not real
