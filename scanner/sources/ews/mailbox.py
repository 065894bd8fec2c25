"""The folders of one Exchange mailbox that hold mail, and what each is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scanner.errors import SourceError
from scanner.sources.ews import calls
from scanner.sources.ews.answers import Found
from scanner.sources.ews.wire import Box
from scanner.sources.ews.words import RefusedError

_TOP, _SENT = "msgfolderroot", "sentitems"
# Drafts and the outbox hold what nobody was sent yet, and the sync issues Outlook's own notes.
_PASSED_OVER = ("drafts", "outbox", "syncissues")
# MS-OXOSFLD container classes of mail: none at all (other programs made the folder), IPF.Note and what derives from it, IPF.Imap.
_MAIL_KINDS = ("", "ipf", "ipf.note", "ipf.imap")
_FEEDS = "ipf.note.outlookhomepage"
_OTHER_TREES = (("archive", "archivemsgfolderroot", "Archive"), ("recoverable", "recoverableitemsroot", "Recoverable Items"))
_BOTH = ("archiverecoverableitemsroot", "Archive/Recoverable Items")
Ask = Callable[[Callable[[Box], Any]], Any]  # one request, as often as patience has it

_MISSING = ("ErrorFolderNotFound", "ErrorItemNotFound", "ErrorInvalidOperation", "ErrorNonExistentMailbox")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of mail. `problem` says of one that is there why it cannot be read."""

    path: str
    id: str
    sent: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which trees are read besides the mailbox's own."""

    archive: bool = False
    recoverable: bool = False


def places(ask: Ask, extent: Extent) -> dict[str, Place]:
    """Every folder of mail by its path. Raises SourceError where the mailbox cannot be listed.

    A tree that the account may not see is one place with a problem, so that the rest of the mailbox is read all the same.
    """
    roots = ((name, prefix) for wanted, name, prefix in _OTHER_TREES if getattr(extent, wanted))
    others = (*roots, *((_BOTH,) if extent.archive and extent.recoverable else ()))
    top, sent, *passed = ask(_by_role)
    skipped = frozenset(each.id for each in passed if isinstance(each, Found))
    sent_id, sent_name = (sent.id, sent.name) if isinstance(sent, Found) else ("", "")
    found = list(_under(ask(lambda box: calls.tree(box, top.id)), "", skipped, frozenset((sent_id,))))
    for name, prefix in others:
        found += _other(ask, name, prefix, sent_name)
    return _by_path(found)


def _by_role(box: Box) -> list[Any]:
    """The top folder, and where it is there each other that has a role here."""
    found = calls.well_known(box, (_TOP, _SENT, *_PASSED_OVER))
    if isinstance(found[0], RefusedError) and found[0].code in _MISSING:
        raise SourceError(f"{box.address}: shows no folders to the service account; grant it Full Access (Add-MailboxPermission).")
    if isinstance(found[0], SourceError):
        raise found[0]
    return found


def _other(ask: Ask, name: str, prefix: str, sent_name: str) -> Iterator[Place]:
    """The folders of an archive or of the recoverable items, none where the mailbox has no such tree."""
    try:
        root = ask(lambda box: calls.well_known(box, (name,)))[0]
        if isinstance(root, SourceError):
            raise root
        folders = ask(lambda box: calls.tree(box, root.id))
    except RefusedError as error:
        if error.code not in _MISSING:
            yield Place(prefix, "", problem=str(error))
        return
    # Retention moves Sent Items into a folder of the archive that is called the same.
    sent = frozenset(each.id for each in folders if sent_name and each.name == sent_name and each.parent == root.id)
    yield from _under(folders, f"{prefix}/", frozenset(), sent)


def _under(folders: list[Found], prefix: str, skipped: frozenset[str], sent: frozenset[str]) -> Iterator[Place]:
    known = {each.id: each for each in folders}
    for each in folders:
        line = list(_line(each, known))
        ids = {one.id for one in line}
        if _is_mail(each) and not ids & skipped:
            yield Place(prefix + "/".join(_name(one) for one in reversed(line)), each.id, bool(ids & sent))


def _line(folder: Found, known: dict[str, Found]) -> Iterator[Found]:
    """A folder and those above it, as far as they were listed."""
    seen: set[str] = set()
    while folder.id not in seen:
        seen.add(folder.id)
        yield folder
        folder = known.get(folder.parent, folder)


def _is_mail(folder: Found) -> bool:
    kind = folder.kind.lower()
    return not folder.is_search and kind != _FEEDS and (kind in _MAIL_KINDS or kind.startswith("ipf.note."))


def _name(folder: Found) -> str:
    """A folder's name as a part of a path: a stroke in it would look like a folder in a folder."""
    return folder.name.replace("/", "∕") or "(no name)"


def _by_path(found: list[Place]) -> dict[str, Place]:
    """Places by path; a second one of the same path goes by its number."""
    named: dict[str, Place] = {}
    for place in sorted(found, key=lambda each: (each.path, each.id)):
        number = 2
        path = place.path
        while path in named:
            path, number = f"{place.path} ({number})", number + 1
        named[path] = Place(path, place.id, place.sent, place.problem)
    return named
