"""Who wrote an Outlook item and to whom: recipient types, and internet addresses found behind Exchange's own (MS-OXOMSG, MS-OXCDATA 2.2.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from scanner.reading.mail.charsets import guessed
from scanner.reading.mail.fields import one_line
from scanner.reading.outlook.mapi import Item, Properties, Tag

_ONE_OFF = bytes.fromhex("812b1fa4bea310199d6e00dd010f5402")  # MS-OXCDATA 2.2.5.1
_DIRECTORY = bytes.fromhex("dca740c8c042101ab4b908002b2fe182")  # MS-OXCDATA 2.2.5.2
_UNFIT = re.compile(r"[<>\x00-\x20\x7f]")
_ANGLES = re.compile(r"[<>]")
_BARE = re.compile(r"[^\s<>\"',;:()\[\]]+@[^\s<>\"',;:()\[\]]+")
_ROOMS = ("ipm.appointment", "ipm.schedule.")
_TO, _CC, _BCC = 1, 2, 3
_DISPLAYED = ((_TO, Tag.DISPLAY_TO), (_CC, Tag.DISPLAY_CC), (_BCC, Tag.DISPLAY_BCC))
_AUTHOR = (
    Tag.SENT_REPRESENTING_NAME,
    Tag.SENT_REPRESENTING_ADDRESS_TYPE,
    Tag.SENT_REPRESENTING_EMAIL,
    Tag.SENT_REPRESENTING_SMTP,
    Tag.SENT_REPRESENTING_ENTRY_ID,
)
_SUBMITTER = (Tag.SENDER_NAME, Tag.SENDER_ADDRESS_TYPE, Tag.SENDER_EMAIL, Tag.SENDER_SMTP, Tag.SENDER_ENTRY_ID)
_RECIPIENT = (Tag.NAME, Tag.ADDRESS_TYPE, Tag.EMAIL, Tag.SMTP_ADDRESS, Tag.ENTRY_ID)
_RECEIVER = (Tag.NAME, Tag.ADDRESS_TYPE, Tag.RECEIVED_BY_EMAIL, Tag.RECEIVED_BY_SMTP, Tag.ENTRY_ID)


def directory(item: Item) -> dict[str, str]:
    """Internet addresses by the Exchange address (X.500, lower case) that stands beside them anywhere in the item."""
    found = item.properties
    pairs = [(found.text(tags[2]), found.text(tags[3])) for tags in (_AUTHOR, _SUBMITTER, _RECEIVER)]
    pairs += [(each.text(Tag.EMAIL), each.text(Tag.SMTP_ADDRESS)) for each in item.recipients]
    return {legacy.lower(): email for legacy, email in pairs if legacy.lower().startswith("/o=") and "@" in email}


def author(found: Properties, known: Mapping[str, str]) -> str:
    """On whose behalf it was sent, as an address for From; the sender where nobody is represented."""
    return _person(found, _AUTHOR, known) or _person(found, _SUBMITTER, known)


def submitter(found: Properties, known: Mapping[str, str]) -> str:
    """Who sent it, as an address for Sender."""
    return _person(found, _SUBMITTER, known)


def recipients(item: Item, known: Mapping[str, str]) -> tuple[dict[int, list[str]], bool]:
    """Addresses by recipient type (MS-OXOMSG 2.2.3.1), and whether they are surely all.

    Without a table the displayed names serve. A meeting's rooms and equipment are kept as if they were Bcc, but every invited person sees
    them: they count as Cc.
    """
    found: dict[int, list[str]] = {_TO: [], _CC: [], _BCC: []}
    rooms = item.properties.text(Tag.MESSAGE_CLASS).lower().startswith(_ROOMS)
    whole = bool(item.recipients) and not item.incomplete
    for each in item.recipients:
        kind = (each.number(Tag.RECIPIENT_TYPE) or 0) & 0x0F
        kind = kind if kind in found else _displayed(item, each)
        person = _person(each, _RECIPIENT, known)
        whole = whole and kind in found and bool(person) and not each.damaged
        if kind in found and person:
            found[_CC if rooms and kind == _BCC else kind].append(person)
    for kind, tag in _DISPLAYED:
        if not found[kind] and not (rooms and kind == _BCC):
            found[kind] = [_written(name, "") for name in _names(item.properties.text(tag))]
    return found, whole


def addressed(people: Iterable[str], most: int) -> Iterator[str]:
    """The values of one or more address fields, none longer than `most` characters."""
    line: list[str] = []
    length = 0
    for person in people:
        if line and length + len(person) > most:
            yield ", ".join(line)
            line, length = [], 0
        line.append(person)
        length += len(person) + 2
    if line:
        yield ", ".join(line)


def _displayed(item: Item, each: Properties) -> int:
    """The type of a recipient that has none, by the list of names that shows it; 0 where no single one does."""
    name = each.text(Tag.NAME).strip().lower()
    shown = [kind for kind, tag in _DISPLAYED if name and name in (other.lower() for other in _names(item.properties.text(tag)))]
    return shown[0] if len(shown) == 1 else 0


def _names(text: str) -> list[str]:
    return [name for part in text[:100_000].split(";") if (name := one_line(part))]


def _person(found: Properties, tags: tuple[Tag, Tag, Tag, Tag, Tag], known: Mapping[str, str]) -> str:
    """`"Name" <address>`: the internet address where one is to be found, else the Exchange address, else the name alone."""
    name, kind, email, smtp, entry = (found.text(tags[0]), found.text(tags[1]), found.text(tags[2]), found.text(tags[3]), found.blob(tags[4]))
    name = name or found.text(Tag.RECIPIENT_NAME) if tags is _RECIPIENT else name
    behind = _behind(entry)
    legacy = next((each for each in (email, behind) if each.lower().startswith("/o=")), "")
    given = email if kind.upper() != "EX" and "@" in email and not legacy else ""
    address = next((each for each in (smtp, given, known.get(legacy.lower(), ""), behind) if "@" in each and not each.startswith("/")), "")
    return _written(one_line(name), _UNFIT.sub("", address) or one_line(_ANGLES.sub("", legacy)))


def _written(name: str, address: str) -> str:
    """An address as a header shows it; a name that is itself an address serves as one."""
    if not address and (bare := _BARE.fullmatch(name.strip("'\" "))):
        return f"<{bare[0]}>"
    quoted = '"' + name[:500].replace("\\", "\\\\").replace('"', '\\"') + '"' if name else ""
    return f"{quoted} <{address}>".strip() if address else quoted


def _behind(entry: bytes) -> str:
    """The address in an entry id: a one-off recipient's, or the Exchange name of one in the address book."""
    if entry[4:20] == _DIRECTORY:
        return guessed(entry[28:].partition(b"\0")[0][:2000])
    if entry[4:20] != _ONE_OFF or len(entry) < 24:
        return ""
    if int.from_bytes(entry[22:24], "little") & 0x8000:
        parts = entry[24:8192].decode("utf-16-le", "replace").split("\0")
    else:
        parts = guessed(entry[24:8192]).split("\0")
    return parts[2] if len(parts) > 2 and "@" in parts[2] else ""
