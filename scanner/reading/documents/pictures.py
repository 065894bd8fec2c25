"""Pictures as attachments: which of them may be a page that somebody photographed or scanned, and which are only a logo.

Told by the size that the file's first bytes give, never by decoding it. PNG (RFC 2083), JPEG (ITU T.81), GIF, BMP, WebP (RFC 9649), TIFF, HEIC.
"""

from __future__ import annotations

import struct

from scanner.reading.documents.document import Document

_TIFF = (b"II*\0", b"MM\0*")
_SIGNATURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"BM", b"RIFF", b"\x00\x00\x01\x00")
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
_SIZED_BY = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SHORT_SIDE, _AREA = 500, 500_000
_HEAVY = 60 * 1024
UNREAD = "image only"


def is_picture(content: bytes) -> bool:
    """Whether the bytes begin like a picture."""
    return content.startswith((*_TIFF, *_SIGNATURES)) or content[4:12] in _HEIC


def read(content: bytes) -> Document:
    """Nothing, and a reason where the picture has the size of a page: logos and the icons of a signature stay below it."""
    return Document(unread=UNREAD if may_be_a_page(content) else None)


def may_be_a_page(content: bytes) -> bool:
    """Whether a person could read a letter in it: half a million points with a short side of 500; fax formats always; by weight where damaged."""
    if content.startswith(_TIFF) or content[4:12] in _HEIC:
        return True
    if (size := points(content)) is None:
        return len(content) >= _HEAVY
    return min(size) >= _SHORT_SIDE and size[0] * size[1] >= _AREA


def points(content: bytes) -> tuple[int, int] | None:
    """Width and height in points; None where the file does not say. Never raises."""
    try:
        if content.startswith(b"\x89PNG"):
            return struct.unpack_from(">II", content, 16)
        if content.startswith(b"GIF8"):
            return struct.unpack_from("<HH", content, 6)
        if content.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", content, 18)
            return abs(width), abs(height)
        return _jpeg(content) if content.startswith(b"\xff\xd8") else _webp(content)
    except struct.error:
        return None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """The size out of a JPEG's frame header, found by going from marker to marker."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        kind = content[place + 1]
        if kind in _SIZED_BY:
            height, width = struct.unpack_from(">HH", content, place + 5)
            return width, height
        place += 1 if kind == 0xFF else 2 + struct.unpack_from(">H", content, place + 2)[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16] if content.startswith(b"RIFF") else b""
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None
