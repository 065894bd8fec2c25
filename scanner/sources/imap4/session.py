"""One connection to an IMAP server (RFC 3501, RFC 9051) that can only read: whatever would write is stopped before it is sent."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]  # it ships no types
from imapclient.response_parser import parse_fetch_response, parse_response  # type: ignore[import-untyped]

from scanner.errors import SourceError
from scanner.sources.imap4.faults import LostError, refused, told
from scanner.sources.imap4.folders import Listed, Namespaces, listed, namespaces
from scanner.sources.imap4.line import ANSWER, MEGABYTE, ReadingLine
from scanner.sources.imap4.server import Server, SignIn

LARGEST = 200 * MEGABYTE
_GOODBYE = 5.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as EXAMINE shows it: how its items are numbered, the number to come, its change counter (0 unknown), how many it holds."""

    validity: int
    next: int
    modseq: int
    exists: int


class Session:
    """A signed-in connection. Each method raises SourceError in words; after one the connection must not be used again."""

    def __init__(self, server: Server, trust: ssl.SSLContext, sign_in: SignIn, user: str) -> None:
        self._host = server.host
        with self._told():
            self._client = _Reader(server, trust)
        try:
            self._sign_in(sign_in, user)
        except BaseException:
            self.drop()
            raise
        self.examined: tuple[bytes, Opened] | None = None
        self._spaces: Namespaces | None = None
        self._users: dict[bytes, tuple[Listed, ...]] = {}

    def _sign_in(self, sign_in: SignIn, user: str) -> None:
        token = sign_in.token() if sign_in.token else None
        try:
            with self._told():
                self._client.sign_in(user, sign_in.password, token)
        except _RefusedError as error:
            raise refused(error.answer, self._host, user) from None

    def namespaces(self) -> Namespaces:
        """Where others' folders lie (RFC 2342); asked for once."""
        if self._spaces is None:
            with self._told():
                self._spaces = namespaces(self._client.named_spaces())
        return self._spaces

    def users(self, prefix: bytes) -> tuple[Listed, ...]:
        """The level below a namespace: whose mailboxes are shared with the account; asked for once."""
        if prefix not in self._users:
            self._users[prefix] = self.below(prefix, b"%")
        return self._users[prefix]

    def below(self, prefix: bytes = b"", pattern: bytes = b"*") -> tuple[Listed, ...]:
        """The folders whose names begin so, with what they are for (RFC 6154) where the server says it."""
        with self._told():
            return listed(self._client.listing(prefix + pattern), parse_response)

    def examine(self, name: bytes) -> Opened:
        """Opens a folder for reading alone. Raises SourceError for a server that does not number its items."""
        with self._told():
            found = self._client.examine(name)
            validity, count = int(found.get(b"UIDVALIDITY", 0)), int(found[b"EXISTS"])
            opened = Opened(validity, int(found.get(b"UIDNEXT", 0)), int(found.get(b"HIGHESTMODSEQ", 0)), count)
        if not validity:
            raise SourceError(f"{self._host}: does not number its messages lastingly (no UIDVALIDITY), so that they cannot be told apart.")
        self.examined = name, opened
        return opened

    def numbers(self, first: int, last: int) -> list[tuple[int, int]]:
        """Place and UID of the items from one place to another, in order."""
        with self._told():
            found = self._client.answers(f"{first}:{last}", "(UID)", by_uid=False)
            return sorted((place, int(each[b"UID"])) for place, each in found.items() if first <= place <= last and b"UID" in each)

    def heads(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The header blocks of these items, of those that are still there."""
        with self._told():
            return self._texts(uids, b"BODY[HEADER]", "(BODY.PEEK[HEADER])", ANSWER)

    def whole(self, uid: int) -> bytes | None:
        """One message; None where it is gone. Raises OversizeError for one above 200 MB, of which nothing is read."""
        with self._told():
            return self._texts([uid], b"BODY[]", "(BODY.PEEK[])", LARGEST + MEGABYTE).get(uid)

    def _texts(self, uids: Sequence[int], key: bytes, items: str, most: int) -> dict[int, bytes]:
        found = self._client.answers(spans(uids), items, by_uid=True, most=most)
        wanted = set(uids)
        texts = {uid: each[key] for uid, each in found.items() if uid in wanted and key in each}
        if not all(isinstance(text, bytes) for text in texts.values()):
            raise LostError(f"{self._host}: gave something else than a message's text.")
        return texts

    def close(self) -> None:
        """Says goodbye, without waiting long for an answer."""
        try:
            self._client.socket().settimeout(_GOODBYE)
            self._client.logout()
        except (IMAPClient.Error, OSError, ValueError, SourceError):
            self.drop()

    def drop(self) -> None:
        """Ends the line at once."""
        try:
            self._client.shutdown()
        except (OSError, ValueError):
            return

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors in words. Garbage can make the library below raise anything; none of it is quoted, for it may be mail."""
        try:
            yield
        except _RefusedError:
            raise
        except Exception as error:  # noqa: BLE001  # see above
            raise told(error, self._host) from None


def greet(server: Server, trust: ssl.SSLContext) -> None:
    """Sees whether the server answers, over TLS, without signing in. Raises SourceError in words."""
    try:
        _Reader(server, trust).shutdown()
    except Exception as error:  # noqa: BLE001  # as in Session
        raise told(error, server.host) from None


def spans(uids: Sequence[int]) -> str:
    """Numbers as a sequence set (RFC 3501 9): explicit, with neighbours drawn together."""
    runs = (list(run) for _, run in groupby(enumerate(sorted(uids)), key=lambda pair: pair[1] - pair[0]))
    ends = ((run[0][1], run[-1][1]) for run in runs)
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in ends)


