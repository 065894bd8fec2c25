"""An Exchange server small enough to read: EWS over plain HTTP on loopback, written from the published schema (messages.xsd, types.xsd).

It keeps mailboxes in memory, notes every operation that arrives, and can be told to fail at any request in any of the ways that servers and
lines have. What it does not know it refuses, as Exchange does.
"""

from __future__ import annotations

import base64
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import spnego

S = "http://schemas.xmlsoap.org/soap/envelope/"
M = "http://schemas.microsoft.com/exchange/services/2006/messages"
T = "http://schemas.microsoft.com/exchange/services/2006/types"
E = "http://schemas.microsoft.com/exchange/services/2006/errors"
A = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
_VERSION = (
    f'<h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="1544" MinorBuildNumber="4" Version="V2017_07_11" xmlns:h="{T}"/>'
)


@dataclass
class Item:
    """One item: the MIME as Exchange makes it (no Bcc), and what it keeps beside it."""

    id: str
    mime: bytes
    bcc: tuple[tuple[str, str], ...] = ()
    kind: str = "IPM.Note"
    tag: str = "Message"
    draft: bool = False
    created: int = 0
    deleted: int | None = None
    touched: int = 0

    @property
    def headers(self) -> Message:
        return message_from_bytes(self.mime)


@dataclass
class Box:
    """One folder. `role` is its distinguished name, where it has one."""

    id: str
    name: str
    kind: str
    parent: str
    role: str = ""
    tag: str = "Folder"
    items: list[Item] = field(default_factory=list)
    epoch: int = 0
    hidden: int = 0

    @property
    def standing(self) -> list[Item]:
        return [item for item in self.items if item.deleted is None]


@dataclass
class Fault:
    """How a request fails. `kind`: status, drop, cut, short, hang, garbage, malformed, soap, item or fewer."""

    kind: str
    status: int = 503
    code: str = "ErrorServerBusy"
    back_off: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = "<html>no</html>"


