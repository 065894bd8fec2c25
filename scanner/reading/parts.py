"""The MIME tree of a message (RFC 2045, RFC 2046), cut by slices so that depth and number of parts cost no more than they must."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scanner.reading.charsets import decoded
from scanner.reading.fields import Fields, Parametrised, from_base64, parametrised, plain, split
from scanner.reading.limits import Limits

_UUENCODED = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,200}\r?\n", re.MULTILINE)
_QP_BREAK = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")


@dataclass(frozen=True)
class Part:
    """One part: its fields, its raw content below them, and its own parts. `damage` says what is wrong with its shape."""

    fields: Fields
    raw: bytes
    children: tuple[Part, ...] = ()
    damage: tuple[str, ...] = ()
    default_type: str = "text/plain"

    @cached_property
    def _type(self) -> Parametrised:
        return parametrised(self.fields.first("content-type"))

    @cached_property
    def _disposition(self) -> Parametrised:
        return parametrised(self.fields.first("content-disposition"))

    @property
    def media_type(self) -> str:
        """The media type in lower case; text/plain, as RFC 2045 5.2 has it, where the header makes no sense."""
        value = self._type.value.replace(" ", "")
        return value if value.count("/") == 1 and not value.startswith("/") and not value.endswith("/") else self.default_type

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, or nothing."""
        return self._type.parameters.get(name, "")

    @property
    def name(self) -> str:
        """The file name, of its disposition first; without folders."""
        given = self._disposition.parameters.get("filename") or self._type.parameters.get("name") or ""
        return re.split(r"[\\/]", given)[-1].strip()[:255]

    @property
    def attached(self) -> bool:
        return self._disposition.value == "attachment"

    @property
    def multipart(self) -> bool:
        return self.media_type.startswith("multipart/")

    @cached_property
    def content(self) -> bytes:
        """The content with its transfer encoding undone (RFC 2045 6); an unknown or wrong encoding is passed over. Never raises."""
        encoding = self.fields.first("content-transfer-encoding").split(";")[0].strip().lower()
        if encoding in ("base64", "base-64", "b"):
            return from_base64(self.raw)
        if encoding in ("quoted-printable", "quotedprintable", "q"):
            return binascii.a2b_qp(_QP_BREAK.sub(b"", self.raw))
        if encoding in ("uuencode", "x-uuencode", "x-uue", "uue"):
            return from_uuencode(self.raw)
        return self.raw

    def text(self, most: int) -> str:
        """The content as text in its charset; at most so many bytes of it."""
        return decoded(self.content[:most], self.parameter("charset"))

    def title(self) -> str:
        """The name that people would give it: the file's, or its description."""
        return self.name or plain(self.fields.first("content-description"))[:255]


def from_uuencode(raw: bytes) -> bytes:
    """The first uuencoded file in a text; what cannot be decoded is left out. Never raises."""
    found = _UUENCODED.search(raw)
    start = found.end() if found else len(raw)
    end = raw.find(b"\nend", start)
    out: list[bytes] = []
    for line in raw[start : end if end >= 0 else len(raw)].splitlines():
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)


def parse(raw: bytes, limits: Limits) -> Part:
    """The tree of a whole message. `limits` bounds header bytes, parts and depth; what lies beyond is named in a part's `damage`."""
    return parse_within(raw, limits, iter(range(limits.parts)), limits.depth)


def parse_within(raw: bytes, limits: Limits, tickets: Iterator[int], depth: int, default_type: str = "text/plain") -> Part:
    """One part and all below it; each part takes a ticket, and where they run out the rest stays closed."""
    fields, body = split(raw, limits.header_bytes)
    part = Part(fields, body, damage=fields.cut, default_type=default_type)
    if not part.multipart:
        return part
    if depth <= 0:
        return Part(fields, body, (), (*fields.cut, f"parts nested deeper than {limits.depth}"), default_type)
    boundary = part.parameter("boundary").rstrip()
    if not boundary:
        return Part(fields, body, (), (*fields.cut, "multipart without a boundary"), default_type)
    below = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    children, damage = [], list(fields.cut)
    for piece in _pieces(body, boundary.encode("utf-8", "surrogateescape"), damage):
        if next(tickets, None) is None:
            damage.append(f"more than {limits.parts} parts")
            break
        children.append(parse_within(piece, limits, tickets, depth - 1, below))
    return Part(fields, body, tuple(children), tuple(damage), default_type)


def _pieces(body: bytes, boundary: bytes, damage: list[str]) -> Iterator[bytes]:
    """What stands between the boundary lines; a missing last boundary is told and forgiven (RFC 2046 5.1.2)."""
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(?P<last>--)?[ \t]*\r?$\n?", re.MULTILINE)
    start, closed = -1, False
    for match in line.finditer(body):
        if start >= 0:
            yield _without_break(body[start : match.start()])
        start = match.end()
        if match["last"]:
            closed = True
            break
    if start < 0:
        damage.append("multipart without any part")
    elif not closed:
        yield body[start:]


def _without_break(piece: bytes) -> bytes:
    """The line break before a boundary belongs to the boundary."""
    return piece[:-2] if piece.endswith(b"\r\n") else piece[:-1] if piece.endswith(b"\n") else piece
