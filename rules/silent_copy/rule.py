"""silent-copy: an officer lets another Member read a Member's correspondence without that Member knowing.

Forbidden by County 25.12 ("a system of 'blind carbon copies' (bcc) should not be used"), Herefordshire 8.1 and Bolsover 5.4.9
("a system of 'silent copies' should not be employed"). Two ways lead there: a hidden recipient of the officer's own message, and
the Member's message passed on to a Member who was not in its circulation: forwarded, attached, its words pasted with no header, or recited
between quotation marks.

What does not count: a recipient reached through an open list or alias; the original's own circulation (Herefordshire 8.1: "no objection
… to officers giving correspondence the same circulation as the original"); oneself, officers, archives; a broadcast with no Member openly
addressed and none answered; a forward with the Member openly on it, or that the Member asked for; a copy that a mailbox rule made;
a short quotation, and words that were public or somebody else's before.
A Member's own blind copy, and a copy that the text itself declares, are worth knowing and no breach of the clause.

Known errors. False alarms: a Member who agreed by telephone to a wider circulation; words that both took from a third place, which nobody
says. Misses: a letter passed on in other words, or fewer than eight of it in a row; a hidden copy of which neither the sender's mailbox, the
receiver's, nor a journal is scanned.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.circulation import Thread, Turn
from rules.finding import Finding
from rules.rule import Context, Settings
from rules.silent_copy.forward import forwards
from rules.silent_copy.hidden import hidden_copies


def check(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    """Judges each fresh message of a conversation; at most one finding of each kind a message."""
    for turn in thread.turns():
        for finding in _judged(turn, context):
            if finding.confidence >= settings.threshold:
                yield finding


def _judged(turn: Turn, context: Context) -> Iterator[Finding]:
    if context.roster.inside(turn.message.sender.email):
        yield from hidden_copies(turn, context)
        yield from forwards(turn, context)
