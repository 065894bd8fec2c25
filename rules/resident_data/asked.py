"""Answers that need their question to be understood: "Discharged Tuesday." to a neighbour who asked after somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.entity import EntityKind
from rules.message import Message
from rules.passage import Passage
from rules.resident_data.described import described
from rules.resident_data.facts import GRAVE, HOME, grave, speaks_of_somebody, told_in, topics
from rules.resident_data.ledger import asks_who
from rules.resident_data.people import LEAST_SCORE, Mention, Told, names_in
from rules.rule import Context

_WHO = re.compile(r"\b(?:who|who's|whose|which|what)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|won't|wouldn't|not able to|unable to|not my place|not mine to|not ours to|"
    r"isn't mine|don't discuss|do not discuss|"
    r"no idea|don't know|not for me|ring (?:her|him|them)|ask (?:her|him|them)|data protection)\b",
    re.IGNORECASE,
)
_WANTED = re.compile(r"\b(?:numbers?|phone|ring|call|address|live[sd]?|living|whatever happened|where|get hold|reach|contact)\b", re.IGNORECASE)
_WHERE = frozenset({EntityKind.PHONE.value, EntityKind.ADDRESS.value, HOME})
_THIRD = re.compile(r"\b(?:he|she|him|her|his|hers|he's|she's|he'd|she'd)\b", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|you're|you've|you'll)\b", re.IGNORECASE)
_SHORT = 30
_INHERITED = 0.75
_WEIGHT = 1.0


def asked_about(message: Message, question: str, context: Context, present: frozenset[str]) -> Iterator[Mention]:
    """Whoever the question was about, with what the answer tells by pronoun or with its subject left out."""
    text = message.body.new
    if not question or _REFUSED.search(text):
        return
    names = names_in(question, context.find_entities, context.roster, present)
    keys = names or {d.key for s in Passage(question, "").sentences() for d in described(s)}
    spoken = [s for s in Passage(text, "message").sentences() if speaks_of_somebody(s) and (_THIRD.search(s) or not _YOU.search(s))]
    told: dict[str, float] = {}
    for sentence in spoken:
        told |= told_in(sentence, (e for e in context.find_entities(sentence) if e.score >= LEAST_SCORE))
    told = grave(told) | {kind: weight for kind, weight in told.items() if kind in _WHERE and _WANTED.search(question)}
    if told and (keys or asks_who(question)):
        yield Mention(Told("", _WEIGHT, "message", is_named=False), told, {})


def inherited(message: Message, question: str) -> dict[str, float]:
    """What a short answer to "who" or "which" tells of whom it names: what the question said of them."""
    if not question or len(message.body.new.split()) > _SHORT or not _WHO.search(question) or _REFUSED.search(message.body.new):
        return {}
    return {kind: weight * _INHERITED for kind, weight in topics(question).items() if kind in GRAVE or kind == "complaint or dispute"}
