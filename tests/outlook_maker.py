"""Writers of small Outlook containers for tests: compound files (MS-CFB), .msg (MS-OXMSG) and winmail.dat (MS-OXTNEF)."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Tree = Mapping[str, Any]  # a name with bytes is a stream, a name with a further tree a storage
Values = Mapping[int, Any]

_END, _FREE, _FAT, _LIST = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def compound(tree: Tree) -> bytes:
    """A compound file of 512-byte sectors, its streams below 4,096 bytes in the mini stream."""
    entries: list[list[Any]] = [["Root Entry", 5, tree, _FREE, _FREE, _FREE, 0, 0]]
    _hang(entries, 0)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, minifat = bytearray(), list[int]()

    def lay(content: bytes) -> int:
        """The first sector of a chain that holds the content."""
        start, count = len(sectors), -(-len(content) // _SECTOR)
        sectors.extend(content[n * _SECTOR : (n + 1) * _SECTOR].ljust(_SECTOR, b"\0") for n in range(count))
        fat.extend([*range(start + 1, start + count), _END][:count])
        return start if count else _END

    for entry in entries:
        if entry[1] == 2 and len(entry[2]) >= _CUTOFF:
            entry[6], entry[7] = lay(entry[2]), len(entry[2])
        elif entry[1] == 2 and entry[2]:
            count = -(-len(entry[2]) // _MINI)
            entry[6], entry[7] = len(minifat), len(entry[2])
            minifat.extend([*range(len(minifat) + 1, len(minifat) + count), _END])
            mini += entry[2].ljust(count * _MINI, b"\0")
    entries[0][6], entries[0][7] = lay(bytes(mini)), len(mini)
    minis = lay(struct.pack(f"<{len(minifat)}I", *minifat).ljust(-(-len(minifat) * 4 // _SECTOR) * _SECTOR, b"\xff"))
    directory = lay(b"".join(_entry(entry) for entry in entries))
    tables = further = 0
    while tables * 128 < len(fat) + tables + further:
        tables += 1
        further = -(-max(0, tables - 109) // 127)
    numbers = [*fat, *[_FAT] * tables, *[_LIST] * further]
    numbers += [_FREE] * (tables * 128 - len(numbers))
    first = len(sectors)
    listed = [*range(first, first + tables), *[_FREE] * max(0, 109 - tables)]
    lists = b"".join(_list(listed[109 + n * 127 :][:127], first + tables + n + 1 if n + 1 < further else _END) for n in range(further))
    head = struct.pack("<8s16x5H10x3I", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6, tables, directory, 0)
    head += struct.pack("<5I", _CUTOFF, minis, len(minifat), first + tables if further else _END, further)
    return head + struct.pack("<109I", *listed[:109]) + b"".join(sectors) + struct.pack(f"<{len(numbers)}I", *numbers) + lists


def _list(numbers: list[int], following: int) -> bytes:
    """A sector that lists further sectors of the allocation table (MS-CFB 2.5)."""
    return struct.pack("<128I", *numbers, *[_FREE] * (127 - len(numbers)), following)


def _hang(entries: list[list[Any]], parent: int) -> None:
    """Adds what a storage holds as a balanced tree of siblings, in the order of MS-CFB 2.6.4."""
    own = []
    for name, held in sorted(entries[parent][2].items(), key=lambda pair: (len(pair[0]), pair[0].upper())):
        own.append(len(entries))
        entries.append([name, 2 if isinstance(held, bytes) else 1, held, _FREE, _FREE, _FREE, 0, 0])
    entries[parent][5] = _balanced(entries, own)
    for number in own:
        if entries[number][1] == 1:
            _hang(entries, number)


def _balanced(entries: list[list[Any]], own: list[int]) -> int:
    if not own:
        return _FREE
    middle = len(own) // 2
    entries[own[middle]][3] = _balanced(entries, own[:middle])
    entries[own[middle]][4] = _balanced(entries, own[middle + 1 :])
    return own[middle]


def _entry(entry: list[Any]) -> bytes:
    name, kind, _, left, right, child, start, size = entry
    text = name.encode("utf-16-le")
    return struct.pack("<64sHBB3I36xIQ", text, len(text) + 2, kind, 1, left, right, child, start, size)


def kind_and_bytes(value: Any) -> tuple[int, bytes]:
    """A property's type by its Python type, and its bytes; a pair is both as they are."""
    match value:
        case (int(kind), bytes(raw)):
            return kind, raw
        case bool():
            return 0x000B, struct.pack("<H", value)
        case int():
            return 0x0003, struct.pack("<I", value)
        case str():
            return 0x001F, value.encode("utf-16-le")
        case datetime():
            return 0x0040, struct.pack("<Q", int((value - _EPOCH).total_seconds()) * 10_000_000)
        case _:
            return 0x0102, bytes(value)


