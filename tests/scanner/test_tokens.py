"""Sign-in at Entra: by secret and by certificate, kept while it lasts, renewed on demand, refused in words that hold no secret."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from live.entra import CLIENT, SECRET, TENANT, Entra, key_and_certificate

from scanner.errors import SourceError
from scanner.sources.patience import TransientError
from scanner.sources.tokens import GRAPH, OUTLOOK, Application, Tokens
from scanner.sources.web import Web

KEY, CERTIFICATE = key_and_certificate()


def tokens(entra: Entra, **changes: Any) -> Tokens:
    made = {"tenant": TENANT, "client": CLIENT, "scope": GRAPH, "secret": SECRET, **changes}
    return signed_in(entra, Application(**made))


def signed_in(entra: Entra, application: Application, *, ca: Path | None = None, proxy: str | None = None) -> Tokens:
    return entra.after.enter_context(closing(Tokens(application, entra.url, ca or entra.ca, proxy)))


def test_a_token_is_kept_while_it_lasts_and_renewed_on_demand(tmp_path: Path) -> None:
    with Entra(tmp_path) as entra:
        token = tokens(entra)
        assert (token(), token(), token.renew(), token()) == ("token-1", "token-1", "token-2", "token-2")
        asked = [path for _, path, _ in entra.arrived]
        assert asked == [f"/{TENANT}/v2.0/.well-known/openid-configuration", *[f"/{TENANT}/oauth2/v2.0/token"] * 2]


def test_a_token_that_is_about_to_expire_is_not_handed_out(tmp_path: Path) -> None:
    with Entra(tmp_path) as entra:
        entra.lasts = 200  # less than the five minutes that a request and a slow clock may take
        token = tokens(entra)
        assert (token(), token()) == ("token-1", "token-2")


@pytest.mark.parametrize("scope", [GRAPH, OUTLOOK])
def test_the_scope_names_the_service(tmp_path: Path, scope: str) -> None:
    with Entra(tmp_path) as entra:
        tokens(entra, scope=scope)()
        assert entra.arrived[-1][2]["scope"] == scope


def test_a_certificate_signs_in(tmp_path: Path) -> None:
    with Entra(tmp_path) as entra:
        entra.certificate = CERTIFICATE
        assert tokens(entra, secret=None, certificate=KEY)() == "token-1"
        other, _ = key_and_certificate()
        with pytest.raises(SourceError, match=r"AADSTS700027.*certificate is not registered"):
            tokens(entra, secret=None, certificate=other)()


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        ("hunter2", "holds no private key"),
        (KEY.partition("-----BEGIN CERTIFICATE")[0], "holds no certificate"),
        (KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "has a passphrase"),
        (KEY[:60] + "hunter2" + KEY[70:], "cannot be read"),
    ],
)
def test_a_certificate_file_that_will_not_serve_is_refused(tmp_path: Path, pem: str, words: str) -> None:
    with Entra(tmp_path) as entra, pytest.raises(SourceError, match=words) as refused:
        tokens(entra, secret=None, certificate=pem)()
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("7000215", "client secret is wrong"),
        ("7000222", "client secret has expired"),
        ("700016", "knows no such application"),
        ("700024", "set this machine's clock"),
        ("53003", "Conditional Access"),
        ("7000112", "switched off"),
        ("99999", "look the code up"),
    ],
)
def test_a_refusal_says_what_to_do(tmp_path: Path, code: str, words: str) -> None:
    with Entra(tmp_path) as entra:
        entra.refuses = code
        with pytest.raises(SourceError, match=words) as refused:
            tokens(entra)()
    assert f"AADSTS{code}" in str(refused.value)
    assert "someone@" not in str(refused.value)
    assert not isinstance(refused.value, TransientError)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": "another~secret"}, "AADSTS7000215"),
        ({"client": "another"}, "AADSTS700016"),
        ({"tenant": "elsewhere.gov.uk"}, r"AADSTS90002.*no such tenant"),
        ({"tenant": "a/../b?c"}, "AADSTS90002"),
    ],
)
def test_wrong_settings_are_told_apart(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    with Entra(tmp_path) as entra, pytest.raises(SourceError, match=words):
        tokens(entra, **changes)()


@pytest.mark.parametrize("where", ["openid-configuration", "token"])
@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ((503, {}, b"{}"), None),
        ((429, {"Retry-After": "7"}, b"{}"), 7.0),
        ((200, {}, b"<html>Please sign in</html>"), None),
        ((200, {}, b'{"access_token": "half-a-tok'), None),
        ((0, {}, b""), None),
    ],
    ids=["busy", "throttled", "proxy's page", "cut short", "dropped"],
)
def test_what_may_pass_is_transient_and_passes(
    tmp_path: Path, where: str, fault: tuple[int, dict[str, str], bytes], wait: float | None, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    with Entra(tmp_path) as entra:
        token = tokens(entra)
        entra.faults = lambda path: fault if path.endswith(where) else None
        with pytest.raises(TransientError) as met:
            token()
        assert met.value.wait == wait
        entra.faults = lambda path: None
        assert token() == "token-1"
    assert "half-a-tok" not in caplog.text


def test_no_secret_stands_in_errors_reprs_or_logs(tmp_path: Path, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    application = Application(TENANT, CLIENT, GRAPH, SECRET, KEY)
    assert SECRET not in repr(application)
    assert "PRIVATE" not in repr(application)
    with Entra(tmp_path) as entra:
        token = tokens(entra)
        token()
        entra.refuses = "7000222"
        with pytest.raises(SourceError) as refused:
            token.renew()
        assert not any(secret in text for text in (caplog.text, repr(token), str(refused.value)) for secret in (SECRET, "token-1"))
        assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("lasts", "host", "words"),
    [
        ({"begins": timedelta(days=-3), "ends": timedelta(days=-2)}, "127.0.0.1", "has expired, or this machine's clock"),
        ({"begins": timedelta(hours=20), "ends": timedelta(days=1)}, "127.0.0.1", "not valid yet; set this machine's clock"),
        ({}, "login.example", "is for another name"),
    ],
    ids=["expired", "not yet", "another name"],
)
def test_a_certificate_that_cannot_be_trusted_is_told_apart(tmp_path: Path, lasts: dict[str, timedelta], host: str, words: str) -> None:
    with Entra(tmp_path, host, **lasts) as entra, pytest.raises(SourceError, match=words) as refused:
        tokens(entra)()
    assert not isinstance(refused.value, TransientError)


def test_an_unknown_authority_is_named_with_its_remedy(tmp_path: Path) -> None:
    with Entra(tmp_path) as entra:
        distrusting = entra.after.enter_context(closing(Tokens(Application(TENANT, CLIENT, GRAPH, SECRET), entra.url)))
        with pytest.raises(SourceError, match=r"unknown authority.*PEM file in ca"):
            distrusting()
        assert entra.arrived == []
        nothing = signed_in(entra, Application(TENANT, CLIENT, GRAPH, SECRET), ca=tmp_path / "none.pem")
        with pytest.raises(SourceError, match=r"none\.pem: is no readable PEM file"):
            nothing()


def test_the_proxy_is_used_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with Entra(tmp_path) as entra:
        assert tokens(entra)() == "token-1"
        through = signed_in(entra, Application(TENANT, CLIENT, GRAPH, SECRET), proxy="http://127.0.0.1:9")
        with pytest.raises(TransientError, match="cannot be reached"):
            through()


def test_nothing_but_the_sign_in_leaves(tmp_path: Path) -> None:
    with Entra(tmp_path) as entra:
        web: Web = tokens(entra)._web
        for method, url in (
            ("POST", f"{entra.url}/{TENANT}/oauth2/v2.0/devicecode"),
            ("DELETE", f"{entra.url}/{TENANT}/oauth2/v2.0/token"),
            ("GET", "https://127.0.0.1:9/x"),
            ("POST", "http://elsewhere.example/oauth2/v2.0/token"),
        ):
            with pytest.raises(SourceError, match="was not sent"):
                web.send(method, url, {}, b"x")
        assert entra.arrived == []
