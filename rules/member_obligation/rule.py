"""member-obligation: a letter in a Member's name commits the Council to an outsider, or gives instructions for it.

Forbidden by County 25.12 ("Letters which … create obligations or give instructions on behalf of the Council should never be sent out under
the name of the Member", and the Monitoring Officer's advice on a "legitimate expectation"), Herefordshire 8.2, Bolsover 5.4.9, Cheshire East
3.8, and West Suffolk, Correspondence. It goes out in a Member's name from the Member's mailbox, over the Member's signature on an officer's
message, as an attached letter that the Member signs, or between quotation marks in the mail of an officer who was asked to send it. Indirect
forms count: "you have my word that the money will be there".

What does not count: an officer's own letter; the Member's own or representative action; representations to a Minister, an MP or another
politician; a decision that a named body or officer has taken; mail that stays inside; history; somebody else's words; what is conditional,
supposed or denied. "From the Office of Councillor …" (Bolsover 5.4.9) is neither a breach nor a shield.

Known errors. False alarms: a Member's private business with a tradesman in imperatives. Misses: an assurance by hint alone ("order the
uniform" to one who was not on record as asking), irony, and a commitment that only the telephone call before it explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rules.circulation import Thread, Turn
from rules.finding import Evidence, Finding, Severity, Strength
from rules.home import is_home_of
from rules.lexicon import Lexicon, packaged
from rules.member_obligation.name import Name, name_of, named_council, named_officers
from rules.message import Address, Message
from rules.passage import Passage, Weighed, excerpt_of, masked, unquoted, weigh
from rules.roster import Roster
from rules.rule import Context, Settings
from rules.sense import Opinion, evidence_of, kind_of, occasions, opinion, setting_of, weighed

_RULE = "member-obligation"
_PRIOR = -1.6
# How far what stands elsewhere in the message speaks against its heaviest sentence, as a share of its weight.
_ELSEWHERE = {"takes it back": 0.7, "says that they cannot": 0.6, "reports a decision": 0.5}
_SHORT = 25
_CURT = 12
_WEIGHTY = 1.5
_LONG = 120
_ORDERS = frozenset({"gives an order", "tells them what to do", "tells them to begin"})
_COMMITS = frozenset({"the council will pay", "the council will act", "says it is settled", "gives their word for it"})
_NEUTRAL = frozenset({"asks leave", "bare assent", "writes to a politician"})
_OF_COUNCIL = re.compile(
    r"\b(?:council|councillor|cllr|cabinet|committee|officers?|town hall|ward|authority|grants?|permi(?:t|ts|ssion)|planning|licen[cs]es?|"
    r"borough|district|county|city|chair(?:man|woman)?|mayor|leader|highways?|housing|scheme|tenan(?:t|ts|cy))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The sentence that weighs most, and what the rest of the message adds."""

    best: Weighed
    others: tuple[Weighed, ...]
    around: tuple[Evidence, ...]

    def has(self, *names: str) -> bool:
        """Whether any weighty sentence has one of the acts."""
        return any(w.has(*names) for w in (self.best, *self.others))


