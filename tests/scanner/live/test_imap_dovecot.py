"""Whole scans of a council's mail on a real Dovecot: the same findings as from files, only what is new, and nothing changed on the server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import imaplib
import json
import random
import shutil
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from live.dovecot import MASTER, MASTER_PASSWORD, PASSWORD, Dovecot, installed
from live.lines import Troubled, listening
from parish import ANN, BOB, DOMAIN, JOURNAL, OLIVE, PETER, RESIDENT, Parish, day, furnish, letter, post

from rules.catalogue import RULES
from scanner.errors import SourceError
from scanner.sources.imap import ImapSource, Server, SignIn
from scanner.sources.patience import Patience
from scanner.sources.source import Folder, Source

STAFF = tuple(f"officer.{number:02}@{DOMAIN}" for number in range(1, 15))
FOLDERS = {"Inbox": "INBOX", "Sent Items": "Sent"}
ONE = tuple(rule for rule in RULES if rule.id == "silent-copy")
SEVERAL = ("INBOX", "Sent", "Caf&AOk-/Pl&AOQ-ne", "Rates &- Benefits", "Archive")


class Office(Parish):
    """The council of parish.py with its mail on a server."""

    def __init__(self, folder: Path, source: Source) -> None:
        super().__init__(folder)
        self.__dict__["source"] = source
        self.rules = ONE

    def close(self) -> None:
        self.source.close()
        super().close()


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    server = installed()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


def source_of(dovecot: Dovecot, scope: tuple[str, ...], port: int | None = None, **more: Any) -> ImapSource:
    patience = more.pop("patience", Patience(3, sleep=lambda _: None))
    server = Server("127.0.0.1", port or dovecot.port, ca=dovecot.authority.path, **{"patient": 10.0, **more})
    return ImapSource("imap", server, SignIn(f"{{mailbox}}*{MASTER}", MASTER_PASSWORD), scope, patience=patience)


def deliver(dovecot: Dovecot, mail: list[tuple[str, str, str, bytes]]) -> tuple[str, ...]:
    """Lays mail into the server's mailboxes; gives their addresses."""
    mailboxes = tuple(dict.fromkeys(custodian for custodian, *_ in mail))
    dovecot.add(*mailboxes)
    for number, (custodian, folder, _, raw) in enumerate(mail):
        dovecot.deliver(custodian, raw, FOLDERS.get(folder, folder), *(("cur", "S") if number % 3 else ()))
    return mailboxes


def filling(number: int, seed: int = 4711) -> list[tuple[str, str, str, bytes]]:
    """Ordinary mail of many forms, spread over twenty mailboxes."""
    chance = random.Random(seed)
    found = []
    for n in range(number):
        holder = chance.choice((ANN, BOB, OLIVE, PETER, RESIDENT.replace("post.example", DOMAIN), JOURNAL, *STAFF))
        words = " ".join(
            chance.choices(("Thank", "you", "for", "the", "minutes", "of", "Tuesday", "café", "—", "\u202f£20"), k=chance.randint(0, 400))
        )
        other = (
            {"Content_Type": 'text/plain; charset="utf-8"', "Content_Transfer_Encoding": "8bit"}
            if n % 2
            else {"X_Long": "y" * chance.randint(1, 900)}
        )
        raw = letter(f"filling-{seed}-{n}@x", RESIDENT if n % 3 else PETER, (holder,), words, f"Item {n}", day(n / 100), **other)
        if n % 50 == 7:
            raw = raw.replace(b"\r\n", b"\n")
        if n % 50 == 9:
            raw = raw.replace(b'text/plain; charset="utf-8"', b"application/x-table") + b"0123456789abcdef" * 20_000
        found.append((holder, SEVERAL[n % len(SEVERAL)], "", raw))
    return found


def asked(dovecot: Dovecot, user: str) -> dict[str, list[bytes]]:
    """What another reader sees of a mailbox: flags, \\Recent among them, and UIDs by folder."""
    trust = ssl.create_default_context(cafile=str(dovecot.authority.path))
    client = imaplib.IMAP4_SSL("127.0.0.1", dovecot.port, ssl_context=trust)
    client.authenticate("PLAIN", lambda _: f"\0{user}*{MASTER}\0{MASTER_PASSWORD}".encode())
    found: dict[str, list[bytes]] = {}
    for line in client.list()[1]:
        name = line.rpartition(b'"/" ')[2].decode() if isinstance(line, bytes) else ""
        state = client.select(name, readonly=True)[0] == "OK" if b"\\Noselect" not in line else False  # type: ignore[operator]
        if state:
            numbers = [client.response(code)[1][-1] for code in ("EXISTS", "RECENT", "UIDVALIDITY", "UIDNEXT")]
            found[name] = [*numbers, *(client.uid("FETCH", "1:*", "(FLAGS RFC822.SIZE)")[1] if numbers[0] != b"0" else [])]
    client.logout()
    return found


