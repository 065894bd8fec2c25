"""resident-data: an identifiable resident's personal data is passed to somebody who did not have it.

Forbidden, without consent or a legitimate reason, by West Suffolk (Local Member Protocol: "anonymised as far as possible, for example …
'a local resident'"; Members' Access to Information), Bolsover 5.4.6 (need to know) and Cheshire East 3.8. Judged are: an officer to Members,
anyone inside to an outsider, a Member to other Members or the press, sheets of residents, a chain that carries a case to new readers, and a
mass mail that shows residents' addresses to each other.

What does not count: the anonymous ("a local resident", initials, a street without a number); the resident writing in or being answered;
stated consent; the Member who brought the case; business contacts, public figures, Members and officers; invented data in training.
Officers of one service among themselves are not judged.

Known errors. False alarms: a sole trader named like a resident; a case that the Member brought by telephone. Misses: a resident known by
first name, or by role and place alone; a name that the language model does not know, in lower case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.circulation import Thread, Turn
from rules.finding import Evidence, Finding, Severity, Strength, confidence
from rules.lexicon import packaged
from rules.message import Message
from rules.resident_data.mailboxes import private
from rules.resident_data.people import SPECIAL, Mention, letter_writer, mentions, name_words
from rules.resident_data.readers import Known, judged_readers, known_before, letters
from rules.resident_data.sheets import Listing, listings
from rules.roster import Roster
from rules.rule import Context, Settings

_PRIOR = -2.0
_MASS = 3
_STATED = ("consent", "training or invented", "figure of history")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A person's data and the readers to whom it is new."""

    mention: Mention
    readers: frozenset[str]


