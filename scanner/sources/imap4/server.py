"""Which server, how the line to it is made (an HTTP proxy's tunnel on the way, perhaps), and who signs in."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from scanner.errors import SourceError

_LONGEST_REPLY = 16 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """An IMAP server. `ca` is a PEM file of authorities that are trusted beside the system's; `proxy` an `http://` address.

    `patient` is how many seconds it may be silent.
    """

    host: str
    port: int = 993
    starttls: bool = False
    ca: Path | None = None
    proxy: str | None = None
    patient: float = 60.0

    def dial(self) -> socket.socket:
        """An open line to the server, without TLS. Raises OSError, SourceError for a proxy that refuses."""
        if self.proxy is None:
            return socket.create_connection((self.host, self.port), self.patient)
        line = socket.create_connection(_place(self.proxy), self.patient)
        try:
            _tunnel(line, f"{self.host}:{self.port}")
        except BaseException:
            line.close()
            raise
        return line

    def trust(self) -> ssl.SSLContext:
        """What the server's certificate is checked against, its name too. Raises SourceError for a `ca` that is none."""
        context = ssl.create_default_context()
        try:
            if self.ca:
                context.load_verify_locations(self.ca)
        except OSError as error:  # ssl.SSLError is one
            said = "is no certificate in PEM form" if isinstance(error, ssl.SSLError) else f"cannot be read ({error.strerror})"
            raise SourceError(f"sources.ca: {self.ca} {said}; name the file with the council's certificate authority.") from error
        return context


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in: an account, in which `{mailbox}` stands for the mailbox, with a password or with tokens (XOAUTH2)."""

    account: str
    password: str = field(default="", repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)

    def user(self, mailbox: str) -> str:
        """The account's name for a mailbox."""
        return self.account.replace("{mailbox}", mailbox)

    @property
    def each(self) -> bool:
        """Whether every mailbox is signed in to by itself."""
        return "{mailbox}" in self.account


def _place(proxy: str) -> tuple[str, int]:
    address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if address.scheme != "http" or not address.hostname:
        raise SourceError('sources.proxy: write it as "http://proxy.example:8080".')
    return address.hostname, address.port or 8080


def _tunnel(line: socket.socket, target: str) -> None:
    """Asks for a tunnel (RFC 9110 9.3.6). Byte by byte: what follows the reply belongs to the server."""
    line.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode("ascii", "replace"))
    reply = b""
    while not reply.endswith(b"\r\n\r\n"):
        byte = line.recv(1)
        if not byte or len(reply) > _LONGEST_REPLY:
            raise ConnectionResetError("the proxy ended the line")
        reply += byte
    status = (reply.split(None, 2)[1:2] or [b""])[0].decode("ascii", "replace")
    if status == "407":
        raise SourceError("sources.proxy: asks for a sign-in, which is not supported; let this machine through without one.")
    if status != "200":
        raise SourceError(f"sources.proxy: does not let this machine through to {target} (status {status[:3]}); allow it there.")