# --- the scan


def test_findings_are_those_of_the_same_mail_in_files_and_a_second_scan_reads_nothing(dovecot: Dovecot, tmp_path: Path) -> None:
    mailboxes = deliver(dovecot, post())
    dovecot.start()
    with Parish(tmp_path / "files") as files, Office(tmp_path / "server", source_of(dovecot, mailboxes)) as office:
        files.rules = ONE
        for each in (files, office):
            furnish(each, None if each is files else [])
            assert each.scan().problems == ()
        assert office.findings() == files.findings() != []
        wanted = {f"{mailbox}/{FOLDERS[folder]}" for mailbox, folder in (key.split("/") for key in files.coverage())}
        found = {key: row for key, row in office.coverage().items() if row[0]}
        assert set(found) == wanted
        assert sorted(found.values()) == sorted(files.coverage().values())
        again = office.scan()
        assert (again.collected, again.judged, again.problems) == (0, 0, ())


def test_twenty_mailboxes_first_second_third_and_renumbered_with_nothing_changed(dovecot: Dovecot, tmp_path: Path) -> None:
    mailboxes = deliver(dovecot, [*post(), *filling(400 - len(post()))])
    assert len(mailboxes) == 20
    dovecot.start()
    before = {mailbox: asked(dovecot, mailbox) for mailbox in mailboxes}
    standing = dovecot.standing()
    with Office(tmp_path, source_of(dovecot, mailboxes)) as office:
        furnish(office, [])
        first = office.scan()
        assert (first.collected, first.problems) == (400, ())
        findings, coverage = office.findings(), office.coverage()
        assert sum(row[0] for row in coverage.values()) == 400
        assert dovecot.standing() == standing
        assert {mailbox: asked(dovecot, mailbox) for mailbox in mailboxes} == before
        second = office.scan()
        assert (second.collected, second.judged) == (0, 0)
        deliver(dovecot, filling(100, seed=1))
        dovecot.own()
        assert (third := office.scan()).collected == 100, third.problems
        assert office.findings() == findings
        dovecot.renumber(OLIVE, "Sent")
        held = office.coverage()[f"{OLIVE}/Sent"][0]
        assert (fourth := office.scan()).collected == held > 10, fourth.problems
        assert office.findings() == findings
        assert sum(row[0] for row in office.coverage().values()) == 500
        assert dovecot.standing().keys() >= standing.keys() - {key for key in standing if key.startswith(f"{OLIVE}/.Sent/")}


def test_what_is_expunged_is_noticed_and_counts_no_more(dovecot: Dovecot, tmp_path: Path) -> None:
    deliver(dovecot, [(ANN, "Inbox", "", letter(f"{n}@x", RESIDENT, subject=str(n))) for n in range(4)])
    hidden = letter("a@x", OLIVE, (ANN,))
    deliver(dovecot, [(ANN, "Inbox", "", hidden)])
    dovecot.add(BOB)
    gone = dovecot.deliver(BOB, hidden)
    dovecot.start()
    with Office(tmp_path, source_of(dovecot, (ANN, BOB))) as office:
        office.scan()
        assert office.findings() == [("silent-copy", "hidden-copy", "a@x")]
        gone.unlink()
        dovecot.deliver(BOB, letter("b@x", RESIDENT, (BOB,)))
        dovecot.own()
        assert office.scan().collected == 1
        assert office.coverage()[f"{BOB}/INBOX"] == (1, 1, 0, 0, 0, 0)
        assert office.findings() == [("silent-copy", "hidden-copy", "a@x")]
        assert office.scan(afresh=True).problems == ()
        assert office.findings() == [("silent-copy", "hidden-copy", "a@x")]


