"""Rich text of messages: unpacked (MS-OXRTFCP), and its words or the HTML that it wraps (MS-OXRTFEX)."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace

from scanner.reading.mail.charsets import decoded

_HEAD = struct.Struct("<IIII")
_PACKED, _PLAIN = 0x75465A4C, 0x414C454D  # "LZFu", "MELA"
_WINDOW = 4096
_BEGIN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New Roman"
    rb"Courier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    r"\\(?:'(?P<hex>[0-9a-fA-F]{2})|(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|(?P<symbol>[^A-Za-z]))|(?P<brace>[{}])|(?P<text>[^\\{}]+)",
    re.DOTALL,
)
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\t", "nestcell": "\t", "nestrow": "\n", "tab": "\t",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—",
    "enspace": " ", "emspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "-", "\n": "\n", "\r": "\n", "{": "{", "}": "}", "\\": "\\"}
_PASSED_OVER = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "rsidtbl", "info", "pict", "object", "objdata", "themedata",
     "colorschememapping", "datastore", "latentstyles", "generator", "filetbl", "revtbl", "header", "footer", "headerl", "headerr", "footerl",
     "footerr", "fldinst", "xmlnstbl", "mmathPr"}
)  # fmt: skip
_CHARSETS = {128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250}
_DEEPEST = 2_000


@dataclass(slots=True)
class RichTextLeft:
    """How many bytes of rich text may yet be unpacked in one message, over all the containers in it."""

    bytes: int


class BrokenRtfError(ValueError):
    """Rich text that cannot be unpacked; `reason` is a word of `compose.REASONS`."""

    def __init__(self, reason: str = "damaged") -> None:
        super().__init__(reason)
        self.reason = reason


def unfolded(packed: bytes, most: int) -> bytes:
    """Compressed rich text unpacked, whatever length it claims. Raises BrokenRtfError for damage, and for more than `most` bytes."""
    if len(packed) < _HEAD.size:
        raise BrokenRtfError
    length, size, kind, _ = _HEAD.unpack_from(packed)
    content = packed[_HEAD.size : length + 4]
    if kind == _PLAIN:
        found = content[:size]
    elif kind == _PACKED:
        found = _expanded(content, min(size, most + 1))
    else:
        raise BrokenRtfError
    if len(found) > most:
        raise BrokenRtfError("long")
    if not found.lstrip().startswith(b"{\\rtf"):
        raise BrokenRtfError
    return found


def _expanded(content: bytes, most: int) -> bytes:
    """The Lempel-Ziv form (MS-OXRTFCP 2.1.3.1): runs of eight tokens, each a byte or a place and a length in the 4,096 bytes before."""
    out = bytearray(_BEGIN)
    first, at, end = len(out), 0, len(content)
    while at < end and len(out) - first < most:
        control = content[at]
        at += 1
        if not control:
            out += content[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if not control >> bit & 1:
                out += content[at : at + 1]
                at += 1
                continue
            if at + 2 > end:
                return bytes(out[first : first + most])
            place, length = content[at] << 4 | content[at + 1] >> 4, (content[at + 1] & 0x0F) + 2
            at += 2
            back = (len(out) - place) % _WINDOW
            if not back:
                return bytes(out[first : first + most])
            start = len(out) - back
            piece = bytes(out[max(start, 0) : start + length]).rjust(min(length, back), b"\0")
            out += (piece * (length // len(piece) + 1))[:length]
    return bytes(out[first : first + most])


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds within a pair of braces. `hidden`: shown to nobody. `tag`: HTML as it stands. `skip`: characters that stand for a \\u before."""

    hidden: bool = False
    wrapped: bool = False
    tag: bool = False
    fonts: bool = False
    skip: int = 1
    codepage: int = 1252


