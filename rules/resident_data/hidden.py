"""A hidden copy of a letter to a resident: whom it is to, and what it says, reaches somebody of whom the resident is not told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.circulation import Turn
from rules.passage import Passage
from rules.resident_data.facts import GRAVE, told_in
from rules.resident_data.mailboxes import private
from rules.resident_data.people import FULL_WEIGHT, LEAST_SCORE, Mention, Told
from rules.roster import plain_name
from rules.rule import Context

HIDDEN_COPY = "hidden copy of a letter to a resident"
_WHOLE_NAME = 2
_GRAVE = 0.4  # what is said to them is said to no firm


def hidden_readers(turn: Turn, readers: frozenset[str], context: Context) -> frozenset[str]:
    """The Members among the readers whom nobody outside can see among those addressed; nobody where a list that is not known may have brought it."""
    roster, open_to = context.roster, turn.message.visible
    if any(roster.inside(a.email) and not roster.who(a) and not roster.is_list(a.email) for a in open_to):
        return frozenset()
    return frozenset(r for r in readers if roster.person(r)) - roster.reached(open_to)


def shown_to_hidden_readers(turn: Turn, context: Context) -> Iterator[Mention]:
    """The private people whom a message is to, by their names in full, with what is said to them."""
    message = turn.message
    text = f"{message.subject}\n{message.body.new}"
    told = told_in(text, (e for s in Passage(text, "").sentences() for e in context.find_entities(s) if e.score >= LEAST_SCORE))
    for address in message.visible:
        words = plain_name(address.name or re.sub(r"[._-]", " ", address.email.partition("@")[0])).split()
        likely = private(address) + (_GRAVE if told.keys() & GRAVE else 0.0)
        if told and len(words) >= _WHOLE_NAME and not context.roster.inside(address.email) and likely >= 1:
            yield Mention(Told(words[-1], FULL_WEIGHT, "message"), told, {HIDDEN_COPY: 0.0})
