"""Address lists as headers and pasted header blocks write them (RFC 5322 3.4), in every shape that mail programs make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.message import Address
from rules.roster import canonical
from scanner.reading.mail.fields import one_line, plain

# Every alternative ends where it began or further, so that the scan stays linear on hostile text.
_TOKEN = re.compile(
    r"(?P<word>=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=)"
    r'|(?P<quoted>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<angle><[^<>]*+>)"
    r"|(?P<legacy>/o=[^,;<>\"\[\]]*)"
    r"|(?P<special>[(),:;])"
    r"|(?P<other>[^=\"</(),:;]+|.)",
    re.IGNORECASE | re.DOTALL,
)
_SCHEME = re.compile(r"\[?\b(smtp|mailto|x500|ex|eum|sip)\s*$", re.IGNORECASE)
_BARE = re.compile(r"[^\s<>\"',;:()\[\]]+@(?:\[[0-9a-fA-F.:]+\]|[^\s<>\"',;()\[\]]+)")
_LEGACY = re.compile(r"^(x500:|ex:)?/o=", re.IGNORECASE)
_QUOTES = re.compile(r"""\A"|(?<!\\)((?:\\\\)*)"\Z""")
_COMMENT = re.compile(r"\([^()]*\)")
_LONGEST = 1_000  # characters of one mailbox: no real one comes near, and a search within it stays cheap


class _Piece:
    """One address as it is being read: the words before it, the comment beside it and what stood in angle brackets."""

    __slots__ = ("angle", "comment", "quoted", "text")

    def __init__(self) -> None:
        self.text: list[str] = []
        self.comment: list[str] = []
        self.angle: str | None = None
        self.quoted = False

    @property
    def named(self) -> bool:
        """Whether an address stands in it already."""
        return self.angle is not None or any("@" in text for text in self.text[-3:])


def addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of a header's raw value, groups opened, encoded-words decoded. A bare name becomes an address with an empty `email`."""
    if value.count('"') % 2 and '\\"' not in value:
        value = value.replace('"', " ")
    found: list[Address] = []
    pending = ""
    for piece in _pieces(value):
        address = _address(piece)
        if address is None:
            continue
        if not address.email and not piece.quoted:
            if pending:
                found.append(Address("", pending))
            pending = address.name
            continue
        if pending:
            found += _with_pending(pending, address, piece)
            pending = ""
        else:
            found.append(address)
    if pending:
        found.append(Address("", pending))
    return tuple(found)


def _with_pending(pending: str, address: Address, piece: _Piece) -> list[Address]:
    """A bare name before an address: `Bell, Ann <ann@x>` is one mailbox; before a nameless address it is a mailbox of its own."""
    joined = piece.angle is not None and not piece.quoted and address.name and "@" not in address.name
    return [Address(address.email, f"{pending}, {address.name}")] if joined else [Address("", pending), address]


def _pieces(value: str) -> Iterator[_Piece]:
    """Cuts a list at its commas and semicolons, whatever is quoted, in brackets or in comments left whole.

    Python's own mail library encodes the comma behind an address when it folds a long line; that one cuts too.
    """
    piece, depth = _Piece(), 0
    for match in _TOKEN.finditer(value):
        kind, text = match.lastgroup, match[0]
        if depth or text == "(":
            depth += (text == "(") - (text == ")")
            piece.comment.append(text if len(piece.comment) < 200 else "")
        elif (kind == "special" and text in ",;") or (kind == "word" and piece.named and plain(text) == ","):
            yield piece
            piece = _Piece()
        elif text == ":" and kind == "special":
            piece = _after_colon(piece)
        elif kind == "angle":
            piece.angle = text[1:-1] if piece.angle is None else piece.angle
        elif kind == "quoted":
            piece.quoted = True
            piece.text.append(re.sub(r"\\(.)", r"\1", _QUOTES.sub(r"\1", text)))
        else:
            piece.text.append(text)
    yield piece


def _after_colon(piece: _Piece) -> _Piece:
    """What stays of a piece at a colon: nothing of a group's name, all but the scheme of `smtp:`, all of an X.500 form."""
    text = "".join(piece.text)[-_LONGEST:]
    kept = _Piece()
    if _LEGACY.match(text.strip()):
        kept.text = [text + ":"]
    elif scheme := _SCHEME.search(text):
        kept.text = [text[: scheme.start()] + " "]
    return kept


def _address(piece: _Piece) -> Address | None:
    """The mailbox that a piece names; None where it names nothing."""
    text = plain("".join(piece.text)[:_LONGEST]).strip(" '\",")
    comment = plain("".join(piece.comment)[:_LONGEST]).strip("() '\"") if piece.comment else ""
    if piece.angle is not None:
        return _angled(piece.angle, text or comment)
    if _LEGACY.match(text):
        return Address(canonical(text + ("" if not comment else f" ({comment})")), "")
    if match := _BARE.search(text):
        name = text.replace(match[0], " ").strip(" '\"[],")
        return Address(canonical(match[0].rstrip(".")), one_line(name) or comment)
    return Address("", text) if text else None


def _angled(angle: str, name: str) -> Address | None:
    """`Name <address>`; a source route (RFC 5322 4.4) is dropped, a legacy X.500 form kept, a name standing where the address should be made one."""
    text = plain(angle[:_LONGEST]).strip(" '\"")
    if text.startswith("@"):
        text = text.rpartition(":")[2]
    if _LEGACY.match(text) or "@" in text:
        email = canonical(text if _LEGACY.match(text) else "".join(_COMMENT.sub("", text).split()))
        return Address(email, "" if canonical(name) == email else name)
    if match := _BARE.search(name):
        return Address(canonical(match[0]), text)
    return Address("", name or text) if name or text else None