@dataclass(slots=True)
class _Reading:
    """One pass over the tokens."""

    group: _Group = field(default_factory=_Group)
    stack: list[_Group] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    codepages: dict[int, int] = field(default_factory=dict)
    default: int = 1252
    font: int = 0
    html: bool = False
    starred: bool = False
    owed: int = 0

    def read(self, text: str, most: int) -> tuple[str, bool]:
        """The words or the HTML of a document, and which of the two it is."""
        for match in _TOKEN.finditer(text):
            self._token(match)
            if len(self.out) > most:
                break
        self._flush()
        return "".join(self.out), self.html

    def _token(self, match: re.Match[str]) -> None:
        kind = match.lastgroup
        if kind == "brace":
            self._brace(match["brace"])
        elif match["hex"]:
            self._byte(int(match["hex"], 16))
        elif match["text"] is not None:
            self._text(match["text"].replace("\r", "").replace("\n", ""))
        elif match["word"]:
            self._word(match["word"], int(match["number"]) if match["number"] else None)
        elif match["symbol"] == "*":
            self.starred = True
        else:
            self._say(_SYMBOLS.get(match["symbol"], ""))

    def _brace(self, brace: str) -> None:
        self._flush()
        self.starred, self.owed = False, 0
        if brace == "{":
            if len(self.stack) > _DEEPEST:
                raise BrokenRtfError
            self.stack.append(self.group)
        elif self.stack:
            self.group = self.stack.pop()

    def _byte(self, value: int) -> None:
        if self.owed:
            self.owed -= 1
        elif not self._silent:
            self.raw.append(value)

    def _text(self, text: str) -> None:
        passed = min(self.owed, len(text))
        self.owed -= passed
        self._say(text[passed:])

    @property
    def _silent(self) -> bool:
        return self.group.hidden or self.group.wrapped

    def _say(self, text: str) -> None:
        if text and not self._silent:
            self._flush()
            self.out.append(text)

    def _flush(self) -> None:
        if self.raw:
            page = self.default if self.group.tag else self.group.codepage
            self.out.append(decoded(bytes(self.raw), f"cp{page}"))
            self.raw.clear()

    def _word(self, word: str, number: int | None) -> None:
        if word == "u" and number is not None:
            self._say(_character(number))
            self.owed = self.group.skip
            return
        starred, self.starred, self.owed = self.starred, False, 0
        if word == "htmltag":
            self.group = replace(self.group, hidden=False, tag=True)
        elif word == "fonttbl":
            self.group = replace(self.group, hidden=True, fonts=True)
        elif starred or word in _PASSED_OVER:
            self.group = replace(self.group, hidden=True)
        elif word in _SIGNS:
            self._say(_SIGNS[word])
        else:
            self._state(word, number)

    def _state(self, word: str, number: int | None) -> None:
        """Words that change how what follows is read."""
        match word:
            case "htmlrtf":
                self._flush()
                self.group = replace(self.group, wrapped=number != 0)
            case "fromhtml":
                self.html = number != 0
            case "ansicpg":
                self.default = number or 1252
                self.group = replace(self.group, codepage=self.default)
            case "uc":
                self.group = replace(self.group, skip=min(max(number or 0, 0), 10))
            case "f" | "fcharset" | "cpg":
                self._flush()
                self._font(word, number or 0)
            case "plain":
                self._flush()
                self.group = replace(self.group, codepage=self.default)

    def _font(self, word: str, number: int) -> None:
        if word == "f":
            self.font = number
            page = self.codepages.get(number, self.default)
            self.group = self.group if page == self.group.codepage else replace(self.group, codepage=page)
        elif self.group.fonts and len(self.codepages) < 10_000:
            self.codepages[self.font] = number if word == "cpg" else _CHARSETS.get(number, self.default)


def words(rtf: bytes, most: int) -> tuple[str, bool]:
    """The text of rich text, or the HTML that it was made from, and whether it is HTML. Raises BrokenRtfError for absurd nesting."""
    return _Reading().read(rtf[:most].decode("latin-1"), most)


def _character(number: int) -> str:
    """A character by its UTF-16 number, which may be written as a negative one; halves of pairs are passed over."""
    value = number & 0xFFFF
    return "" if 0xD800 <= value < 0xE000 else chr(value)
