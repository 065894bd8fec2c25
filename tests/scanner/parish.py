"""A council small enough to write out: two Members, two officers, a list, and whatever mail a test gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

from reports.casebook import Case
from rules.catalogue import RULES
from rules.council import Council
from rules.entity import Entity, EntityKind
from rules.protocol import packaged
from rules.roster import Kind, Person, Roster
from rules.rule import Context, Rule
from scanner.collect import Collector, Protected
from scanner.job import ScanJob, ScanRequest, ScanResult
from scanner.judge import Judge
from scanner.plan import Range
from scanner.pseudonym import pseudonym
from scanner.sources.files import EmlSource, MaildirSource
from scanner.sources.mbox import MboxSource
from scanner.sources.source import Folder, Head, Page, Source, heads_by
from scanner.store.cases import Cases
from scanner.store.database import open_database
from scanner.store.ledger import Ledger

DOMAIN = "tarnside.gov.uk"
ANN, BOB = f"cllr.bell@{DOMAIN}", f"cllr.carr@{DOMAIN}"
OLIVE, PETER = f"olive.dunn@{DOMAIN}", f"peter.eames@{DOMAIN}"
UNION, JOURNAL, ALL = f"union@{DOMAIN}", f"journal@{DOMAIN}", f"all.staff@{DOMAIN}"
RESIDENT = "joan.moss@post.example"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

ROSTER = Roster(
    people=(
        Person(ANN, "Ann Bell", Kind.MEMBER, aliases=(f"ann.bell@{DOMAIN}",)),
        Person(BOB, "Bob Carr", Kind.MEMBER),
        Person(OLIVE, "Olive Dunn", Kind.OFFICER),
        Person(PETER, "Peter Eames", Kind.OFFICER),
        Person(UNION, "Union office", Kind.SERVICE, aliases=(f"unison@{DOMAIN}",)),
    ),
    lists={ALL: (OLIVE, PETER, UNION)},
    domains=frozenset({DOMAIN}),
)
COUNCIL = Council(name="Tarnside Parish", domains=frozenset({DOMAIN}))
_SOURCES: dict[str, Callable[[str, Path], Source]] = {"eml": EmlSource, "maildir": MaildirSource, "mbox": MboxSource}
_ENTITIES = (
    (EntityKind.PHONE, re.compile(r"\b01632 960\d{3}\b")),
    (EntityKind.PERSON, re.compile(r"\b(?:Mrs|Mr|Ms) [A-Z][a-z]+\b")),
)


def find_entities(text: str) -> tuple[Entity, ...]:
    """A finder that needs no language model: British drama numbers and names with a title."""
    found = (Entity(kind, m.start(), m.end()) for kind, pattern in _ENTITIES for m in pattern.finditer(text))
    return tuple(sorted(found, key=lambda e: e.start))


def context() -> Context:
    return Context(COUNCIL, ROSTER, packaged("county-2023"), find_entities)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def letter(
    message_id: str | None = None,
    sender: str = OLIVE,
    to: Iterable[str] = (ANN,),
    body: str = "Thank you. The meeting is on Tuesday.",
    subject: str = "Allotments",
    date: datetime | None = START,
    **headers: str,
) -> bytes:
    """A message's bytes. A keyword such as `in_reply_to` is the header of that name."""
    fields = {"From": sender, "To": ", ".join(to), "Subject": subject}
    fields |= {"Message-ID": f"<{message_id}>"} if message_id else {}
    fields |= {"Date": format_datetime(date)} if date else {}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"{head}\r\n{body}\r\n".encode()


def report(original: bytes, *recipients: str, sender: str = OLIVE) -> bytes:
    """A journal report (MS-XJRNL) on a message; a recipient is a line such as `Bcc: ann@x`."""
    envelope = "\r\n".join((f"Sender: {sender}", "Subject: x", *recipients))
    head = f"From: postmaster@{DOMAIN}\r\nTo: {JOURNAL}\r\nMessage-ID: <wrapper-{crc32(original + envelope.encode())}@{DOMAIN}>\r\n"
    kind = 'X-MS-Journal-Report:\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="cut"\r\n\r\n'
    parts = f"--cut\r\nContent-Type: text/plain\r\n\r\n{envelope}\r\n\r\n--cut\r\nContent-Type: message/rfc822\r\n\r\n"
    return (head + kind + parts).encode() + original + b"\r\n--cut--\r\n"


