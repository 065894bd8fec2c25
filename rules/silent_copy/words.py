"""What is said in a letter about who else may see it."""

from __future__ import annotations

import re

from rules.finding import Evidence
from rules.lexicon import packaged
from rules.message import Message
from rules.passage import Passage
from rules.roster import Person, plain_name

_OFFICE = re.compile(r"cabinet member|(?:deputy )?leader(?! of the (?!council))|(?:deputy )?mayor")
_HEADS = re.compile(r"(leader|mayor)(?: of the council)?", re.IGNORECASE)
_ASSISTANT = re.compile(
    r"^(?:executive |personal |senior )*(?:assistant|secretary|pa) to the (leader|mayor)\b(?! of the (?!council))(?!['’])", re.IGNORECASE
)
_FOR_ONESELF = re.compile(r"\b(?:keep|copy|loop|bring|let) (?:me|us)\b", re.IGNORECASE)
_OPENING = 4
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def mentions(text: str, person: Person) -> bool:
    """Whether a text names a person, by first name, surname or both."""
    said = set(_WORD.findall(text.lower()))
    return any(len(part) > 1 and part in said for part in plain_name(person.name).split())


def _holds_office(sentence: str, person: Person) -> bool:
    """Whether a sentence speaks of the office that a person holds: "the Leader", "the Cabinet Member"; with its department only of that one."""
    office = _OFFICE.match(person.role.lower())
    return office is not None and re.search(rf"\bthe {office[0]}\b(?! (?:of|for|to)\b)", sentence.lower()) is not None


def assists(person: Person, others: tuple[Person, ...]) -> bool:
    """Whether somebody is by their post the assistant of the council's Leader or Mayor, and each of the others holds that office."""
    post = _ASSISTANT.search(person.role)
    offices = [_HEADS.fullmatch(other.role) for other in others]
    return post is not None and all(office is not None and office[1].lower() == post[1].lower() for office in offices)


def keeps_from_others(text: str) -> bool:
    """Whether a text says that something is not to be shown or known."""
    lexicon = packaged("rules.silent_copy")
    return any(lexicon.has(name, s) for name in ("forbids it", "says who is not to know") for s in Passage(text, "").sentences())


def asked_to_share(text: str, readers: tuple[Person, ...]) -> bool:
    """Whether a Member's text asks for, or allows, the letter to go to these readers, by name or in general."""
    lexicon = packaged("rules.silent_copy")
    sentences = Passage(text, "").sentences()
    others = [_FOR_ONESELF.sub("", s) for s in sentences]
    asking = [s for s in others if (lexicon.has("asked to pass it on", s) or _wants_told(s)) and not lexicon.has("forbids it", s)]
    if not asking:
        return False
    if any(lexicon.has("asked in general", s) for s in asking):
        return True
    return all(mentions(text, reader) or any(_holds_office(s, reader) for s in asking) for reader in readers)


def _wants_told(sentence: str) -> bool:
    """Whether a sentence asks for somebody else to be told the same; what is forbidden, or asked for oneself, is no leave."""
    lexicon = packaged("rules.silent_copy")
    return lexicon.has("asked to be told", sentence) and not lexicon.has("says who is not to know", sentence)


def says_they_asked(text: str, member: Person) -> bool:
    """Whether an officer's text says that this Member asked for it, or allowed it, and keeps nothing from anybody."""
    lexicon, sentences = packaged("rules.silent_copy"), Passage(text, "").sentences()
    said = [s for s in sentences if lexicon.has("says that they asked", s) and _opens_with(s, member)]
    return bool(said) and not any(lexicon.has("forbids it", s) for s in sentences)


def _opens_with(sentence: str, member: Person) -> bool:
    opening = " ".join(sentence.split()[:_OPENING])
    return mentions(opening, member) or _holds_office(opening, member)


def public_already(letter: str, message: str) -> str:
    """The act of the lexicon by which a letter's words are everybody's, said in it or in the message that holds them; empty where there is none."""
    lexicon = packaged("rules.silent_copy")
    places = (("meant for everybody", letter), ("made public", message))
    return next((act for act, text in places if any(lexicon.has(act, s) for s in Passage(text, "").sentences())), "")


def said_against(name: str, place: str) -> Evidence:
    """An act of the lexicon as a reason against a finding, with the lexicon's words and weight."""
    act = packaged("rules.silent_copy").acts[name]
    return Evidence(act.name, act.says, act.weight, place)


def declares_copy(message: Message, readers: tuple[Person, ...]) -> bool:
    """Whether the message's own words tell its open readers that each of these has a copy."""
    lexicon = packaged("rules.silent_copy")
    sentences = [s for s in Passage(message.body.new, "").sentences() if lexicon.has("says that it is copied", s)]
    return bool(sentences) and all(any(mentions(s, reader) for s in sentences) for reader in readers)


def names_of(people: tuple[Person, ...]) -> str:
    """Names in a row, as a sentence has them."""
    names = [person.name for person in people]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
