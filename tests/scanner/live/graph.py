"""A tenant of Microsoft 365 on loopback, as its published reference describes the part that a scan reads, with faults to order."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

TOKEN = "a-token-that-nobody-may-see"
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
_BCC = re.compile(rb"^Bcc:[^\n]*\n", re.MULTILINE)
_KEYS = ("From", "Sender", "To", "Cc")

Json = dict[str, Any]
Fault = str | None


@dataclass
class Letter:
    """One message of a mailbox. `raw` may bear a Bcc line: the tenant keeps it apart, as Exchange does."""

    id: str
    raw: bytes
    draft: bool = False

    def mime(self) -> bytes:
        end = _HEADERS_END.search(self.raw)
        at = end.start() + end[0].index(b"\n") + 1 if end else len(self.raw)
        return _BCC.sub(b"", self.raw[:at]) + self.raw[at:]


@dataclass
class Place:
    """A mail folder. `log` tells what was added, changed and removed, in turn."""

    id: str
    name: str
    parent: str = ""
    hidden: bool = False
    search: bool = False
    others: int = 0  # contacts and tasks that lie among deleted messages
    letters: dict[str, Letter] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Box:
    places: dict[str, Place] = field(default_factory=dict)
    rules: list[Json] = field(default_factory=list)

    def sent(self) -> Place:
        return next(place for place in self.places.values() if place.id == "id-sentitems")


class Tenant:
    """Mailboxes, groups and traces behind one loopback server. `faults(number, path)` names a fault for a request, or None."""

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.groups: list[Json] = []
        self.traces: list[Json] = []
        self.denied: dict[str, tuple[int, str]] = {}
        self.tokens = {TOKEN}
        self.page, self.poor_headers, self.named_members = 500, False, True
        self.faults: Callable[[int, str], Fault] = lambda number, path: None
        self.inner: Callable[[str], Json | None] = lambda path: None
        self.before: Callable[[str], None] = lambda path: None
        self.hangs_up = False  # without a word, after each answer
        self.arrived: list[tuple[str, str, bytes]] = []
        self.preferred: list[str] = []
        self.most_at_once = 0
        self.complaints: list[str] = []  # what the tenant was asked in a form that Graph would not take
        self._rounds: dict[str, tuple[list[Json], int, int]] = {}
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._now = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_port}/v1.0"
        threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True).start()

    def __enter__(self) -> Tenant:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        assert self.complaints == []

    # --- what a test lays out

    def box(self, address: str) -> Box:
        if address not in self.boxes:
            self.boxes[address] = Box()
            for name in ("Inbox", "Sent Items", "Drafts", "Deleted Items"):
                place = Place(f"id-{name.replace(' ', '').lower()}", name)
                self.boxes[address].places[place.id] = place
        return self.boxes[address]

    def place(self, address: str, path: str, **more: Any) -> Place:
        box, parent = self.box(address), ""
        for name in path.split("/"):
            found = next((p for p in box.places.values() if (p.name, p.parent) == (name, parent)), None)
            if found is None:
                found = Place(f"id+{len(box.places)}/=", name, parent, **more)
                box.places[found.id] = found
            parent = found.id
        return found

    def put(self, raw: bytes, address: str, path: str = "Inbox", name: str = "", draft: bool = False) -> Letter:
        place = self.place(address, path)
        letter = Letter(f"{path}~{name or next(self._numbers)}=", raw, draft)
        with self._lock:
            place.letters[letter.id] = letter
            place.log.append(("added", letter.id))
        return letter

    def remove(self, address: str, letter: Letter, to: str | None = None) -> None:
        with self._lock:
            place = next(p for p in self.boxes[address].places.values() if letter.id in p.letters)
            del place.letters[letter.id]
            place.log.append(("removed", letter.id))
            if to is not None:
                other = self.place(address, to)
                other.letters[letter.id] = letter
                other.log.append(("added", letter.id))

    def touch(self, address: str, letter: Letter) -> None:
        place = next(p for p in self.boxes[address].places.values() if letter.id in p.letters)
        place.log.append(("changed", letter.id))

    def forget_rounds(self) -> None:
        self._rounds.clear()

    def asked(self) -> Counter[str]:
        """How often each kind of path was asked for, ids left out."""
        return Counter(re.sub(r"(users|mailFolders|messages|groups)/[^/?]+", r"\1/…", path.partition("?")[0]) for _, path, _ in self.arrived)

    # --- what it answers

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            self.arrived.append((method, path, body))
            number = len(self.arrived)
        fault = self.faults(number, path)
        if fault:
            return _broken(fault)
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _json(401, _error("InvalidAuthenticationToken"))
        if method == "POST" and path == "/$batch":
            return _json(200, {"responses": self._batch(json.loads(body)["requests"])})
        if method != "GET":
            return _json(405, _error("Request_BadRequest"))
        self.before(path)
        return self.read(path, headers.get("Prefer", ""))

    def _batch(self, requests: list[Json]) -> list[Json]:
        assert 0 < len(requests) <= 20
        assert len({each["id"] for each in requests}) == len(requests)
        return [self._inner(each) for each in reversed(requests)]

    def _inner(self, each: Json) -> Json:
        assert each["method"] == "GET"
        self.before(each["url"])
        status, headers, content = self.read(each["url"], each.get("headers", {}).get("Prefer", ""))
        found = {"id": each["id"], "status": status, "headers": headers, "body": json.loads(content)}
        return {**found, **(self.inner(each["url"]) or {})}

    def read(self, path: str, prefer: str) -> tuple[int, dict[str, str], bytes]:
        self.preferred.append(prefer)
        where, _, query = path.partition("?")
        wanted = {key: values[0] for key, values in parse_qs(query).items()}
        parts = list(_parts(where))
        kind = "traces" if parts[0] == "admin" else "groups" if parts[0] == "groups" else "messageRules" if parts[-1] == "messageRules" else ""
        for key in (kind, parts[1] if len(parts) > 1 else ""):
            if key in self.denied:
                return _json(self.denied[key][0], _error(self.denied[key][1]))
        match parts:
            case ["users", address, *rest]:
                return self._user(address, rest, wanted, prefer)
            case ["groups"]:
                return _json(200, {"value": self._found(wanted["$filter"])})
            case ["groups", group, "transitiveMembers"]:
                return self._members(group, wanted)
            case ["admin", "exchange", "tracing", "messageTraces"]:
                return self._traced(wanted)
        return _json(404, _error("ResourceNotFound"))

    def _user(self, address: str, rest: list[str], wanted: dict[str, str], prefer: str) -> tuple[int, dict[str, str], bytes]:  # noqa: PLR0911  # one for each path
        if address not in self.boxes:
            return _json(404, _error("ErrorInvalidUser"))
        box = self.boxes[address]
        path = "/".join(quote(each, safe="") for each in ("", "users", address, *rest))
        match rest:
            case ["mailFolders"]:
                return self._places(path, box, "", wanted)
            case ["mailFolders", parent, "childFolders"] if parent in box.places:
                return self._places(path, box, parent, wanted)
            case ["mailFolders", "inbox", "messageRules"]:
                return _json(200, {"value": box.rules})
            case ["mailFolders", "sentitems"]:
                return _json(200, {"id": box.sent().id})
            case ["mailFolders", place, "messages"] if place in box.places:
                assert wanted["$filter"] == "isDraft eq false" and wanted["$count"] == "true"
                held = [each for each in box.places[place].letters.values() if not each.draft]
                return _json(200, {"@odata.count": len(held), "value": [{"id": each.id} for each in held[:1]]})
            case ["mailFolders", place, "messages", "delta"] if place in box.places:
                return self._delta(address, box.places[place], wanted, prefer)
            case ["messages", item, *value]:
                return self._message(box, item, value == ["$value"], wanted)
        return _json(404, _error("ErrorItemNotFound"))

    def _places(self, path: str, box: Box, parent: str, wanted: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        assert wanted["$top"] == "100"
        found = []
        for place in box.places.values():
            if place.parent == parent:
                children = sum(each.parent == place.id for each in box.places.values())
                row: Json = {"id": place.id, "displayName": place.name, "childFolderCount": children, "isHidden": place.hidden}
                row["totalItemCount"] = len(place.letters) + place.others
                found.append({"@odata.type": "#microsoft.graph.mailSearchFolder", **row} if place.search else row)
        start = int(wanted.get("$skip", "0"))
        page: Json = {"value": found[start : start + 3]}
        if start + 3 < len(found):
            page["@odata.nextLink"] = f"{self.base}{path}?$top=100&$skip={start + 3}"
        return _json(200, page)

    def _delta(self, address: str, place: Place, wanted: dict[str, str], prefer: str) -> tuple[int, dict[str, str], bytes]:
        token = wanted.get("$skiptoken") or wanted.get("$deltatoken")
        with self._lock:
            if token is None:
                assert wanted["$select"] == "id,isDraft"
                rows, start, seen = [_row(each) for each in place.letters.values()], 0, len(place.log)
            elif token not in self._rounds:
                code = "SyncStateNotFound" if "generation" in token else "resyncRequired"
                return _json(400 if token.startswith("no") else 410, _error("BadRequest" if token.startswith("no") else code))
            else:
                rows, start, seen = self._rounds[token]
                if "$deltatoken" in wanted:
                    rows, seen = list(_changes(place, seen)), len(place.log)
            asked = re.search(r"odata\.maxpagesize=(\d+)", prefer)
            stop = start + min(self.page, int(asked[1]) if asked else 10)
            last = stop >= len(rows)
            name = f"generation-{next(self._numbers)}"
            self._rounds[name] = (rows, 0 if last else stop, seen)
        link = f"{self.base}/users('{quote(address)}')/mailFolders('{quote(place.id, safe='')}')/messages/delta"
        key, parameter = ("@odata.deltaLink", "$deltatoken") if last else ("@odata.nextLink", "$skiptoken")
        shown = rows[start:stop] if 'IdType="ImmutableId"' in prefer else [{**row, "id": f"moves-{row['id']}"} for row in rows[start:stop]]
        return _json(200, {"value": shown, key: f"{link}?{parameter}={name}"})

    def _message(self, box: Box, item: str, value: bool, wanted: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        for place in box.places.values():
            if item in place.letters:
                letter = place.letters[item]
                if value:
                    return 200, {"Content-Type": "text/plain"}, letter.mime()
                return _json(200, self._properties(letter, place, wanted))
        return _json(404, _error("ErrorItemNotFound"))

    def _properties(self, letter: Letter, place: Place, wanted: dict[str, str]) -> Json:
        head = message_from_string(letter.raw.decode(errors="replace"))
        sent = head["Date"] and parsedate_to_datetime(head["Date"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        authors = _recipients(head, "From")
        found: Json = {
            "id": letter.id,
            "subject": _shown(head["Subject"]),
            "internetMessageId": head["Message-ID"],
            "sentDateTime": sent or "0001-01-01T00:00:00Z",
            "from": authors[0] if authors else None,
            "sender": (_recipients(head, "Sender") or authors or [None])[0],
            "toRecipients": _recipients(head, "To"),
            "ccRecipients": _recipients(head, "Cc"),
            "bccRecipients": _recipients(head, "Bcc"),
        }
        selected = wanted["$select"].split(",")
        if "internetMessageHeaders" in selected and place.id != "id-sentitems":
            left_out = {"bcc", *(key.lower() for key in _KEYS if self.poor_headers)}
            found["internetMessageHeaders"] = [{"name": k, "value": str(v)} for k, v in head.items() if k.lower() not in left_out]
        if "$expand" in wanted:
            extended = {"String 0x1042": head["In-Reply-To"], "String 0x1039": head["References"]}
            asked = [(key, value) for key, value in extended.items() if value and key in wanted["$expand"]]
            found["singleValueExtendedProperties"] = [{"id": key, "value": value} for key, value in asked]
        return {key: value for key, value in found.items() if key in {*selected, "id", "singleValueExtendedProperties"}}

    def _found(self, chosen: str) -> list[Json]:
        if match := re.fullmatch(r"mail eq '(.+)'", chosen):
            return [{"id": g["id"]} for g in self.groups if g["mail"] == match[1].replace("''", "'")]
        match = re.fullmatch(r"proxyAddresses/any\(a:a eq 'smtp:(.+)'\)", chosen)
        assert match, chosen
        return [{"id": g["id"]} for g in self.groups if match[1].replace("''", "'") in g.get("aliases", ())]

    def _members(self, group: str, wanted: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        found = next(g["members"] for g in self.groups if g["id"] == group)
        if not self.named_members:
            found = [{"@odata.type": each["@odata.type"], "id": each["id"], "mail": None, "userPrincipalName": None} for each in found]
        start = int(wanted.get("$skiptoken", "0"))
        page: Json = {"value": found[start : start + 2]}
        if start + 2 < len(found):
            page["@odata.nextLink"] = f"{self.base}/groups/{group}/transitiveMembers?$skiptoken={start + 2}"
        return _json(200, page)

    def _traced(self, wanted: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        bounds = re.fullmatch(r"receivedDateTime ge (\S+) and receivedDateTime le (\S+)", wanted["$filter"])
        assert bounds and wanted["$top"] == "5000"
        begin, end = (datetime.fromisoformat(each) for each in bounds.groups())
        if end - begin > timedelta(days=10):
            return _json(400, _error("InvalidTimeRange"))
        return _json(200, {"value": [t for t in self.traces if begin <= datetime.fromisoformat(t["receivedDateTime"]) < end]})

    def entered(self, change: int) -> None:
        with self._lock:
            self._now += change
            self.most_at_once = max(self.most_at_once, self._now)


def _parts(path: str) -> Iterator[str]:
    """A path's segments; one such as `users('ann')`, as links write it, is two."""
    for part in path.strip("/").split("/"):
        match = re.fullmatch(r"(\w+)\('(.+)'\)", unquote(part))
        yield from match.groups() if match else (unquote(part),)


