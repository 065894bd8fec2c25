"""The facts of one message as evidence for and against, each with its weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rules.circulation import Turn
from rules.finding import Evidence, confidence
from rules.home import sent_home
from rules.lexicon import Lexicon, packaged
from rules.passage import Passage, Weighed, excerpt_of, weigh, written
from rules.political_use.between import asks_officer, from_electoral_services, from_returning_officer, officer_to_member
from rules.political_use.facts import CAMPAIGN, OTHER_SUPPORT, Facts, facts_of
from rules.roster import Roster
from rules.rule import Context
from rules.sense import Opinion, occasions, opinion, setting_of, weighed

PRIOR = -2.3
"""What speaks against a breach before anything is read, where words alone are weighed."""
# How far what stands elsewhere in the message speaks against its heaviest sentence, as a share of its weight.
_ELSEWHERE = {
    "guidance": 0.7,
    "electoral administration": 0.9,
    "press cuttings": 1.0,
    "moves it off the council's mail": 1.0,
    "not party politics": 0.9,
    "declines": 0.6,
    "does it themselves": 0.8,
    "council business": 0.35,
}


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a message says for and against, summed in log-odds, and what the trained reader makes of it, where there is one."""

    evidence: tuple[Evidence, ...]
    best: Weighed | None
    private: bool
    heard: Opinion | None = None

    @property
    def confidence(self) -> float:
        return weighed(self.evidence, PRIOR, self.heard)

    def joined(self, inherited: Weighing) -> Weighing:
        """With what the message inherits from the one that it answers or passes on.

        A trained reader has read both, so that it counts by as much as the reader takes the message for a breach: people say no in their own words.
        """
        own = (e for e in self.evidence if e.kind != "an officer's own mail")
        share = confidence((), self.heard.weight) if self.heard else 1.0
        handed = (replace(e, weight=e.weight * share) for e in inherited.evidence)
        return Weighing((*own, *handed), self.best or inherited.best, inherited.private, self.heard)


def weigh_turn(turn: Turn, context: Context) -> Weighing:
    """What the message itself says: its heaviest sentence, its attachments, whom it names, who asks whom."""
    message, lexicon, roster = turn.message, packaged("rules.political_use"), context.roster
    passages = (Passage(message.subject, "subject"), *written(message))
    facts = facts_of(message, passages, weigh(passages, lexicon), context)
    evidence = [*_from_sentence(facts, context), *_from_names(facts), *_structure(facts), *_against(facts, lexicon)]
    if _answers_officer(turn, roster) and facts.has("takes no for an answer"):
        evidence.append(Evidence("takes no for an answer", "A Member takes an officer's no for an answer", -2.5, "message"))
    if sent_home(message, roster):
        evidence.append(Evidence("sent home", "The Member only sends it to a private address of their own", -6.0, "headers"))
    if from_electoral_services(message, roster) or (from_returning_officer(message, roster) and facts.has("electoral administration", "guidance")):
        evidence.append(Evidence("electoral services", "It is electoral services' own work", -6.0, "headers"))
    read = occasions(written(message), setting_of(turn, roster, context.council), context.council, roster, message.day)
    return Weighing(tuple(evidence), facts.best, facts.private, opinion(context.sense, "political-use", read))


def _answers_officer(turn: Turn, roster: Roster) -> bool:
    before = turn.before()
    return before is not None and asks_officer(turn.message, roster) and officer_to_member(before.message, roster)


def _from_sentence(facts: Facts, context: Context) -> Iterator[Evidence]:
    if facts.best is None:
        return
    excerpt = excerpt_of(facts.best, context.find_entities, context.roster)
    strong = facts.best.has(*CAMPAIGN)
    for evidence in facts.best.evidence(excerpt):
        beside = evidence.kind == "campaign words" and (strong or not (facts.candidate or facts.polling_day))
        if evidence.weight and not beside and not (evidence.kind in OTHER_SUPPORT and not facts.asks):
            yield evidence


def _from_names(facts: Facts) -> Iterator[Evidence]:
    if facts.candidate:
        yield Evidence("candidate named", "Names a candidate in an election", 1.8, "message")
    elif facts.party:
        yield Evidence("party named", f"Names a party ({facts.party})", _party_weight(facts), "message")
    if facts.polling_day:
        yield Evidence("polling day named", "Names the day of the poll", 0.9, "message")


def _party_weight(facts: Facts) -> float:
    """A party weighs most where a Member names it in a request to an officer, least where nothing else speaks of a campaign."""
    if facts.asks and facts.has("wants something", "asks a question"):
        return 2.5
    if facts.by_officer:
        return 0.4
    return 1.2 if facts.best else 0.8


def _structure(facts: Facts) -> Iterator[Evidence]:
    best = facts.best
    others = sum(1 for w in facts.weighed if w is not best and w.has(*CAMPAIGN) and w.weight > 1)
    if others and best:
        yield Evidence(
            "more of the kind", f"{others} more {'sentence' if others == 1 else 'sentences'} of the kind", min(others, 3) * 0.6, best.place
        )
    if facts.has("on the quiet") and not (best and best.has("on the quiet")) and facts.asks:
        yield Evidence("on the quiet", "Asks for it to be kept quiet, elsewhere in the message", 1.3, "message")
    campaign = facts.candidate or (best is not None and best.has(*CAMPAIGN, *OTHER_SUPPORT))
    if facts.wants_resource and (campaign or facts.has("names stationery or transport")):
        yield Evidence("asks an officer", "A Member asks an officer for it", 1.2, "headers")
    if best and facts.by_officer and not facts.private:
        yield Evidence("an officer's own mail", "An officer writes it, and no Member's request is known", -0.8, "headers")
    if facts.to_strangers and not campaign and not (facts.to_campaign or facts.party):
        yield Evidence("an officer to strangers", "An officer writes, and nobody on the roster is addressed", -4.0, "headers")
    if facts.to_campaign:
        yield Evidence("goes to a campaign", "Goes to a candidate or a party outside", 1.5, "headers")
    if facts.private:
        yield Evidence("private correspondence", "Private correspondence is typed or sent by an officer", 3.0, "message")


def _against(facts: Facts, lexicon: Lexicon) -> Iterator[Evidence]:
    """What speaks against it anywhere in the message; in the sentence itself it is weighed already."""
    if facts.by_officer and facts.has("asks what it is for") and not facts.has("has done it"):
        yield Evidence("asks what it is for", "An officer asks what it is for", -2.5, "message")
    for name, share in _ELSEWHERE.items():
        if name in {"press cuttings", "declines"} and facts.asks:
            continue  # cuttings come from officers, and it is for them to decline; a Member who writes to one wants something
        if any(w.has(name) for w in facts.weighed if w is not facts.best):
            yield Evidence(name, f"{lexicon.acts[name].says}, elsewhere in the message", lexicon.acts[name].weight * share, "message")
