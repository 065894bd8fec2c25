"""Exchange Server, or Exchange Online while EWS lasts there, through Exchange Web Services: a service account reads others' mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeVar

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.sources.directory import Forwarding
from scanner.sources.ews import calls, discovery, listing, lists
from scanner.sources.ews.letter import Letter, head_of, with_bcc
from scanner.sources.ews.lists import Book
from scanner.sources.ews.mailbox import Extent, Place, places
from scanner.sources.ews.wire import Box, Gate, Wire, open_wire
from scanner.sources.ews.words import told
from scanner.sources.patience import Patience
from scanner.sources.source import Folder, Head, Page

T = TypeVar("T")

_A_REQUEST = 50


@dataclass(frozen=True)
class ExchangeSource:
    """`scope` gives the mailboxes' addresses, or `group:` and a list's, and `journal` is in scope whatever it says.

    `server` is a host name or an EWS URL; left out, autodiscover finds it. An item goes by its EWS id, and the cursor is what `listing` makes
    of a sync state. Drafts and the outbox are left out, wherever drafts lie: nobody was sent them.
    """

    label: str
    gate: Gate
    scope: Callable[[], tuple[str, ...] | str]
    server: str | None = None
    journal: str | None = None
    extent: Extent = field(default_factory=Extent)
    patience: Patience = field(default_factory=Patience)
    autodiscover: tuple[str, ...] = discovery.PLACES
    _scope: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _wires: dict[str, Wire] = field(default_factory=dict, init=False, repr=False, compare=False)
    _boxes: dict[str, Box] = field(default_factory=dict, init=False, repr=False, compare=False)
    _places: dict[str, dict[str, Place]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _books: dict[str, Book] = field(default_factory=dict, init=False, repr=False, compare=False)

    def mailboxes(self) -> tuple[str, ...]:
        if "scope" not in self._scope:
            wanted = self.scope()
            named = self._group(canonical(wanted.removeprefix("group:"))) if isinstance(wanted, str) else tuple(map(canonical, wanted))
            self._scope["scope"] = tuple(dict.fromkeys((*named, *((self.journal,) if self.journal else ()))))
        return self._scope["scope"]

    def folders(self, custodian: str) -> Iterator[Folder]:
        if canonical(custodian) not in self.mailboxes():
            return
        self._places[custodian] = places(partial(self._ask, custodian), self.extent)
        yield from (Folder(custodian, place.path, place.sent) for place in self._places[custodian].values())

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        place = self._place(folder)
        ask = listing.Questions(
            lambda state: self._ask(folder.custodian, lambda box: calls.changes(box, place.id, state)),
            lambda: self._ask(folder.custodian, lambda box: calls.folder_now(box, place.id)).total,
        )
        yield from listing.pages(ask, cursor)

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        left = iter(items)
        while chunk := tuple(islice(left, _A_REQUEST)):
            found = self._ask(folder.custodian, lambda box, chunk=chunk: calls.letters(box, chunk, calls.HEAD))  # type: ignore[misc]  # a default binds it
            for item, letter in zip(chunk, found, strict=True):
                yield item, letter if isinstance(letter, SourceError) else head_of(self._addressed(folder.custodian, letter))

    def fetch(self, folder: Folder, item: str) -> bytes:
        letter = self._ask(folder.custodian, lambda box: _only(calls.letters(box, (item,), calls.WHOLE)))
        if not letter.mime:
            raise SourceError(f"{folder.custodian}/{folder.path}: Exchange gives no bytes for this item; open it in Outlook.")
        return with_bcc(self._addressed(folder.custodian, letter))

    def members(self, address: str) -> tuple[str, ...] | None:
        wanted = canonical(address)
        return self._book(wanted).addresses(wanted)

    def forwardings(self, custodian: str) -> tuple[Forwarding, ...]:
        found = self._ask(custodian, calls.rules)
        return tuple(lists.forwardings(custodian, found, self._book(custodian)))

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()
        self.gate.close()
        for kept in (self._scope, self._wires, self._boxes, self._places, self._books):
            kept.clear()

    def _group(self, address: str) -> tuple[str, ...]:
        found = self._book(address).mailboxes(address)
        if found is None:
            raise SourceError(f"{address}: is no distribution list that this Exchange knows; check mailboxes.")
        return found

    def _ask(self, custodian: str, question: Callable[[Box], T]) -> T:
        """One request about a mailbox, as often as patience has it."""

        def once() -> T:
            try:
                return question(self._box(custodian))
            except SourceError:
                raise
            except Exception as error:
                raise told(error, custodian) from error

        return self.patience(once)

    def _box(self, custodian: str) -> Box:
        if custodian not in self._boxes:
            self._boxes[custodian] = Box(custodian, self._wire(custodian))
        return self._boxes[custodian]

    def _wire(self, address: str) -> Wire:
        """A connection to the server of an address; mailboxes of one council may lie on several."""
        if self.server:
            endpoint = self.server if "://" in self.server else f"https://{self.server}/EWS/Exchange.asmx"
        else:
            endpoint = discovery.discover(address, self.gate, self.autodiscover)
        if endpoint not in self._wires:
            self._wires[endpoint] = open_wire(endpoint, self.gate)
        return self._wires[endpoint]

    def _book(self, address: str) -> Book:
        """The address book of a domain's Exchange."""
        domain = address.rpartition("@")[2]
        if domain not in self._books:
            self._books[domain] = Book(partial(self._directory_wire, address), self.patience)
        return self._books[domain]

    def _directory_wire(self, address: str) -> Wire:
        """Autodiscover knows people and no lists: the account itself, or a mailbox in scope, leads to the directory."""
        known = (self.gate.sign_in.account, *self._scope.get("scope", ()), address)
        return self._wire(next(each for each in known if "@" in each))

    def _place(self, folder: Folder) -> Place:
        if folder.custodian not in self._places or folder.path not in self._places[folder.custodian]:
            for _ in self.folders(folder.custodian):
                pass
        place = self._places.get(folder.custodian, {}).get(folder.path)
        if place is None:
            raise SourceError(f"{folder.custodian}/{folder.path}: is gone since it was listed.")
        if place.problem:
            raise SourceError(place.problem)
        return place

    def _addressed(self, custodian: str, letter: Letter) -> Letter:
        """A letter whose people all have mail addresses, where some stand in it by their names in the directory."""
        return self._book(custodian).addressed(letter) if letter.has_directory_names else letter


def _only(found: Sequence[Letter | SourceError]) -> Letter:
    if isinstance(found[0], SourceError):
        raise found[0]
    return found[0]
