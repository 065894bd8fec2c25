"""The line to an IMAP server: what may be sent over it is listed here, and every command of that list only reads."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from typing import Literal

from scanner.errors import SourceError
from scanner.sources.imap4.faults import OversizeError
from scanner.sources.imap4.server import Server

MEGABYTE = 1024 * 1024
ANSWER = 64 * MEGABYTE

_TAGGED = re.compile(rb"[A-P]+\d+ ([^\r\n]*)(?:\r\n)?")
_READING = re.compile(
    rb"CAPABILITY|STARTTLS|NAMESPACE|NOOP|LOGOUT|LOGIN .+|AUTHENTICATE (?:PLAIN|XOAUTH2)|LIST .+|EXAMINE .+"
    rb"|FETCH [\d:]+ \(UID\)|UID FETCH [\d:,]+ \(BODY\.PEEK\[(?:HEADER)?\]\)"
)
_IN_CLEAR = frozenset({b"CAPABILITY", b"STARTTLS", b"LOGOUT"})
_RESPONSE = re.compile(rb"[A-Za-z0-9+/=*]*(?:\r\n)?")  # what answers a challenge (RFC 4648) holds no space, so it is no command


class ReadingLine(imaplib.IMAP4):
    """The line: it sends nothing but reading commands, nothing but STARTTLS before there is TLS, and takes no more than `most` bytes an answer."""

    def __init__(self, server: Server, trust: ssl.SSLContext) -> None:
        self._server, self._trust = server, trust
        self._sealed = False
        self.most = self._left = ANSWER
        super().__init__(server.host, server.port, server.patient)

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        line = self._server.dial()
        if self._server.starttls:
            return line
        try:
            sealed = self._trust.wrap_socket(line, server_hostname=self._server.host)
        except BaseException:
            line.close()
            raise
        self._sealed = True
        return sealed

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> tuple[Literal["OK"], list[None]]:
        """TLS from here on; whatever was received before counts no more (RFC 9051 6.2.1)."""
        answer = super().starttls(ssl_context)
        self._sealed = True
        return answer

    def send(self, data: bytes) -> None:  # type: ignore[override]  # nothing else is handed over
        """Sends a command, or part of a sign-in. Raises SourceError for anything else; its text is not told, it may hold a secret."""
        command = _TAGGED.fullmatch(data)
        verb = (command[1] if command else b"").split(b" ", 1)[0]
        allowed = bool(_READING.fullmatch(command[1])) if command else bool(_RESPONSE.fullmatch(data))
        if not allowed or not (self._sealed or verb in _IN_CLEAR):
            name = verb.decode("ascii", "replace")[:20] or "part of a command"
            raise SourceError(f"{self._server.host}: {name} was not sent: Aboveboard only reads, and signs in over TLS alone.")
        if command:
            self._left = self.most
        super().send(data)

    def read(self, size: int) -> bytes:
        """A literal, unless it is longer than what is left of this answer."""
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise OversizeError(f"{self._server.host}: gave an answer of more than {self.most // MEGABYTE} MB.")
