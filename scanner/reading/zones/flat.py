"""The text of an HTML document that is too deep or too long to be laid out: its tags cut in one pass."""

from __future__ import annotations

import html as entities
import re

from scanner.reading.mail.charsets import legible

_BLOCKS = (
    "address article aside blockquote body caption center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li "
    "main nav ol p pre section table tbody tfoot thead tr ul"
)
BLOCKS = frozenset(_BLOCKS.split())
_UNSEEN = ("script", "style", "title")
AROUND_TAB = re.compile(r" ?\t ?")
_EMPTY_LINES = re.compile(r"\n(?:[> ]*+\n){2,}")


def stripped(html: str) -> str:
    """The text of a document without laying it out, in one pass: tags cut, blocks to lines, unseen elements left out."""
    first, *pieces = html.split("<")
    out, until = [first], ""
    for piece in pieces:
        if until and until not in piece.lower():
            continue
        seen = piece[piece.lower().find(until) :] if until else piece
        until = ""
        if seen.startswith("!--") and "-->" not in seen:
            until = "-->"
            continue
        tag, end, text = seen.partition("-->" if seen.startswith(("!--", "-->")) else ">")
        name = tag[:20].lower().partition(" ")[0].strip("/ \t\r\n")
        if name in _UNSEEN and not tag.startswith("/"):
            until = f"/{name}"
            continue
        out += [_gap(name, opening=not tag.startswith("/")), text if end else ""]
    lines = legible(entities.unescape("".join(out))).split("\n")
    return spaced("\n".join(AROUND_TAB.sub("\t", line.strip()) for line in lines)).strip("\n")


def spaced(text: str) -> str:
    """A text with at most one empty line in a row."""
    return _EMPTY_LINES.sub("\n\n", text)


def _gap(name: str, *, opening: bool) -> str:
    """What a tag leaves in the text."""
    return "\n" if name == "br" or name in BLOCKS else "\t" if opening and name in ("td", "th") else ""
