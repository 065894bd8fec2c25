"""The connection to an Exchange server: who signs in and how, over which way, with nothing kept of it in logs or in exchangelib's caches."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from queue import Empty
from threading import Lock
from typing import Any

import requests
from exchangelib import Account, Build, Configuration, FailFast, Identity, Version
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.credentials import DELEGATE, IMPERSONATION
from exchangelib.errors import UnauthorizedError
from exchangelib.ewsdatetime import UTC
from exchangelib.protocol import BaseProtocol, Protocol
from exchangelib.services import ResolveNames
from exchangelib.transport import DEFAULT_HEADERS, NOAUTH, NTLM, get_auth_instance, get_auth_method_from_response

from scanner.errors import SourceError
from scanner.sources.ews.readonly import ReadOnlyAdapter, trusting
from scanner.sources.ews.words import check_status
from scanner.sources.patience import TransientError

# The oldest schema that every supported server speaks; the server's own version is taken from its first answer.
_SPOKEN = Version(build=Build(15, 0, 847), api_version="Exchange2013_SP1")
_PROGRAM = "Aboveboard"  # what EwsAllowList (Set-OrganizationConfig) may name


@dataclass(frozen=True, slots=True)
class SignIn:
    """The service account with its password, or the application's access token.

    `impersonates` says that it acts as each mailbox's owner; else it reads as a delegate.
    """

    account: str = ""
    password: str = field(default="", repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)
    impersonates: bool = True

    @property
    def speaker(self) -> str:
        """As whom an application asks what concerns no mailbox: one with a token must be somebody."""
        return self.account if self.token and "@" in self.account else ""

    def authentication(self, kind: str) -> Any:
        """What signs requests: a token as Bearer (RFC 6750), else the password as the server asked for it."""
        if self.token:
            return _Bearer(self.token)
        if kind == NOAUTH:
            return None
        # An address as the account needs an empty domain in NTLM.
        name = f"\\{self.account}" if kind == NTLM and "@" in self.account else self.account
        return get_auth_instance(auth_type=kind, username=name, password=self.password)


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached: `ca` is a PEM file of an authority of one's own, `proxy` an http:// address, `timeout` in seconds."""

    clock: Callable[[], datetime]
    ca: str | None = None
    proxy: str | None = None
    timeout: float = 120.0


@dataclass
class Gate:
    """One sign-in over one way, for all connections of a source. It remembers a refusal before any welcome.

    A wrong password that is tried again for each mailbox locks the account.
    """

    sign_in: SignIn
    way: Way
    welcomed: bool = field(default=False, init=False)
    refusal: str = field(default="", init=False)
    schemes: dict[str, str] = field(default_factory=dict, init=False)  # how each endpoint wants a password
    _renewed: bool = field(default=False, init=False)

    def check(self) -> None:
        """Raises the refusal of a sign-in that never succeeded."""
        if self.refusal:
            raise SourceError(self.refusal)

    def answered(self, status: int, error: SourceError | None) -> None:
        """Notes how a request was met. A token that is refused is renewed once (TransientError), since it may have been withdrawn early."""
        if error is None:
            self.welcomed, self._renewed = True, False
        elif status == 401 and not self._renewed and (renew := getattr(self.sign_in.token, "renew", None)):
            self._renewed = True
            renew()
            raise TransientError(str(error)) from error
        elif status == 401 and not self.welcomed:
            self.refusal = str(error)

    def close(self) -> None:
        """Gives back what tokens came over, where that was a connection."""
        if close := getattr(self.sign_in.token, "close", None):
            close()

    def session(self) -> requests.Session:
        """A session on which nothing but reading can be sent, to wherever; the machine's own proxies and .netrc are not asked."""
        made = requests.Session()
        made.trust_env = False
        made.headers.update(DEFAULT_HEADERS)
        made.headers["User-Agent"] = _PROGRAM
        made.proxies = {"http": self.way.proxy, "https": self.way.proxy} if self.way.proxy else {}
        for scheme in ("https://", "http://"):
            made.mount(scheme, ReadOnlyAdapter(self._trust))
        return made

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return trusting(self.way.ca)


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        return request


