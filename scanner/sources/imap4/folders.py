"""Folders as a server names them: modified UTF-7 (RFC 3501 5.1.3), namespaces (RFC 2342), and what they are for (RFC 6154)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rules.circulation import Role
from rules.roster import canonical
from scanner.sources.source import Folder

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_FOREIGN = re.compile(r"[^\x20-\x7e]+|&")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
_CLOSED = frozenset({b"\\noselect", b"\\nonexistent"})
_PURPOSES = frozenset({b"\\sent", b"\\drafts", b"\\junk", b"\\trash", b"\\archive", b"\\all", b"\\flagged"})

Parse = Callable[[list[Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a LIST answer: the name as it is on the wire, its attributes in lower case, what parts its levels (empty: nothing)."""

    name: bytes
    attributes: frozenset[bytes] = frozenset()
    separator: bytes = b"/"

    @property
    def last(self) -> str:
        """The name of its own level."""
        return shown(self.name.rpartition(self.separator)[2] if self.separator else self.name)


@dataclass(frozen=True, slots=True)
class Space:
    """A namespace: all names that begin with `prefix`."""

    prefix: bytes
    separator: bytes

    def user(self, name: bytes) -> bytes | None:
        """Whose mailbox a name in it is in; None for a name outside it."""
        rest = name[len(self.prefix) :]
        if not self.prefix or not name.startswith(self.prefix) or not rest:
            return None
        return rest.partition(self.separator)[0] if self.separator else rest


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Where others' mailboxes lie: other users' and shared ones. Everything else is the account's own."""

    others: tuple[Space, ...] = ()

    def foreign(self, name: bytes) -> bool:
        """Whether a name lies with others."""
        return any(space.prefix and (name + space.separator).startswith(space.prefix) for space in self.others)


def namespaces(answer: Any) -> Namespaces:
    """From the parsed answer to NAMESPACE: the account's own, other users', shared."""
    kinds = tuple(answer)[1:3]
    return Namespaces(tuple(Space(bytes(each[0]), each[1] or b"") for kind in kinds for each in kind or ()))


def listed(answer: Iterable[Any], parse: Parse) -> tuple[Listed, ...]:
    """From the lines of an answer to LIST; a name that was sent as a literal comes in two pieces."""
    rows = (parse(pieces) for pieces in _rows(answer))
    return tuple(_line(*row[:3]) for row in rows if row)


def _line(attributes: tuple[bytes, ...], separator: bytes | None, name: Any) -> Listed:
    """A name of digits alone has been taken for a number."""
    return Listed(name if isinstance(name, bytes) else str(name).encode(), frozenset(a.lower() for a in attributes), separator or b"")


def _rows(answer: Iterable[Any]) -> Iterator[list[Any]]:
    """The pieces of each line: any number with a literal, then one without."""
    pieces: list[Any] = []
    for piece in answer:
        if piece is None:
            continue
        pieces.append(piece)
        if isinstance(piece, bytes):
            yield pieces
            pieces = []


def readable(found: Iterable[Listed]) -> list[Listed]:
    """Those that hold mail that was sent or received, by name: no branch without messages, no drafts.

    Where the server names no folder's purpose, one called Drafts holds drafts.
    """
    several = sorted(found, key=lambda each: each.name)
    marked = any(each.attributes & _PURPOSES for each in several)
    drafts = {each.name for each in several if (b"\\drafts" in each.attributes if marked else each.last.lower() == "drafts")}
    return [each for each in several if not each.attributes & _CLOSED and each.name not in drafts]


def folder_of(custodian: str, found: Listed) -> Folder:
    """A folder under the name that the ledger keeps."""
    sent = b"\\sent" in found.attributes or Folder(custodian, found.last).role is Role.SENT
    return Folder(custodian, shown(found.name), sent)


def is_theirs(user: bytes, custodian: str) -> bool:
    """Whether a level below a namespace is somebody's: their address, or what stands before the @; Cyrus writes a dot as `^`."""
    name = canonical(shown(user).replace("^", "."))
    return name in {custodian, custodian.rpartition("@")[0]}


def shown(name: bytes) -> str:
    """A name as text; one that is no modified UTF-7, or would not print, with its strange bytes written as `\\xe9`."""
    try:
        text = _SHIFTED.sub(lambda match: _unshifted(match[1]) if match[1] else "&", name.decode("ascii"))
    except ValueError:
        text = ""
    if text.isprintable() and wire(text) == name:
        return text
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte not in b"&\\" else f"\\x{byte:02x}" for byte in name)


def wire(text: str) -> bytes:
    """A shown name as it is on the wire."""
    if "\\x" in text:
        return _ESCAPED.sub(lambda match: bytes((int(match[1], 16),)), text.encode("ascii", "replace"))
    return _FOREIGN.sub(lambda match: "&-" if match[0] == "&" else _shifted(match[0]), text).encode("ascii")


def _unshifted(run: str) -> str:
    return b64decode(run.replace(",", "/") + "=" * (-len(run) % 4), validate=True).decode("utf-16-be")


def _shifted(run: str) -> str:
    return f"&{b64encode(run.encode('utf-16-be', 'surrogatepass')).decode().rstrip('=').replace('/', ',')}-"
