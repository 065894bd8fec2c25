"""A message attached inside a .pst, from the first block of its property heap (MS-PST 2.3.1 to 2.3.3): all that libpff's Python door hands out of it.

Short values lie in that block: addresses, names, subject, Message-ID, the displayed recipients and a short body. A long body, the table of
recipients and further attachments lie elsewhere; they are named as unread.
"""

from __future__ import annotations

from scanner.reading.outlook.mapi import AttachedFile, Item, Properties, Tag

_HEAP, _PROPERTIES, _TREE = 0xEC, 0xBC, 0xB5
_INLINE = {0x0002: 2, 0x0003: 4, 0x000B: 1}
_BLOCK = 8180
_HAS_ATTACHMENTS = 0x10  # MS-OXCMSG 2.2.1.6


def attached_item(raw: bytes, codepage: int) -> Item | None:
    """The message whose heap this is; None where it is no heap of properties."""
    if len(raw) < 12 or raw[2] != _HEAP or raw[3] != _PROPERTIES:
        return None
    rows: dict[int, tuple[int, bytes]] = {}
    elsewhere: set[int] = set()
    for record in _records(raw):
        tag, kind, value = _number(record[:2]), _number(record[2:4]), record[4:8]
        if kind in _INLINE:
            rows[tag] = (kind, value[: _INLINE[kind]])
        elif (found := _value(raw, _number(value))) is not None:
            rows[tag] = (kind, found)
        else:
            elsewhere.add(tag)
    own = Properties(rows, codepage, frozenset(elsewhere))
    codepage = own.number(Tag.MESSAGE_CODEPAGE) or codepage
    carries = (own.number(Tag.MESSAGE_FLAGS) or 0) & _HAS_ATTACHMENTS
    files = (AttachedFile(Properties(), unread="damaged"),) if carries else ()
    return Item(Properties(rows, codepage, own.damaged), (), files, incomplete=True)


def _records(raw: bytes) -> list[bytes]:
    """The records of the tree of properties; a tree of several levels is walked down, each node once."""
    head = _value(raw, _number(raw[4:8])) or b""
    if len(head) < 8 or head[0] != _TREE or head[1] != 2 or head[2] != 6:
        return []
    nodes, seen = [_number(head[4:8])], set[int]()
    for _ in range(min(head[3], 8)):
        nodes = [_number(page[at + 2 : at + 6]) for node in _unseen(nodes, seen) if (page := _value(raw, node)) for at in range(0, len(page) - 5, 6)]
    pages = [_value(raw, node) or b"" for node in _unseen(nodes, seen)]
    return [page[at : at + 8] for page in pages for at in range(0, len(page) - 7, 8)]


def _unseen(nodes: list[int], seen: set[int]) -> list[int]:
    fresh = [node for node in dict.fromkeys(nodes) if node not in seen]
    seen.update(fresh)
    return fresh


def _value(raw: bytes, place: int) -> bytes | None:
    """What a place in the heap holds; nothing at place 0, None where it lies in another block or outside the heap."""
    if not place:
        return b""
    number, page = (place >> 5) & 0x7FF, _number(raw[:2])
    if place & 0x1F or place >> 16 or not number or page + 4 > min(len(raw), _BLOCK) or number > _number(raw[page : page + 2]):
        return None
    at = page + 4 + 2 * (number - 1)
    start, end = _number(raw[at : at + 2]), _number(raw[at + 2 : at + 4])
    return raw[start:end] if start <= end <= page else None


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "little")
