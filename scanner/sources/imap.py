"""Mailboxes on an IMAP server (RFC 3501, RFC 9051): one account for each, or one account that others' mailboxes are shared with."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.sources.imap4.faults import LostError, OversizeError
from scanner.sources.imap4.folders import Listed, folder_of, is_theirs, readable, wire
from scanner.sources.imap4.line import MEGABYTE
from scanner.sources.imap4.progress import listing, uid_of
from scanner.sources.imap4.server import Server, SignIn
from scanner.sources.imap4.session import LARGEST, Opened, Session, greet
from scanner.sources.patience import Patience
from scanner.sources.source import Folder, Head, Page

__all__ = ["ImapSource", "Server", "SignIn"]

T = TypeVar("T")

_CHUNK = 200
_OPEN = 8  # connections kept; servers limit them by user and by address


@dataclass(frozen=True)
class ImapSource:
    """Reads with EXAMINE and BODY.PEEK alone. An item is `<UIDVALIDITY>-<UID>`.

    `scope` are the mailboxes to read. Where they are `optional`, as those of a whole roster are, one that the account does not see is
    passed over; one that was named is an error.
    """

    label: str
    server: Server
    sign_in: SignIn = field(repr=False)
    scope: tuple[str, ...]
    optional: bool = False
    patience: Patience = field(default_factory=Patience)
    _sessions: dict[str, Session] = field(default_factory=dict, init=False, repr=False, compare=False)

    def mailboxes(self) -> tuple[str, ...]:
        """Those in scope; with one account for all, the roster's as far as it sees them. Raises SourceError for a server out of reach."""
        if not self.sign_in.each:
            seen = self._ask("", lambda session: [m for m in self.scope if self._is_own(m) or self._others(session, m)])
            return tuple(seen) if self.optional else self.scope
        self.patience(lambda: greet(self.server, self._trust))
        return self.scope

    def folders(self, custodian: str) -> Iterator[Folder]:
        """Their own folders, never those that others share with them: a copy there is not theirs."""
        if canonical(custodian) not in self.scope:
            return
        found = self._ask(custodian, lambda session: self._listed(session, custodian))
        if not found and not self.optional:
            raise SourceError(
                f"{self.server.host}: the account sees no mailbox of {custodian}; have it shared with the account, or correct sources.mailboxes."
            )
        yield from (folder_of(custodian, each) for each in readable(found))

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        name = wire(folder.path)
        yield from self._ask(folder.custodian, lambda session: listing(session, session.examine(name), cursor)).pages()

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        """In chunks; where one fails while the server does answer, each of its items by itself, so that the one to blame is alone."""
        several = list(items)
        for begin in range(0, len(several), _CHUNK):
            chunk = several[begin : begin + _CHUNK]
            try:
                found = self._heads(folder, chunk)
            except SourceError:
                yield from self._one_by_one(folder, chunk)
            else:
                yield from found

    def fetch(self, folder: Folder, item: str) -> bytes:
        validity, uid = uid_of(item)

        def read(session: Session) -> bytes | None:
            return session.whole(uid) if self._opened(session, folder).validity == validity else None

        try:
            raw = self._ask(folder.custodian, read)
        except OversizeError as error:
            raise SourceError(f"{folder.custodian}/{folder.path}: message {item} is larger than {LARGEST // MEGABYTE} MB") from error
        if raw is None:
            raise _gone(folder, item)
        return raw

    def close(self) -> None:
        """Says goodbye on every connection."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def _heads(self, folder: Folder, items: list[str]) -> list[tuple[str, Head]]:
        numbers = {item: uid_of(item) for item in items}

        def read(session: Session) -> dict[str, bytes]:
            validity = self._opened(session, folder).validity
            uids = [uid for its, uid in numbers.values() if its == validity]
            found = session.heads(uids) if uids else {}
            return {item: found[uid] for item, (its, uid) in numbers.items() if its == validity and uid in found}

        heads = self._ask(folder.custodian, read)
        return [(item, heads.get(item, _gone(folder, item))) for item in items]

    def _one_by_one(self, folder: Folder, items: list[str]) -> Iterator[tuple[str, Head]]:
        """Raises SourceError where it is the server or the folder that fails."""
        self._ask(folder.custodian, lambda session: session.examine(wire(folder.path)))
        for item in items:
            try:
                found: list[tuple[str, Head]] = self._heads(folder, [item])
            except SourceError as error:
                self._ask(folder.custodian, lambda session: session.examine(wire(folder.path)))
                found = [(item, error)]
            yield from found

    @staticmethod
    def _opened(session: Session, folder: Folder) -> Opened:
        """The folder as it was when it was opened on this connection, or as it is now."""
        name = wire(folder.path)
        return session.examined[1] if session.examined and session.examined[0] == name else session.examine(name)

    def _listed(self, session: Session, custodian: str) -> list[Listed]:
        if not (self.sign_in.each or self._is_own(custodian)):
            return self._others(session, custodian)
        spaces = session.namespaces()
        return [each for each in session.below() if not spaces.foreign(each.name)]

    @staticmethod
    def _others(session: Session, custodian: str) -> list[Listed]:
        """The folders of a mailbox that is shared with the account."""
        found: list[Listed] = []
        for space in session.namespaces().others:
            users = {space.user(each.name) for each in session.users(space.prefix)} - {None}
            for user in sorted(user for user in users if user and is_theirs(user, custodian)):
                found += (each for each in session.below(space.prefix + user) if space.user(each.name) == user)
        return found

    def _is_own(self, custodian: str) -> bool:
        """Whether the account, which may be named by what stands before the @, is this mailbox's own."""
        account = canonical(self.sign_in.account)
        return account in {custodian, custodian.rpartition("@")[0]}

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return self.server.trust()

    def _ask(self, custodian: str, call: Callable[[Session], T]) -> T:
        """A call on the mailbox's connection, again and again where that may help."""
        user = self.sign_in.user(custodian)
        return self.patience(lambda: self._attempt(user, call))

    def _attempt(self, user: str, call: Callable[[Session], T]) -> T:
        """On the connection that is kept, if there is one; the server may have ended it meanwhile, so that a new one is worth a try at once."""
        if (kept := self._sessions.pop(user, None)) is not None:
            try:
                return self._tried(user, kept, call)
            except LostError:
                pass
        return self._tried(user, Session(self.server, self._trust, self.sign_in, user), call)

    def _tried(self, user: str, session: Session, call: Callable[[Session], T]) -> T:
        try:
            found = call(session)
        except BaseException:
            session.drop()
            raise
        self._sessions[user] = session
        if len(self._sessions) > _OPEN:
            self._sessions.pop(next(iter(self._sessions))).close()
        return found


def _gone(folder: Folder, item: str) -> SourceError:
    return SourceError(f"{folder.custodian}/{folder.path}: message {item} is gone since it was listed, or the folder was renumbered.")
