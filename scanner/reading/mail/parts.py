"""The MIME tree of a message (RFC 2045, RFC 2046), cut by views of its bytes so that depth and number of parts cost no more than they must."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from scanner.reading.mail.allowance import Allowance
from scanner.reading.mail.fields import Bytes, Fields, Parametrised, from_base64, parametrised, plain, split
from scanner.reading.mail.limits import Limits

_UUENCODED = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,200}\r?\n", re.MULTILINE)
_QP_BREAK = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")
_BREAKS = re.compile(rb"[\r\n]*")
_BASE64 = frozenset({"base64", "base-64", "b"})
_QUOTED = frozenset({"quoted-printable", "quotedprintable", "q"})
_UUENCODE = frozenset({"uuencode", "x-uuencode", "x-uue", "uue"})
_SWELLING = 4  # quoted-printable needs up to three bytes for one, and line ends of its own; base64 with its line ends less than one and a half


@dataclass(frozen=True)
class Part:
    """One part: its fields, a view of its raw content below them, and its own parts. `damage` says what is wrong with its shape."""

    fields: Fields
    raw: memoryview
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

    @property
    def _encoding(self) -> str:
        return self.fields.first("content-transfer-encoding").split(";")[0].strip().lower()

    @property
    def size(self) -> int:
        """About how long the content is, found without decoding it."""
        return len(self.raw) * 3 // 4 if self._encoding in _BASE64 else len(self.raw)

    @property
    def content(self) -> bytes:
        """The whole content with its transfer encoding undone (RFC 2045 6); an unknown or wrong encoding is passed over. Never raises."""
        encoding = self._encoding
        if encoding in _BASE64:
            return from_base64(self.raw)
        if encoding in _QUOTED:
            return binascii.a2b_qp(_QP_BREAK.sub(b"", self.raw))
        return from_uuencode(bytes(self.raw)) if encoding in _UUENCODE else bytes(self.raw)

    def beginning(self, most: int) -> tuple[bytes, bool]:
        """At most so many bytes of the content, and whether that is all of it; no more is decoded than that needs."""
        window = most * 3 // 2 + 4 if self._encoding in _BASE64 else most * _SWELLING if self._encoding else most + 1
        found = self.content if len(self.raw) <= window else Part(self.fields, self.raw[:window]).content
        return found[:most], len(self.raw) <= window and len(found) <= most

    @property
    def encoded(self) -> bool:
        """Whether its bytes must be decoded to be read."""
        return self._encoding in _BASE64 | _QUOTED | _UUENCODE

    def inside(self) -> Bytes:
        """The message that the part carries, without the line ends that some programs put above it."""
        whole = self.content if self.encoded else self.raw
        start = _BREAKS.match(whole)
        return memoryview(whole)[start.end() if start else 0 :]

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


def parse(raw: Bytes, limits: Limits) -> Part:
    """The tree of a whole message. `limits` bounds header bytes, parts and depth; what lies beyond is named in a part's `damage`."""
    return parse_within(raw, limits, Allowance(limits), limits.depth)


def parse_within(raw: Bytes, limits: Limits, allowance: Allowance, depth: int, default_type: str = "text/plain") -> Part:
    """One part and all below it; what the allowance does not cover stays closed."""
    fields, body = split(raw, limits.header_bytes)
    part = Part(fields, body, damage=fields.cut, default_type=default_type)
    if not part.multipart:
        return part
    boundary = part.parameter("boundary").rstrip()
    if depth <= 0:
        return replace(part, damage=(*fields.cut, f"parts nested deeper than {limits.depth}"))
    if not boundary:
        return replace(part, damage=(*fields.cut, "multipart without a boundary"))
    if not allowance.search(len(body)):
        return replace(part, damage=(*fields.cut, "parts too large for their depth"))
    below = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
    children, damage = [], list(fields.cut)
    for piece in _pieces(body, boundary.encode("utf-8", "surrogateescape"), damage):
        if not allowance.part():
            damage.append(f"more than {limits.parts} parts")
            break
        children.append(parse_within(piece, limits, allowance, depth - 1, below))
    return Part(fields, body, tuple(children), tuple(damage), default_type)


def _pieces(body: memoryview, boundary: bytes, damage: list[str]) -> Iterator[memoryview]:
    """What stands between the boundary lines; a missing last boundary is told and forgiven (RFC 2046 5.1.2)."""
    begins = b"--" + re.escape(boundary)
    # The search is for the boundary, and only then for the line's beginning: the other way round it would stop at each line.
    line = re.compile(begins + rb"(?:(?<=\n" + begins + rb")|(?<=\A" + begins + rb"))(?P<last>--)?[ \t]*\r?(?:\n|\Z)")
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


def _without_break(piece: memoryview) -> memoryview:
    """The line break before a boundary belongs to the boundary."""
    end = bytes(piece[-2:])
    return piece[:-2] if end == b"\r\n" else piece[:-1] if end.endswith(b"\n") else piece
