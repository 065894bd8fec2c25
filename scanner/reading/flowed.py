"""Flowed text (RFC 3676): paragraphs that a mail program cut into lines, joined again."""

from __future__ import annotations


def unflowed(text: str, *, delsp: bool) -> str:
    """Text with its paragraphs whole; quoted lines join those of their own depth. `delsp`: the space before a break belongs to it."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        rest = line[marks:].removeprefix(" ")
        if open_depth == marks and rest:
            out[-1] += rest
        else:
            out.append((">" * marks + " " if marks else "") + rest)
        flowing = rest.endswith(" ") and rest != "-- "
        out[-1] = out[-1][:-1] if flowing and delsp else out[-1]
        open_depth = marks if flowing else -1
    return "\n".join(out)
