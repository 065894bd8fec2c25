"""Microsoft 365 mailboxes through Microsoft Graph, read-only (learn.microsoft.com/graph/api/resources/message).

A folder's messages are listed by delta queries with immutable ids, and the cursor is the link that Graph gives for the next round.
Left out: search folders, which hold nothing of their own, hidden and empty folders, and drafts wherever they lie: nobody has got them.
Out of reach: archive mailboxes and recoverable items.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from rules.roster import canonical
from scanner.errors import SourceError
from scanner.sources.directory import Forwarding
from scanner.sources.microsoft import people
from scanner.sources.microsoft.letterhead import BCC, HEAD, head_of, with_bcc
from scanner.sources.microsoft.line import BATCH, Json, Line, named, objects
from scanner.sources.microsoft.refusals import StaleError, UnfitError
from scanner.sources.microsoft.traces import Trace, traces
from scanner.sources.patience import TransientError
from scanner.sources.source import Folder, Head, Page

_ROUNDS = 3


@dataclass(frozen=True)
class GraphSource:
    """Mailboxes of one tenant. `scope` gives their addresses, or `group:` and the address of a group whose members they are.

    `journal` is in scope whatever the scope. A mailbox outside it has no folders here, whatever the application may open.
    """

    label: str
    line: Line
    scope: Callable[[], tuple[str, ...] | str]
    journal: str | None = None
    _found: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _ids: dict[Folder, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def mailboxes(self) -> tuple[str, ...]:
        if "scope" not in self._found:
            wanted = self.scope()
            those = people.mailboxes(self.line, wanted.removeprefix("group:")) if isinstance(wanted, str) else tuple(map(canonical, wanted))
            self._found["scope"] = tuple(dict.fromkeys((*those, *((self.journal,) if self.journal else ()))))
        return self._found["scope"]

    def folders(self, custodian: str) -> Iterator[Folder]:
        if custodian not in self.mailboxes():
            return
        sent = named(self.line.get(f"{_mailbox(custodian)}/mailFolders/sentitems?$select=id", named))
        for path, found in self._tree(custodian, f"{_mailbox(custodian)}/mailFolders", "", set()):
            folder = Folder(custodian, path, True if found == sent else None)
            self._ids[folder] = found
            yield folder

    def pages(self, folder: Folder, cursor: str | None) -> Iterator[Page]:
        """What came since the cursor. Where Graph tells that something went, the folder is listed in full instead, so that it is missed.

        A cursor is the folder's id and Graph's link: another folder may bear the name by now.
        """
        own, _, link = (cursor or "").partition(" ")
        try:
            if link and own != self._id(folder):
                raise StaleError(f"{folder.path} is another folder than it was.")
            yield from self._news(folder, link) if link else self._listing(folder, restarted=False)
        except StaleError:
            yield from self._listing(folder, restarted=True)

    def heads(self, folder: Folder, items: Iterable[str]) -> Iterator[tuple[str, Head]]:
        waiting = iter(items)
        while some := list(islice(waiting, BATCH)):
            names = {str(number): item for number, item in enumerate(some)}
            for name, answer in self.line.batch({name: f"{_message(folder, item)}?{HEAD}" for name, item in names.items()}):
                yield names[name], answer if isinstance(answer, SourceError) else head_of(answer)

    def fetch(self, folder: Folder, item: str) -> bytes:
        """The message's MIME; its Bcc, where this is the sender's copy, is asked for apart and put in."""
        path = _message(folder, item)
        try:
            return with_bcc(self.line.mime(f"{path}/$value"), self.line.get(f"{path}?{BCC}", _blind))
        except SourceError as error:
            raise type(error)(f"{folder.custodian}/{folder.path}: {error}") from error

    def members(self, address: str) -> tuple[str, ...] | None:
        return people.members(self.line, address)

    def forwardings(self, custodian: str) -> tuple[Forwarding, ...]:
        return people.forwardings(self.line, custodian)

    def traces(self, since: datetime, until: datetime) -> Iterator[Trace]:
        """To whom the tenant's mail was delivered; no mailbox is opened for it."""
        return traces(self.line, since, until)

    def close(self) -> None:
        self.line.close()

    def _tree(self, custodian: str, path: str, above: str, seen: set[str]) -> Iterator[tuple[str, str]]:
        """Each folder below a path with its place, names joined by slashes, and its id."""
        for found in self.line.each(f"{path}?$top=100&$select=id,displayName,childFolderCount,totalItemCount,isHidden"):
            own = str(found.get("id") or "")
            if not own or own in seen or found.get("isHidden") or str(found.get("@odata.type", "")).endswith(".mailSearchFolder"):
                continue
            seen.add(own)
            place = f"{above}{_shown(found.get('displayName'))}"
            if found.get("totalItemCount") != 0:
                yield place, own
            if found.get("childFolderCount"):
                yield from self._tree(custodian, f"{_mailbox(custodian)}/mailFolders/{quote(own, safe='')}/childFolders", f"{place}/", seen)

    def _listing(self, folder: Folder, *, restarted: bool, told: Collection[str] = ()) -> Iterator[Page]:
        """Everything in the folder. What comes in meanwhile is asked for too, until as many were listed as the folder counts.

        Where the two will not agree, or something that was `told` before is not listed, the last cursor leads to another listing.
        """
        link, listed, rounds = self._first(folder), set(told), 0
        while True:
            page = self.line.get(link, _linked)
            items, more = _items(page), page.get("@odata.nextLink")
            expected = self._count(folder)
            listed.update(items)
            rounds += not more
            link = _linked(page)
            whole = not more and len(listed) == expected
            yield Page(items, f"{self._id(folder)} {link if more or whole else ''}", expected, restarted)
            if whole or rounds == _ROUNDS:
                return
            restarted = False

    def _news(self, folder: Folder, link: str) -> Iterator[Page]:
        """What came since; everything, once something went."""
        told: list[str] = []
        more: str | None = link
        while more:
            page = self._since(more)
            if any("@removed" in each for each in objects(page)):
                yield from self._listing(folder, restarted=False, told=told)
                return
            more = page.get("@odata.nextLink")
            told += _items(page)
            yield Page(_items(page), f"{self._id(folder)} {_linked(page)}", self._count(folder))

    def _since(self, link: str) -> Json:
        """A page by a kept link. One that Graph, or a changed configuration, does not take is stale."""
        try:
            return self.line.get(link, _linked)
        except UnfitError as error:
            raise StaleError(str(error)) from error

    def _first(self, folder: Folder) -> str:
        return f"{self._place(folder)}/messages/delta?$select=id,isDraft"

    def _count(self, folder: Folder) -> int:
        """How many messages the folder holds. `totalItemCount` would count drafts, and the contacts and tasks among deleted items."""
        chosen = quote("isDraft eq false", safe="")
        path = f"{self._place(folder)}/messages?$filter={chosen}&$count=true&$top=1&$select=id"
        return _counted(self.line.get(path, _counted))

    def _place(self, folder: Folder) -> str:
        return f"{_mailbox(folder.custodian)}/mailFolders/{quote(self._id(folder), safe='')}"

    def _id(self, folder: Folder) -> str:
        if folder not in self._ids:
            list(self.folders(folder.custodian))
        if folder not in self._ids:
            raise SourceError("It is gone since it was listed.")
        return self._ids[folder]