def test_one_account_that_mailboxes_are_shared_with_reads_them_as_their_owners(dovecot: Dovecot, tmp_path: Path) -> None:
    reader = f"aboveboard@{DOMAIN}"
    deliver(dovecot, [(custodian, folder, "", letter("a@x", OLIVE, (ANN,), Bcc=BOB if folder == "Sent Items" else "")) for custodian, folder in (
        (OLIVE, "Sent Items"), (ANN, "Inbox"), (BOB, "Inbox"), (reader, "Inbox"))])  # fmt: skip
    for owner in (OLIVE, ANN, BOB):
        dovecot.share(owner, reader, ("INBOX", *(["Sent"] if owner == OLIVE else [])))
    dovecot.start()
    server = Server("127.0.0.1", dovecot.port, ca=dovecot.authority.path)
    with Office(tmp_path, ImapSource("imap", server, SignIn(reader, PASSWORD), (OLIVE, ANN, BOB))) as office:
        assert office.scan().problems == ()
        (case,) = office.all_cases()
        assert case.finding.strength.value == "proved"
        assert {copy.custodian for copy in case.finding.copies} == {OLIVE, ANN, BOB}
        assert set(office.coverage()) == {f"{OLIVE}/shared/{OLIVE}/Sent", *(f"{owner}/shared/{owner}" for owner in (OLIVE, ANN, BOB))}


def test_a_wrong_password_and_a_mailbox_that_is_not_there_are_said_mailbox_by_mailbox(dovecot: Dovecot, tmp_path: Path) -> None:
    deliver(dovecot, [(ANN, "Inbox", "", letter("a@x"))])
    dovecot.start()
    with Office(tmp_path, source_of(dovecot, (ANN, BOB))) as office:
        (problem,) = office.scan().problems
        assert problem.startswith(f"{BOB}: 127.0.0.1: refused the sign-in of {BOB}*{MASTER} (AUTHORIZATIONFAILED): the account may not read this")
        assert office.coverage() == {f"{ANN}/INBOX": (1, 1, 0, 0, 0, 0)}
    server = Server("127.0.0.1", dovecot.port, ca=dovecot.authority.path)
    with Office(tmp_path / "again", ImapSource("imap", server, SignIn(f"{{mailbox}}*{MASTER}", "Heron-0000"), (ANN,))) as office:
        (problem,) = office.scan().problems
        assert "(AUTHENTICATIONFAILED): the name or the secret is wrong" in problem
        assert "Heron" not in problem


def test_with_starttls_the_same_is_read(dovecot: Dovecot) -> None:
    deliver(dovecot, [(ANN, "Sent Items", "", letter("a@x", ANN, (OLIVE,), Bcc=BOB))])
    dovecot.start()
    source = source_of(dovecot, (ANN,), dovecot.clear, starttls=True)
    sent = next(folder for folder in source.folders(ANN) if folder.path == "Sent")
    (page,) = source.pages(sent, None)
    assert b"Bcc: " + BOB.encode() in source.fetch(sent, page.items[0])
    source.close()


@pytest.mark.parametrize(("secret", "opens"), [(b"a key of sixteen or more letters", True), (b"another key of sixteen letters..", False)])
def test_a_token_opens_the_mailbox_that_it_is_for(dovecot: Dovecot, secret: bytes, *, opens: bool) -> None:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    head, claims = ({"alg": "HS256", "typ": "JWT"}, {"sub": ANN, "aud": "aboveboard", "exp": 4_102_444_800, "iat": 1, "nbf": 1})
    signed = f"{part(json.dumps(head).encode())}.{part(json.dumps(claims).encode())}"
    token = f"{signed}.{part(hmac.digest(secret, signed.encode(), hashlib.sha256))}"
    key = dovecot.folder / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(b"a key of sixteen or more letters"))
    deliver(dovecot, [(ANN, "Inbox", "", letter("a@x"))])
    dovecot.start()
    server = Server("127.0.0.1", dovecot.port, ca=dovecot.authority.path)
    source = ImapSource("imap", server, SignIn("{mailbox}", token=lambda: token), (ANN,), patience=Patience(1))
    if opens:
        assert [folder.path for folder in source.folders(ANN)] == ["INBOX"]
    else:
        with pytest.raises(SourceError, match="refused the sign-in"):
            list(source.folders(ANN))
    source.close()


def test_a_server_that_is_restarted_between_two_passes_is_met_again(dovecot: Dovecot) -> None:
    deliver(dovecot, [(ANN, "Inbox", "", letter("a@x"))])
    dovecot.start()
    source = source_of(dovecot, (ANN,))
    (folder,) = source.folders(ANN)
    (page,) = source.pages(folder, None)
    dovecot.stop()
    dovecot.start()
    assert b"a@x" in source.fetch(folder, page.items[0])
    source.close()