def message(values: Values, recipients: Sequence[Values] = (), attachments: Sequence[Values] = ()) -> bytes:
    """A .msg file. An attachment's `item` is an attached message as `parts_of` makes it."""
    return compound(parts_of(values, recipients, attachments, head=32))


def parts_of(values: Values, recipients: Sequence[Values] = (), attachments: Sequence[Values] = (), head: int = 24) -> Tree:
    """The storages and streams of a message; `head` is 32 bytes in a file's own message and 24 in an attached one."""
    tree = dict(_streams(values, head))
    counts = struct.pack("<16xII", len(recipients), len(attachments))
    tree["__properties_version1.0"] = counts + tree["__properties_version1.0"][24:]
    tree |= {f"__recip_version1.0_#{n:08X}": _streams(each, 8) for n, each in enumerate(recipients)}
    for number, each in enumerate(attachments):
        inner = {tag: value for tag, value in each.items() if tag != "item"}
        storage = dict(_streams(inner, 8))
        if "item" in each:
            storage["__substg1.0_3701000D"] = each["item"]
        tree[f"__attach_version1.0_#{number:08X}"] = storage
    return tree


def _streams(values: Values, head: int) -> Tree:
    rows, streams = b"", dict[str, bytes]()
    for tag, value in values.items():
        kind, raw = kind_and_bytes(value)
        if kind in (0x0002, 0x0003, 0x000B, 0x0040):
            rows += struct.pack("<HHI8s", kind, tag, 6, raw)
        else:
            rows += struct.pack("<HHII4x", kind, tag, 6, len(raw))
            streams[f"__substg1.0_{tag:04X}{kind:04X}"] = raw
    return {"__properties_version1.0": bytes(head) + rows, **streams}


def winmail(values: Values, attachments: Sequence[Values] = ()) -> bytes:
    """A TNEF stream. An attachment's `title` and `bytes` are attributes of their own, the rest encapsulated properties."""
    out = (
        struct.pack("<IH", 0x223E9F78, 1)
        + _attribute(1, 0x00089006, struct.pack("<I", 0x10000))
        + _attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    )
    out += _attribute(1, 0x00069003, _encapsulated(values))
    for each in attachments:
        out += _attribute(2, 0x00069002, bytes(14))
        out += _attribute(2, 0x00018010, each["title"]) if "title" in each else b""
        out += _attribute(2, 0x0006800F, each["bytes"]) if "bytes" in each else b""
        out += _attribute(2, 0x00069005, _encapsulated({tag: value for tag, value in each.items() if isinstance(tag, int)}))
    return out


def _attribute(level: int, name: int, raw: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(raw)) + raw + struct.pack("<H", sum(raw) & 0xFFFF)


def _encapsulated(values: Values) -> bytes:
    out = struct.pack("<I", len(values))
    for tag, value in values.items():
        kind, raw = kind_and_bytes(value)
        many = struct.pack("<II", 1, len(raw)) if kind in (0x000D, 0x001E, 0x001F, 0x0102) else b""
        out += struct.pack("<HH", kind, tag) + many + raw + b"\0" * (-len(raw) % 4)
    return out


def packed(rtf: bytes) -> bytes:
    """Rich text in the compressed form, every byte a token that stands for itself."""
    tokens = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    return struct.pack("<IIII", len(tokens) + 12, len(rtf), 0x75465A4C, 0) + tokens
