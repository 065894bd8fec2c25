"""HTTPS to a mail server's web service: only what a guard lets through leaves this program, and every failure is in words."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from scanner.errors import SourceError
from scanner.sources.patience import TransientError

Guard = Callable[[str, str, bytes], bool]
"""Whether a request by this method to this URL with this body may leave."""

_SECONDS = httpx.Timeout(120.0, connect=30.0)
_MOST = httpx.Limits(max_connections=4, max_keepalive_connections=4)  # four requests at a time is all that one mailbox is served
_EXPIRED, _NOT_YET, _NAME, _ADDRESS = 10, 9, 62, 64  # X509_V_ERR_* of OpenSSL


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises TransientError for anything else: a proxy's page, or half an answer."""
        try:
            found = json.loads(self.content)
        except ValueError as error:
            raise TransientError("The answer was cut short or is no JSON; a proxy may have answered in the server's place.") from error
        if not isinstance(found, dict):
            raise TransientError("The answer is no JSON object; a proxy may have answered in the server's place.")
        return found

    @property
    def wait(self) -> float | None:
        """How many seconds the server asks to wait (RFC 9110 10.2.3), where it does."""
        return seconds_of(self.headers.get("retry-after"))


def seconds_of(retry_after: str | None) -> float | None:
    """A Retry-After value, a number or a date, as seconds from now; None where there is none to be understood."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None


class Web:
    """One client for one server, connected at the first request. `ca` is a PEM file that is trusted beside the public authorities."""

    def __init__(self, guard: Guard, ca: Path | None = None, proxy: str | None = None) -> None:
        self._guard, self._ca, self._proxy = guard, ca, proxy
        self._client: httpx.Client | None = None

    def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """Raises TransientError where the line failed and SourceError where it cannot succeed."""
        return self.send("GET", url, headers)

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> Reply:
        """Any request; what the guard does not let through raises SourceError before a byte is sent."""
        try:
            answer = self._opened().request(method, url, headers=dict(headers), content=content or None)
        except httpx.HTTPError as error:
            raise _failure(error, url) from None  # the request that httpx keeps with its error holds the token
        except (httpx.InvalidURL, UnicodeError):
            raise SourceError("A server's address is not well formed; check the source's settings.") from None
        return Reply(answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content)

    def close(self) -> None:
        """Gives back the connections; a later request opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _opened(self) -> httpx.Client:
        if self._client is None:
            wire = httpx.HTTPTransport(verify=_trust(self._ca), proxy=self._proxy, limits=_MOST)
            self._client = httpx.Client(transport=_Guarded(wire, self._guard), timeout=_SECONDS, follow_redirects=False, trust_env=False)
        return self._client


class _Guarded(httpx.BaseTransport):
    """The last step before the wire."""

    def __init__(self, wire: httpx.BaseTransport, guard: Guard) -> None:
        self._wire, self._guard = wire, guard

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._guard(request.method, str(request.url), request.read()):
            raise SourceError(f"A {request.method} request to {request.url.host} was not sent: this program only reads, and only there.")
        return self._wire.handle_request(request)

    def close(self) -> None:
        self._wire.close()


def _trust(ca: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except (OSError, ssl.SSLError) as error:
            raise SourceError(f"{ca}: is no readable PEM file of certificates; ca must name one.") from error
    return context


def _failure(error: httpx.HTTPError, url: str) -> SourceError:
    """A failure of the line; what time may mend is transient."""
    host = httpx.URL(url).host
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return SourceError(_distrust(cause, host))
    if isinstance(error, httpx.ProxyError):
        return TransientError(f"The proxy does not let us through to {host} ({error}); check proxy and what it allows.")
    if isinstance(error, httpx.TimeoutException):
        return TransientError(f"{host} did not answer in time.")
    if isinstance(error, httpx.ConnectError):
        return TransientError(f"{host} cannot be reached; check the name, the firewall and proxy.")
    return TransientError(f"The line to {host} broke ({type(error).__name__}).")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _distrust(error: ssl.SSLCertVerificationError, host: str) -> str:
    match error.verify_code:
        case code if code == _EXPIRED:
            return f"The certificate of {host} has expired, or this machine's clock is wrong; renew the one or set the other."
        case code if code == _NOT_YET:
            return f"The certificate of {host} is not valid yet; set this machine's clock."
        case code if code in {_NAME, _ADDRESS}:
            return f"The certificate of {host} is for another name; check the address, and whether something stands in between."
        case _:
            return f"The certificate of {host} is of an unknown authority; where the council inspects TLS, name its authority's PEM file in ca."
