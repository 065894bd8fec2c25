"""Answers that need their question to be understood: "Discharged Tuesday." to a neighbour who asked after somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules.entity import EntityKind
from rules.message import Message
from rules.passage import Passage
from rules.resident_data.described import described
from rules.resident_data.facts import GRAVE, HOME, SOMEBODY_ELSE, grave, speaks_of_somebody, told_in, topics
from rules.resident_data.ledger import asks_who
from rules.resident_data.people import LEAST_SCORE, Mention, Told, names_in
from rules.rule import Context

_WHO = re.compile(r"\b(?:who|who's|whose|which|what)\b", re.IGNORECASE)
_CONFIRMED = re.compile(
    r"\b(?:yes|yep|yeah|aye|indeed|afraid so|correct|quite right|that's right|you're right|spot on|you guessed|"
    r"(?:he|she|they) (?:is|are|was|were|has|have|did|does)[,.])",
    re.IGNORECASE,
)
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
_ASKED_FOR = 1.3
_WEIGHT = 1.0


def asked_about(message: Message, question: str, context: Context, present: frozenset[str]) -> Iterator[Mention]:
    """Whoever the question was about, with what the answer tells by pronoun or with its subject left out."""
    text = message.body.new
    if not question or _REFUSED.search(text):
        return
    names = names_in(question, context.find_entities, context.roster, present)
    keys = names or {d.key for s in Passage(question, "").sentences() for d in described(s)}
    told: dict[str, float] = {}
    for sentence in (s for s in Passage(text, "message").sentences() if _is_of_them(s)):
        goes_on = speaks_of_somebody(sentence)
        if goes_on or len(text.split()) <= _SHORT:
            each = told_in(sentence, (e for e in context.find_entities(sentence) if e.score >= LEAST_SCORE))
            told |= grave(each) | {
                kind: weight * _ASKED_FOR for kind, weight in each.items() if goes_on and kind in _WHERE and _WANTED.search(question)
            }
    if not asks_who(question):
        told = {kind: weight for kind, weight in told.items() if kind not in _stated_in(question)}
    if told and (keys or asks_who(question)):
        yield Mention(Told("", _WEIGHT, "message", is_named=False), told, {})


def _is_of_them(sentence: str) -> bool:
    """Whether a sentence goes on about whoever was asked after, not about its reader and not about somebody whom it brings in itself."""
    return (_THIRD.search(sentence) is not None or not _YOU.search(sentence)) and not SOMEBODY_ELSE.search(sentence)


def _stated_in(question: str) -> frozenset[str]:
    """The kinds of data that a question tells of its own accord, outside what it asks: the answer gives them to nobody anew."""
    return frozenset(kind for s in Passage(question, "").sentences() if not s.endswith("?") and "?" not in s for kind in topics(s))


def inherited(message: Message, question: str) -> dict[str, float]:
    """What a short answer to "who" or "which", or a yes, tells of whom it names: what the question said of them."""
    asked = _WHO.search(question) or _CONFIRMED.search(message.body.new)
    if not question or len(message.body.new.split()) > _SHORT or not asked or _REFUSED.search(message.body.new):
        return {}
    return {kind: weight * _INHERITED for kind, weight in topics(question).items() if kind in GRAVE or kind == "complaint or dispute"}
