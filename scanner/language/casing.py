"""Text made fit for the name model, character for character as long as before, so that every offset stays true.

The model knows names by their capitals: a line that shouts is given ordinary ones. A run without spaces costs the tokeniser
time that grows with its square: delimiters in a long run become spaces, and what is still too long is blanked, being no name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

PIECE = 40_000
LONGEST_WORD = 80
_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_DELIMITERS = str.maketrans(dict.fromkeys(",;|:/\\_<>\"'=&?()[]{}*#~+^`!", " "))
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NAMED_AGAIN = re.compile(r"(?<=['’])[a-z](?=[^\W\d_]{3})|(?<=\bMc)[a-z]")


def pieces(text: str, size: int = PIECE) -> Iterator[tuple[int, str]]:
    """The text in pieces of at most `size` characters with their offsets, cut between paragraphs, lines or words where one ends late enough."""
    start = 0
    while len(text) - start > size:
        end = _cut(text, start, start + size)
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _cut(text: str, start: int, limit: int) -> int:
    """Where to cut: after the last of the best breaks in the second half of the piece, at its limit where there is none."""
    middle = (start + limit) // 2
    for gap in ("\n\n", "\n", " "):
        place = text.rfind(gap, middle, limit)
        if place >= 0:
            return place + len(gap)
    return limit


def readable(text: str, small: Collection[str] = ()) -> str:
    """The text as the model should see it, of the same length. `small` are words that a calmed line writes small."""
    if len(text) > LONGEST_WORD:
        text = _LONG.sub(_broken, text)
    return "".join(_calm(line, small) if _shouts(line) else line for line in text.splitlines(keepends=True))


def _broken(match: re.Match[str]) -> str:
    return _LONG.sub(lambda m: " " * len(m[0]), match[0].translate(_DELIMITERS))


def _shouts(line: str) -> bool:
    """Whether a line is written in capitals: two words or more, and hardly a small letter."""
    upper = sum(c.isupper() for c in line)
    lower = sum(c.islower() for c in line)
    return upper >= 6 and upper > 9 * lower and " " in line.strip()


def _calm(line: str, small: Collection[str]) -> str:
    """A shouted line with initial capitals; any letter whose case would change the length stays as it is."""
    calm = _WORD.sub(lambda m: _lower(m[0]) if m[0].lower() in small else m[0][0] + _lower(m[0][1:]), line)
    return _NAMED_AGAIN.sub(lambda m: m[0].upper(), calm)


def _lower(text: str) -> str:
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
