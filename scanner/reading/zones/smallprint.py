"""The small print of a message, which nobody wrote for it: disclaimers, banners, notices of machines, the footers of lists, the armour of PGP."""

from __future__ import annotations

import re

from scanner.reading.zones.phrases import phrases

_STARS = re.compile(r"^\s*[*=_#~-]{8,}\s*$")
_ARMOUR = re.compile(
    r"^-{5}BEGIN PGP SIGNED MESSAGE-{5}\n(?:Hash: .{1,60}\n)?"
    r"|^-{5}BEGIN PGP SIGNATURE-{5}\n(?:.{0,200}\n){1,60}?-{5}END PGP SIGNATURE-{5}$",
    re.MULTILINE,
)
_ABOUT_MAIL = re.compile(r"e-?mail|e-bost|message|neges|communication|transmission|attachment|print|recipient|network", re.IGNORECASE)
_HEADINGS = ("disclaimer", "confidentiality", "privacy", "ymwadiad")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_LONGEST = 6000
_SHORT = 120


def without_small_print(text: str) -> tuple[str, str]:
    """Text and its small print, parted. Boilerplate paragraphs count wherever they stand; those after the first one on slighter signs."""
    armour = _ARMOUR.findall(text) if "-----BEGIN PGP" in text else []
    kept: list[str] = []
    small: list[str] = [piece.strip("\n") for piece in armour]
    following = False
    for paragraph in _paragraphs(_ARMOUR.sub("", text) if armour else text):
        if _STARS.match(paragraph):
            kept.append(paragraph)
        elif _is_small_print(paragraph, following):
            small += [*_frame_above(kept), paragraph]
            following = True
        else:
            following = following and not paragraph.strip()
            kept.append(paragraph)
    if following:
        small += _frame_above(kept)
    return "\n".join(kept), "\n\n".join(small)


def _frame_above(kept: list[str]) -> list[str]:
    """A row of stars or lines at the end of what was kept goes with the small print that it frames."""
    last = next((i for i in range(len(kept) - 1, -1, -1) if kept[i].strip()), None)
    return [kept.pop(last)] if last is not None and _STARS.match(kept[last]) else []


def _paragraphs(text: str) -> list[str]:
    """Runs of lines; a line that opens small print begins a run of its own even without an empty line above it, a machine's line is one."""
    runs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if not line.strip() or _STARS.match(line) or _is_machines(line):
            runs += [[line], []]
        elif phrases("small_print_openings").match(line[:200]):
            runs += [[line]]
        else:
            runs[-1].append(line)
    return ["\n".join(run) for run in runs if run]


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
    if following and len(paragraph) <= _SHORT and phrases("organisations").search(paragraph) and _POSTCODE.search(paragraph):
        return True
    return following and len(paragraph) > 60 and len({word.lower() for word in phrases("small_print_hints").findall(paragraph)}) > 1
