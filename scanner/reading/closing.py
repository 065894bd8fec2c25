"""What stands at the foot of a message: the sender's signature, and the small print that nobody wrote for it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

_DASHES = re.compile(r"^(?:--|\u2014|\u2013\u2013)\s?$")
_POSTSCRIPT = re.compile(r"^\W{0,2}(?:P\.?\s?P?\.?\s?S\b\.?|N\.?B\.?\W|postscript)", re.IGNORECASE)
_TITLED = re.compile(r"^(?:Cllr|Councillor|Cllr\.|Cyng|Y Cynghorydd|Alderman|Ald)\.?\s+(?:[A-Z][\w'\u2019-]*\.?\s*){1,5}(?:\([^)]{1,40}\))?,?$")
_NAME = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Rev|Sir|Dame|Mx)\.?\s+)?[A-Z][\w'\u2019-]*(?:\s+(?:[A-Z][\w'\u2019.-]*|de|van|der|al|ap))"
    r"(?:\s+[A-Z][\w'\u2019.-]*){0,2}(?:\s*[,(][^.]{1,40})?$"
)
_SENTENCE = re.compile(r"[a-z]{2,}[,;]?\s+\S+\s+\S+.*[.!?]\s*$")
_STARS = re.compile(r"^\s*[*=_#~-]{8,}\s*$")
_LONGEST_SIGNATURE = 20
_LONGEST_LINE = 100


_FRAMES = {
    "closing_words": r"^\W{{0,2}}(?:{})\s*[,.!\-]{{0,2}}$",
    "phones": r"^\W{{0,2}}(?:{})$",
    "posts": r"\b(?:{})\b",
    "case_details": r"\b(?:{})\b",
    "small_print_openings": r"^\W{{0,4}}(?:{})",
}


@cache
def _words(kind: str) -> re.Pattern[str]:
    """The pattern of one list in closing.toml, read once."""
    lists = tomllib.loads(resources.files("scanner.reading").joinpath("closing.toml").read_text("utf-8"))
    return re.compile(_FRAMES.get(kind, "{}").format("|".join(lists[kind])), re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Closed:
    """New text parted from what closes it."""

    new: str
    signature: str
    disclaimer: str


def closed(text: str) -> Closed:
    """Parts new text from signature and small print. What might be either stays in `new`."""
    kept, small_print = _without_small_print(text)
    new, signature = _without_signature(kept.split("\n"))
    return Closed(tidy(new), tidy(signature), small_print)


def tidy(text: str) -> str:
    """Text without empty lines at its ends or doubled within, or spaces at line ends."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def _paragraphs(text: str) -> list[str]:
    """Runs of lines; a line that opens small print begins a run of its own even without an empty line above it."""
    runs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if not line.strip():
            runs += [[line], []]
        elif _STARS.match(line) or _words("small_print_openings").match(line[:200]):
            runs += [[line]]
        else:
            runs[-1].append(line)
    return ["\n".join(run) for run in runs if run]


def _without_small_print(text: str) -> tuple[str, str]:
    """Takes out boilerplate paragraphs, wherever they stand; those after the first one count on slighter signs."""
    kept: list[str] = []
    small: list[str] = []
    following = False
    for paragraph in _paragraphs(text):
        if _is_small_print(paragraph, following):
            small.append(paragraph)
            following = True
        else:
            following = following and (not paragraph.strip() or bool(_STARS.match(paragraph)))
            kept.append(paragraph)
    if small:
        kept = [paragraph for paragraph in kept if not _STARS.match(paragraph)]
    return "\n".join(kept), tidy("\n\n".join(small))


def _is_small_print(paragraph: str, following: bool) -> bool:
    if len(paragraph) > 6000 or (_words("case_details").search(paragraph[:6000]) and not _words("small_print_openings").match(paragraph)):
        return False
    head = bool(_words("small_print_openings").match(paragraph[:200]))
    strong = bool(_words("small_print").search(paragraph))
    if head and (strong or (len(paragraph) < 40 and paragraph.strip().lower().startswith(("disclaimer", "confidentiality", "privacy")))):
        return True
    if strong and re.search(r"e-?mail|message|communication|transmission|attachment|print", paragraph, re.IGNORECASE):
        return len(_words("small_print").findall(paragraph)) > 1 or following or head
    return following and len(paragraph) > 60 and len({word.lower() for word in _words("small_print_hints").findall(paragraph)}) > 1


def _without_signature(lines: list[str]) -> tuple[str, str]:
    start = _signature_start(lines)
    if start is None:
        return "\n".join(lines), ""
    end = _signature_end(lines, start)
    after = lines[end:]
    return "\n".join(lines[:start] + (["", *after] if any(line.strip() for line in after) else [])), "\n".join(lines[start:end])


def _signature_start(lines: list[str]) -> int | None:
    """The line where the signature begins: after dashes, at the last closing words, a phone's own line, a titled name or a post with contacts."""
    for place, line in enumerate(lines):
        if _DASHES.match(line) and len(lines) - place <= _LONGEST_SIGNATURE * 2:
            return place
    for place in range(len(lines) - 1, -1, -1):
        if _words("closing_words").match(lines[place].strip()[:60]) and _plausible(lines, place + 1):
            return _earlier_valediction(lines, place)
    return _unannounced(lines)


def _earlier_valediction(lines: list[str], place: int) -> int:
    """`Many thanks` above `Kind regards` belongs to the same closing."""
    above = place - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _words("closing_words").match(lines[above].strip()[:60]) else place


def _plausible(lines: list[str], start: int) -> bool:
    """Whether what follows closing words looks like a name and a post, not like more of the letter."""
    first = next((line.strip() for line in lines[start:] if line.strip()), "")
    return bool(first) and len(first) <= 70 and not _SENTENCE.search(first) and not first.endswith((":", "?"))


def _unannounced(lines: list[str]) -> int | None:
    """A signature that no closing words announce; looked for in the last lines only."""
    for place in range(max(0, len(lines) - 3 * _LONGEST_SIGNATURE), len(lines)):
        text = lines[place].strip()
        if not text or (place and lines[place - 1].strip()):
            continue
        block = [row.strip() for row in lines[place:] if row.strip()]
        if _words("phones").match(text) and len(block) <= 3:
            return place
        short = (
            len(block) <= _LONGEST_SIGNATURE
            and all(len(row) <= _LONGEST_LINE and not _SENTENCE.search(row) for row in block)
            and not any(map(_words("case_details").search, block))
        )
        if short and place and _TITLED.match(text):
            return place
        if (
            short
            and place
            and _NAME.match(text)
            and len(block) > 2
            and any(_words("posts").search(row) for row in block[1:3])
            and any(map(_words("contacts").search, block))
        ):
            return place
    return next((i for i in range(len(lines) - 1, max(len(lines) - 4, -1), -1) if _words("phones").match(lines[i].strip())), None)


def _signature_end(lines: list[str], start: int) -> int:
    """Where the signature ends: at a postscript, at a sentence, at case details or after a reasonable number of lines."""
    count = 0
    for place in range(start + 1, len(lines)):
        text = lines[place].strip()
        if not text:
            continue
        count += 1
        is_prose = len(text.split()) > 7 and (bool(_SENTENCE.search(text)) or len(text) > _LONGEST_LINE) and not _words("contacts").search(text)
        if _POSTSCRIPT.match(text) or _words("case_details").search(text) or is_prose or count > _LONGEST_SIGNATURE:
            return place
    return len(lines)
