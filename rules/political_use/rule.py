"""political-use: the Council's mail, staff, rooms, data or paper serve a party or a campaign.

Forbidden by County 25.10 ("never be used in connection with party political or campaigning activity"), Cheshire East 9.1-9.2 (six kinds of
support that officers must not be asked for) and 3.9, West Suffolk, Use of Resources, Bolsover 5.4.5 and Herefordshire 2. Judged is new content
from an inside mailbox: what it asks of an officer, what an officer answers, what it organises itself, and what it attaches. An officer's
"Done." inherits the request that it answers. Severity rises in the pre-election period that the council dates for itself (Local Government
Act 1986 s.2; Publicity Code 2011). Private correspondence typed by officers (Cheshire East 9.2) is a separate, lower finding.

What does not count: the Returning Officer's work; guidance that quotes what is forbidden; briefings that every group may have; seats,
motions and debate; press cuttings; mail coming in; campaigns, candidates and parties that are not political; moving party mail away.

Known errors. False alarms: campaign words in a community event that no word list foresaw. Misses: a request that names neither party,
paper nor poll ("two boxes of the C5 for Wednesday, you didn't see me") unless something in its conversation does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.circulation import Thread, Turn
from rules.finding import Evidence, Finding, Severity, Strength, confidence
from rules.lexicon import Lexicon, packaged
from rules.message import Message
from rules.passage import Passage, Weighed, masked, weigh, written
from rules.political_use.names import names_candidate, names_polling_day, party_in
from rules.roster import Kind, Roster
from rules.rule import Context, Settings

_PRIOR = -2.3
_CAMPAIGN = frozenset({"canvassing", "appeal for votes", "campaign material", "campaign money", "selection", "attack lines", "the campaign"})
_PARTY_WORK = _CAMPAIGN - {"appeal for votes", "the campaign"}
_OTHER_SUPPORT = frozenset({"another body"})
# How far what stands elsewhere in the message speaks against its heaviest sentence, as a share of its weight.
_ELSEWHERE = {
    "guidance": 0.7,
    "electoral administration": 0.9,
    "press cuttings": 1.0,
    "moves it off the council's mail": 1.0,
    "not party politics": 0.9,
    "declines": 0.6,
    "council business": 0.35,
}
_ASKED = 0.5
_COMPLYING_WORDS = 60
_CONTINUING_WORDS = 6
_SHORT = 90


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a message says for and against, summed in log-odds."""

    evidence: tuple[Evidence, ...]
    best: Weighed | None
    private: bool

    @property
    def confidence(self) -> float:
        return confidence(self.evidence, _PRIOR)


