"""What a person reads in a calendar invitation (RFC 5545): subject, place and description, without the machinery around them."""

from __future__ import annotations

import re

from scanner.reading.zones.hypertext import text_of

_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"(?P<name>[A-Za-z-]{2,40})(?P<parameters>(?:;(?:[^\":;\n]|\"[^\"\n]*\")*)*):(?P<value>.*)")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_SHOWN = ("SUMMARY", "LOCATION", "DESCRIPTION", "X-ALT-DESC", "COMMENT")
_OUTSIDE = frozenset({"VALARM", "VTIMEZONE"})
_MOST_LINES = 100_000


def is_calendar(text: str) -> bool:
    """Whether a text is an iCalendar object."""
    return text[:200].lstrip("\ufeff \t\r\n")[:15].upper() == "BEGIN:VCALENDAR"


def invitation(text: str) -> str:
    """The shown texts of all entries, each once, in the order in which they stand. An HTML description speaks for a plain one that says the same."""
    found: list[str] = []
    inside: list[str] = []
    for line in _FOLD.sub("", text).splitlines()[:_MOST_LINES]:
        match = _PROPERTY.fullmatch(line.strip())
        if match is None:
            continue
        name, value = match["name"].upper(), match["value"]
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END" and inside:
            inside.pop()
        elif name in _SHOWN and not _OUTSIDE.intersection(inside[-5:]):
            found.append(_shown(name, match["parameters"], value))
    return "\n".join(_unlike(found))


def _shown(name: str, parameters: str, value: str) -> str:
    """A property's text with its escapes undone (RFC 5545 3.3.11); Outlook's X-ALT-DESC is HTML."""
    text = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
    return (text_of(text) if name == "X-ALT-DESC" or "text/html" in parameters.lower() else text).strip()


def _unlike(texts: list[str]) -> list[str]:
    """Texts that say something which no other has said before, white space and case aside."""
    kept: list[str] = []
    seen: list[frozenset[str]] = []
    for text in texts:
        words = frozenset(re.findall(r"\w+", text.lower()))
        if text and not any(words <= other for other in seen):
            kept.append(text)
            seen.append(words)
        if len(kept) > 1_000:
            break
    return kept
