"""Signing in to an Exchange, finding it, what is said where that fails, and what is kept to itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from live.certificates import Authority
from live.ews import Exchange, Fault, ntlm_users, serving
from live.office import INBOX, NOW, SECRET, STAFF, Office, listed, opened
from parish import ANN, OLIVE, letter

from scanner.errors import SourceError
from scanner.sources.ews.readonly import WriteRefusedError
from scanner.sources.ews.wire import SignIn, Way
from scanner.sources.patience import TransientError


@pytest.fixture
def office() -> Iterator[Office]:
    with opened() as made:
        yield made


# Signing in.


@pytest.mark.parametrize("schemes", ['Basic realm="x"', "NTLM", 'Negotiate, NTLM, Basic realm="x"'])
@pytest.mark.parametrize("account", ["TARNSIDE\\svc"])
def test_the_account_signs_in_as_the_server_asks(office: Office, tmp_path: Path, schemes: str, account: str) -> None:
    office.exchange.schemes, office.exchange.account, office.exchange.password = schemes, account, SECRET
    with ntlm_users(tmp_path, account, SECRET):
        assert list(office.source().folders(ANN))
    kinds = {dict(headers)["Authorization"].partition(" ")[0] for headers, _ in office.exchange.requests if "Authorization" in headers}
    assert kinds == {"Basic" if schemes.startswith("Basic") else "NTLM"}


@pytest.mark.parametrize("schemes", ['Basic realm="x"', "NTLM"])
def test_a_wrong_password_is_tried_once_and_not_once_a_mailbox(office: Office, tmp_path: Path, schemes: str) -> None:
    office.exchange.schemes, office.exchange.account, office.exchange.password = schemes, "TARNSIDE\\svc", "another"
    with ntlm_users(tmp_path, "TARNSIDE\\svc", "another"):
        source = office.source()
        for custodian in (ANN, OLIVE, ANN):
            with pytest.raises(SourceError, match="check account and password") as caught:
                list(source.folders(custodian))
            assert SECRET not in str(caught.value)
    proofs = [kind for kind in office.exchange.turned_away if kind]
    assert len(proofs) == (2 if schemes == "NTLM" else 1)  # NTLM's first leg carries no password


def test_a_server_that_takes_no_password_is_said_to(office: Office) -> None:
    office.exchange.schemes = "Negotiate"
    with pytest.raises(SourceError, match="neither NTLM nor Basic"):
        list(office.source().folders(ANN))


class Issuer:
    """What hands out tokens."""

    def __init__(self, *tokens: str) -> None:
        self.tokens, self.closed = list(tokens), False

    def __call__(self) -> str:
        return self.tokens[0]

    def renew(self) -> str:
        self.tokens.pop(0)
        return self()

    def close(self) -> None:
        self.closed = True


def test_an_application_signs_in_with_a_token_and_acts_as_each_mailbox(office: Office) -> None:
    office.exchange.schemes, office.exchange.tokens = "Bearer", ("good-token",)
    office.exchange.lists = {STAFF: [("", ANN, "Mailbox")]}
    issuer = Issuer("good-token")
    source = office.source(sign_in=SignIn(account=OLIVE, token=issuer), group=f"group:{STAFF}")
    assert source.mailboxes() == (ANN,)
    assert list(source.folders(ANN))
    acting = [body.partition(b"SmtpAddress>")[2].partition(b"<")[0].decode() for _, body in office.exchange.requests]
    assert acting[0] == OLIVE and set(acting[1:]) == {ANN}
    assert {headers["Authorization"] for headers, _ in office.exchange.requests} == {"Bearer good-token"}
    source.close()
    assert issuer.closed


def test_a_token_that_is_refused_is_renewed_once(office: Office) -> None:
    office.exchange.schemes, office.exchange.tokens = "Bearer", ("fresh",)
    assert list(office.source(sign_in=SignIn(token=Issuer("stale", "fresh"))).folders(ANN))
    with pytest.raises(SourceError, match="sign-in is refused"):
        list(office.source(sign_in=SignIn(token=Issuer("stale", "stale too", "no"))).folders(ANN))


def test_a_token_that_cannot_be_had_is_an_error_in_its_own_words(office: Office) -> None:
    def refused() -> str:
        raise SourceError("Entra knows no such application.")

    with pytest.raises(SourceError, match="Entra knows no such application"):
        list(office.source(sign_in=SignIn(token=refused)).folders(ANN))


def test_a_delegate_reads_without_impersonation(office: Office) -> None:
    office.exchange.put(ANN, "inbox", letter("a@x"))
    source = office.source(sign_in=SignIn("x\\svc", SECRET, impersonates=False))
    items, _ = listed(source, INBOX)
    assert source.fetch(INBOX, items[0])
    assert not any(b"ExchangeImpersonation" in body for _, body in office.exchange.requests)
    anchors = [headers.get("X-AnchorMailbox") for headers, body in office.exchange.requests if b"ResolveNames" not in body]
    assert set(anchors) == {ANN}


def test_an_older_server_is_spoken_to_in_its_own_schema(office: Office) -> None:
    office.exchange.schemes, office.exchange.account, office.exchange.password = 'Basic realm="x"', "TARNSIDE\\svc", SECRET
    office.exchange.refused_versions = ("Exchange2013_SP1", "Exchange2016", "Exchange2015_SP1", "Exchange2015")
    assert list(office.source().folders(ANN))


# What is said.


def raised(office: Office, **settings: Any) -> str:
    with pytest.raises(SourceError) as caught:
        list(office.source(**settings).folders(ANN))
    return str(caught.value)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("status", 403), 'EWS is blocked for this tenant: use kind = "graph"'),
        (Fault("status", 401, headers={"Date": format_datetime(NOW)}), "check account and password"),
        (Fault("status", 401, headers={"Date": format_datetime(NOW - timedelta(minutes=42))}), "clock is 42 minutes ahead"),
        (Fault("status", 401, headers={"Date": format_datetime(NOW + timedelta(minutes=42))}), "clock is 42 minutes behind"),
        (Fault("status", 404), "no EWS at"),
        (Fault("status", 302, headers={"Location": "https://elsewhere.example/"}), "sends EWS elsewhere"),
        (Fault("status", 407), "the proxy asks for a sign-in"),
        (Fault("status", 418), r"refuses EWS \(HTTP 418\)"),
        (Fault("status", 503), "cannot answer now"),
        (Fault("soap", code="ErrorImpersonateUserDenied"), "ApplicationImpersonation"),
        (Fault("soap", code="ErrorNonExistentMailbox"), "kind = graph"),
        (Fault("soap", code="ErrorMailboxMoveInProgress"), "is being moved"),
        (Fault("soap", code="ErrorQuotaExceeded"), "over its quota"),
        (Fault("soap", code="ErrorAccountDisabled"), "switched off"),
        (Fault("soap", code="ErrorInvalidLicense"), r"ErrorInvalidLicense.*ResponseCode"),
        (Fault("soap", code="ErrorOfTomorrow"), "not Exchange's"),
        (Fault("garbage"), "not Exchange's"),
        (Fault("drop"), "cannot be reached"),
        (Fault("item", code="ErrorAccessDenied"), "grant it Full Access"),
        (Fault("item", code="ErrorItemNotFound"), "shows no folders to the service account"),
    ],
    ids=lambda value: value.code + value.kind + str(value.status) if isinstance(value, Fault) else "",
)
def test_each_refusal_says_what_to_do(office: Office, fault: Fault, words: str) -> None:
    import re

    office.exchange.fault = lambda number, operation: fault if operation != "ResolveNames" else None
    said = raised(office, way=Way(lambda: NOW))
    assert re.search(words, said)
    assert "Secret words" not in said and SECRET not in said


def test_a_server_that_is_not_there_is_said_to_be(office: Office) -> None:
    assert "cannot be reached" in raised(office, server="http://127.0.0.1:9/EWS/Exchange.asmx")


def test_a_server_is_not_asked_for_longer_than_patience_has(office: Office) -> None:
    office.exchange.fault = lambda number, operation: Fault("soap", back_off=3_600_000) if operation == "GetFolder" else None
    with pytest.raises(TransientError, match="asks to wait"):
        list(office.source().folders(ANN))
    assert office.waits == []


@pytest.mark.parametrize(
    ("issue", "words"),
    [
        ({}, ""),
        ({"host": "mail.elsewhere.example"}, "for another name"),
        ({"begins": -timedelta(days=2), "ends": -timedelta(days=1)}, "has expired"),
        ({"begins": timedelta(hours=12)}, "not yet valid"),
    ],
    ids=["good", "name", "expired", "not yet"],
)
def test_a_certificate_is_checked_and_what_is_wrong_with_it_is_said(tmp_path: Path, issue: dict[str, Any], words: str) -> None:
    authority = Authority(tmp_path)
    exchange = Exchange()
    exchange.mailbox(ANN)
    with serving(exchange, authority.issue("server", **issue)) as url:
        office = Office(exchange, url, [])
        way = Way(lambda: NOW, ca=str(authority.path))
        if words:
            assert words in raised(office, way=way)
            assert exchange.arrived == []
        else:
            assert list(office.source(way=way).folders(ANN))
            assert "authority that this machine does not know" in raised(office)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_said_to_be(tmp_path: Path, content: str | None) -> None:
    authority, exchange = Authority(tmp_path), Exchange()
    if content:
        (tmp_path / "ca.pem").write_text(content)
    with serving(exchange, authority.issue("server")) as url:
        assert "PEM" in raised(Office(exchange, url, []), way=Way(lambda: NOW, ca=str(tmp_path / "ca.pem")))


def test_everything_goes_through_the_proxy(office: Office) -> None:
    """A proxy for plain HTTP is asked with the whole URL; the machine's own settings are not looked at."""
    proxy = office.url.removesuffix("/EWS/Exchange.asmx")
    source = office.source(way=Way(lambda: NOW, proxy=proxy), server="http://mail.tarnside.example/EWS/Exchange.asmx")
    assert list(source.folders(ANN))
    assert {path for _, path in office.exchange.arrived} == {"http://mail.tarnside.example/EWS/Exchange.asmx"}
    assert "check proxy" in raised(office, way=Way(lambda: NOW, proxy="http://127.0.0.1:9"))


