"""The questions put to Exchange, each one request: exchangelib writes and sends them, `answers` reads what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exchangelib import errors
from exchangelib.fields import FieldPath
from exchangelib.folders import Folder
from exchangelib.items import ID_ONLY, Message
from exchangelib.properties import DistinguishedFolderId, DLMailbox, FolderId, ItemId, Mailbox
from exchangelib.services import ExpandDL, FindFolder, GetFolder, GetInboxRules, GetItem, ResolveNames, SyncFolderItems
from exchangelib.services.common import EWSService

from scanner.errors import SourceError
from scanner.sources.ews import answers
from scanner.sources.ews.answers import Change, Found, Rule
from scanner.sources.ews.letter import Letter, Recipient
from scanner.sources.ews.wire import Box, Wire, identity
from scanner.sources.ews.words import passes, told
from scanner.sources.patience import TransientError

FOLDERS_A_PAGE, CHANGES_A_PAGE = 500, 512  # the server's most is 1,000 and 512
HEAD = (
    "author",
    "sender",
    "to_recipients",
    "cc_recipients",
    "bcc_recipients",
    "subject",
    "message_id",
    "in_reply_to",
    "references",
    "datetime_sent",
    "headers",
)
WHOLE = ("mime_content", "bcc_recipients")
_NOBODY = (errors.ErrorNameResolutionNoResults, errors.ErrorMailRecipientNotFound)


class _Tree(FindFolder):  # type: ignore[misc]  # the library has no types
    PAGE_SIZE = FOLDERS_A_PAGE

    def _elem_to_obj(self, elem: Any) -> Found:
        return answers.folder(elem)


class _Folders(GetFolder):  # type: ignore[misc]  # the library has no types
    def _elems_to_objs(self, elems: Any) -> Iterator[Found | Exception]:
        yield from (each if isinstance(each, Exception) else answers.folder(each) for each in elems)


class _Changes(SyncFolderItems):  # type: ignore[misc]  # the library has no types
    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        if answers.message_text(message, "SyncState") is None:  # a refusal need not have one, and exchangelib would stumble over that
            return EWSService._get_element_container(self, message, name)  # noqa: SLF001  # the same method, a class further up
        return super()._get_element_container(message, name)

    def _elem_to_obj(self, elem: Any) -> Change:
        return answers.change(elem)


class _Items(GetItem):  # type: ignore[misc]  # the library has no types
    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        """One item that cannot be had does not take the others of its request with it."""
        try:
            return super()._get_element_container(message, name)
        except errors.EWSError as error:
            if passes(error):
                raise
            return error

    def _elem_to_obj(self, elem: Any) -> Letter | ValueError:
        try:
            return answers.letter(elem)
        except ValueError as error:
            return error


class _Rules(GetInboxRules):  # type: ignore[misc]  # the library has no types
    def _elem_to_obj(self, elem: Any) -> Rule | None:
        return answers.rule(elem)


class _Directory(EWSService):  # type: ignore[misc]  # the library has no types
    """A question to the directory. An application with a token must ask it as somebody."""

    @property
    def _account_to_impersonate(self) -> Any:
        speaker = self.protocol.gate.sign_in.speaker
        return identity(speaker) if speaker else None

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        found = EWSService._get_element_container(self, message, name)  # noqa: SLF001  # the same method, past what its children warn of
        if not isinstance(found, (bool, Exception)) and not answers.is_whole(found):
            raise SourceError("the directory gave only a part of its answer; the list may be too large for EWS.")
        return found


class _Members(_Directory, ExpandDL):  # type: ignore[misc]  # the library has no types
    ERRORS_TO_CATCH_IN_RESPONSE = _NOBODY

    def _elem_to_obj(self, elem: Any) -> Recipient:
        return answers.recipient(elem)


class _Names(_Directory, ResolveNames):  # type: ignore[misc]  # the library has no types
    def _elem_to_obj(self, elem: Any) -> Recipient:
        return answers.recipient(elem.find(Mailbox.response_tag()))


def well_known(box: Box, names: Sequence[str]) -> list[Found | SourceError]:
    """Folders by their role (DistinguishedFolderId), in the order asked for; an error for each that the mailbox lacks or does not show."""
    wanted = [DistinguishedFolderId(id=name, mailbox=Mailbox(email_address=box.address)) for name in names]
    found = list(_Folders(account=box).call(wanted, _folder_fields(), ID_ONLY))
    _check_number(found, wanted)
    return [told(each, box.address) if isinstance(each, Exception) else each for each in found]


def folder_now(box: Box, folder_id: str) -> Found:
    """One folder as it is at this moment."""
    found = _Folders(account=box).get(folders=[FolderId(id=folder_id)], additional_fields=_folder_fields(), shape=ID_ONLY)
    if not isinstance(found, Found):
        raise TransientError(f"{box.address}: the server's answer names no folder.")
    return found


def tree(box: Box, root: str) -> list[Found]:
    """All folders under one, at any depth."""
    service = _Tree(account=box, page_size=FOLDERS_A_PAGE)
    asked = {"additional_fields": _folder_fields(), "restriction": None, "shape": ID_ONLY, "depth": "Deep", "page_size": FOLDERS_A_PAGE, "offset": 0}
    elements = service._paged_call(payload_func=service.get_payload, max_items=None, folders=[FolderId(id=root)], **asked)  # noqa: SLF001  # its own call wants whole folder objects
    return [_raised(each) for each in service._elems_to_objs(elements)]  # noqa: SLF001


def changes(box: Box, folder_id: str, state: str | None) -> tuple[list[Change], str, bool]:
    """What changed since a sync state, the state after it, and whether that is all."""
    service = _Changes(account=box)
    fields = _fields("item_class", "is_draft")
    found = list(service.call(FolderId(id=folder_id), ID_ONLY, fields, state, None, CHANGES_A_PAGE, "NormalItems"))
    if not service.sync_state:
        raise TransientError(f"{box.address}: the server's answer has no sync state.")
    return [_raised(each) for each in found], service.sync_state, service.includes_last_item_in_range


def letters(box: Box, items: Sequence[str], fields: Sequence[str]) -> list[Letter | SourceError]:
    """Items in the order asked for, with an error for each that cannot be had."""
    found = list(_Items(account=box, chunk_size=len(items)).call([ItemId(id=item) for item in items], _fields(*fields), ID_ONLY))
    _check_number(found, items)
    return [told(each, box.address) if isinstance(each, Exception) else each for each in found]


def rules(box: Box) -> list[Rule]:
    """The inbox rules that send mail on."""
    found = [_raised(each) for each in _Rules(account=box).call()]
    return [each for each in found if isinstance(each, Rule) and each.targets]


def members(wire: Wire, address: str) -> list[Recipient]:
    """The direct members of a list; none where it is none, or hides them."""
    found = list(_Members(protocol=wire).call(DLMailbox(email_address=address)))
    return [_raised(each) for each in found if not isinstance(each, _NOBODY)]


def resolved(wire: Wire, name: str) -> list[Recipient]:
    """Whom the directory knows by an address or a name in it."""
    found = list(_Names(protocol=wire).call([name], search_scope="ActiveDirectory"))
    return [_raised(each) for each in found if not isinstance(each, _NOBODY)]


def _raised(each: Any) -> Any:
    if isinstance(each, Exception):
        raise each
    return each


def _check_number(found: Sequence[object], wanted: Sequence[object]) -> None:
    if len(found) != len(wanted):
        raise TransientError(f"The server answered {len(found)} of {len(wanted)} questions.")


def _fields(*names: str) -> set[Any]:
    return {FieldPath(field=Message.get_field_by_fieldname(name)) for name in names}


def _folder_fields() -> set[Any]:
    return {FieldPath(field=Folder.get_field_by_fieldname(name)) for name in ("name", "folder_class", "parent_folder_id", "total_count")}
