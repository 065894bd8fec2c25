"""Flowed text (RFC 3676): paragraphs that a mail program cut into lines, joined again."""

from __future__ import annotations


def unflowed(text: str, *, delsp: bool) -> str:
    """Text with its paragraphs whole; quoted lines join those of their own depth. `delsp`: the space before a break belongs to it."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        rest = line[marks:].removeprefix(" ")
        flowing = rest.endswith(" ") and rest != "-- "
        said = rest[:-1] if flowing and delsp else rest
        if open_depth == marks and rest:
            paragraphs[-1].append(said)
        else:
            paragraphs.append([">" * marks + " " if marks else "", said])
        open_depth = marks if flowing else -1
    return "\n".join(map("".join, paragraphs))