def _row(letter: Letter) -> Json:
    return {"@odata.etag": 'W/"x"', "id": letter.id, "isDraft": letter.draft}


def _changes(place: Place, since: int) -> Iterator[Json]:
    for what, item in place.log[since:]:
        if what == "removed":
            yield {"@odata.type": "#microsoft.graph.message", "id": item, "@removed": {"reason": "deleted"}}
        elif item in place.letters:
            yield _row(place.letters[item])


def _recipients(head: Any, name: str) -> list[Json]:
    rows = getaddresses([str(value) for value in head.get_all(name, [])])
    return [{"emailAddress": {"name": _shown(name) or address, "address": address}} for name, address in rows if address]


def _shown(value: str | None) -> str | None:
    return str(make_header(decode_header(value))) if value else None


def _error(code: str) -> Json:
    """An error as Graph words it; its message names people, so it must not be shown."""
    return {"error": {"code": code, "message": "Someone Particular may not see this.", "innerError": {"request-id": "x"}}}


def _json(status: int, body: Json) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def _broken(fault: str) -> tuple[int, dict[str, str], bytes]:
    kind, _, seconds = fault.partition(" ")
    if kind == "garbage":
        return 200, {"Content-Type": "text/html"}, b"<html>Please sign in to the guest network</html>"
    if kind == "nothing":
        return 200, {"Content-Type": "application/json"}, b"{}"
    if kind == "hang":
        time.sleep(float(seconds))
        return 0, {}, b""
    if kind in {"drop", "truncated"}:
        return 0, {}, kind.encode()
    return int(kind), {"Retry-After": seconds} if seconds else {}, json.dumps(_error("Faulty")).encode()


def _handler(tenant: Tenant) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits for the acknowledgement of its head

        def _any(self) -> None:
            tenant.entered(1)
            try:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                root = urlsplit(tenant.base).path
                path = self.path.removeprefix(root)
                try:
                    status, headers, content = tenant.answer(self.command, path, self.headers, body)
                except Exception as error:  # noqa: BLE001  # a fault of the fake must not pass for one of the line
                    tenant.complaints.append(f"{path}: {error!r}")
                    status, headers, content = 400, {}, b""
                if not status:
                    self.close_connection = True
                    if content == b"truncated":
                        self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n{"value": [')
                    return
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)
                self.close_connection = tenant.hangs_up
            finally:
                tenant.entered(-1)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler._any)
    return Handler


@dataclass
class Token:
    """A sign-in that needs no authority. `fresh` is what a renewal gives."""

    value: str = TOKEN
    fresh: str = TOKEN
    renewed: int = 0

    def __call__(self) -> str:
        return self.value

    def renew(self) -> str:
        self.renewed += 1
        self.value = self.fresh
        return self.value

    def close(self) -> None:
        """Nothing is open."""


def hurried() -> Callable[[float], None]:
    """A sleep that takes no time."""
    return lambda seconds: time.sleep(0)
