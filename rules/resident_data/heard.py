"""What a trained reader makes of all that a message passes on."""

from __future__ import annotations

from rules.circulation import Turn
from rules.passage import written
from rules.resident_data.readers import BELOW, Known, is_old, letters
from rules.rule import Context
from rules.sense import Opinion, occasions, opinion, setting_of

_MOST = 6


def opinion_on(turn: Turn, readers: frozenset[str], known: list[Known], context: Context) -> Opinion | None:
    """The opinion on what is written and attached, and on the outermost earlier letters that some reader had not had; None without a reader."""
    message, roster, council = turn.message, context.roster, context.council
    below = [letter.passage for letter in letters(message) if letter.passage.place in BELOW and not is_old(letter, readers, known)]
    read = occasions((*written(message), *below[:_MOST]), setting_of(turn, roster, council), council, roster, message.day)
    return opinion(context.sense, "resident-data", read)