def _blind(answer: Json) -> None:
    """Nothing is wrong with an answer that tells of a message's Bcc, be it of none. Raises TransientError for any other."""
    objects(answer, "bccRecipients")


def _counted(answer: Json) -> int:
    counted = answer.get("@odata.count")
    if not isinstance(counted, int):
        raise TransientError("Microsoft 365 did not count a folder's messages.")
    return counted


def _mailbox(custodian: str) -> str:
    return f"/users/{quote(custodian, safe='@')}"


def _message(folder: Folder, item: str) -> str:
    return f"{_mailbox(folder.custodian)}/messages/{quote(item, safe='')}"


def _items(page: Json) -> tuple[str, ...]:
    """The ids of a page's messages, without drafts and what went."""
    return tuple(dict.fromkeys(str(each["id"]) for each in objects(page) if each.get("id") and "@removed" not in each and not each.get("isDraft")))


def _linked(page: Json) -> str:
    """The link that a page of a delta query goes on with, now or in the next round. Raises TransientError where it is no such page."""
    objects(page)
    link = page.get("@odata.nextLink") or page.get("@odata.deltaLink")
    if not isinstance(link, str):
        raise TransientError("Microsoft 365 ended a list without the link that goes on from it.")
    return link


def _shown(name: object) -> str:
    """A folder's name, whose own slashes are written as another sign: paths are joined by slashes."""
    return str(name or "?").replace("/", "\u2215")
