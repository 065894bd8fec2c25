"""The content inside an opaque signed message (RFC 8551 3.5.2): CMS SignedData (RFC 5652 5.1) opened as far as its text, signatures unchecked."""

from __future__ import annotations

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OCTETS, _SEQUENCE, _OID, _TAGGED = 0x04, 0x30, 0x06, 0xA0
_CONSTRUCTED = 0x20
_DEEPEST = 12


class _BrokenError(ValueError):
    """The bytes are no BER (X.690)."""


def signed_content(content: bytes) -> bytes | None:
    """The MIME message that an application/pkcs7-mime part signs; None where it is encrypted or damaged."""
    try:
        info = _only(content, _SEQUENCE)
        fields = list(_elements(info))
        if fields[0] != (_OID, _SIGNED_DATA):
            return None
        signed = list(_elements(_only(fields[1][1], _SEQUENCE)))
        carried = next(value for tag, value in signed if tag == _SEQUENCE)
        wrapped = next(value for tag, value in _elements(carried) if tag == _TAGGED)
        return _octets(wrapped, _DEEPEST) or None
    except (_BrokenError, IndexError, StopIteration):
        return None


def _only(content: bytes, tag: int) -> bytes:
    found, value = next(_elements(content))
    if found != tag:
        raise _BrokenError
    return value


def _octets(content: bytes, depth: int) -> bytes:
    """An octet string, whole or in pieces (X.690 8.7)."""
    if depth <= 0:
        raise _BrokenError
    return b"".join(
        value if tag == _OCTETS else _octets(value, depth - 1) for tag, value in _elements(content) if tag | _CONSTRUCTED == _OCTETS | _CONSTRUCTED
    )


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each element in turn."""
    at = 0
    while at + 2 <= len(content):
        tag = content[at]
        start, end, after = _extent(content, at, _DEEPEST)
        if tag == 0 and end == start:
            return
        yield tag, content[start:end]
        at = after


def _extent(content: bytes, at: int, depth: int) -> tuple[int, int, int]:
    """Where the value of the element at `at` starts and ends, and where the next element starts."""
    if at + 2 > len(content) or depth <= 0:
        raise _BrokenError
    length, start = content[at + 1], at + 2
    if length == 0x80:
        end = start
        while content[end : end + 2] != b"\0\0":
            end = _extent(content, end, depth - 1)[2]
        return start, end, end + 2
    if length > 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(content[start : start + size], "big"), start + size
    if start + length > len(content):
        raise _BrokenError
    return start, start + length, start + length