class Exchange:
    """The server's state. `fault` decides for each request, by its number and operation, whether and how it fails."""

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.owners: dict[str, list[str]] = {}
        self.lists: dict[str, list[tuple[str, str, str]]] = {}
        self.people: dict[str, tuple[str, str]] = {}
        self.departed: set[str] = set()
        self.rules: dict[str, str] = {}
        self.denied: dict[str, str] = {}
        self.arrived: list[tuple[str, str]] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.fault: Callable[[int, str], Fault | None] = lambda number, operation: None
        self.account, self.password, self.schemes = "", "", ""
        self.tokens: tuple[str, ...] = ()
        self.turned_away: list[str] = []
        self.refused_versions: tuple[str, ...] = ()
        self.endpoint = ""
        self.redirects: dict[str, str] = {}
        self.page = 10_000
        self.hangs_up = False
        self.hung_up = threading.Semaphore(0)  # one more for each connection that the server has closed so
        self.before: Callable[[str], None] = lambda operation: None
        self._clock = count(1)
        self._numbers = count(1)
        self.released = threading.Event()

    # What a test puts into it.

    def mailbox(self, address: str, sent: str = "Sent Items") -> None:
        """A new mailbox with the folders that each has."""
        self.owners[address] = []
        root = self.folder(address, "Root", "", role="root", parent="none")
        top = self.folder(address, "Top of Information Store", "", role="msgfolderroot", parent=root)
        for name, kind, role in (
            ("Inbox", "IPF.Note", "inbox"),
            (sent, "IPF.Note", "sentitems"),
            ("Drafts", "IPF.Note", "drafts"),
            ("Outbox", "IPF.Note", "outbox"),
            ("Deleted Items", "IPF.Note", "deleteditems"),
            ("Sync Issues", "IPF.Note", "syncissues"),
            ("Calendar", "IPF.Appointment", "calendar"),
            ("Contacts", "IPF.Contact", "contacts"),
        ):
            self.folder(address, name, kind, role, top)

    def folder(self, address: str, name: str, kind: str = "IPF.Note", role: str = "", parent: str = "", tag: str = "Folder") -> str:
        """A new folder, under the top unless told otherwise. Gives its id."""
        above = parent or self.of(address, "msgfolderroot").id
        made = Box(self._id(address, f"{above}/{name}"), name, kind, above, role, tag)
        self.boxes[made.id] = made
        self.owners[address].append(made.id)
        return made.id

    def of(self, address: str, name: str) -> Box:
        """A folder of a mailbox by role, name or id."""
        return next(box for each in self.owners[address] if name in ((box := self.boxes[each]).role, box.name, box.id))

    def put(self, address: str, name: str, raw: bytes, **more: Any) -> Item:
        """Lays a message into a folder; Exchange takes its Bcc out of the MIME and keeps it beside it."""
        head, gap, body = raw.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n") if head else []
        bcc = [line.partition(b":")[2].decode() for line in lines if line.lower().startswith(b"bcc:")]
        mime = b"\r\n".join(line for line in lines if not line.lower().startswith(b"bcc:")) + gap + body
        box = self.of(address, name)
        item = Item(self._id(address, f"{box.id}{next(self._numbers)}"), mime, tuple(getaddresses(bcc)), **more)
        item.created = next(self._clock)
        box.items.append(item)
        return item

    def delete(self, address: str, name: str, item: Item) -> None:
        item.deleted = next(self._clock)

    def touch(self, item: Item) -> None:
        """Somebody reads or marks it."""
        item.touched = next(self._clock)

    def _id(self, address: str, place: str) -> str:
        digest = blake2b(f"{address}{place}".encode(), digest_size=24).hexdigest()
        return "AAMk" + base64.b64encode(f"{address}|{digest}".encode()).decode()

    # What it answers.

    def answer(self, body: bytes) -> tuple[int, str]:
        """Status and SOAP for a request's body."""
        envelope = ET.fromstring(body)
        request = envelope.find(f"{{{S}}}Body")[0]  # type: ignore[index]
        operation = request.tag.rpartition("}")[2]
        if operation == "GetUserSettingsRequestMessage":
            return 200, _soap(self._settings(request))
        version = envelope.find(f".//{{{T}}}RequestServerVersion")
        if version is not None and version.get("Version") in self.refused_versions:
            return 500, fault("ErrorInvalidServerVersion", "The specified server version is invalid.")
        acting = envelope.findtext(f".//{{{T}}}ConnectingSID/{{{T}}}SmtpAddress", "").lower()
        missing = acting not in self.owners and operation not in {"ExpandDL", "ResolveNames"}
        if acting and (refusal := self.denied.get(acting) or ("ErrorNonExistentMailbox" if missing else "")):
            return 500, fault(refusal, f"refused for {acting}")
        self.before(operation)
        if operation == "GetInboxRules":
            return 200, self._inbox_rules(request)
        if (answers := self._operations().get(operation)) is None:
            return 500, fault("ErrorInvalidRequest", "The request is invalid.")
        return 200, _soap(
            f"<m:{operation}Response><m:ResponseMessages>{''.join(answers(request, acting))}</m:ResponseMessages></m:{operation}Response>"
        )

    def _found(self, element: ET.Element, acting: str) -> Box | str:
        """The folder that an id element names, or the error code."""
        if element.tag == f"{{{T}}}DistinguishedFolderId":
            owner = element.findtext(f"{{{T}}}Mailbox/{{{T}}}EmailAddress", acting).lower()
            if owner not in self.owners:
                return "ErrorNonExistentMailbox"
            if denied := self.denied.get(f"{owner}/{element.get('Id')}"):
                return denied
            named = [box for each in self.owners[owner] if (box := self.boxes[each]).role == element.get("Id")]
            return named[0] if named else "ErrorFolderNotFound"
        known = self.boxes.get(element.get("Id", ""))
        if known is None:
            return "ErrorItemNotFound"
        return known if not acting or known.id in self.owners[acting] else "ErrorAccessDenied"

    def _get_folder(self, request: ET.Element, acting: str) -> Iterator[str]:
        for element in request.find(f"{{{M}}}FolderIds"):  # type: ignore[union-attr]
            found = self._found(element, acting)
            yield _failed("GetFolder", found) if isinstance(found, str) else _message("GetFolder", f"<m:Folders>{_folder(found)}</m:Folders>")

    def _find_folder(self, request: ET.Element, acting: str) -> Iterator[str]:
        root = self._found(request.find(f"{{{M}}}ParentFolderIds")[0], acting)  # type: ignore[index]
        if isinstance(root, str):
            yield _failed("FindFolder", root)
            return
        view = request.find(f"{{{M}}}IndexedPageFolderView")
        start, most = int(view.get("Offset", 0)), min(int(view.get("MaxEntriesReturned", 0)), self.page)  # type: ignore[union-attr]
        under = list(self._under(root.id))
        end = min(start + most, len(under))
        last = end == len(under)
        inside = f"<t:Folders>{''.join(map(_folder, under[start:end]))}</t:Folders>"
        paging = f'IndexedPagingOffset="{end}" TotalItemsInView="{len(under)}" IncludesLastItemInRange="{str(last).lower()}"'
        yield _message("FindFolder", f"<m:RootFolder {paging}>{inside}</m:RootFolder>")

    def _under(self, folder_id: str) -> Iterator[Box]:
        for box in list(self.boxes.values()):
            if box.parent == folder_id:
                yield box
                yield from self._under(box.id)

    def _sync_folder_items(self, request: ET.Element, acting: str) -> Iterator[str]:
        box = self._found(request.find(f"{{{M}}}SyncFolderId")[0], acting)  # type: ignore[index]
        if isinstance(box, str):
            yield _failed("SyncFolderItems", "ErrorSyncFolderNotFound" if box == "ErrorItemNotFound" else box)
            return
        state = request.findtext(f"{{{M}}}SyncState", "")
        since = self._since(box, state)
        if since is None:
            yield _failed("SyncFolderItems", "ErrorInvalidSyncStateData")
            return
        most = min(int(request.findtext(f"{{{M}}}MaxChangesReturned", "0")), self.page)
        events = sorted(_events(box, since))
        part = events[:most]
        last = len(part) == len(events)
        reached = part[-1][0] if part and not last else max([since, *(max(each.created, each.deleted or 0, each.touched) for each in box.items)])
        inside = f"<m:SyncState>{_state(box, reached)}</m:SyncState><m:IncludesLastItemInRange>{str(last).lower()}</m:IncludesLastItemInRange>"
        yield _message("SyncFolderItems", f"{inside}<m:Changes>{''.join(xml for _, xml in part)}</m:Changes>")

    @staticmethod
    def _since(box: Box, state: str) -> int | None:
        if not state:
            return 0
        parts = base64.b64decode(state).decode().split("|")
        return int(parts[3]) if parts[1:3] == [box.id[-12:], str(box.epoch)] else None

    def _get_item(self, request: ET.Element, acting: str) -> Iterator[str]:
        wanted = {element.get("FieldURI", "") for element in request.iter(f"{{{T}}}FieldURI")}
        for element in request.find(f"{{{M}}}ItemIds"):  # type: ignore[union-attr]
            item = self._item(element.get("Id", ""), acting)
            yield _failed("GetItem", item) if isinstance(item, str) else _message("GetItem", f"<m:Items>{_item(item, wanted, self)}</m:Items>")

    def _item(self, item_id: str, acting: str) -> Item | str:
        if item_id in self.denied:
            return self.denied[item_id]
        for owner in (acting,) if acting else tuple(self.owners):
            for each in self.owners[owner]:
                for item in self.boxes[each].standing:
                    if item.id == item_id:
                        return item
        return "ErrorItemNotFound"

    def _expand_dl(self, request: ET.Element, acting: str) -> Iterator[str]:
        address = request.findtext(f"{{{M}}}Mailbox/{{{T}}}EmailAddress", "").lower()
        if address not in self.lists:
            yield _failed("ExpandDL", "ErrorNameResolutionNoResults")
            return
        members = "".join(_mailbox("t:Mailbox", *member) for member in self.lists[address])
        whole = str(len(self.lists[address]) < self.page).lower()
        number = len(self.lists[address])
        yield _message("ExpandDL", f'<m:DLExpansion TotalItemsInView="{number}" IncludesLastItemInRange="{whole}">{members}</m:DLExpansion>')

    def _resolve_names(self, request: ET.Element, acting: str) -> Iterator[str]:
        entry = request.findtext(f"{{{M}}}UnresolvedEntry", "")
        if entry.lower() in self.lists:
            found = [("", entry.lower(), "PublicDL")]
        else:
            found = [
                (name, email, "Mailbox")
                for dn, (name, email) in self.people.items()
                if dn not in self.departed and entry.lower() in (dn.lower(), email)
            ]
        if not found:
            yield _failed("ResolveNames", "ErrorNameResolutionNoResults")
            return
        inside = "".join(f"<t:Resolution>{_mailbox('t:Mailbox', *each)}</t:Resolution>" for each in found)
        yield _message("ResolveNames", f'<m:ResolutionSet TotalItemsInView="{len(found)}" IncludesLastItemInRange="true">{inside}</m:ResolutionSet>')

    def _settings(self, request: ET.Element) -> str:
        asked = request.findtext(f".//{{{A}}}Mailbox", "").lower()
        no = "<ErrorCode>NoError</ErrorCode><ErrorMessage/>"
        if asked in self.redirects:
            target = self.redirects[asked]
            kind = "RedirectUrl" if "://" in target else "RedirectAddress"
            user = f"<ErrorCode>{kind}</ErrorCode><ErrorMessage>x</ErrorMessage><RedirectTarget>{target}</RedirectTarget><UserSettings/>"
        elif asked in self.owners:
            setting = f'<UserSetting i:type="StringSetting"><Name>ExternalEwsUrl</Name><Value>{self.endpoint}</Value></UserSetting>'
            user = f'{no}<RedirectTarget i:nil="true"/><UserSettingErrors/><UserSettings>{setting}</UserSettings>'
        else:
            user = (
                '<ErrorCode>InvalidUser</ErrorCode><ErrorMessage>no</ErrorMessage><RedirectTarget i:nil="true"/><UserSettingErrors/><UserSettings/>'
            )
        inner = f"{no}<UserResponses><UserResponse>{user}</UserResponse></UserResponses>"
        return (
            f'<GetUserSettingsResponseMessage xmlns="{A}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
            f"<Response>{inner}</Response></GetUserSettingsResponseMessage>"
        )

    def _inbox_rules(self, request: ET.Element) -> str:
        """GetInboxRules' response is the message itself (GetInboxRulesResponseType)."""
        rules = self.rules.get(request.findtext(f"{{{M}}}MailboxSmtpAddress", "").lower())
        inside = f"<m:OutlookRuleBlobExists>false</m:OutlookRuleBlobExists><m:InboxRules>{rules}</m:InboxRules>" if rules else ""
        return _soap(f'<m:GetInboxRulesResponse ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{inside}</m:GetInboxRulesResponse>')

    def _operations(self) -> dict[str, Callable[[ET.Element, str], Iterator[str]]]:
        return {
            "GetFolder": self._get_folder,
            "FindFolder": self._find_folder,
            "SyncFolderItems": self._sync_folder_items,
            "GetItem": self._get_item,
            "ExpandDL": self._expand_dl,
            "ResolveNames": self._resolve_names,
        }


