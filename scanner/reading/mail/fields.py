"""Header fields of a message or a part, cut from its bytes (RFC 5322 2.2) and decoded (RFC 2047, RFC 2231)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from scanner.reading.mail.charsets import decoded, guessed, known_charset

_END = re.compile(rb"\r?\n\r?\n|\r\r")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_WORD = re.compile(r"=\?(?P<charset>[^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?(?P<how>[bBqQ])\?(?P<text>[^?\r\n]*)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_PARAMETER = re.compile(r";\s*(?P<name>[!#-'*+.0-9A-Z^-~-]{1,80})\s*=\s*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*+)\"?|(?P<bare>[^;]*))", re.IGNORECASE)
_SECTION = re.compile(r"(?P<base>[^*]+)(?:\*(?P<number>\d{1,3}))?(?P<extended>\*)?")
_CONTROL = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\ufeff]")
_STRUCTURE = frozenset({"content-type", "content-transfer-encoding", "content-disposition", "mime-version"})
_ONE_HEADER = 96 * 1024
_FARTHEST = 4 * 1024 * 1024  # no header block ends further down; a body below one that does would be no mail
_CHUNK = 3 * 1024 * 1024
_MOST_PADDINGS = 1_000  # pieces of base64 in a chunk; with more, padding is a strange character like others
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))

Bytes = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields in order, names in lower case, values unfolded and otherwise raw. `cut` says what was left out for its size."""

    rows: tuple[tuple[str, str], ...]
    cut: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return tuple(value for key, value in self.rows if key == name)

    def first(self, name: str) -> str:
        """The first value of a field, or nothing."""
        return next((value for key, value in self.rows if key == name), "")

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.rows)


def split(raw: Bytes, most: int) -> tuple[Fields, memoryview]:
    """The header fields, and a view of the body below the first empty line; `most` bounds the header bytes that are looked at."""
    view = memoryview(raw)
    start = _first_field(view)
    if empty := _LINE_END.match(view, start):
        return Fields(()), view[empty.end() :]
    end = _END.search(view, start, start + _FARTHEST)
    stop, below = (end.start(), end.end()) if end else (len(view), len(view))
    head = bytes(view[start : min(stop, start + most)])
    cut = (f"headers cut at {most} bytes",) if stop - start > most else ()
    rows, long, orphan = _rows(head)
    return Fields(rows, cut + long), view[below if orphan is None else start + orphan :]


def _first_field(raw: memoryview) -> int:
    """Where the headers start: after a mbox `From ` line or a byte order mark, should one stand there."""
    start = 3 if bytes(raw[:3]) == b"\xef\xbb\xbf" else 0
    if bytes(raw[start : start + 6]).startswith((b"From ", b">From ")):
        end = _LINE_END.search(raw, start, start + _FARTHEST)
        return end.end() if end else len(raw)
    return start


def _rows(head: bytes) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], int | None]:
    """Fields, what was cut, and where the body began without an empty line: at a line that is no header, below those of MIME or with none below."""
    folded: list[tuple[str, list[bytes]]] = []
    at, orphan = 0, None
    lines = _LINE_END.split(head)
    last = max((place for place, line in enumerate(lines) if _NAME.match(line)), default=len(lines))
    for place, line in enumerate(lines):
        if line[:1] in (b" ", b"\t"):
            if folded:
                folded[-1][1].append(line)
        elif match := _NAME.match(line):
            folded.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif line and folded and (place > last or folded[-1][0] in _STRUCTURE):
            orphan = at
            break
        at += len(line) + (2 if head[at + len(line) : at + len(line) + 2] == b"\r\n" else 1)
    rows: list[tuple[str, str]] = []
    cut: list[str] = []
    for name, lines in folded:
        value = b"".join(lines)
        if len(value) > _ONE_HEADER:
            cut.append(f"header {name} cut at {_ONE_HEADER} bytes")
            value = value[:_ONE_HEADER].rpartition(b",")[0] or value
        rows.append((name, guessed(value[:_ONE_HEADER]).strip()))
    return tuple(rows), tuple(dict.fromkeys(cut)), orphan


