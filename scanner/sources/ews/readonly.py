"""The HTTP adapter that lets nothing leave but questions: the operation is read from the request's own body, whatever its headers claim."""

from __future__ import annotations

import ssl
from typing import Any
from xml.etree import ElementTree as ET

import requests
from requests.adapters import HTTPAdapter

from scanner.errors import SourceError
from scanner.sources.patience import TransientError

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
_AUTODISCOVER = "http://schemas.microsoft.com/exchange/2010/Autodiscover"

# Exchange Web Services operations that read, and the one question that autodiscover takes.
READING = frozenset(
    f"{{{_MESSAGES}}}{name}"
    for name in (
        "GetFolder",
        "FindFolder",
        "FindItem",
        "GetItem",
        "GetAttachment",
        "SyncFolderHierarchy",
        "SyncFolderItems",
        "ExpandDL",
        "ResolveNames",
        "GetInboxRules",
    )
) | {f"{{{_AUTODISCOVER}}}GetUserSettingsRequestMessage"}


class WriteRefusedError(SourceError):
    """A request that is no plain question was about to leave. It is a fault of this program."""


class ReadOnlyAdapter(HTTPAdapter):
    """Sends a request when its body is one operation of READING, and puts into words what keeps it from its server.

    `trust` is what certificates are checked against.
    """

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        super().__init__(pool_connections=1, pool_maxsize=1, pool_block=True, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._trust)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._trust)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The response. Raises WriteRefusedError before anything leaves, SourceError for TLS, TransientError for a line that broke."""
        refuse_writes(request.method, request.body)
        try:
            return super().send(request, *args, **kwargs)
        except requests.exceptions.SSLError as error:
            raise SourceError(f"{_host(request)}: {_tls(str(error))}") from error
        except requests.exceptions.ProxyError as error:
            raise TransientError("the proxy does not answer, or refuses the way to the mail server; check proxy") from error
        except requests.exceptions.ConnectionError as error:
            raise TransientError(f"{_host(request)}: cannot be reached; check its name, the network and any firewall") from error
        except requests.exceptions.Timeout as error:
            raise TransientError(f"{_host(request)}: does not answer in time") from error


def trusting(ca: str | None) -> ssl.SSLContext:
    """The authorities that this machine trusts, and those of a PEM file. Raises SourceError where that is none."""
    context = ssl.create_default_context()
    try:
        if ca:
            context.load_verify_locations(ca)
    except OSError as error:  # an ssl.SSLError too
        raise SourceError(f"{ca}: is no readable PEM file of certificates; ca must name one.") from error
    return context


def refuse_writes(method: str | None, body: object) -> None:
    """Raises WriteRefusedError for anything but a POST whose SOAP body (SOAP 1.1, 4.3) is one reading operation."""
    operation = operation_of(body)
    if method != "POST" or operation not in READING:
        raise WriteRefusedError(f"Refused before it left: {operation.rpartition('}')[2] or 'a request that is no SOAP'} is no reading operation.")


def operation_of(body: object) -> str:
    """The one element in a SOAP body, as {namespace}name; empty where it is not exactly one."""
    try:
        envelope = ET.fromstring(body if isinstance(body, (bytes, str)) else b"")  # noqa: S314  # written by this process, and a parser's error refuses it
    except (ET.ParseError, ValueError):
        return ""
    bodies = [child for child in envelope if child.tag == f"{{{_SOAP}}}Body"]
    inside = [child.tag for each in bodies for child in each]
    return inside[0] if envelope.tag == f"{{{_SOAP}}}Envelope" and len(bodies) == len(inside) == 1 else ""


def _host(request: requests.PreparedRequest) -> str:
    return (request.url or "").partition("://")[2].partition("/")[0]


def _tls(words: str) -> str:
    """What is wrong with a server's certificate (OpenSSL's verification errors), and what to do."""
    text = words.lower()
    if "hostname" in text or "doesn't match" in text or "not valid for" in text:
        return "its certificate is for another name; write server as the certificate does"
    if "expired" in text:
        return "its certificate has expired; have it renewed (and check this machine's clock)"
    if "not yet valid" in text:
        return "its certificate is not yet valid; check this machine's clock"
    if "self-signed" in text or "self signed" in text or "local issuer" in text:
        return "its certificate is from an authority that this machine does not know; put the council's authority (PEM) into ca"
    return f"no TLS connection can be made ({ssl.OPENSSL_VERSION}); the server may be too old for TLS 1.2"