@dataclass
class Watched:
    """A source that notes what is fetched from it and may do something before each fetch."""

    inner: Source
    fetched: list[tuple[str, str, str]] = field(default_factory=list)
    before: Callable[[Folder, str], None] = lambda folder, item: None

    @property
    def label(self) -> str:
        return self.inner.label

    def mailboxes(self) -> tuple[str, ...]:
        return self.inner.mailboxes()

    def folders(self, custodian: str) -> Iterator[Folder]:
        return self.inner.folders(custodian)

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        return self.inner.pages(folder, cursor)

    def fetch(self, folder: Folder, item: str) -> bytes:
        self.before(folder, item)
        self.fetched.append((folder.custodian, folder.path, item))
        return self.inner.fetch(folder, item)

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        return heads_by(self.fetch, folder, items)

    def close(self) -> None:
        self.inner.close()


class Parish:
    """The council's mail and store in one folder."""

    def __init__(self, folder: Path, url: str = "sqlite:///parish.db", kind: str = "eml") -> None:
        self.folder, self.mail = folder, folder / "mail"
        self.mail.mkdir(parents=True, exist_ok=True)
        self.url, self.kind = url, kind
        self.protected = Protected()
        self.journal: str | None = None
        self.rules: tuple[Rule, ...] = RULES
        self.workers = 1
        self._hours = count()

    def __enter__(self) -> Parish:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.engine.dispose()

    @cached_property
    def engine(self) -> Any:
        return open_database(self.url, self.folder)

    @cached_property
    def source(self) -> Watched:
        return Watched(_SOURCES[self.kind](self.kind, self.mail))

    @property
    def cases(self) -> Cases:
        return Cases(self.engine)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.engine)

    def put(self, raw: bytes, custodian: str = ANN, folder: str = "Inbox", name: str = "") -> Path:
        """Lays a message into a mailbox as an .eml file; unnamed ones get the next number."""
        place = self.mail / custodian / folder
        place.mkdir(parents=True, exist_ok=True)
        path = place / (name or f"{len(list(place.iterdir())) + 1:04}.eml")
        path.write_bytes(raw)
        return path

    def job(self) -> ScanJob:
        key = pseudonym(b"a key for tests only")
        collector = Collector(self.source, self.ledger, ROSTER, self.protected, key, self.journal)
        judge = partial(make_judge, self.kind, self.mail, self.rules) if self.workers > 1 else lambda: self.judge
        return ScanJob((collector,), self.ledger, self.cases, judge, self.folder / "parish.lock", self.workers, self._clock)

    @property
    def judge(self) -> Judge:
        return Judge({self.source.label: self.source}, context(), self.rules, pseudonym(b"a key for tests only"))

    def scan(self, mailbox: str = "", since: datetime | None = None, until: datetime | None = None, afresh: bool = False) -> ScanResult:
        request = ScanRequest(Range(since, until, mailbox), "because" if mailbox else "", afresh)
        return self.job().run(request, lambda *_: None)

    def _clock(self) -> datetime:
        return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=next(self._hours))

    def all_cases(self) -> list[Case]:
        return self.cases.cases([rule.id for rule in RULES], None, None)

    def findings(self) -> list[tuple[str, str, str]]:
        """The findings that stand: rule, kind and Message-ID."""
        return sorted((c.finding.rule, c.finding.kind, c.finding.message_id) for c in self.all_cases() if c.withdrawn is None)

    def coverage(self) -> dict[str, tuple[int, ...]]:
        """Of each folder how many copies are expected, read, left out, unread, failed, not reached."""
        found = self.cases.coverage()
        for row in found:
            assert row.expected == row.read + row.left_out + row.unread + row.failed + row.not_reached
        return {f"{c.custodian}/{c.folder}": (c.expected, c.read, c.left_out, c.unread, c.failed, c.not_reached) for c in found}

    def states(self) -> dict[str, int]:
        nodes = [node.state.value for node in self.ledger.nodes()]
        return {state: nodes.count(state) for state in sorted(set(nodes))}


def make_judge(kind: str, mail: Path, rules: tuple[Rule, ...]) -> Judge:
    """A judge for a worker process."""
    return Judge({kind: _SOURCES[kind](kind, mail)}, context(), rules, pseudonym(b"a key for tests only"))


def outcome(cases: Cases) -> tuple[Any, ...]:
    """All that two scans must agree on: standing findings word for word, coverage, and what could not be read."""
    found = cases.cases([rule.id for rule in RULES], None, None)
    standing = sorted((c.finding for c in found if c.withdrawn is None), key=lambda f: f.id)
    bare = [replace(f, copies=tuple(sorted(f.copies, key=lambda c: (c.custodian, c.folder, c.item)))) for f in standing]
    return bare, cases.coverage(), cases.failures()


def encrypted(message_id: str, **changes: Any) -> bytes:
    """A message that can be opened but not understood."""
    return letter(message_id, **{"Content_Type": 'application/pkcs7-mime; smime-type="enveloped-data"', **changes})


