"""What stands in the elements of Exchange's answers (the EWS schema, types.xsd), read leniently: an unknown kind of item is an item all the same."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exchangelib.util import MNS, TNS

from scanner.sources.ews.letter import Letter, Recipient

# Item classes (MS-OXOCAL, MS-OXOCNTC, …) of what may lie among mail and is none.
_NO_MAIL = ("ipm.appointment", "ipm.contact", "ipm.distlist", "ipm.task", "ipm.stickynote", "ipm.activity", "ipm.configuration", "ipm.abchperson")
_FORWARDS = {
    "ForwardToRecipients": "forward",
    "RedirectToRecipients": "redirect",
    "ForwardAsAttachmentToRecipients": "forward-as-attachment",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One folder of a tree. `kind` is its container class, such as IPF.Note."""

    id: str
    parent: str
    name: str
    kind: str
    total: int
    is_search: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One change since a sync state. `is_mail`: neither a contact or the like nor a draft."""

    kind: str
    item: str
    is_mail: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """An inbox rule that is switched on and sends mail on: to whom, how, and whether it does so with every message."""

    targets: tuple[tuple[str, Recipient], ...]
    always: bool


def folder(element: Any) -> Found:
    """A folder of FindFolder or GetFolder."""
    return Found(
        id=_id(element, "FolderId"),
        parent=_id(element, "ParentFolderId"),
        name=_text(element, "DisplayName"),
        kind=_text(element, "FolderClass"),
        total=int(_text(element, "TotalCount") or 0),
        is_search=element.tag == f"{{{TNS}}}SearchFolder",
    )


def change(element: Any) -> Change:
    """A Create, Update, Delete or ReadFlagChange of SyncFolderItems."""
    kind = element.tag.rpartition("}")[2].lower()
    if kind not in {"create", "update"}:
        return Change(kind, _id(element, "ItemId"))
    item = element[0]
    return Change(kind, _id(item, "ItemId"), is_mail=_is_mail(_text(item, "ItemClass")) and _text(item, "IsDraft") != "true")


def letter(element: Any) -> Letter:
    """An item of GetItem. Raises ValueError where its MIME is not base64."""
    mime = element.find(f"{{{TNS}}}MimeContent")
    try:
        raw = None if mime is None else b64decode(mime.text or "", validate=False)
    except binascii.Error as error:
        raise ValueError("the MIME is damaged") from error
    return Letter(
        item=_id(element, "ItemId"),
        sender=_people(element, "From"),
        submitter=_people(element, "Sender"),
        to=_people(element, "ToRecipients"),
        cc=_people(element, "CcRecipients"),
        bcc=_people(element, "BccRecipients"),
        subject=_text(element, "Subject"),
        message_id=_text(element, "InternetMessageId"),
        in_reply_to=_text(element, "InReplyTo"),
        references=_text(element, "References"),
        sent=_moment(_text(element, "DateTimeSent")),
        headers=tuple((header.get("HeaderName", ""), header.text or "") for header in element.iter(f"{{{TNS}}}InternetMessageHeader")),
        mime=raw,
    )


def recipient(element: Any) -> Recipient:
    """An EmailAddressType, whatever its element is called."""
    email, routing = _text(element, "EmailAddress"), _text(element, "RoutingType") or "SMTP"
    return Recipient(email, _text(element, "Name"), routing, _text(element, "MailboxType") or "Mailbox")


def rule(element: Any) -> Rule | None:
    """A rule of GetInboxRules; None where it is switched off or broken."""
    if _text(element, "IsEnabled") != "true" or _text(element, "IsInError") == "true":
        return None
    actions = element.find(f"{{{TNS}}}Actions")
    targets = tuple(
        (kind, recipient(address))
        for name, kind in _FORWARDS.items()
        for group in (actions.findall(f"{{{TNS}}}{name}") if actions is not None else ())
        for address in group
    )
    narrowed = any(len(part) for name in ("Conditions", "Exceptions") if (part := element.find(f"{{{TNS}}}{name}")) is not None)
    return Rule(targets, not narrowed)


def is_whole(container: Any) -> bool:
    """Whether an answer that may be paged holds everything (IncludesLastItemInRange)."""
    return str(container.get("IncludesLastItemInRange", "true")).lower() in {"true", "1"}


def message_text(message: Any, name: str) -> str | None:
    """A text that stands directly in a response message; None where the element is not there."""
    found = message.find(f"{{{MNS}}}{name}")
    return None if found is None else found.text or ""


def _is_mail(kind: str) -> bool:
    return not any(kind.lower() == each or kind.lower().startswith(f"{each}.") for each in _NO_MAIL)


def _people(element: Any, name: str) -> tuple[Recipient, ...]:
    group = element.find(f"{{{TNS}}}{name}")
    return () if group is None else tuple(recipient(each) for each in group)


def _moment(text: str) -> datetime | None:
    """An xs:dateTime; None for one that is no date."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _id(element: Any, name: str) -> str:
    found = element.find(f"{{{TNS}}}{name}")
    return "" if found is None else str(found.get("Id", ""))


def _text(element: Any, name: str) -> str:
    found = element.find(f"{{{TNS}}}{name}")
    return "" if found is None else str(found.text or "")
