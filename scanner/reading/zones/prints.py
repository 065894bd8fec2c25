"""A mail that was printed or saved as a file and attached: the header block at its top says whose it is."""

from __future__ import annotations

from rules.message import Quoted, Quoting
from scanner.reading.zones.marks import lines_of
from scanner.reading.zones.separators import header_at
from scanner.reading.zones.zones import chain

_ABOVE = 6  # lines that a program may print above the header block: whose mailbox it is, the subject, a rule
_LONGEST = 200_000  # characters


def printed(text: str) -> tuple[Quoted, ...]:
    """The mails that an attached text shows from its beginning on, outermost first; none where it is no mail's print. Never raises."""
    lines = lines_of(text[:_LONGEST])
    top = [at for at, line in enumerate(lines[: 3 * _ABOVE]) if not line.blank][: _ABOVE + 1]
    start = next((at for at in top if header_at(lines, at, answers=False)), None)
    shown = chain(lines[start:], Quoting.FORWARDED) if start is not None else ()
    return shown if shown and shown[0].sender and (shown[0].recipients or shown[0].sent) else ()