def _events(box: Box, since: int) -> Iterator[tuple[int, str]]:
    for item in box.items:
        shown = f'<t:ItemId Id="{item.id}" ChangeKey="CQ"/>'
        whole = f"<t:{item.tag}>{shown}<t:ItemClass>{item.kind}</t:ItemClass><t:IsDraft>{str(item.draft).lower()}</t:IsDraft></t:{item.tag}>"
        if item.deleted is None and item.created > since:
            yield item.created, f"<t:Create>{whole}</t:Create>"
        elif item.deleted is not None and item.created <= since < item.deleted:
            yield item.deleted, f"<t:Delete>{shown}</t:Delete>"
        elif item.deleted is None and item.touched > since:
            yield item.touched, f"<t:ReadFlagChange>{shown}<t:IsRead>true</t:IsRead></t:ReadFlagChange>"


def _state(box: Box, moment: int) -> str:
    return base64.b64encode(f"|{box.id[-12:]}|{box.epoch}|{moment:020}".encode()).decode()


def _folder(box: Box) -> str:
    kind = f"<t:FolderClass>{box.kind}</t:FolderClass>" if box.kind else ""
    return (
        f'<t:{box.tag}><t:FolderId Id="{box.id}" ChangeKey="AQ"/><t:ParentFolderId Id="{box.parent}" ChangeKey="AQ"/>{kind}'
        f"<t:DisplayName>{escape(box.name)}</t:DisplayName><t:TotalCount>{len(box.standing) + box.hidden}</t:TotalCount></t:{box.tag}>"
    )