class _Answers(FailFast):  # type: ignore[misc]  # the library has no types
    """exchangelib's place for judging a response: every status in this program's words, and no waiting here, since Patience waits."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def raise_response_errors(self, response: Any) -> None:
        try:
            check_status(response, self._gate.way.clock)
        except SourceError as error:
            self._gate.answered(response.status_code, error)
            raise
        self._gate.answered(response.status_code, None)


class _Wired(BaseProtocol):  # type: ignore[misc]  # the library has no types
    """A connection whose sessions are all read-only, and which is not kept in a cache with the password in its key."""

    RETRY_WAIT = 0  # so that a wait that the server did not ask for is seen as none

    def __init__(self, endpoint: str, gate: Gate) -> None:
        silence()
        self.gate = gate
        self.TIMEOUT = gate.way.timeout
        super().__init__(Configuration(service_endpoint=endpoint, version=_SPOKEN.copy(), retry_policy=_Answers(gate)))

    def raw_session(self, *_: Any, **__: Any) -> requests.Session:
        return self.gate.session()

    def create_session(self) -> requests.Session:
        signed = self.gate.sign_in.authentication("" if self.gate.sign_in.token else self.auth_type)
        session = self.gate.session()
        session.auth = signed
        session.session_id = session.usage_count = 0  # type: ignore[attr-defined]  # what exchangelib's logging asks for
        return session

    def get_session(self) -> requests.Session:
        """A session, a new one where none is free: exchangelib's own would wait for ever for one that an error has lost."""
        self.gate.check()
        try:
            return self._session_pool.get(block=False)  # type: ignore[no-any-return]  # the library has no types
        except Empty:
            return self.create_session()

    def get_auth_type(self) -> str:
        """How the server wants a password, from its answer to a question without one.

        exchangelib's own way asks with an operation that is needed nowhere else, seven times over where the server is busy.
        """
        endpoint = self.service_endpoint
        if endpoint not in self.gate.schemes:
            with self.gate.session() as session:
                response = session.post(endpoint, data=self.dummy_xml(), allow_redirects=False, timeout=self.gate.way.timeout)
            self.gate.schemes[endpoint] = self._scheme(response)
        return self.gate.schemes[endpoint]

    def _scheme(self, response: requests.Response) -> str:
        if response.status_code != 401:
            check_status(response, self.gate.way.clock)
            if response.status_code == 200 and b"ResponseMessage" in response.content:
                return str(NOAUTH)
            raise TransientError(f"{self.server}: the server's answer is not Exchange's or was cut short.")
        try:
            return str(get_auth_method_from_response(response))
        except UnauthorizedError as error:
            raise SourceError(f"{self.server}: the server offers neither NTLM nor Basic for EWS; switch one on, or sign in with oauth.") from error


class Wire(_Wired, Protocol):  # type: ignore[misc]  # the library has no types
    """A connection to one EWS endpoint."""

    def dummy_xml(self) -> bytes:
        """A harmless question."""
        asked = ResolveNames(protocol=self)
        payload = asked.get_payload(["nobody"], None, return_full_contact_data=False, search_scope=None, contact_data_shape=None)
        return asked.wrap(content=payload, api_version=_SPOKEN.api_version)  # type: ignore[no-any-return]  # the library has no types


class DiscoveryWire(_Wired, AutodiscoverProtocol):  # type: ignore[misc]  # the library has no types
    """A connection to one autodiscover endpoint."""


class Box(Account):  # type: ignore[misc]  # the library has no types
    """One mailbox over a wire. exchangelib's own constructor would open a connection of its own, one that can write."""

    def __init__(self, address: str, wire: Wire) -> None:
        self.address, self.protocol = address, wire
        self.identity = identity(address)
        self.access_type = IMPERSONATION if wire.gate.sign_in.impersonates else DELEGATE
        self.locale = self.fullname = self.affinity_cookie = self.ad_response = None
        self.default_timezone = UTC
        self._version, self._version_lock = _SPOKEN.copy(), Lock()

    @property
    def primary_smtp_address(self) -> str:
        return self.address


def identity(address: str) -> Any:
    """A ConnectingSID by any of a mailbox's addresses; PrimarySmtpAddress would take the main one only."""
    return Identity(smtp_address=address)


def open_wire(endpoint: str, gate: Gate) -> Wire:
    """A new connection, past exchangelib's cache of connections."""
    return type.__call__(Wire, endpoint, gate)  # type: ignore[no-any-return]  # the library has no types


def silence() -> None:
    """Switches exchangelib's log off: at DEBUG it holds whole mails, at ERROR whole requests with the addresses in them."""
    logging.getLogger("exchangelib").setLevel(logging.CRITICAL + 1)