def post() -> list[tuple[str, str, str, bytes]]:
    """A month of mail with something of everything, as (custodian, folder, file, bytes)."""
    found: list[tuple[str, str, str, bytes]] = []

    def lay(raw: bytes, *places: tuple[str, str]) -> None:
        for custodian, folder in places:
            number = sum(1 for c, f, _, _ in found if (c, f) == (custodian, folder))
            found.append((custodian, folder, f"{number + 1:04}.eml", raw))

    for n in range(6):
        asked = letter(f"ask-{n}@x", ANN, (OLIVE,), f"Olive, may I ask about plot {n}? Ann", f"Plot {n}", day(n))
        lay(asked, (ANN, "Sent Items"), (OLIVE, "Inbox"))
        answer = partial(letter, f"answer-{n}@x", OLIVE, (ANN,), f"Ann, plot {n} is free.", f"RE: Plot {n}", day(n + 0.1), In_Reply_To=f"<ask-{n}@x>")
        lay(answer(Bcc=BOB) if n % 2 else answer(), (OLIVE, "Sent Items"))
        lay(answer(), (ANN, "Inbox"), *([(BOB, "Inbox")] if n % 2 else []))
        chain = (
            f"See below.\n\nFrom: Ann Bell <{ANN}>\nSent: Monday\nTo: Olive Dunn <{OLIVE}>\nSubject: Plot {n}\n\nOlive, may I ask about plot {n}? Ann"
        )
        passed = letter(f"passed-{n}@x", OLIVE, (BOB,), chain, f"FW: Plot {n}", day(n + 0.2), References=f"<ask-{n}@x> <answer-{n}@x>")
        lay(passed, (OLIVE, "Sent Items"), (BOB, "Inbox"))
    resident = letter("joan@x", RESIDENT, (OLIVE,), "My roof leaks. Joan Moss, 01632 960123", "Roof", day(8))
    lay(resident, (OLIVE, "Inbox"))
    told = letter("told@x", OLIVE, (ANN, BOB), "Mrs Moss of 4 Mill Lane, 01632 960123, is in arrears.", "RE: Roof", day(9), In_Reply_To="<joan@x>")
    lay(told, (OLIVE, "Sent Items"), (ANN, "Inbox"), (BOB, "Inbox"))
    asked = letter("mill@x", ANN, (OLIVE,), "Olive, what of the old mill wall?", "The mill", day(9.5), Cc=BOB)
    lay(asked, (ANN, "Sent Items"), (BOB, "Inbox"))
    chain = f"For you.\n\nFrom: Ann Bell <{ANN}>\nSent: Monday\nTo: Olive Dunn <{OLIVE}>\nSubject: The mill\n\nOlive, what of the old mill wall?"
    lay(letter("onward@x", OLIVE, (BOB,), chain, "FW: The mill", day(9.6), References="<mill@x>"), (OLIVE, "Sent Items"))
    well = "the well has been dry since Sunday and the school cannot do without it; who is to tell the parents, and by when?"
    gate = "somebody has chained the churchyard gate and the bearers had to lift old Mr Tate over the wall on Friday afternoon"
    for name, words, when, copied in (("well", well, 2.5, {}), ("gate", gate, 4.5, {"Cc": BOB})):
        lay(letter(f"{name}@x", ANN, (PETER,), f"Peter, {words}\n\nAnn", f"The {name}", day(when), **copied), (ANN, "Sent Items"))
        pasted = f"Bob, from Ann today: {words} I have not answered.\n\nPeter"
        lay(letter(f"{name}-gist@x", PETER, (BOB,), pasted, f"Heads up, {name}", day(when + 7)), (PETER, "Sent Items"))
    lay(letter("union@x", PETER, (UNION,), "Confidential.", "Pay", day(10)), (PETER, "Sent Items"))
    lay(encrypted("sealed@x", date=day(11)), (OLIVE, "Sent Items"), (ANN, "Inbox"))
    lay(b"", (PETER, "Inbox"))
    only = letter("wired@x", PETER, (ANN,), "Your question is with the planners.", "Planning", day(12))
    lay(report(only, f"To: {ANN}", f"Bcc: {BOB}", sender=PETER), (JOURNAL, "Inbox"))
    lay(letter(None, PETER, (ANN,), "No name.", "Nameless", day(13)), (PETER, "Sent Items"))
    lay(letter("undated@x", PETER, (ANN,), "No date.", "Timeless", None, Bcc=BOB), (PETER, "Sent Items"))
    return found


def furnish(parish: Parish, mail: Iterable[tuple[str, str, str, bytes]] | None = None) -> None:
    """Lays the month's mail, or other mail, into the mailboxes, with its protected channel and its journal."""
    parish.protected, parish.journal = Protected(frozenset({UNION})), JOURNAL
    for custodian, folder, name, raw in post() if mail is None else mail:
        parish.put(raw, custodian, folder, name)