def _item(item: Item, wanted: set[str], server: Exchange) -> str:
    """The properties asked for, in the schema's order."""
    head = item.headers
    encoded = base64.b64encode(item.mime).decode()
    names = {
        "item:MimeContent": f'<t:MimeContent CharacterSet="UTF-8">{encoded}</t:MimeContent>',
        "item:Subject": _element("Subject", _decoded(head["Subject"])),
        "item:InReplyTo": _element("InReplyTo", head["In-Reply-To"]),
        "item:InternetMessageHeaders": _transported(head),
        "item:DateTimeSent": _element("DateTimeSent", _utc(head["Date"])),
        "message:Sender": _one("Sender", head["Sender"] or head["From"], server),
        "message:ToRecipients": _many("ToRecipients", head.get_all("To", []), server),
        "message:CcRecipients": _many("CcRecipients", head.get_all("Cc", []), server),
        "message:BccRecipients": _group("BccRecipients", item.bcc, server),
        "message:From": _one("From", head["From"], server),
        "message:InternetMessageId": _element("InternetMessageId", head["Message-ID"]),
        "message:References": _element("References", head["References"]),
    }
    first = names["item:MimeContent"] if "item:MimeContent" in wanted else ""
    rest = "".join(xml for name, xml in names.items() if name in wanted and name != "item:MimeContent")
    return f'<t:{item.tag}>{first}<t:ItemId Id="{item.id}" ChangeKey="CQ"/>{rest}</t:{item.tag}>'


