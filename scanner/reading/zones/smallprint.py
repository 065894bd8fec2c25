"""The small print of a message, which nobody wrote for it: disclaimers, banners, notices of machines, the footers of lists, the armour of PGP."""

from __future__ import annotations

import re

from scanner.reading.zones.phrases import phrases, senses

_STARS = re.compile(r"^\s*[*=_#~-]{8,}\s*$")
_ARMOUR = re.compile(
    r"^-{5}BEGIN PGP SIGNED MESSAGE-{5}\n(?:Hash: .{1,60}\n)?"
    r"|^-{5}BEGIN PGP SIGNATURE-{5}\n(?:.{0,200}\n){1,60}?-{5}END PGP SIGNATURE-{5}$",
    re.MULTILINE,
)
_ABOUT_MAIL = re.compile(r"e-?mail|e-bost|message|neges|communication|transmission|attachment|print|recipient|network", re.IGNORECASE)
_HEADINGS = ("disclaimer", "confidentiality", "privacy", "ymwadiad")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_PERSONAL = re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Hh]e|[Ss]he|[Hh]im|[Hh]er|[Hh]is)\b|\bI['\u2019]")
_ENDED = re.compile(r"[.!*\])>]\W*$")
_FRAMED = re.compile(r"^\s*(?:[\[*#=!<{\u26a0]|[A-Z]{4}[A-Z -]{0,60}(?:[:.!-]|\s[A-Z]{2}))")
_LONGEST = 6000
_LONGEST_BANNER = 600
_MOST_LINES = 8
_FEW = 2
_SHORT = 120


def without_small_print(text: str) -> tuple[str, str]:
    """Text and its small print, parted. Boilerplate paragraphs count wherever they stand; those after the first one on slighter signs."""
    armour = _ARMOUR.findall(text) if "-----BEGIN PGP" in text else []
    kept: list[str] = []
    small: list[str] = [piece.strip("\n") for piece in armour]
    following = framed = False
    paragraphs = _paragraphs(_ARMOUR.sub("", text) if armour else text)
    top, foot = _banners(paragraphs), _notices(paragraphs)
    for place, paragraph in enumerate(paragraphs):
        if _STARS.match(paragraph):
            (small if framed and following else kept).append(paragraph)
            framed = False
        elif place < top or place >= foot or _is_small_print(paragraph, following):
            frame = _frame_above(kept)
            small += [*frame, paragraph]
            framed = framed or bool(frame)
            following = bool(paragraph.strip()) or following
        else:
            following = following and not paragraph.strip()
            kept.append(paragraph)
    if following:
        small += _frame_above(kept)
    return "\n".join(kept), "\n\n".join(small)


def _banners(paragraphs: list[str]) -> int:
    """How many paragraphs at the top are warnings that a gateway put there."""
    count = 0
    for place, paragraph in enumerate(paragraphs):
        if _is_banner(paragraph):
            count = place + 1
        elif paragraph.strip() and not _STARS.match(paragraph) and not _is_small_print(paragraph, following=False):
            break
    return count


def _is_banner(paragraph: str) -> bool:
    """Whether a paragraph warns of mail from outside, in any words: about mail, where it comes from and the danger, and about no person."""
    if len(paragraph) > _LONGEST_BANNER or _PERSONAL.search(paragraph) or paragraph.rstrip().endswith("?"):
        return False
    mail, outside, *others = (bool(sense.search(paragraph)) for sense in senses("banner_senses"))
    if _FRAMED.match(paragraph):
        return (mail and (outside or any(others))) or (outside and sum(others) > 1 and not phrases("case_details").search(paragraph))
    return mail and outside and any(others)


def _notices(paragraphs: list[str]) -> int:
    """Where the paragraphs at the foot begin that are small print in words of their own."""
    first = len(paragraphs)
    for place in range(len(paragraphs) - 1, -1, -1):
        paragraph = paragraphs[place]
        if _is_notice(paragraph) or (_is_banner(paragraph) and _FRAMED.match(paragraph)):
            first = place
        elif paragraph.strip() and not _STARS.match(paragraph) and not _is_small_print(paragraph, following=False):
            break
    return first


def _is_notice(paragraph: str) -> bool:
    """Whether a paragraph is about mail, in several of the ways of a disclaimer, one of them a lawyer's, and about no person."""
    if not 40 < len(paragraph) < _LONGEST or _PERSONAL.search(paragraph) or phrases("case_details").search(paragraph):
        return False
    if not any(sense.search(paragraph.partition("\n")[0]) for sense in senses("notice_senses")):
        return False
    mail, *others = (bool(sense.search(paragraph)) for sense in senses("notice_senses"))
    return mail + sum(others) > _FEW and bool(phrases("legal_senses").search(paragraph))


def _frame_above(kept: list[str]) -> list[str]:
    """A row of stars or lines at the end of what was kept goes with the small print that it frames."""
    last = next((i for i in range(len(kept) - 1, -1, -1) if kept[i].strip()), None)
    return [kept.pop(last)] if last is not None and _STARS.match(kept[last]) else []


def _paragraphs(text: str) -> list[str]:
    """Runs of lines; a line that opens small print begins a run of its own even without an empty line above it, a machine's line is one."""
    runs: list[list[str]] = [[]]
    for line in _parted(text).split("\n"):
        if not line.strip() or _STARS.match(line) or _is_machines(line):
            runs += [[line], []]
        elif phrases("small_print_openings").match(line[:200]):
            runs += [[line]]
        else:
            runs[-1].append(line)
    return ["\n".join(run) for run in runs if run]


def _parted(text: str) -> str:
    """A text, the warning at its top parted by an empty line from words that stand directly under it."""
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip() and not _STARS.match(line)), len(lines))
    end = start
    while end < min(len(lines), start + _MOST_LINES) and (end == start or not _ENDED.search(lines[end - 1][-5:]) or _warns(lines[end])):
        end += 1
    follows = end < len(lines) and lines[end].strip() and not _STARS.match(lines[end]) and _is_banner("\n".join(lines[start:end]))
    return "\n".join((*lines[:end], "", *lines[end:])) if follows else text


def _warns(line: str) -> bool:
    return len(line) <= _LONGEST_BANNER and not _PERSONAL.search(line) and any(sense.search(line) for sense in senses("banner_senses"))


def _is_machines(line: str) -> bool:
    return len(line) <= 300 and bool(phrases("machine_lines").match(line))


def _is_small_print(paragraph: str, following: bool) -> bool:
    if _is_machines(paragraph):
        return True
    head = bool(phrases("small_print_openings").match(paragraph[:200]))
    if len(paragraph) > _LONGEST or (phrases("case_details").search(paragraph) and not head):
        return False
    if head and len(paragraph) < 40 and paragraph.strip(" *_-").lower().startswith(_HEADINGS):
        return True
    found = phrases("small_print").findall(paragraph)
    if found and _ABOUT_MAIL.search(paragraph):
        return head or len(found) > 1 or following
    housed = phrases("organisations").search(paragraph) or phrases("places").search(paragraph)
    if following and len(paragraph) <= _SHORT and housed and _POSTCODE.search(paragraph):
        return True
    return following and len(paragraph) > 60 and len({word.lower() for word in phrases("small_print_hints").findall(paragraph)}) > 1