# Autodiscover.


def discovering(office: Office) -> tuple[str, ...]:
    base = office.url.removesuffix("/EWS/Exchange.asmx")
    return (f"{base}/{{domain}}/autodiscover.svc",)


def test_autodiscover_finds_the_server_of_each_mailbox(office: Office) -> None:
    source = office.source(server=None, autodiscover=discovering(office))
    assert list(source.folders(ANN)) and list(source.folders(OLIVE))
    assert len(source._wires) == 1
    assert office.operations.count("GetUserSettingsRequestMessage") == 3  # how to sign in, by an address and by a password; then the second mailbox


def test_autodiscover_follows_where_it_is_sent(office: Office) -> None:
    office.exchange.redirects = {ANN: "ann@tarnside.mail.example"}
    office.exchange.mailbox("ann@tarnside.mail.example")
    office.source(server=None, autodiscover=discovering(office))._wire(ANN)
    assert any("tarnside.mail.example" in path for _, path in office.exchange.arrived)


@pytest.mark.parametrize(
    ("target", "words"),
    [("", "knows no EWS"), ("ftp://x.example/", "not https"), (ANN, "without end")],
)
def test_autodiscover_that_leads_nowhere_says_to_name_the_server(office: Office, target: str, words: str) -> None:
    office.exchange.redirects = {ANN: target} if target else {}
    if not target:
        del office.exchange.owners[ANN]
    said = raised(office, server=None, autodiscover=discovering(office))
    assert words in said and 'write server = "…"' in said


