"""The rules' examples, read from their data files into the values that a rule judges.

An example is a few mails; the last is the one judged. People go by the short names of tests/rules/council.toml, the part before the @;
outsiders stand as "Name <address>". Each inside sender has a copy in Sent Items, unless `sent_copy = false` says that the sender's
mailbox was not scanned, and each inside recipient a received one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from rules.circulation import Circulation, Copy, EnvelopeRecipient, EnvelopeRole, Role, Thread
from rules.council import Council, Period
from rules.message import Address, Attachment, Body, Message, Quoted, Quoting, Table
from rules.roster import Kind, Person, Roster

COUNCIL_FILE = Path(__file__).parent / "rules" / "council.toml"
RULES_FOLDER = Path(__file__).parents[1] / "rules"
_FIRST_DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_NAMED = re.compile(r"(?P<name>.*?)\s*<(?P<email>[^<>]+)>")
_PEOPLE = frozenset({"from", "to", "cc", "bcc", "sender_for"})
_CONTENT = frozenset({"subject", "text", "signature", "date", "attachments", "automatic"})
_EARLIER = frozenset({"answers", "forwards", "pastes", "attaches", "prints"})
_PROOF = frozenset({"held_by", "sent_copy", "journal", "rerouted_to"})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation of examples.toml; `fires` is what is right for the rule in whose folder it stands."""

    rule: str
    number: int
    because: str
    fires: bool
    mails: tuple[Row, ...]

    @property
    def name(self) -> str:
        """A readable name for a test's report."""
        expected = "fires" if self.fires else "silent"
        return f"{self.rule}-{self.number:02}-{expected}-{re.sub(r'[^a-z0-9]+', '-', self.because.lower()).strip('-')[:70]}"


@dataclass(frozen=True, slots=True)
class Chamber:
    """The fictional council, and how its short names become addresses."""

    council: Council
    roster: Roster
    domain: str
    journal: str

    def address(self, text: str) -> Address:
        """A short name, a list's short name, "Name <address>" or a bare address. Raises KeyError for a short name that nobody has."""
        if match := _NAMED.fullmatch(text):
            return Address(match["email"].lower(), match["name"])
        if "@" in text:
            return Address(text.lower())
        email = f"{text}@{self.domain}"
        if (person := self.roster.person(email)) is not None:
            return Address(email, person.name)
        if self.roster.is_list(email) or email in self.council.archive_addresses:
            return Address(email)
        raise KeyError(text)

    def addresses(self, texts: list[str]) -> tuple[Address, ...]:
        return tuple(self.address(text) for text in texts)


def load_chamber(path: Path = COUNCIL_FILE) -> Chamber:
    """The council of the examples."""
    data = tomllib.loads(path.read_text("utf-8"))
    domain = data["domain"]
    periods = tuple(Period(start, end) for start, end in data["pre_election"])
    council = Council(
        name=data["name"],
        domains=frozenset({domain}),
        archive_addresses=frozenset(data["archive_addresses"]),
        polling_days=tuple(data["polling_days"]),
        pre_election=periods,
        parties=tuple(data["parties"]),
        candidates=tuple(data["candidates"]),
    )
    lists = {f"{name}@{domain}": tuple(f"{member}@{domain}" for member in members) for name, members in data["lists"].items()}
    return Chamber(council, Roster(tuple(_people(data)), lists, frozenset({domain})), domain, data["journal"])


def load_examples(path: Path) -> tuple[Example, ...]:
    """The examples beside a rule. Raises KeyError or ValueError for one that is not well formed."""
    rule = path.parent.name.replace("_", "-")
    return tuple(_example(rule, number, row) for number, row in enumerate(tomllib.loads(path.read_text("utf-8"))["example"], 1))


def thread(example: Example, chamber: Chamber) -> Thread:
    """The conversation of an example, its last mail to be judged."""
    circulations: list[Circulation] = []
    for place, row in enumerate(example.mails, 1):
        message = _message(row, place, tuple(c.message for c in circulations), chamber)
        circulations.append(Circulation(message, tuple(_copies(row, message, chamber)), tuple(_envelope(row, message, chamber))))
    return Thread(tuple(circulations), frozenset({circulations[-1].message.id}))


def _people(data: Row) -> Iterator[Person]:
    for group, members in data["members"].items():
        for short, row in members.items():
            yield Person(f"{short}@{data['domain']}", row["name"], Kind.MEMBER, row["role"], group, tuple(row.get("aliases", ())))
    for kind, rows in ((Kind.OFFICER, data["officers"]), (Kind.SERVICE, data["services"])):
        for short, row in rows.items():
            yield Person(f"{short}@{data['domain']}", row["name"], kind, row["role"])


def _example(rule: str, number: int, row: Row) -> Example:
    unknown = {key for mail in row["mail"] for key in mail} - _PEOPLE - _CONTENT - _EARLIER - _PROOF
    if unknown or row["expect"] not in ("fires", "silent"):
        raise ValueError(f"{rule}, example {number} ({row['because']}): {', '.join(sorted(unknown)) or row['expect']} is not known here")
    return Example(rule, number, row["because"], row["expect"] == "fires", tuple(row["mail"]))


