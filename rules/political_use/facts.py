"""What a message shows of campaigning before it is weighed: its sentences, whom it names, who asks whom."""

from __future__ import annotations

from dataclasses import dataclass

from rules.candidates import names_candidate
from rules.message import Message
from rules.parties import of_campaign
from rules.passage import Passage, Weighed
from rules.political_use.between import asks_officer, officer_to_member, reaches_somebody_known
from rules.political_use.names import party_in
from rules.polling import names_polling_day
from rules.rule import Context

CAMPAIGN = frozenset({"canvassing", "appeal for votes", "campaign material", "campaign money", "selection", "attack lines", "the campaign"})
OTHER_SUPPORT = frozenset({"another body"})
_SHORT = 90


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message shows before it is weighed. `asks`: a Member asks an officer; `by_officer`: somebody inside, no Member, writes; `to_campaign`:
    it goes to a candidate's or a party's own address; `to_strangers`: an officer writes to nobody on the roster.
    """

    weighed: tuple[Weighed, ...]
    best: Weighed | None
    candidate: bool
    polling_day: bool
    party: str
    asks: bool
    private: bool
    by_officer: bool
    to_campaign: bool
    to_strangers: bool

    def has(self, *names: str) -> bool:
        """Whether any sentence has one of the acts."""
        return any(w.has(*names) for w in self.weighed)

    @property
    def wants_resource(self) -> bool:
        """Whether a Member asks an officer for something that the Council provides."""
        return self.asks and self.has("wants something") and self.has("names a resource")


def facts_of(message: Message, passages: tuple[Passage, ...], weighed: tuple[Weighed, ...], context: Context) -> Facts:
    """The facts of a message whose passages are weighed against the lexicon."""
    text = "\n".join(p.text for p in passages)
    asks = asks_officer(message, context.roster)
    best = max((w for w in weighed if w.has(*CAMPAIGN, *OTHER_SUPPORT)), key=lambda w: w.weight, default=None)
    private = (
        (asks or officer_to_member(message, context.roster))
        and any(w.has("private matter") for w in weighed)
        and any(w.has("letter to be typed") for w in weighed)
    )
    by_officer = context.roster.inside(message.sender.email) and not ((sender := context.roster.who(message.sender)) and sender.is_member)
    return Facts(
        weighed=weighed,
        best=best or max((w for w in weighed if w.has("campaign words", "on the quiet")), key=lambda w: w.weight, default=None),
        candidate=names_candidate(text, context.council, context.roster),
        polling_day=names_polling_day(text, context.council, message.day),
        party=party_in(text, context.council),
        asks=asks,
        private=private and _private_together(weighed, text) and (best is None or not best.has(*CAMPAIGN) or best.weight < 1),
        to_campaign=any(of_campaign(address, context.council, context.roster) for address in message.visible),
        by_officer=by_officer,
        to_strangers=by_officer and not reaches_somebody_known(message, context.roster),
    )


def _private_together(weighed: tuple[Weighed, ...], text: str) -> bool:
    """Whether the typing and the private matter belong together: in one sentence, or in a short message."""
    return len(text.split()) <= _SHORT or any(w.has("private matter") and w.has("letter to be typed") for w in weighed)