def test_autodiscover_leaves_nothing_in_the_folder_for_temporary_files(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """exchangelib's own keeps a pickle there, under a name that everybody can guess and write."""
    monkeypatch.setattr("exchangelib.autodiscover.cache.AUTODISCOVER_PERSISTENT_STORAGE", tmp_path / "cache")
    list(office.source(server=None, autodiscover=discovering(office)).folders(ANN))
    assert list(tmp_path.iterdir()) == []


# What is kept to itself.


def test_neither_errors_nor_logs_nor_reprs_tell_a_secret_or_mail(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    office.exchange.schemes, office.exchange.account, office.exchange.password = 'Basic realm="x"', "TARNSIDE\\svc", SECRET
    item = office.exchange.put(ANN, "inbox", letter("a@x", body="Mrs Moss is in arrears."))
    source = office.source()
    source.fetch(INBOX, item.id)
    said = [repr(source), repr(source.gate), repr(source._box(ANN).protocol), repr(SignIn("x", SECRET, lambda: SECRET)), str(source._box(ANN))]
    office.exchange.fault = lambda number, operation: Fault("status", 418, body="Mrs Moss")
    with pytest.raises(SourceError) as caught:
        source.fetch(INBOX, item.id)
    with pytest.raises(WriteRefusedError):
        source._box(ANN).bulk_delete([("AAMk", "CQ")])
    said += [str(caught.value), caplog.text]
    assert not [text for text in said if SECRET in text or "Moss" in text]
    assert ANN not in caplog.text and "exchangelib" not in caplog.text


def test_exchangelib_keeps_no_connection_of_its_own(office: Office) -> None:
    from exchangelib.protocol import CachingProtocol

    list(office.source().folders(ANN))
    assert CachingProtocol._protocol_cache == {}
