"""The last guard before paper: text that came from mail made legible, and private details blanked that a rule might have let through."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

_LONGEST = 600
_BLANKS = frozenset(("Zs", "Zl", "Zp", "Cc"))
_HIDDEN = frozenset(("Cf", "Cs", "Co", "Cn"))
_STACKED = 3

_GAP = r"[\s.\-\u2010-\u2015()]{0,3}"
_LINK = re.compile(r"\b(?:https?|ftp|file)://(?:[^\s/@]*@)?(?P<host>[^\s/:?#\"'<>)]+)[^\s\"'<>)]*", re.IGNORECASE)
_LOCAL = r"(?:\"[^\"]{1,64}\"|[\w.!#$%&'*+/=?^`{|}~-]+)"
_EMAIL = re.compile(rf"{_LOCAL}(?:[@\uff20\ufe6b](?P<domain>[\w-]+(?:\.[\w-]+)*)| ?[@\uff20\ufe6b] ?(?P<spaced>[\w-]+(?:\.[\w-]+)+))")
_NUMBERS = (
    ("[NHS number]", re.compile(rf"(?<![\w+])[1-9]\d\d{_GAP}\d{{3}}{_GAP}\d{{4}}(?!\w)")),
    ("[phone number]", re.compile(rf"(?<![\w+])(?:\+|\(?00){_GAP}\d(?:{_GAP}\d){{7,14}}(?!\w)")),
    ("[phone number]", re.compile(rf"(?<![\w+])\(?0(?:{_GAP}\d){{8,10}}(?!\w)")),
    ("[National Insurance number]", re.compile(r"(?<!\w)[A-Z]{2}(?:[\s.-]?\d\d){3}(?:[\s.-]?[A-D])?(?!\w)", re.IGNORECASE)),
)


def legible(text: str, longest: int = _LONGEST) -> str:
    """Text on one line that shows as it reads: no control, bidirectional or invisible characters, no towers of accents, cut at `longest`."""
    kept = "".join(_shown(c) for c in unicodedata.normalize("NFC", text[: longest * 4]))
    line = " ".join("".join(_levelled(kept)).split())
    return f"{line[: longest - 1].rstrip()}…" if len(line) > longest else line


def masked(text: str, domains: Collection[str], longest: int = _LONGEST) -> str:
    """A legible line without e-mail addresses outside the council's `domains`, phone, NHS or National Insurance numbers, or live links."""
    line = unaddressed(_LINK.sub(_link, legible(text, longest * 2)), domains, longest * 2)
    for mark, pattern in _NUMBERS:
        line = pattern.sub(mark, line)
    return legible(line, longest)


def unaddressed(text: str, domains: Collection[str], longest: int = _LONGEST) -> str:
    """A legible line without e-mail addresses outside `domains`: for a file's or an item's name, whose digits must stay to find it by."""
    return _EMAIL.sub(lambda m: m[0] if _inside(m["domain"] or m["spaced"], domains) else "[e-mail address]", legible(text, longest))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BLANKS:
        return " "
    return "" if category in _HIDDEN else character


def _levelled(text: str) -> Iterator[str]:
    """The characters, with no more than three accents on any."""
    stacked = 0
    for character in text:
        stacked = stacked + 1 if unicodedata.combining(character) else 0
        if stacked <= _STACKED:
            yield character


def _link(match: re.Match[str]) -> str:
    return f"[link to {match['host']}]"


def _inside(domain: str, domains: Collection[str]) -> bool:
    name = domain.lower()
    return any(name == known.lower() or name.endswith(f".{known.lower()}") for known in domains)
