"""A mail that was written and labelled by itself, as a conversation among people of a council that stands for any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rules.circulation import Circulation, Thread
from rules.council import Council
from rules.message import Address, Attachment, Body, Message, Quoted, Quoting, Table
from rules.roster import Kind, Person, Roster

JUDGED = "judged@training"
COUNCIL = Council("Training Borough Council", parties=("Labour",))
_START = datetime(2026, 11, 2, 10, tzinfo=UTC)
_DOMAIN = "training.gov.uk"
_MEMBERS = tuple(
    Person(f"cllr.{n}@{_DOMAIN}", f"Cllr {name}", Kind.MEMBER) for n, name in (("a", "Robin Ashgrove"), ("b", "Jan Birchall"), ("c", "Ade Coker"))
)
_OFFICERS = tuple(Person(f"{n}@{_DOMAIN}", name, Kind.OFFICER, "Officer") for n, name in (("d", "Sandy Drummond"), ("e", "Lee Eastwood")))
ROSTER = Roster((*_MEMBERS, *_OFFICERS), {}, frozenset({_DOMAIN}))
_OUTSIDER = Address("pat@homemail.example", "Pat")
_PARTY = Address("office@traininglabour.example", "Branch office")
_WRITER = Address("writer@postbox.example", "Sam")
_HOME = Address("me@home.example", "Robin Ashgrove")


def council_of(mail: dict[str, Any]) -> Council:
    """The council that stands for any, voting on the day that the mail tells, if it tells one."""
    return replace(COUNCIL, polling_days=(date.fromisoformat(mail["polling_day"]),)) if mail.get("polling_day") else COUNCIL


def conversation(mail: dict[str, Any], rule: str) -> Thread:
    """The mail, called JUDGED, after those that stood before it; the fields are those of training/README.md."""
    sender, readers = _person(mail["from"]), _readers(mail)
    start = datetime.combine(date.fromisoformat(mail["sent"]), _START.timetz()) if mail.get("sent") else _START
    earlier = list(_earlier(mail, rule, sender, readers, start))
    if earlier and len(readers) == 1 and _kind(earlier[-1].sender) in {mail["to"], *(("outsider",) if rule == "member-obligation" else ())}:
        readers = (earlier[-1].sender,)  # a letter that stays inside is not judged for an obligation: it is taken to go to whom it answers
    text = mail["text"]
    if mail["from"] == "officer-over-member-signature" and _MEMBERS[0].name.removeprefix("Cllr ") not in text:
        text = f"{text}\n\n{_MEMBERS[0].name}"
    passed_on = mail.get("forwards") or {}
    message = Message(
        JUDGED,
        start + timedelta(hours=1),
        sender,
        readers,
        subject=mail["subject"],
        body=Body(new=text, forwarded=passed_on.get("text", "")),
        quoted=tuple(_quoted(passed_on, sender)) if passed_on else (),
        attachments=tuple(_attached(mail.get("attachment"))),
        bcc=(),
        in_reply_to=earlier[-1].id if earlier else "",
        references=tuple(m.id for m in earlier),
    )
    return Thread(tuple(Circulation(m) for m in (*earlier, message)), frozenset())


def _earlier(mail: dict[str, Any], rule: str, sender: Address, readers: tuple[Address, ...], start: datetime) -> Iterator[Message]:
    """What stood before, oldest first: each to whoever wrote the next."""
    said = [(turn["text"], _person(turn["from"], turn["from"] == mail["from"])) for turn in mail.get("earlier") or ()]
    if mail.get("answers"):
        said.append((mail["answers"], _answered(mail, rule, sender, readers)))
    for place, (text, author) in enumerate(said):
        answer = next((person for _, person in said[place + 1 :] if person != author), sender if author != sender else readers[0])
        before = f"{place - 1}@training" if place else ""
        when = start + timedelta(minutes=place)
        yield Message(f"{place}@training", when, author, (answer,), subject=mail["subject"], body=Body(new=text), in_reply_to=before)


def _answered(mail: dict[str, Any], rule: str, sender: Address, readers: tuple[Address, ...]) -> Address:
    """Who wrote the mail that is answered: one of its readers, where there is one of that kind."""
    outside = mail["to"] if mail["to"] == "party" else "outsider"
    kind = mail.get("answers_from") or (outside if rule == "member-obligation" else "member")
    person = _person(kind, kind == mail["from"])
    return person if person != sender else readers[0]


def _quoted(passed_on: dict[str, Any], sender: Address) -> Iterator[Quoted]:
    author = _WRITER if passed_on["from"] == "outsider" else _person(passed_on["from"], 2 if passed_on["from"] == "member" else 1)
    shown = Address(author.email, passed_on.get("name") or author.name) if author == _WRITER else author
    yield Quoted(Quoting.FORWARDED, shown, (sender,), text=passed_on["text"])


def _attached(attachment: dict[str, Any] | None) -> Iterator[Attachment]:
    if attachment:
        rows = tuple(tuple(str(cell) for cell in row) for row in attachment.get("rows") or ())
        tables = (Table("1", rows),) if rows else ()
        yield Attachment(attachment["name"], "application/octet-stream", 0, attachment.get("text") or "", tables)


def _kind(author: Address) -> str:
    if author in (_OUTSIDER, _PARTY):
        return "party" if author == _PARTY else "outsider"
    return "member" if author in [_person("member", place) for place in range(len(_MEMBERS))] else "officer"


def _person(kind: str, place: int = 0) -> Address:
    if kind in {"outsider", "party"}:
        return _PARTY if kind == "party" else _OUTSIDER
    person = (_MEMBERS if kind == "member" else _OFFICERS)[place]
    return Address(person.address, person.name)


def _readers(mail: dict[str, Any]) -> tuple[Address, ...]:
    match mail["to"]:
        case "members":
            return (_person("member", 1), _person("member", 2))
        case "self":
            return (_HOME,)
        case kind:
            return (_person(kind, kind == mail["from"]),)
