"""Servers on loopback that misbehave on purpose: one that answers by a script, and one that stands before Dovecot and spoils what passes."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from live.certificates import Authority

GREETING = b"* OK ready\r\n"


def sealed(pair: tuple[Path, Path]) -> ssl.SSLContext:
    """The server's side of TLS with a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    return context


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which each connection is served in a thread of its own, until the block ends."""
    door = socket.create_server(("127.0.0.1", 0))
    open_: list[socket.socket] = []

    def attend(line: socket.socket) -> None:
        try:
            serve(line)
        except OSError:
            pass
        finally:
            line.close()

    def accept() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            open_.append(line)
            threading.Thread(target=attend, args=(line,), daemon=True).start()

    waiting = threading.Thread(target=accept, daemon=True)
    waiting.start()
    try:
        yield int(door.getsockname()[1])
    finally:
        for line in (door, *open_):
            _end(line)
            line.close()
        waiting.join(5)


Answers = dict[str, bytes | list[bytes]]


@dataclass
class Script:
    """An IMAP server that answers a command by the first pattern that it matches; `TAG` in an answer is the command's tag.

    Of several answers to one pattern each is given once, the last one again and again. An empty answer ends the connection.
    """

    answers: Answers
    greeting: bytes = GREETING
    context: ssl.SSLContext | None = None
    clear: bool = False
    received: list[bytes] = field(default_factory=list)

    def serve(self, line: socket.socket) -> None:
        with ExitStack() as open_:
            if self.context and not self.clear:
                line = open_.enter_context(self.context.wrap_socket(line, server_side=True))
            line.sendall(self.greeting)
            file = open_.enter_context(line.makefile("rb"))
            while request := file.readline():
                self.received.append(request)
                if not (answer := self._answer(request)):
                    return
                line.sendall(answer)
                if b"STARTTLS" in request and self.context and b" OK" in answer:
                    line = open_.enter_context(self.context.wrap_socket(line, server_side=True))
                    file = open_.enter_context(line.makefile("rb"))

    def _answer(self, request: bytes) -> bytes:
        tag, _, command = request.rstrip(b"\r\n").partition(b" ")
        for pattern, answer in (*self.answers.items(), *DEFAULTS.items()):
            if re.fullmatch(pattern, command.decode("latin-1") if command else ""):
                given = answer if isinstance(answer, bytes) else answer.pop(0) if len(answer) > 1 else answer[0]
                begun = next((r.partition(b" ")[0] for r in reversed(self.received) if b" " in r), tag)  # a bare line goes on with a sign-in
                return given.replace(b"TAG", tag if command else begun)
        return tag + b" BAD what?\r\n"


CAPABLE = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2\r\nTAG OK done\r\n"
EXAMINED = b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 12] .\r\nTAG OK [READ-ONLY] done\r\n"
DEFAULTS: Answers = {
    "CAPABILITY": CAPABLE,
    "AUTHENTICATE .*": b"+ \r\n",
    "": b"TAG OK in\r\n",
    "LOGIN .*": b"TAG OK in\r\n",
    "LIST .*": b'* LIST () "/" INBOX\r\nTAG OK done\r\n',
    "EXAMINE .*": EXAMINED,
    r"FETCH 1:2 \(UID\)": b"* 1 FETCH (UID 4)\r\n* 2 FETCH (UID 9)\r\nTAG OK done\r\n",
    "LOGOUT": b"* BYE\r\nTAG OK bye\r\n",
    "STARTTLS": b"TAG OK begin\r\n",
    "NOOP": b"TAG OK done\r\n",
}


@dataclass
class Troubled:
    """Stands between a scan and a server at `port`. `faults` says what happens at which exchange, counted from one over all connections."""

    port: int
    authority: Authority
    pair: tuple[Path, Path]
    faults: Callable[[int], str] = lambda _number: ""
    pause: float = 1.0
    exchanges: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, line: socket.socket) -> None:
        inner = sealed(self.pair).wrap_socket(line, server_side=True)
        with socket.create_connection(("127.0.0.1", self.port)) as raw, self._trust().wrap_socket(raw, server_hostname="127.0.0.1") as outer, inner:
            spoil = [""]
            back = threading.Thread(target=self._answers, args=(outer, inner, spoil), daemon=True)
            back.start()
            try:
                while asked := inner.recv(65536):
                    with self._lock:
                        self.exchanges += 1
                        spoil[0] = self.faults(self.exchanges)
                    if spoil[0] == "drop":
                        return
                    outer.sendall(asked)
            finally:
                for end in (outer, inner):
                    _end(end)
                back.join(5)

    def _answers(self, outer: ssl.SSLSocket, inner: ssl.SSLSocket, spoil: list[str]) -> None:
        try:
            while answer := outer.recv(65536):
                kind, spoil[0] = spoil[0], ""
                for piece in self._spoiled(kind, answer):
                    inner.sendall(piece)
                if kind in {"cut", "bye"}:
                    break
        except OSError:
            pass
        _end(inner)

    def _spoiled(self, kind: str, answer: bytes) -> Iterator[bytes]:
        """What is sent in the answer's place."""
        match kind:
            case "garbage":
                yield b"\x00\xff* ){99999}\r\n(((\r\n" + answer[::-1]
            case "cut":
                yield answer[: len(answer) // 2]
            case "short":
                yield answer[: len(answer) // 2] + answer[len(answer) // 2 + 7 :]
            case "late":
                time.sleep(self.pause)
                yield answer
            case "bye":
                yield b"* BYE [UNAVAILABLE] going down\r\n"
            case _:
                yield answer

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority.path))


def _end(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
