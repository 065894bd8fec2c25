"""What a message inherits from the one that it answers: a request complied with, handed on, or a campaign gone on with."""

from __future__ import annotations

from rules.circulation import Turn
from rules.finding import Evidence
from rules.lexicon import packaged
from rules.message import Message
from rules.parties import of_campaign
from rules.passage import Passage
from rules.political_use.between import asks_officer
from rules.political_use.facts import CAMPAIGN
from rules.political_use.weighing import Weighing, weigh_turn
from rules.rule import Context

_PARTY_WORK = CAMPAIGN - {"appeal for votes", "the campaign"}
_SURELY, _PERHAPS = 0.5, 0.25  # how sure the earlier message must be of for its whole weight, and for any
_TURNS = 4
_COMPLYING_WORDS = 60
_CONTINUING_WORDS = 6


def complied(turn: Turn, context: Context) -> Weighing | None:
    """An officer's compliance with a Member's request made earlier in the conversation."""
    lexicon, message = packaged("rules.political_use"), turn.message
    sender = context.roster.who(message.sender)
    text = message.body.new
    sentences = list(Passage(text, "").sentences())
    complies = any(lexicon.has("complies", s) for s in sentences) or message.attachments
    longest = _COMPLYING_WORDS * (3 if message.attachments else 1)
    if (sender and sender.is_member) or _declines(turn) or _wonders(turn) or len(text.split()) > longest:
        return None
    asked = _asked(turn, context)
    if asked is None:
        return None
    weight = (5.0 if complies else 2.8) * _share(asked)
    says = "An officer does what a Member had asked: " + "; ".join(e.statement.lower() for e in asked.evidence if e.weight > 1)
    return Weighing((Evidence("complies with a request", says.removesuffix(": "), weight, "the message answered"),), asked.best, asked.private)


def _share(earlier: Weighing) -> float:
    """How much of its weight an earlier message hands down."""
    return min(1.0, earlier.confidence / _SURELY)


def _asked(turn: Turn, context: Context) -> Weighing | None:
    """A Member's request to an officer that this message answers, perhaps some turns back, unless an officer has declined it since.

    Where an officer has asked what it was for and the Member has told something else, the request is taken for that.
    """
    before, told = turn.before(), False
    for _ in range(_TURNS):
        if before is None:
            return None
        if asks_officer(before.message, context.roster):
            if (asked := _request(before, context)).confidence >= _PERHAPS:
                return asked
            told = _says(before, "gives a purpose")
        elif _declines(before) or (told and _wonders(before)):
            return None
        before = before.before()
    return None


def _request(turn: Turn, context: Context) -> Weighing:
    """What a Member asks of an officer, with what they hand on to be done."""
    handed = handed_on(turn, context)
    asked = weigh_turn(turn, context)
    return asked.joined(handed) if handed else asked


def _declines(turn: Turn) -> bool:
    return _says(turn, "declines", "guidance")


def _wonders(turn: Turn) -> bool:
    """Whether it asks what something is for, and has not done it all the same."""
    return _says(turn, "asks what it is for") and not (turn.message.attachments or _says(turn, "has done it"))


def _stays_out(turn: Turn) -> bool:
    return _says(turn, "declines", "guidance", "moves it off the council's mail", "takes no for an answer")


def _says(turn: Turn, *names: str) -> bool:
    lexicon = packaged("rules.political_use")
    return any(lexicon.has(name, s) for name in names for s in Passage(turn.message.body.new, "").sentences())


def handed_on(turn: Turn, context: Context) -> Weighing | None:
    """A party's or candidate's mail, or a campaign's request from outside, that a Member hands to an officer to act on."""
    message, roster = turn.message, context.roster
    before = turn.before()
    author = before.message.sender if before else message.passed_on.sender if message.passed_on else None
    if author is None or roster.inside(author.email) or not asks_officer(message, roster) or _stays_out(turn):
        return None
    if before and _hands_on(message) and (asked := weigh_turn(before, context)).confidence >= _SURELY and asked.best and asked.best.has(*_PARTY_WORK):
        return Weighing((_handed("A Member hands a campaign's request to an officer to act on", 4.0),), asked.best, asked.private)
    if author not in message.visible and of_campaign(author, context.council, roster):
        return Weighing((_handed("A Member passes a party's or a candidate's mail to an officer", 1.5),), None, private=False)
    return None


def _handed(says: str, weight: float) -> Evidence:
    return Evidence("hands on a party's request", says, weight, "the message answered or passed on")


def _hands_on(message: Message) -> bool:
    return any(packaged("rules.political_use").has("hands it on", s) for s in Passage(message.body.new, "").sentences())


def continued(turn: Turn, context: Context) -> Weighing | None:
    """A Member who goes on with a campaign conversation that another began on the Council's mail."""
    message, before = turn.message, turn.before()
    sender = context.roster.who(message.sender)
    if before is None or sender is None or not sender.is_member or not context.roster.inside(before.message.sender.email):
        return None
    begun = weigh_turn(before, context)
    if begun.private or begun.confidence < _PERHAPS or _stays_out(turn) or len(message.body.new.split()) < _CONTINUING_WORDS:
        return None
    goes_on = Evidence("goes on with a campaign", "Goes on with a conversation about a campaign", 2.2 * _share(begun), "the message answered")
    return Weighing((goes_on,), begun.best, private=False)
