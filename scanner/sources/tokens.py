"""An application's sign-in at Microsoft Entra: tokens for Graph, EWS or IMAP by client secret or certificate (RFC 6749 4.4, RFC 7523)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msal  # type: ignore[import-untyped]  # it ships no types

from scanner.errors import SourceError
from scanner.sources.patience import TransientError
from scanner.sources.web import Reply, Web

GRAPH = "https://graph.microsoft.com/.default"
OUTLOOK = "https://outlook.office365.com/.default"  # EWS, IMAP and SMTP alike
ENTRA = "https://login.microsoftonline.com"

_KEY = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.+?-----END \1PRIVATE KEY-----", re.DOTALL)
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_CODE = re.compile(r"AADSTS(\d+)")

# What Entra's error codes mean for whoever set the application up (learn.microsoft.com/entra/identity-platform/reference-error-codes).
_MEANING = {
    "7000215": "the client secret is wrong: give the secret's value, not its id",
    "7000222": "the client secret has expired: make a new one at Entra, and put it where oauth.secret points to",
    "700016": "the tenant knows no such application: check oauth.client and oauth.tenant",
    "700027": "the certificate is not registered with the application, or is another: upload its public part at Entra",
    "700024": "the sign-in is outside its time of validity: set this machine's clock by a time server",
    "7000229": "the application has no service principal in this tenant: have an administrator consent to it",
    "7000112": "the application is switched off: switch it on at Entra under Enterprise applications",
    "90002": "there is no such tenant: check oauth.tenant",
    "900023": "oauth.tenant is neither a tenant's id nor one of its domains: check it",
    "53003": "a Conditional Access policy blocks it: exempt the application, or the address that this machine calls from",
    "500011": "the tenant does not know the service that is asked for: check that it has Exchange Online",
}


@dataclass(frozen=True, slots=True)
class Application:
    """A registered application: client secret, or one PEM text with private key and certificate. `scope` names the service."""

    tenant: str
    client: str
    scope: str
    secret: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)


class Tokens:
    """Access tokens, kept until shortly before they expire. Call it for one; `renew` after the server refused the last.

    Raises TransientError where Entra cannot be reached or is busy, SourceError in words where it refuses.
    """

    def __init__(self, application: Application, authority: str = ENTRA, ca: Path | None = None, proxy: str | None = None) -> None:
        self._application, self._authority = application, authority
        self._web = Web(self._may, ca, proxy)
        self._client: Any = None

    def __call__(self) -> str:
        """A valid token."""
        client = self._opened()
        try:
            answer = client.acquire_token_for_client(scopes=[self._application.scope])
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever the libraries below raise may hold the key
            raise _unusable(error) from None
        if token := answer.get("access_token"):
            return str(token)
        raise _refused(f"{answer.get('error')} {answer.get('error_description')} {answer.get('error_codes')}")

    def renew(self) -> str:
        """A token that Entra has issued just now."""
        if self._client is not None:
            self._client.remove_tokens_for_client()
        return self()

    def close(self) -> None:
        """Gives back the connection to Entra; tokens are kept."""
        self._web.close()

    def _may(self, method: str, url: str, _content: bytes) -> bool:
        """Only the authority is spoken to: its metadata are read, and a POST asks for a token."""
        there, here = urlsplit(url), urlsplit(self._authority)
        token = method == "POST" and there.path.endswith("/oauth2/v2.0/token")
        return (there.scheme, there.netloc) == (here.scheme, here.netloc) and (method == "GET" or token)

    def _opened(self) -> Any:
        if self._client is None:
            application = self._application
            authority = f"{self._authority}/{quote(application.tenant, safe='')}"
            try:
                self._client = msal.ConfidentialClientApplication(
                    application.client,
                    authority=authority,
                    client_credential=application.secret or _pair(application.certificate or ""),
                    instance_discovery=False,  # the authority stands in this program, nobody else need vouch for it
                    http_client=_Sender(self._web),
                )
            except SourceError:
                raise
            except Exception as error:  # noqa: BLE001  # whatever the libraries below raise may hold the key
                raise _unusable(error) from None
        return self._client


class _Sender:
    """What msal sends by: its two verbs over our line, so that proxy, authorities and guard hold for tokens as well."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def get(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: Any) -> _Answer:
        return _answer(self._web.send("GET", f"{url}?{urlencode(params)}" if params else url, headers or {}))

    def post(self, url: str, data: Any = None, headers: Mapping[str, str] | None = None, **_: Any) -> _Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = data if isinstance(data, str) else urlencode(data or {})
        return _answer(self._web.send("POST", url, {**form, **(headers or {})}, body.encode()))

    def close(self) -> None:
        self._web.close()


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reply as msal reads one."""

    status_code: int
    headers: Mapping[str, str]
    text: str

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise TransientError(f"Microsoft Entra answers with an error ({self.status_code}).")


def _answer(reply: Reply) -> _Answer:
    """The reply, where it is whole: msal writes one that is not JSON into the log, tokens and all."""
    if reply.status == 429 or reply.status >= 500:
        raise TransientError(f"Microsoft Entra is busy or out of order ({reply.status}).", reply.wait)
    return _Answer(reply.status, reply.headers, json.dumps(reply.json()))


def _pair(pem: str) -> dict[str, str]:
    """Key and certificate out of one PEM text; msal computes the certificate's thumbprint (SHA-256)."""
    key, certificate = _KEY.search(pem), _CERTIFICATE.search(pem)
    if key is None or certificate is None:
        missing = "private key" if key is None else "certificate"
        raise SourceError(f"oauth.certificate: holds no {missing}; give one PEM file with both, the key without a passphrase.")
    if "ENCRYPTED" in key[0]:
        raise SourceError("oauth.certificate: its key has a passphrase; take it off (openssl pkey -in old.pem), and guard the file instead.")
    return {"private_key": key[0], "public_certificate": certificate[0]}


def _unusable(error: Exception) -> SourceError:
    """Why no sign-in could be begun: the tenant is unknown, or key and certificate cannot be read. The error's text may hold the key."""
    words = str(error)
    if found := _CODE.search(words):
        return _refused(found[0])
    if "authority configuration" in words:
        return _refused("AADSTS90002")
    return SourceError("oauth.certificate: key or certificate cannot be read; give one PEM file with both, an RSA key without a passphrase.")


def _refused(said: str) -> SourceError:
    """Entra's refusal in words. Its own text is not repeated: it may name people and addresses."""
    found = _CODE.search(said)
    code = found[1] if found else ""
    if code in {"90033", "90006", "50196"}:
        return TransientError(f"Microsoft Entra is out of order for the moment (AADSTS{code}).")
    words = _MEANING.get(code, "it gives no reason that this program knows; look the code up at login.microsoftonline.com/error")
    return SourceError(f"Microsoft Entra refuses the sign-in (AADSTS{code or '?'}): {words}.")