def _transported(head: Message) -> str:
    rows = "".join(
        f"<t:InternetMessageHeader HeaderName={quoteattr(name)}>{escape(str(value))}</t:InternetMessageHeader>" for name, value in head.items()
    )
    return f"<t:InternetMessageHeaders>{rows}</t:InternetMessageHeaders>" if rows else ""


def _decoded(value: Any) -> str:
    return str(make_header(decode_header(str(value)))) if value else ""


def _utc(value: Any) -> str:
    return parsedate_to_datetime(str(value)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""


def _one(name: str, value: Any, server: Exchange) -> str:
    return _group(name, getaddresses([_decoded(value)])[:1], server) if value else ""


def _many(name: str, values: list[Any], server: Exchange) -> str:
    return _group(name, getaddresses([_decoded(value) for value in values]), server)


def _group(name: str, people: Any, server: Exchange) -> str:
    """Recipients; who is known to the directory by a name only (`/o=…`) is shown by it, as Exchange does with some."""
    names = {email: dn for dn, (_, email) in server.people.items() if dn.startswith("/")}
    inside = "".join(_mailbox("t:Mailbox", shown, names.get(email, email), "Mailbox", "EX" if email in names else "SMTP") for shown, email in people)
    return f"<t:{name}>{inside}</t:{name}>" if inside else ""


def _mailbox(tag: str, name: str, email: str, kind: str = "Mailbox", routing: str = "SMTP") -> str:
    inside = f"<t:Name>{escape(name)}</t:Name>" if name else ""
    return f"<{tag}>{inside}<t:EmailAddress>{escape(email)}</t:EmailAddress><t:RoutingType>{routing}</t:RoutingType><t:MailboxType>{kind}</t:MailboxType></{tag}>"


def _element(name: str, value: Any) -> str:
    return f"<t:{name}>{escape(str(value))}</t:{name}>" if value else ""


def _message(operation: str, inside: str) -> str:
    return f'<m:{operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>{inside}</m:{operation}ResponseMessage>'


def _failed(operation: str, code: str) -> str:
    return (
        f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>Secret words of the server.</m:MessageText>'
        f"<m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:{operation}ResponseMessage>"
    )


def _soap(inside: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{S}"><s:Header>{_VERSION}</s:Header>'
        f'<s:Body xmlns:m="{M}" xmlns:t="{T}">{inside}</s:Body></s:Envelope>'
    )


def fault(code: str, words: str, back_off: int | None = None) -> str:
    """A SOAP fault as Exchange writes one."""
    wait = f'<t:MessageXml xmlns:t="{T}"><t:Value Name="BackOffMilliseconds">{back_off}</t:Value></t:MessageXml>' if back_off is not None else ""
    detail = f'<e:ResponseCode xmlns:e="{E}">{code}</e:ResponseCode><e:Message xmlns:e="{E}">{words}</e:Message>{wait}'
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{S}"><s:Body><s:Fault><faultcode xmlns:a="{T}">a:{code}</faultcode>'
        f"<faultstring>{words}</faultstring><detail>{detail}</detail></s:Fault></s:Body></s:Envelope>"
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    timeout = 30
    hangs_up = False

    def setup(self) -> None:
        super().setup()
        self.signed_in = False
        self.handshake: Any = None

    def do_POST(self) -> None:
        exchange = self.server.exchange
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = _operation(body)
        if not self._welcome(exchange):
            return
        exchange.arrived.append((operation, self.path))
        exchange.requests.append((dict(self.headers), body))
        with exchange_lock:
            trouble = exchange.fault(len(exchange.arrived), operation)
            status, answer = exchange.answer(body) if trouble is None else (0, "")
        if trouble:
            self._fail(trouble, exchange, operation, body)
            return
        self._send(status, answer.encode())

    def do_GET(self) -> None:
        self.server.exchange.arrived.append(("GET", self.path))
        self._send(405, b"")

    def _welcome(self, exchange: Exchange) -> bool:
        """Whether the request is signed in; answers 401 where it is not."""
        given = self.headers.get("Authorization", "")
        kind, _, value = given.partition(" ")
        basic = base64.b64encode(f"{exchange.account}:{exchange.password}".encode()).decode()
        if (
            self.signed_in
            or not exchange.schemes
            or (kind in exchange.schemes and value in {"Basic": (basic,), "Bearer": exchange.tokens}.get(kind, ()))
        ):
            return True
        exchange.turned_away.append(kind)
        if kind == "NTLM" and "NTLM" in exchange.schemes:
            return self._ntlm(base64.b64decode(value), exchange)
        self._send(401, b"", {"WWW-Authenticate": exchange.schemes})
        return False

    def _ntlm(self, token: bytes, exchange: Exchange) -> bool:
        """One leg of the handshake (MS-NTHT), which signs in the connection."""
        if self.handshake is None:
            self.handshake = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        try:
            answer = self.handshake.step(token)
        except spnego.exceptions.SpnegoError:
            self.handshake = None
            self._send(401, b"", {"WWW-Authenticate": exchange.schemes})
            return False
        if self.handshake.complete:
            self.signed_in = True
            return True
        self._send(401, b"", {"WWW-Authenticate": "NTLM " + base64.b64encode(answer or b"").decode()})
        return False

    def _fail(self, trouble: Fault, exchange: Exchange, operation: str, body: bytes) -> None:
        match trouble.kind:
            case "status":
                self._send(trouble.status, trouble.body.encode(), dict(trouble.headers))
            case "soap":
                self._send(500, fault(trouble.code, "Secret words of the server.", trouble.back_off).encode())
            case "hang":
                exchange.released.wait(5)
                self.close_connection = True
            case "drop":
                self.close_connection = True
                self.connection.close()
            case "cut" | "short":  # without a length only the end of the XML tells
                good = exchange.answer(body)[1].encode()
                self._send(200, good[: len(good) // 2], {"Connection": "close"}, length=len(good) if trouble.kind == "short" else False)
            case _:
                self._send(200, _wrong(trouble, exchange, operation, body))

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | bool = True) -> None:
        self.send_response_only(status)
        self.send_header("Date", (headers or {}).pop("Date", self.date_time_string()))
        if length is not False:
            self.send_header("Content-Length", str(len(body) if length is True else length))
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length is not True:
            self.close_connection = True
        self.end_headers()
        if self.server.exchange.hangs_up:
            self.close_connection = self.hangs_up = True
        self.wfile.write(body)

    def finish(self) -> None:
        super().finish()
        if self.hangs_up:
            self.connection.shutdown(socket.SHUT_WR)
            self.server.exchange.hung_up.release()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def _wrong(trouble: Fault, exchange: Exchange, operation: str, body: bytes) -> bytes:
    """An answer in full that is none: of another program, no XML, a refusal of every item, or one answer less than questions."""
    match trouble.kind:
        case "garbage":
            return b"<html><body>Please sign in</body></html>"
        case "malformed":
            return b"<s:Envelope><s:Body><m:oops &&& </s:Envelope>"
        case "fewer":
            good = exchange.answer(body)[1].encode()
            return re.sub(rb"<m:(\w+)ResponseMessage ResponseClass.*?</m:\1ResponseMessage>", b"", good, count=1, flags=re.DOTALL)
    number = max(1, body.count(b"<t:ItemId "), body.count(b"<t:DistinguishedFolderId "))
    inside = _failed(operation, trouble.code) * number
    return _soap(f"<m:{operation}Response><m:ResponseMessages>{inside}</m:ResponseMessages></m:{operation}Response>").encode()


exchange_lock = threading.RLock()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    exchange: Exchange

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _operation(body: bytes) -> str:
    try:
        return ET.fromstring(body).find(f"{{{S}}}Body")[0].tag.rpartition("}")[2]  # type: ignore[index]
    except (ET.ParseError, TypeError, IndexError):
        return "?"


@contextmanager
def serving(exchange: Exchange, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """The server on a free port, with TLS where it is given a certificate and its key; gives the URL of its EWS."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.exchange = exchange
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    exchange.endpoint = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}/EWS/Exchange.asmx"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield exchange.endpoint
    finally:
        exchange.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def ntlm_users(folder: Path, account: str, password: str) -> Iterator[None]:
    """What pyspnego's acceptor checks passwords against."""
    domain, _, name = account.rpartition("\\")
    (folder / "users").write_text(f"{domain}:{name}:{password}\n")
    before = os.environ.get("NTLM_USER_FILE")
    os.environ["NTLM_USER_FILE"] = str(folder / "users")
    try:
        yield
    finally:
        os.environ.pop("NTLM_USER_FILE")
        if before is not None:
            os.environ["NTLM_USER_FILE"] = before