class _RefusedError(Exception):
    """A sign-in that did not succeed, with the error that says so."""

    def __init__(self, answer: Exception) -> None:
        super().__init__()
        self.answer = answer


class _Reader(IMAPClient):  # type: ignore[misc]  # it ships no types
    """IMAPClient over a line that lets only reading through. Folder names stay as they are on the wire."""

    def __init__(self, server: Server, trust: ssl.SSLContext) -> None:
        self._server, self._trust = server, trust
        super().__init__(server.host, server.port, ssl=not server.starttls, timeout=server.patient)
        self._imap.debug = 0  # it would write every message to the log
        self.folder_encode = False
        if server.starttls:
            self._begin_tls()

    def _create_IMAP4(self) -> ReadingLine:  # noqa: N802  # the library's name for it
        return ReadingLine(self._server, self._trust)

    def _begin_tls(self) -> None:
        try:
            if not self.has_capability("STARTTLS"):
                raise SourceError(f"{self._server.host}: offers no STARTTLS on this port; use port 993 without starttls.")
            self.starttls(self._trust)
        except BaseException:
            self._imap.shutdown()
            raise

    def sign_in(self, user: str, password: str, token: str | None) -> None:
        """By token where there is one, else by password, as the server would have it. Raises _RefusedError."""
        try:
            if token is not None:
                self.sasl_login("XOAUTH2", _once(f"user={user}\1auth=Bearer {token}\1\1"))
            elif self.has_capability("AUTH=PLAIN"):
                self.sasl_login("PLAIN", _once(f"\0{user}\0{password}"))
            elif self.has_capability("LOGINDISABLED"):
                raise SourceError(f"{self._server.host}: takes no passwords; sign in with oauth, or allow PLAIN or LOGIN for this account.")
            else:
                self.login(user, password)
        except UnicodeError:
            raise SourceError(f"{self._server.host}: takes only plain letters in account and password, and these hold others.") from None
        except self.Error as error:
            raise _RefusedError(error) from None

    def named_spaces(self) -> Any:
        """The answer to NAMESPACE; empty where the server has none."""
        return parse_response(self._command_and_check("namespace")) if self.has_capability("NAMESPACE") else ()

    def listing(self, pattern: bytes) -> Any:
        """The answer to LIST, in pieces."""
        special = self.has_capability("SPECIAL-USE") and self.has_capability("LIST-EXTENDED")
        typ, answer = self._imap.list('""', _quoted(pattern) + (b" RETURN (SPECIAL-USE)" if special else b""))
        self._checkok("list", typ, answer)
        return answer

    def examine(self, name: bytes) -> dict[bytes, Any]:
        """The answer to EXAMINE, which opens a folder for reading alone."""
        typ, answer = self._imap.select(_quoted(name), readonly=True)
        self._checkok("examine", typ, answer)
        return dict(self._process_select_response(self._imap.untagged_responses))

    def answers(self, numbers: str, items: str, *, by_uid: bool, most: int = ANSWER) -> dict[int, dict[bytes, Any]]:
        """The answer to FETCH, by UID or by place. Raises OversizeError before more than `most` bytes are taken."""
        self._imap.most = most
        try:
            typ, answer = self._imap.uid("FETCH", numbers, items) if by_uid else self._imap.fetch(numbers, items)
        finally:
            self._imap.most = ANSWER
        self._checkok("fetch", typ, answer)
        return dict(parse_fetch_response(answer, False, by_uid))


def _quoted(name: bytes) -> bytes:
    """A name as a quoted string (RFC 3501 4.3)."""
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _once(words: str) -> Callable[[bytes], bytes]:
    """Answers a first challenge with these words, and any further one, which reports an error (RFC 7628 3.2.3), with nothing."""
    left = [words.encode()]
    return lambda _challenge: left.pop() if left else b""
