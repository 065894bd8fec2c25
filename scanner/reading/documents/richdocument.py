"""Rich text documents (.rtf; Rich Text Format 1.9.1): text in reading order, tables as rows, deleted text left out.

Groups are kept on a list, never by recursion, and text is taken in whole stretches, so that deep or picture-laden files stay cheap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from scanner.reading.documents.document import Document
from scanner.reading.documents.tablerows import Rows
from scanner.reading.mail.charsets import known_charset
from scanner.reading.mail.limits import Limits

_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}]+)|\\")
_DEEPEST = 1_000
_PASSED_OVER = frozenset(
    re.findall(
        r"\w+",
        """colortbl datafield datastore docvar fldinst fontemb fontfile generator info latentstyles listoverridetable listtable nonshppict objdata
        pict pntxta pntxtb private revtbl rsidtbl shprslt sn sp stylesheet sv tc template themedata xe xmlnstbl""",
    )
)
# Destinations that an old reader may leave out ("\*"), but that a person sees.
_SEEN = frozenset(("shpinst", "shptxt", "annotation", "footnote", "header", "footer"))
_STATES = frozenset(("f", "uc", "deleted", "plain", "ansicpg"))
_SIGNS = {"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "tab": "\t", "line": "\n"}
_SYMBOLS = {"~": " ", "_": "-", "-": "", "\\": "\\", "{": "{", "}": "}", "\t": "\t"}
_CHARSETS = {128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250}


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside a group: whether it is shown, in which code page, how many signs stand in for a Unicode one."""

    shown: bool = True
    deleted: bool = False
    codepage: int = 0
    stand_ins: int = 1
    fonts: bool = False


def read(content: bytes, limits: Limits) -> Document:
    """A document's text and tables, and a reason where it is cut or holds what is not read. Never raises."""
    return _Reading(limits).document(content.decode("latin-1"))


class _Reading:
    """One pass over the tokens of a document."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rows = Rows()
        self._group = _Group()
        self._outer: list[_Group] = []
        self._text: list[str] = []
        self._bytes = bytearray()
        self._left = limits.characters
        self._starred = self._in_table = self._pictures = self._objects = False
        self._passing = 0
        self._codepage, self._font = 1252, 0
        self._fonts: dict[int, int] = {}

    def document(self, source: str) -> Document:
        place = 0
        while (token := _TOKEN.match(source, place)) and self._left > 0 and len(self._outer) <= _DEEPEST:
            place = token.end()
            word, number, code, symbol, brace, text = token.groups()
            if word == "bin" and number:
                place += max(0, int(number))
            elif word:
                self._word(word, number)
            elif brace:
                self._brace(brace)
            elif self._group.shown and not self._group.deleted:
                self._sign(code, symbol, text)
            self._starred = symbol == "*"
        self._flush()
        if self._text:
            self._paragraph()
        return self._finished()

    def _finished(self) -> Document:
        if self._left <= 0:
            return self._rows.document(f"text cut at {self._limits.characters} characters or {self._limits.cells} cells")
        if self._outer:
            return self._rows.document("damaged document")
        found = self._rows.document("holds an embedded object that is not read" if self._objects else None)
        return replace(found, unread="image only") if self._pictures and not found.text.strip() else found

    def _brace(self, brace: str) -> None:
        self._flush()
        if brace == "{":
            self._outer.append(self._group)
        elif self._outer:
            self._group = self._outer.pop()

    def _sign(self, code: str | None, symbol: str | None, text: str | None) -> None:
        if code:
            self._byte(int(code, 16))
        elif symbol is not None:
            if symbol in "\r\n":
                self._paragraph()
            self._add(_SYMBOLS.get(symbol, ""))
        elif text:
            self._plain(text.replace("\r", "").replace("\n", ""))

    def _byte(self, value: int) -> None:
        if self._passing:
            self._passing -= 1
        else:
            self._bytes.append(value)

    def _plain(self, text: str) -> None:
        passed = min(self._passing, len(text))
        self._passing -= passed
        self._add(text[passed:])

    def _add(self, text: str) -> None:
        self._flush()
        self._text.append(text)
        self._left -= len(text)

    def _flush(self) -> None:
        """Bytes in a code page, as the text that they are."""
        if self._bytes:
            charset = known_charset(f"cp{self._group.codepage or self._codepage}") or "cp1252"
            self._text.append(bytes(self._bytes).decode(charset, "replace"))
            self._left -= len(self._bytes)
            self._bytes.clear()

    def _word(self, word: str, number: str | None) -> None:
        """A control word: what it says of the text that follows, or the sign that it stands for."""
        value = int(number) if number else 1
        if word in _PASSED_OVER or (self._starred and word not in _SEEN):
            self._pictures |= word == "pict"
            self._objects |= word == "objdata"
            self._group = replace(self._group, shown=False)
        elif word == "fonttbl":
            self._group = replace(self._group, shown=False, fonts=True)
        elif self._group.fonts:
            self._typeface(word, value)
        elif word in _STATES:
            self._flush()
            self._group = self._changed(word, value)
        elif self._group.shown and not self._group.deleted:
            self._shown(word, value)

    def _changed(self, word: str, value: int) -> _Group:
        """The group from here on."""
        group = self._group
        match word:
            case "f":
                return replace(group, codepage=self._fonts.get(value, 0))
            case "uc":
                return replace(group, stand_ins=max(0, min(value, 8)))
            case "deleted":
                return replace(group, deleted=bool(value))
            case "plain":
                return replace(group, deleted=False, codepage=0)
        self._codepage = value
        return group

    def _typeface(self, word: str, value: int) -> None:
        if word == "f":
            self._font = value
        elif word == "fcharset":
            self._fonts[self._font] = _CHARSETS.get(value, 0)

    def _shown(self, word: str, value: int) -> None:
        if word == "u":
            self._flush()
            self._text.append(chr(value % 0x10000))
            self._left -= 1
            self._passing = self._group.stand_ins
        elif word in _SIGNS:
            self._add(_SIGNS[word])
        elif word in ("par", "sect", "page"):
            self._paragraph()
        elif word in ("cell", "nestcell"):
            self._rows.cell(self._taken(), ends=word == "cell")
            self._left = 0 if self._rows.cells > self._limits.cells else self._left
        elif word == "row":
            self._rows.end_row()
        elif word in ("intbl", "pard"):
            self._in_table = word == "intbl"
        elif word in ("footnote", "annotation"):
            self._add(" ")

    def _taken(self) -> str:
        self._flush()
        text = "".join(self._text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()
        self._text.clear()
        self._passing = 0
        return text

    def _paragraph(self) -> None:
        if self._in_table:
            self._rows.cell(self._taken(), ends=False)
        else:
            self._rows.paragraph(self._taken())
        self._left -= 1