@pytest.mark.parametrize(
    "write",
    [
        lambda c: c.select_folder("INBOX"),
        lambda c: c.append("INBOX", b"From: a@x\r\n\r\n"),
        lambda c: c.add_flags([1], [b"\\Seen"]),
        lambda c: c.answers("1", "(BODY[])", by_uid=True),
        lambda c: c.delete_folder("INBOX"),
    ],
)
def test_a_write_does_not_reach_the_server(dovecot: Dovecot, write: Callable[[Any], object]) -> None:
    deliver(dovecot, [(ANN, "Inbox", "", letter("a@x"))])
    dovecot.start()
    before = asked(dovecot, ANN)
    source = source_of(dovecot, (ANN,))
    list(source.pages(Folder(ANN, "INBOX"), None))
    client = next(iter(source._sessions.values()))._client
    with pytest.raises(SourceError, match="was not sent"):
        write(client)
    source.close()
    assert asked(dovecot, ANN) == before


# --- troubles on the line

FEW = [
    (OLIVE, "Sent Items", "", letter("a@x", OLIVE, (ANN,), Bcc=BOB)),
    (BOB, "Inbox", "", letter("b@x", OLIVE, (ANN,))),
    (ANN, "Inbox", "", letter("b@x", OLIVE, (ANN,))),
]


def scanned(folder: Path, dovecot: Dovecot, trouble: Troubled, attempts: int, patient: float) -> tuple[tuple[str, ...], Any, Any]:
    """Problems of a scan under a trouble; then, after it has passed, the findings and coverage of the next, which waits as long as it takes."""
    with listening(trouble.serve) as port:
        tries = Patience(attempts, sleep=lambda _: None)
        with Office(folder, source_of(dovecot, (ANN, BOB, OLIVE), port, patience=tries, patient=patient)) as office:
            problems = office.scan().problems
        trouble.faults = lambda _number: ""
        with Office(folder, source_of(dovecot, (ANN, BOB, OLIVE), port)) as office:
            assert office.scan().problems == ()
            return problems, office.findings(), office.coverage()


@pytest.mark.parametrize(("kind", "first"), [("drop", 1), ("garbage", 2), ("cut", 3), ("bye", 4), ("short", 5), ("late", 6)])
def test_a_trouble_at_any_exchange_loses_nothing_and_doubles_nothing(dovecot: Dovecot, tmp_path: Path, kind: str, first: int) -> None:
    """Without patience the scan says so, and the next one makes it good; with patience nobody notices. Together the kinds meet every exchange."""
    deliver(dovecot, FEW)
    dovecot.start()
    trouble = partial(Troubled, dovecot.port, dovecot.authority, dovecot.authority.issue("between"))
    calm = trouble()
    undisturbed = scanned(tmp_path / "calm", dovecot, calm, 1, 10.0)
    assert undisturbed[0] == ()
    assert len(undisturbed[1]) == 2
    waits = kind in {"late", "short"}
    for number in range(first, calm.exchanges + 1, 6):
        for attempts in (1, 3) if number % 4 == 1 else (1,):
            disturbed = trouble(lambda n, number=number: kind if n == number else "", 0.7)
            problems, *rest = scanned(tmp_path / f"{kind}-{number}-{attempts}", dovecot, disturbed, attempts, 0.4 if waits else 10.0)
            assert rest == list(undisturbed[1:]), (number, problems)
            assert attempts == 1 or problems == ()


@pytest.mark.parametrize("every", [2, 5, 11])
def test_a_line_that_breaks_again_and_again_is_said_and_made_good(dovecot: Dovecot, tmp_path: Path, every: int) -> None:
    deliver(dovecot, FEW)
    dovecot.start()
    trouble = Troubled(dovecot.port, dovecot.authority, dovecot.authority.issue("between"))
    _, *undisturbed = scanned(tmp_path / "calm", dovecot, trouble, 1, 10.0)
    trouble.faults = lambda number: "drop" if number % every == 0 else ""
    problems, *rest = scanned(tmp_path / "broken", dovecot, trouble, 3, 10.0)
    assert rest == undisturbed
    assert bool(problems) is (every <= 5)  # a sign-in alone takes more exchanges than that
