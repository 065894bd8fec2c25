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

from rules.circulation import Thread, Turn
from rules.finding import Finding, Severity, Strength
from rules.passage import masked
from rules.political_use.between import asks_officer
from rules.political_use.conversation import complied, continued, handed_on
from rules.political_use.weighing import Weighing, weigh_turn
from rules.rule import Context, Settings
from rules.sense import evidence_of


def check(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    """Judges each fresh message from inside."""
    for turn in thread.turns():
        if context.roster.inside(turn.message.sender.email) and not turn.message.automatic:
            weighing = _weigh(turn, context)
            if weighing.confidence >= settings.threshold:
                yield _finding(turn, weighing, context)


def _weigh(turn: Turn, context: Context) -> Weighing:
    own = weigh_turn(turn, context)
    inherited = complied(turn, context) or handed_on(turn, context) or continued(turn, context)
    return own.joined(inherited) if inherited else own


def _finding(turn: Turn, weighing: Weighing, context: Context) -> Finding:
    message, roster = turn.message, context.roster
    who = roster.who(message.sender)
    before = context.council.before_election(message.day)
    author = who.name if who else message.sender.email
    complies = any(e.kind == "complies with a request" for e in weighing.evidence)
    asks = asks_officer(message, roster)
    if weighing.private:
        does = "asks an officer to type or send private letters" if asks else "typed or sent private letters for a Member"
    elif complies:
        does = "appears to have done what a Member asked for a party or a campaign"
    else:
        does = "appears to ask an officer to serve a party or a campaign" if asks else "appears to use Council mail for a party or a campaign"
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
        evidence=evidence_of(weighing.evidence, weighing.heard, context.sense, lambda text: masked(text, context.find_entities, roster)),
        settle="Whose letters they were." if weighing.private else "What was printed, booked, supplied or written, for whom, and who paid.",
        next_step=_next_step(before and not weighing.private),
        copies=turn.circulation.copies,
    )


def _next_step(before: bool) -> str:
    urgent = "; in the pre-election period consider at once whether anything must be stopped or withdrawn." if before else "."
    return f"Ask both what was meant and whether it has happened before; if it is borne out, remind them of the clause{urgent}"