def check(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    """Judges each fresh message from inside; at most one finding of each kind a message."""
    for turn in thread.turns():
        if context.roster.inside(turn.message.sender.email) and not turn.message.automatic:
            for finding in (_disclosure(turn, context), _mass_mail(turn, context)):
                if finding and finding.confidence >= settings.threshold:
                    yield finding


def _disclosure(turn: Turn, context: Context) -> Finding | None:
    readers = judged_readers(turn, context.roster)
    if not readers:
        return None
    known = known_before(turn, context.roster)
    told = [d for m in _mentioned(turn, context) if (d := Disclosure(m, _new_to(m, readers, known, context.roster))).readers]
    sheets = [s for s in listings(turn.message) if not readers <= _had_sheet(s, turn, context.roster)]
    if not told and not sheets:
        return None
    evidence = (*_for(told, sheets), *_against(turn, readers, context.roster))
    return _finding(turn, context, evidence, told, sheets)


def _mentioned(turn: Turn, context: Context) -> list[Mention]:
    message = turn.message
    present = name_words((message.sender, *message.visible, *((message.submitter,) if message.submitter else ())))
    found: list[Mention] = []
    for letter in letters(message):
        own = letter_writer(letter, context, present) if letter.author else None
        found += [own] if own else []
        found += mentions(letter.passage, context.find_entities, context.roster, present)
    return found


def _new_to(mention: Mention, readers: frozenset[str], known: Iterable[Known], roster: Roster) -> frozenset[str]:
    """The readers who had not been told of this person.

    Data without a name belong to the case in hand, of which who was on the conversation before knows; spoken to one person outside
    ("your tenancy 4471203") they are that person's own.
    """
    if mention.of.to_reader and len([r for r in readers if not roster.inside(r)]) == 1:
        readers = frozenset(r for r in readers if roster.inside(r))
    had = frozenset().union(*(k.readers for k in known if mention.of.surname in k.text))
    return readers - had


def _had_sheet(sheet: Listing, turn: Turn, roster: Roster) -> frozenset[str]:
    """Who had the same sheet, by name, columns and number of people, with an earlier message of the conversation."""
    return frozenset().union(*(c.holders(roster) for c in turn.earlier if sheet in listings(c.message)))


def _for(told: list[Disclosure], sheets: list[Listing]) -> Iterator[Evidence]:
    for sheet in sheets:
        kinds = ", ".join(sorted(sheet.kinds - {"notes"}))
        yield Evidence(
            "sheet of people", f"A table lists {sheet.people} {'person' if sheet.people == 1 else 'people'} with {kinds}", 4.0, sheet.place
        )
    if told:
        best = max(told, key=lambda d: d.mention.total).mention
        of = best.of
        if of.surname:
            yield Evidence("named person", "A private person is named", of.weight, of.place)
        else:
            yield Evidence("identified without a name", "A private person can be identified without a name", of.weight, of.place)
        if best.facts:
            yield Evidence("told about them", f"Told of them: {', '.join(sorted(best.facts))}", best.fact_weight, of.place)
        if best.business and not best.facts & SPECIAL:
            yield Evidence("business or public role", "The words around it speak of a business or a public office", -2.5, of.place)


def _against(turn: Turn, readers: frozenset[str], roster: Roster) -> Iterator[Evidence]:
    lexicon = packaged("rules.resident_data")
    message = turn.message
    stated = " ".join((message.body.new, *(a.text for a in message.attachments), message.body.forwarded, message.body.history))
    for name in _STATED:
        if lexicon.has(name, stated) and not lexicon.has("told in confidence", message.body.new):
            yield Evidence(name, lexicon.acts[name].says, lexicon.acts[name].weight, "message")
    name = "business or public role"
    if lexicon.has(name, message.subject):
        yield Evidence(name, "The subject speaks of a business or a public office", lexicon.acts[name].weight * 0.5, "subject")
    name = "answers whoever brought the case"
    if len(readers) == 1 and _by_officer(message, roster) and all(roster.person(r) for r in readers) and lexicon.has(name, message.body.new):
        yield Evidence(name, lexicon.acts[name].says, lexicon.acts[name].weight, "message")


def _by_officer(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    return sender is None or not sender.is_member


def _finding(turn: Turn, context: Context, evidence: tuple[Evidence, ...], told: list[Disclosure], sheets: list[Listing]) -> Finding:
    strong = [d for d in told if d.mention.total + _PRIOR > 0] or told
    kinds = frozenset().union(*(d.mention.facts for d in strong), *(s.kinds - {"notes"} for s in sheets))
    people = max(len({d.mention.of.surname for d in strong}), sum(s.people for s in sheets))
    readers = frozenset().union(*(d.readers for d in strong)) or judged_readers(turn, context.roster)
    who = context.roster.who(turn.message.sender)
    whom = f"{len(readers)} {'reader' if len(readers) == 1 else 'readers'} who had not had it"
    return Finding(
        rule="resident-data",
        kind="disclosure",
        message_id=turn.message.id,
        date=turn.message.date,
        severity=Severity.HIGH if kinds & SPECIAL or sheets else Severity.MEDIUM,
        strength=Strength.LIKELY,
        confidence=confidence(evidence, _PRIOR),
        summary=f"{who.name if who else turn.message.sender.email} passed on personal data of {people} private "
        f"{'person' if people == 1 else 'people'} ({', '.join(sorted(kinds)) or 'name'}) to {whom}",
        clauses=context.protocol.cite("resident-data"),
        evidence=evidence,
        settle="Whether the person agreed, and whether each reader needed to know and had been told before.",
        next_step="Data Protection Officer: decide whether it was needed; if not, ask the readers to delete it and record it (UK GDPR Art 33(5)).",
        copies=turn.circulation.copies,
    )


def _mass_mail(turn: Turn, context: Context) -> Finding | None:
    """Residents' addresses shown to each other in To and Cc."""
    message, roster = turn.message, context.roster
    shown = {a.email: private(a) for a in message.visible if a.email and not roster.inside(a.email)}
    seen = frozenset().union(*(frozenset(a.email for a in c.message.visible) for c in turn.earlier))
    people = sum(shown.values())
    if people < _MASS or shown.keys() <= seen:
        return None
    says = f"To and Cc show {len(shown)} outside addresses to each other, private ones by their look"
    evidence = (Evidence("addresses shown", says, 2.3 + min(people - _MASS, 2.0) * 0.5, "headers To and Cc"),)
    who = roster.who(message.sender)
    return Finding(
        rule="resident-data",
        kind="mass-mail",
        message_id=message.id,
        date=message.date,
        severity=Severity.MEDIUM,
        strength=Strength.LIKELY,
        confidence=confidence(evidence, _PRIOR),
        summary=f"{who.name if who else message.sender.email} wrote to {len(shown)} people outside whose addresses were shown to each other",
        clauses=context.protocol.cite("resident-data"),
        evidence=evidence,
        settle="Whether these are private people, and whether they knew each other's addresses.",
        next_step="Data Protection Officer: if they are residents, record it, tell them, and have the next one sent by Bcc.",
        copies=turn.circulation.copies,
    )
