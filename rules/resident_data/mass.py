"""Mass mail that shows residents' addresses to each other."""

from __future__ import annotations

import re

from rules.circulation import Turn
from rules.finding import Evidence, Finding, Severity, Strength
from rules.resident_data.mailboxes import private
from rules.resident_data.scale import chance, scaled
from rules.rule import Context

_MASS, _MANY = 3, 6
_OPENING = 200
_SALUTED = re.compile(
    r"^\W*(?:dear|hello|hi|good \w+),? (?:all |our |fellow )?(?:tenants?|residents?|leaseholders?|householders?|occupiers?|homeowners?|neighbours?|"
    r"parents?(?:\s?(?:and|or|/|&)\s?(?:carers?|guardians?))?|carers?|guardians?|applicants?|claimants?|customers?|objectors?|petitioners?|"
    r"electors?|voters?|constituents?|patients?|famil(?:y|ies)|service users?|council tax ?payers?|badge holders?|permit holders?|plot ?holders?|"
    r"sir or madam)\b(?:[^\S\n]*(?:,|$))",
    re.IGNORECASE | re.MULTILINE,
)


def greets_residents(text: str) -> bool:
    """Whether a text opens with "Dear tenant", "Dear Parents/Carers" or the like."""
    return _SALUTED.search(text[:_OPENING]) is not None


def mass_mail(turn: Turn, context: Context) -> Finding | None:
    """A finding where To and Cc show residents' addresses to each other, one private by its look or many, and not all had been shown before."""
    message, roster = turn.message, context.roster
    residents = greets_residents(message.body.new)
    shown = {a.email: private(a, is_resident=residents) for a in message.visible if a.email and not roster.inside(a.email)}
    seen = frozenset().union(*(frozenset(a.email for a in c.message.visible) for c in turn.earlier))
    people = sum(shown.values())
    only_unknown = people < _MANY and max(shown.values(), default=0.0) < 1.0  # a few of which nothing tells are as often lists and offices
    if people < _MASS or only_unknown or shown.keys() <= seen:
        return None
    says = f"To and Cc show {len(shown)} outside addresses to each other, private ones by their look"
    evidence = scaled((Evidence("addresses shown", says, 2.3 + min(people - _MASS, 2.0) * 0.5, "headers To and Cc"),))
    who = roster.who(message.sender)
    return Finding(
        rule="resident-data",
        kind="mass-mail",
        message_id=message.id,
        date=message.date,
        severity=Severity.MEDIUM,
        strength=Strength.LIKELY,
        confidence=chance(evidence),
        summary=f"{who.name if who else message.sender.email} wrote to {len(shown)} people outside whose addresses were shown to each other",
        clauses=context.protocol.cite("resident-data"),
        evidence=evidence,
        settle="Whether these are private people, and whether they knew each other's addresses.",
        next_step="Data Protection Officer: if they are residents, record it, tell them, and have the next one sent by Bcc.",
        copies=turn.circulation.copies,
    )