def _word_bytes(how: str, text: str) -> bytes:
    """The bytes of one encoded-word; what is not of its alphabet is passed over."""
    if how in "bB":
        return from_base64(text.encode("ascii", "ignore"))
    quoted = text.replace("_", " ").encode("utf-8", "replace")
    return _HEX.sub(lambda m: bytes((int(m[1], 16),)), quoted)


def from_base64(content: Bytes) -> bytes:
    """Base64 as the lenient read it: strange characters skipped, missing padding added, pieces padded one by one. Never raises."""
    out, rest = bytearray(), b""
    for start in range(0, len(content), _CHUNK):
        clean = rest + bytes(content[start : start + _CHUNK]).translate(None, _NOT_BASE64)
        *whole, last = (clean if clean.count(b"=") <= _MOST_PADDINGS else clean.replace(b"=", b"")).split(b"=")
        for piece in whole:
            out += _unpadded(piece)
        keep = len(last) // 4 * 4
        out += binascii.a2b_base64(last[:keep])
        rest = last[keep:]
    return bytes(out + _unpadded(rest))


def _unpadded(piece: bytes) -> bytes:
    whole = piece[:-1] if len(piece) % 4 == 1 else piece
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def plain(value: str) -> str:
    """A header's value with its encoded-words decoded (RFC 2047), on one line.

    Neighbouring words of one charset are joined as bytes first, since senders cut characters in two.
    """
    if "=?" not in value:
        return one_line(value)
    out: list[str] = []
    run: list[bytes] = []
    charset, end = "", 0
    for match in _WORD.finditer(value):
        gap = value[end : match.start()]
        name = match["charset"].lower()
        if run and (gap.strip() or name != charset):
            out.append(_joined(run, charset))
            run = []
        if gap.strip() or not end:
            out.append(gap)
        run.append(_word_bytes(match["how"], match["text"]))
        charset, end = name, match.end()
    out += [_joined(run, charset), value[end:]]
    return one_line("".join(out))


def _joined(run: list[bytes], charset: str) -> str:
    content = b"".join(run)
    return decoded(content, charset) if known_charset(charset) else guessed(content)


def one_line(text: str) -> str:
    """Text without line ends, control characters or doubled spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())


@dataclass(frozen=True, slots=True)
class Parametrised:
    """A Content-Type or Content-Disposition: its value in lower case and its parameters, names in lower case (RFC 2045, RFC 2231)."""

    value: str
    parameters: dict[str, str]


def parametrised(field: str) -> Parametrised:
    """A header of value and parameters, continuations joined (RFC 2231) and encoded-words tolerated (RFC 2047 forbids them, Outlook writes them)."""
    field = field[:20_000]
    value = _CONTROL.sub("", field.partition(";")[0]).strip().lower()
    sections: dict[str, dict[int, str]] = {}
    coded: dict[str, bool] = {}
    for match in _PARAMETER.finditer(field):
        section = _SECTION.fullmatch(match["name"])
        if section is None:
            continue
        text = re.sub(r"\\(.)", r"\1", match["quoted"]) if match["quoted"] is not None else (match["bare"] or "").strip()
        base = section["base"].lower()
        sections.setdefault(base, {}).setdefault(int(section["number"] or 0), text)
        coded[base] = coded.get(base, False) or bool(section["extended"])
    return Parametrised(value, {k: _parameter("".join(v[n] for n in sorted(v)), coded[k]) for k, v in sections.items()})


def _parameter(text: str, extended: bool) -> str:
    """One parameter's text; an extended one is `charset'language'percent-encoded`."""
    if extended and text.count("'") >= 2:
        charset, _, rest = text.split("'", 2)
        return one_line(decoded(unquote_to_bytes(rest), charset))
    return plain(text)