def check(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    """Judges each fresh message from inside."""
    for turn in thread.turns():
        if context.roster.inside(turn.message.sender.email) and not turn.message.automatic:
            weighing = _weigh(turn, context)
            if weighing.confidence >= settings.threshold:
                yield _finding(turn, weighing, context)


def _weigh(turn: Turn, context: Context) -> Weighing:
    own = _own(turn.message, context)
    inherited = _inherited(turn, context) or _handed_on(turn, context) or _continued(turn, context)
    return Weighing((*own.evidence, *inherited.evidence), own.best, inherited.private) if inherited else own


def _own(message: Message, context: Context) -> Weighing:
    """What the message itself says: its heaviest sentence, its attachments, whom it names, who asks whom."""
    lexicon, roster = packaged("rules.political_use"), context.roster
    passages = (Passage(message.subject, "subject"), *written(message))
    facts = _facts(message, passages, weigh(passages, lexicon), context)
    evidence = [*_from_sentence(facts, context), *_from_names(facts), *_structure(facts), *_against(facts, lexicon)]
    if _to_self_outside(message, roster):
        evidence.append(Evidence("sent home", "The Member only sends it to a private address of their own", -6.0, "headers"))
    if _elections_office(message, roster):
        evidence.append(Evidence("electoral services", "It is electoral services' own work", -6.0, "headers"))
    return Weighing(tuple(evidence), facts.best, facts.private)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message shows before it is weighed. `asks`: a Member asks an officer; `answers`: an officer writes to a Member."""

    weighed: tuple[Weighed, ...]
    best: Weighed | None
    candidate: bool
    polling_day: bool
    party: str
    asks: bool
    answers: bool
    private: bool
    by_officer: bool

    def has(self, *names: str) -> bool:
        """Whether any sentence has one of the acts."""
        return any(w.has(*names) for w in self.weighed)

    @property
    def wants_resource(self) -> bool:
        return self.asks and self.has("wants something") and self.has("names a resource")


def _facts(message: Message, passages: tuple[Passage, ...], weighed: tuple[Weighed, ...], context: Context) -> Facts:
    text = "\n".join(p.text for p in passages)
    asks, answers = _asks_officer(message, context.roster), _officer_to_member(message, context.roster)
    best = max((w for w in weighed if w.has(*_CAMPAIGN, *_OTHER_SUPPORT)), key=lambda w: w.weight, default=None)
    private = (asks or answers) and any(w.has("private matter") for w in weighed) and any(w.has("letter to be typed") for w in weighed)
    return Facts(
        weighed=weighed,
        best=best or max((w for w in weighed if w.has("campaign words", "on the quiet")), key=lambda w: w.weight, default=None),
        candidate=names_candidate(text, context.council, context.roster),
        polling_day=names_polling_day(text, context.council),
        party=party_in(text, context.council),
        asks=asks,
        answers=answers,
        private=private and _private_together(weighed, text) and (best is None or not best.has(*_CAMPAIGN) or best.weight < 1),
        by_officer=context.roster.inside(message.sender.email) and not ((sender := context.roster.who(message.sender)) and sender.is_member),
    )


def _private_together(weighed: tuple[Weighed, ...], text: str) -> bool:
    """Whether the typing and the private matter belong together: in one sentence, or in a short message."""
    return len(text.split()) <= _SHORT or any(w.has("private matter") and w.has("letter to be typed") for w in weighed)


def _from_sentence(facts: Facts, context: Context) -> Iterator[Evidence]:
    if facts.best is None:
        return
    excerpt = masked(facts.best.sentence, context.find_entities, context.roster)
    strong = facts.best.has(*_CAMPAIGN)
    for evidence in facts.best.evidence(excerpt):
        beside = evidence.kind == "campaign words" and (strong or not (facts.candidate or facts.polling_day))
        if evidence.weight and not beside and not (evidence.kind in _OTHER_SUPPORT and not facts.asks):
            yield evidence


def _from_names(facts: Facts) -> Iterator[Evidence]:
    if facts.candidate:
        yield Evidence("candidate named", "Names a candidate in an election", 1.8, "message")
    elif facts.party:
        yield Evidence("party named", f"Names a party ({facts.party})", 1.2 if facts.best and facts.best.has(*_CAMPAIGN) else 0.4, "message")
    if facts.polling_day:
        yield Evidence("polling day named", "Names the day of the poll", 0.9, "message")


def _structure(facts: Facts) -> Iterator[Evidence]:
    best = facts.best
    others = sum(1 for w in facts.weighed if w is not best and w.has(*_CAMPAIGN) and w.weight > 1)
    if others and best:
        yield Evidence(
            "more of the kind", f"{others} more {'sentence' if others == 1 else 'sentences'} of the kind", min(others, 3) * 0.6, best.place
        )
    if facts.has("on the quiet") and not (best and best.has("on the quiet")) and facts.asks:
        yield Evidence("on the quiet", "Asks for it to be kept quiet, elsewhere in the message", 1.3, "message")
    campaign = facts.candidate or (best is not None and best.has(*_CAMPAIGN, *_OTHER_SUPPORT))
    if facts.wants_resource and (campaign or facts.has("names stationery or transport")):
        yield Evidence("asks an officer", "A Member asks an officer for it", 1.2, "headers")
    if best and facts.by_officer and not facts.private:
        yield Evidence("an officer's own mail", "An officer writes it, and no Member's request is known", -0.8, "headers")
    if facts.private:
        yield Evidence("private correspondence", "Private correspondence is typed or sent by an officer", 3.0, "message")


def _against(facts: Facts, lexicon: Lexicon) -> Iterator[Evidence]:
    """What speaks against it anywhere in the message; in the sentence itself it is weighed already."""
    for name, share in _ELSEWHERE.items():
        if any(w.has(name) for w in facts.weighed if w is not facts.best):
            yield Evidence(name, f"{lexicon.acts[name].says}, elsewhere in the message", lexicon.acts[name].weight * share, "message")


def _inherited(turn: Turn, context: Context) -> Weighing | None:
    """An officer's compliance with a Member's request made earlier in the conversation."""
    roster, lexicon, message = context.roster, packaged("rules.political_use"), turn.message
    answered = turn.answered()
    sender = roster.who(message.sender)
    if answered is None or (sender and sender.is_member) or not _asks_officer(answered, roster):
        return None
    asked = _own(answered, context)
    text = message.body.new
    sentences = list(Passage(text, "").sentences())
    declines = any(lexicon.has(name, s) for name in ("declines", "guidance") for s in sentences)
    complies = any(lexicon.has("complies", s) for s in sentences) or message.attachments
    if asked.confidence < _ASKED or declines or len(text.split()) > _COMPLYING_WORDS * (3 if message.attachments else 1):
        return None
    weight = 5.0 if complies else 2.8
    says = "An officer does what a Member had asked: " + "; ".join(e.statement.lower() for e in asked.evidence if e.weight > 1)
    return Weighing((Evidence("complies with a request", says, weight, "the message answered"),), asked.best, asked.private)


def _handed_on(turn: Turn, context: Context) -> Weighing | None:
    """A party's request from outside that a Member hands to an officer to act on."""
    lexicon, message = packaged("rules.political_use"), turn.message
    answered = turn.answered()
    if answered is None or context.roster.inside(answered.sender.email) or not _asks_officer(message, context.roster):
        return None
    asked = _own(answered, context)
    hands_on = any(lexicon.has("hands it on", s) for s in Passage(message.body.new, "").sentences())
    if asked.confidence < _ASKED or not hands_on or not (asked.best and asked.best.has(*_PARTY_WORK)):
        return None
    return Weighing(
        (Evidence("hands on a party's request", "A Member hands a party's request to an officer to act on", 4.0, "the message answered"),),
        asked.best,
        asked.private,
    )


def _continued(turn: Turn, context: Context) -> Weighing | None:
    """A Member who goes on with a campaign conversation that another began on the Council's mail."""
    message, lexicon = turn.message, packaged("rules.political_use")
    answered = turn.answered()
    sender = context.roster.who(message.sender)
    if answered is None or sender is None or not sender.is_member or not context.roster.inside(answered.sender.email):
        return None
    begun = _own(answered, context)
    text = message.body.new
    stays_out = any(
        lexicon.has(name, s) for name in ("declines", "guidance", "moves it off the council's mail") for s in Passage(text, "").sentences()
    )
    if begun.private or begun.confidence < _ASKED or stays_out or len(text.split()) < _CONTINUING_WORDS:
        return None
    return Weighing(
        (Evidence("goes on with a campaign", "Goes on with a conversation about a campaign", 2.2, "the message answered"),), begun.best, private=False
    )


def _officer_to_member(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    people = [roster.who(a) for a in message.visible]
    return sender is not None and not sender.is_member and any(p is not None and p.is_member for p in people)


def _asks_officer(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    people = [roster.who(a) for a in message.visible]
    return sender is not None and sender.is_member and any(p is not None and p.kind is not Kind.MEMBER for p in people)


def _to_self_outside(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    outside = [a for a in message.visible if not roster.inside(a.email)]
    return bool(sender and outside) and len(outside) == len(message.visible) == 1 and roster.named(outside[0].name) == sender


def _elections_office(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    return sender is not None and any(word in f"{sender.name} {sender.role}".lower() for word in ("elector", "returning officer"))


def _finding(turn: Turn, weighing: Weighing, context: Context) -> Finding:
    message, roster = turn.message, context.roster
    who = roster.who(message.sender)
    day = message.date.date() if message.date else None
    before = context.council.before_election(day)
    author = who.name if who else message.sender.email
    complies = any(e.kind == "complies with a request" for e in weighing.evidence)
    what = "private correspondence" if weighing.private else "a party or a campaign"
    does = (
        f"does a Member's bidding for {what}"
        if complies
        else f"asks an officer to serve {what}"
        if _asks_officer(message, roster)
        else f"uses Council mail for {what}"
    )
    severity = Severity.LOW if weighing.private else Severity.MEDIUM
    return Finding(
        rule="political-use",
        kind="private-correspondence" if weighing.private else "party-political",
        message_id=message.id,
        date=message.date,
        severity=severity.raised() if before and not weighing.private else severity,
        strength=Strength.LIKELY,
        confidence=weighing.confidence,
        summary=f"{author} {does}" + (", in the pre-election period" if before and not weighing.private else ""),
        clauses=context.protocol.cite("political-use"),
        evidence=weighing.evidence,
        settle="What was printed, booked, supplied or written, for whom, and who paid.",
        next_step="Remind both of the clause"
        + (
            "; in the pre-election period consider at once whether anything must be stopped or withdrawn."
            if before
            else " and ask whether it has happened before."
        ),
        copies=turn.circulation.copies,
    )
