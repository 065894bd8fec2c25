"""Zipped documents opened with bounds: number of members, bytes unfolded, and nothing trusted that the archive says of itself."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, ValueError, KeyError, RuntimeError, struct.error)
_CENTRAL = b"PK\x01\x02"
_BINARY_SHEET = re.compile(r"xl/(?:workbook|sharedStrings|styles|worksheets/[^/]+)\.bin$")
MOST_MEMBERS = 5_000
_CHUNK = 64 * 1024


def crowded(content: bytes) -> bool:
    """Whether an archive lists more members than any document has."""
    return content.count(_CENTRAL) > MOST_MEMBERS


def opened(content: bytes) -> zipfile.ZipFile | None:
    """The archive; None where it is damaged or lists more members than any document has."""
    if crowded(content):
        return None
    try:
        return zipfile.ZipFile(BytesIO(content))
    except DAMAGED:
        return None


def chunks(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """A member's bytes, unfolded piece by piece, one piece more than `most` at the utmost. Raises one of DAMAGED."""
    with archive.open(name) as member:
        read = 0
        while read <= most and (piece := member.read(_CHUNK)):
            read += len(piece)
            yield piece


def stored_again(archive: zipfile.ZipFile, most: int) -> bytes | None:
    """The archive's XML and binary sheets without their compression, for readers that would unfold without bound.

    None above `most` bytes. Raises one of DAMAGED.
    """
    out, left = BytesIO(), most
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        for name in dict.fromkeys(archive.namelist()):
            if not name.endswith((".xml", ".rels", "mimetype")) and not _BINARY_SHEET.match(name):
                continue
            content = b"".join(chunks(archive, name, left))
            left -= len(content)
            if left < 0:
                return None
            copy.writestr(name, content)
    return out.getvalue()
