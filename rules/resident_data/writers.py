"""Private people outside whose own letters are passed on."""

from __future__ import annotations

import re

from rules.entity import EntityKind
from rules.resident_data.facts import own_family, told_in, topics
from rules.resident_data.mailboxes import private
from rules.resident_data.people import FULL_WEIGHT, LEAST_SCORE, WORD, Mention, Told, proper_role
from rules.resident_data.published import reported
from rules.resident_data.readers import Letter
from rules.roster import plain_name
from rules.rule import Context

_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|me|my|mine|we|we're|we've|us|our)\b", re.IGNORECASE)
_SHORTEST_NAME = 3
_CARD = 300


def letter_writer(letter: Letter, context: Context) -> Mention | None:
    """The private person outside whose own letter is passed on, with what the letter tells; None for anybody else's.

    The address that the letter was sent from tells nothing more about its writer.
    """
    author = letter.author
    if author is None or context.roster.inside(author.email) or context.roster.who(author) or not author.name:
        return None
    words = WORD.findall(plain_name(author.name))
    if not words or len(words[-1]) < _SHORTEST_NAME or (author.email and private(author) == 0):
        return None
    sentences = tuple(letter.passage.sentences())
    of_self = {kind: weight for s in sentences if _FIRST_PERSON.search(s) for kind, weight in topics(s).items()} | own_family(letter.passage.text)
    found = (e for s in sentences for e in context.find_entities(s) if e.score >= LEAST_SCORE and e.kind is not EntityKind.EMAIL)
    told = told_in("", found) | of_self
    proper = proper_role(author.email, letter.passage.text[-_CARD:], told, reported(letter.passage.text))
    return Mention(Told(words[-1], FULL_WEIGHT, letter.passage.place), told, proper)
