"""The directory: who is on a list, through nested lists, and whom a name in it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.sources.directory import Forwarding
from scanner.sources.ews import calls
from scanner.sources.ews.answers import Rule
from scanner.sources.ews.letter import Letter, Recipient
from scanner.sources.ews.wire import Wire
from scanner.sources.ews.words import told
from scanner.sources.patience import Patience

T = TypeVar("T")

_LIST, _PERSON = "PublicDL", "Mailbox"


@dataclass(frozen=True)
class Book:
    """The address book behind one connection. What it said once holds for as long as the connection is kept."""

    wire: Callable[[], Wire]
    patience: Patience
    _members: dict[str, tuple[Recipient, ...] | None] = field(default_factory=dict, init=False, repr=False)
    _smtp: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def addresses(self, address: str) -> tuple[str, ...] | None:
        """The addresses of everybody on a list; None where the address is no list. Raises SourceError where one hides its members."""
        found = self._everybody(address)
        return None if found is None else tuple(each.email for each in found)

    def mailboxes(self, address: str) -> tuple[str, ...] | None:
        """The mailboxes of this Exchange among them: contacts elsewhere have none here."""
        found = self._everybody(address)
        return None if found is None else tuple(each.email for each in found if each.kind == _PERSON)

    def addressed(self, letter: Letter) -> Letter:
        """The letter with mail addresses in place of names in the directory, as far as it knows them."""
        sender, submitter, to, cc, bcc = (tuple(map(self.smtp, group)) for group in letter.groups)
        return replace(letter, sender=sender, submitter=submitter, to=to, cc=cc, bcc=bcc)

    def smtp(self, recipient: Recipient) -> Recipient:
        """A recipient by mail address. Who has left the directory keeps the name alone."""
        if recipient.routing.upper() == "SMTP" or not recipient.email:
            return recipient
        if recipient.email not in self._smtp:
            found = self._ask(recipient.email, lambda wire: calls.resolved(wire, recipient.email))
            emails = [each.email for each in found if each.routing.upper() == "SMTP"]
            self._smtp[recipient.email] = emails[0] if len(emails) == 1 else ""
        email = self._smtp[recipient.email]
        return replace(recipient, email=email, routing="SMTP") if email else recipient

    def _everybody(self, address: str) -> tuple[Recipient, ...] | None:
        """All members of a list, each once, those of nested lists in their place."""
        if address not in self._members:
            direct = self._direct(address)
            self._members[address] = None if direct is None else self._gathered(address, direct)
        return self._members[address]

    def _gathered(self, address: str, direct: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
        found: dict[str, Recipient] = {}
        opened, left = {address}, list[str]()
        while direct or left:
            members, direct = direct or self._direct(left.pop(0)) or (), ()
            for each in members:
                email = canonical(each.email)
                if each.kind == _LIST:
                    left += [email] if email not in opened else []
                    opened.add(email)
                elif email:
                    found.setdefault(email, replace(each, email=email))
        return tuple(found.values())

    def _direct(self, address: str) -> tuple[Recipient, ...] | None:
        """The direct members of a list; None where it is none. Exchange shows none of a dynamic list, or of one that hides them."""
        found = self._ask(address, lambda wire: calls.members(wire, address))
        if found:
            return tuple(map(self.smtp, found))
        known = self._ask(address, lambda wire: calls.resolved(wire, address))
        if not any(each.kind == _LIST and canonical(each.email) == address for each in known):
            return None
        raise SourceError(f"{address}: Exchange does not show who is on this list; it is dynamic, empty or hides its members.")

    def _ask(self, whose: str, question: Callable[[Wire], T]) -> T:
        def once() -> T:
            try:
                return question(self.wire())
            except SourceError:
                raise
            except Exception as error:
                raise told(error, whose) from error

        return self.patience(once)


def forwardings(custodian: str, rules: Iterable[Rule], book: Book) -> Iterator[Forwarding]:
    """What inbox rules send on, each target once for each way."""
    found: dict[Forwarding, None] = {}
    for rule in rules:
        for kind, target in rule.targets:
            email = canonical(book.smtp(target).email)
            if "@" in email:
                found[Forwarding(custodian, email, kind, rule.always)] = None
    yield from found
