"""Bytes to text: the charset that was declared where it works, the likeliest one where it does not."""

from __future__ import annotations

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases

# A closed list: an unknown name would otherwise stay in Python's codec cache for ever, and some codecs (punycode) are quadratic.
_UNSAFE = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "palmos"})
_KNOWN = (frozenset(aliases) | frozenset(aliases.values())) - _UNSAFE
# Labels that say less than is meant (WHATWG Encoding 4.2): mail marked ASCII or Latin-1 carries Windows quotes and dashes.
_MEANT = {
    "ascii": "cp1252",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u034f\u061c\u180e]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALF = re.compile("[\ud800-\udfff]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def known_charset(label: str) -> str | None:
    """The codec that a charset label means, or None where the label is unknown, unsafe or no text encoding."""
    name = normalize_encoding(label.strip().strip("\"'")[:40]).lower().strip("_")
    name = aliases.get(name, name)
    if name not in _KNOWN or not getattr(codecs.lookup(name), "_is_text_encoding", True):
        return None
    return _MEANT.get(name, name)


def guessed(content: bytes) -> str:
    """Text by what the bytes look like: a byte order mark, UTF-8, UTF-16 without a mark, or else Windows-1252. Never raises."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _windows(content)


def _windows(content: bytes) -> str:
    """Bytes that are no UTF-8; the five codes that Windows-1252 leaves empty become replacement characters."""
    return content.decode("cp1252", "replace")


def decoded(content: bytes, charset: str = "") -> str:
    """Text in its declared charset; guessed where that is missing, unknown or plainly wrong. Never raises."""
    name = known_charset(charset) if charset else None
    if name is None or name == "cp1252":
        return guessed(content)
    try:
        return whole(content.decode(name))
    except (UnicodeError, ValueError):
        return guessed(content) if name == "utf_8" else whole(content.decode(name, "replace"))


def whole(text: str) -> str:
    """Text without halves of surrogate pairs, which UTF-7 and rich text can name and nothing can store; two that belong together are joined."""
    return text if _HALF.search(text) is None else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def legible(text: str) -> str:
    """Text as an eye sees it: no zero-width or direction marks, soft hyphens or control characters, plain spaces, `\\n` line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", text)
