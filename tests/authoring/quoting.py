"""How mail programs quote the message that is answered or passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

_FORWARDED = {"gmail": "---------- Forwarded message ---------"}


@dataclass(frozen=True)
class Quoted:
    """The earlier message as its quote shows it; addresses are header values."""

    sender: str
    when: datetime
    to: str
    cc: str
    subject: str
    text: str


def quote(earlier: Quoted, style: str, *, forward: bool) -> str:
    """The quote as the program of that style writes it: a header block for Outlook and for any forward, else a line and `>`."""
    copied = [f"Cc: {earlier.cc}"] if earlier.cc else []
    if style in {"outlook", "htmlonly"}:
        head = [f"From: {earlier.sender}", f"Sent: {earlier.when:%d %B %Y %H:%M}", f"To: {earlier.to}", *copied, f"Subject: {earlier.subject}"]
        return "\n".join([*head, "", earlier.text])
    when = f"{earlier.when:%a, %d %b %Y at %H:%M}"
    if forward:
        title = _FORWARDED.get(style, "Begin forwarded message:\n")
        head = [title, f"From: {earlier.sender}", f"Date: {when}", f"Subject: {earlier.subject}", f"To: {earlier.to}", *copied]
        return "\n".join([*head, "", earlier.text])
    return "\n".join([f"On {when}, {earlier.sender} wrote:", "", *(f"> {line}".rstrip() for line in earlier.text.split("\n"))])