def _message(row: Row, place: int, before: tuple[Message, ...], chamber: Chamber) -> Message:
    """A mail as its sender's own copy shows it, or as a received one where that copy is not held."""
    parent = _earlier(row, before, "answers", "forwards", "pastes")
    shown = _quoted(parent, Quoting.HISTORY if "answers" in row else Quoting.FORWARDED) if parent else ()
    follows = parent is not None and "pastes" not in row
    message = Message(
        id=f"mail-{place}@{chamber.domain}",
        date=_date(row, place),
        sender=chamber.address(row["from"]),
        to=chamber.addresses(row.get("to", [])),
        cc=chamber.addresses(row.get("cc", [])),
        submitter=chamber.address(row["sender_for"]) if "sender_for" in row else None,
        subject=row.get("subject") or _subject(row, parent),
        in_reply_to=parent.id if parent and follows else "",
        references=(*parent.references, parent.id) if parent and follows else (),
        body=_body(row, shown),
        quoted=shown,
        attachments=tuple(_attachments(row, before)),
        automatic=row.get("automatic", False),
    )
    own_copy = chamber.roster.inside(message.sender.email) and row.get("sent_copy", True)
    return replace(message, bcc=chamber.addresses(row.get("bcc", []))) if own_copy else message


def _earlier(row: Row, before: tuple[Message, ...], *keys: str) -> Message | None:
    return next((before[row[key] - 1] for key in keys if key in row), None)


def _date(row: Row, place: int) -> datetime:
    given = row.get("date")
    return given.replace(tzinfo=given.tzinfo or UTC) if given else _FIRST_DAY + timedelta(hours=5 * (place - 1))


def _subject(row: Row, parent: Message | None) -> str:
    bare = re.sub(r"^((RE|FW): )+", "", parent.subject) if parent else ""
    return f"{'RE' if 'answers' in row else 'FW'}: {bare}" if bare and "pastes" not in row else ""


def _quoted(parent: Message, quoting: Quoting) -> tuple[Quoted, ...]:
    """A mail and what it quotes itself, as they stand below a later one."""
    sent = format_datetime(parent.date) if parent.date else ""
    text = "\n\n".join(part for part in (parent.body.new, parent.body.signature) if part)
    first = Quoted(quoting, parent.sender, parent.visible, parent.subject, sent, text)
    return (first, *(replace(each, quoting=quoting) for each in parent.quoted))


def _body(row: Row, shown: tuple[Quoted, ...]) -> Body:
    chain = "\n\n".join(map(_block, shown))
    history, forwarded = (chain, "") if "answers" in row else ("", chain)
    return Body(new=row["text"].strip(), history=history, forwarded=forwarded, signature=row.get("signature", "").strip())


def _block(quoted: Quoted) -> str:
    """A quoted mail below a header block, as Outlook writes one."""
    people = "; ".join(a.name or a.email for a in quoted.recipients)
    sender = f"{quoted.sender.name} <{quoted.sender.email}>" if quoted.sender else ""
    return f"From: {sender}\nSent: {quoted.sent}\nTo: {people}\nSubject: {quoted.subject}\n\n{quoted.text}"


def _attachments(row: Row, before: tuple[Message, ...]) -> Iterator[Attachment]:
    for each in row.get("attachments", []):
        tables = (Table("Sheet1", tuple(tuple(cells) for cells in each["rows"])),) if "rows" in each else ()
        yield Attachment(each["name"], "application/octet-stream", 20_000, each.get("text", "").strip(), tables)
    if shown := _earlier(row, before, "prints"):
        chain = _quoted(shown, Quoting.FORWARDED)
        yield Attachment(f"{shown.subject}.pdf", "application/pdf", 20_000, "\n\n".join(map(_block, chain)), quoted=chain)
    if carried := _earlier(row, before, "attaches"):
        yield Attachment(f"{carried.subject}.eml", "message/rfc822", 20_000, message=replace(carried, bcc=None))


def _copies(row: Row, message: Message, chamber: Chamber) -> Iterator[Copy]:
    roster = chamber.roster
    item = f"{message.id.partition('@')[0]}.eml"
    sender = roster.main_address(message.sender.email)
    if message.bcc is not None:
        yield Copy(sender, "Sent Items", item, Role.SENT)
    addressed = message.visible + chamber.addresses(row.get("bcc", []) if row.get("sent_copy", True) else [])
    held = frozenset(person.address for address in roster.reached(addressed) if (person := roster.person(address)))
    for custodian in sorted(held | {a.email for a in chamber.addresses(row.get("held_by", []))}):
        yield Copy(custodian, "Inbox", item, Role.RECEIVED)
    for address in chamber.addresses(row.get("rerouted_to", [])):
        yield Copy(address.email, "Inbox", item, Role.RECEIVED, rerouted=True)
    if "journal" in row:
        yield Copy(chamber.journal, "Inbox", item, Role.JOURNAL)


def _envelope(row: Row, message: Message, chamber: Chamber) -> Iterator[EnvelopeRecipient]:
    """The journal's lines: "bcc cllr.birch", "recipient cllr.birch via all.members", "recipient cllr.vickers forwarded cllr.pell"."""
    if "journal" not in row:
        return
    for role, addresses in ((EnvelopeRole.TO, message.to), (EnvelopeRole.CC, message.cc)):
        yield from (EnvelopeRecipient(a.email, role) for a in addresses if not chamber.roster.is_list(a.email))
    for line in row["journal"]:
        role_name, recipient, *through = line.split()
        how, via = through or ("", "")
        via_email = chamber.address(via).email if via else ""
        yield EnvelopeRecipient(chamber.address(recipient).email, EnvelopeRole(role_name), via_email, how == "forwarded")