def check(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    """Judges each fresh message that goes out to somebody outside in a Member's name; to the Member's own address at home goes nothing."""
    for turn in thread.turns():
        name = name_of(turn.message, context.roster)
        outsiders = _outsiders(turn.message, context.roster)
        if name and outsiders and not turn.message.automatic:
            finding = _finding(turn, name, outsiders, context, settings.threshold)
            if finding:
                yield finding


def _outsiders(message: Message, roster: Roster) -> tuple[Address, ...]:
    sender = roster.who(message.sender)
    outside = (a for a in (*message.visible, *(message.bcc or ())) if a.email and not roster.inside(a.email))
    return tuple(a for a in outside if not (sender and sender.is_member and is_home_of(a, sender, roster)))


def _finding(turn: Turn, name: Name, outsiders: tuple[Address, ...], context: Context, threshold: float) -> Finding | None:
    lexicon = packaged("rules.member_obligation")
    reading = _read(turn, name, context, lexicon)
    heard = _heard(turn, name, context)
    if reading is None and heard is None:
        return None
    words = (
        *(_words(reading, context) if reading else ()),
        *_to_politician(outsiders, turn.message, lexicon),
        *_from_home(turn.message, name, context),
    )
    sure = weighed(words, _PRIOR, heard)
    if sure < threshold:
        return None
    orders = reading is not None and reading.has(*_ORDERS) and not reading.has(*_COMMITS)
    grave = reading is not None and reading.has("the council will pay", "gives an order")
    return Finding(
        rule=_RULE,
        kind="obligation",
        message_id=turn.message.id,
        date=turn.message.date,
        severity=Severity.HIGH if grave else Severity.MEDIUM,
        strength=Strength.LIKELY,
        confidence=sure,
        summary=f"{name.how} {'gives somebody outside instructions' if orders else 'appears to commit the Council to somebody outside'}",
        clauses=context.protocol.cite(_RULE),
        evidence=evidence_of(words, heard, context.sense, lambda text: masked(text, context.find_entities, context.roster)),
        settle="Whether the Member had authority: a delegated or recorded decision made before this date.",
        next_step=f"Ask {name.member.name} what was meant and whether anybody has acted on it; "
        "have the responsible officer write to correct or confirm it.",
        copies=turn.circulation.copies,
    )


def _heard(turn: Turn, name: Name, context: Context) -> Opinion | None:
    """What the trained reader makes of all that stands in the Member's name."""
    sender = "member" if kind_of(turn.message.sender, context.roster, context.council) == "member" else "officer for member"
    where = setting_of(turn, context.roster, context.council, sender)
    return opinion(context.sense, _RULE, occasions(name.passages, where, context.council, context.roster, turn.message.day))


def _words(reading: _Reading, context: Context) -> tuple[Evidence, ...]:
    """The acts of the heaviest sentence, the next ones, and what stands around them."""
    excerpt = excerpt_of(reading.best, context.find_entities, context.roster)
    acts = tuple(e for e in reading.best.evidence(excerpt) if e.kind not in _NEUTRAL)
    return (*acts, *_further(reading, context), *reading.around)


def _read(turn: Turn, name: Name, context: Context, lexicon: Lexicon) -> _Reading | None:
    """The heaviest sentence in the Member's name. A bare yes inherits the question that it answers."""
    message = turn.message
    passages = [replace(p, text=named_officers(named_council(unquoted(p.text), context.council.name), context.roster)) for p in name.passages]
    weighed = weigh(passages, lexicon)
    if not weighed:
        return None
    best = max(weighed, key=lambda w: w.weight)
    around = [*_whole(weighed, best, lexicon)]
    if assent := _assents(turn, weighed, lexicon):
        around.append(assent)
    others = tuple(w for w in weighed if w is not best and w.weight >= _WEIGHTY)
    if best.has(*_ORDERS) and not others and len(message.body.new.split()) <= _CURT:
        around.append(Evidence("hardly anything else", "The message says hardly anything else", 0.9, "message"))
    return _Reading(best, others, tuple(around))


def _further(reading: _Reading, context: Context) -> Iterator[Evidence]:
    """The next weighty sentences, each with its own words; two are enough."""
    for other in sorted(reading.others, key=lambda w: -w.weight)[:2]:
        says = "; ".join(act.says.lower() for act in other.acts if act.weight > 0)
        excerpt = excerpt_of(other, context.find_entities, context.roster)
        yield Evidence("more of the kind", f"Another sentence: {says}", 0.6, other.place, excerpt)


def _whole(weighed: tuple[Weighed, ...], best: Weighed, lexicon: Lexicon) -> Iterator[Evidence]:
    """What speaks against the whole message, wherever it stands in it."""
    long = sum(len(w.sentence.split()) for w in weighed) > _LONG
    for act, share in _ELSEWHERE.items():
        if long and act == "reports a decision":
            continue
        if any(w.has(act) for w in weighed if w is not best):
            yield Evidence(act, f"{lexicon.acts[act].says}, elsewhere in the message", lexicon.acts[act].weight * share, "message")


def _assents(turn: Turn, weighed: tuple[Weighed, ...], lexicon: Lexicon) -> Evidence | None:
    """A short answer to an outsider's question for leave, money or an order."""
    answered = turn.answered()
    text = turn.message.body.new
    if answered is None or len(text.split()) > _SHORT or not any(w.has("bare assent") for w in weighed):
        return None
    if any(w.has("says that they cannot", "only if", "only himself", "reports a decision") for w in weighed):
        return None
    asked = any(lexicon.has("asks leave", s) for s in Passage(answered.body.new, "").sentences())
    return (
        Evidence(
            "answers a request for leave", "It says yes to somebody outside who had asked for leave, money or an order", 3.0, "the message answered"
        )
        if asked
        else None
    )


def _to_politician(outsiders: tuple[Address, ...], message: Message, lexicon: Lexicon) -> Iterator[Evidence]:
    opening = " ".join(message.body.new.split()[:6])
    shown = [f"{a.name} {a.email.replace('@', ' ').replace('.', ' ')}" for a in outsiders]
    if all(lexicon.has("writes to a politician", each) for each in shown) or lexicon.has("writes to a politician", opening):
        act = lexicon.acts["writes to a politician"]
        yield Evidence(act.name, act.says, act.weight, "headers")


def _from_home(message: Message, name: Name, context: Context) -> Iterator[Evidence]:
    """A Member's alias that is not on the Council's domains: a firm's, a farm's, a home's."""
    address, roster = message.sender.email, context.roster
    text = named_council("\n".join((*(p.text for p in name.passages), message.body.signature)), context.council.name)
    if "@" in address and roster.who(message.sender) and not roster.on_domain(address) and not _OF_COUNCIL.search(text):
        says = "It comes from an address of the Member's own and says nothing of the Council"
        yield Evidence("the Member's own address", says, -3.0, "headers")
