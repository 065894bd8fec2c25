"""resident-data: an identifiable resident's personal data is passed to somebody who did not have it.

Forbidden, without consent or a legitimate reason, by West Suffolk (Local Member Protocol: "anonymised as far as possible, for example …
'a local resident'"; Members' Access to Information), Bolsover 5.4.6 (need to know) and Cheshire East 3.8. Judged are: an officer to Members,
anyone inside to an outsider, a Member to other Members or the press, sheets of residents, a chain that carries a case to new readers, and a
mass mail that shows residents' addresses to each other.

What does not count: the anonymous ("a local resident", initials, a street without a number); the resident writing in or being answered;
stated consent; the Member who brought the case; business contacts, public figures, Members and officers; invented data in training.
Officers of one service among themselves are not judged.

What each reader knew comes from the conversation (ledger.py): a Member who had the name has the case, unless the question only pried; somebody
outside knows what was said to them and no more. Consent covers the people whom its sentence names, or those named before it.

A trained reader, where there is one, weighs in on what the words see, but for news, talk, bare names and numbers: it knows consent and
anonymity by their meaning, the words know who had been told. The subject is read as the sentence before the first. Talk without anything of a
council's business, to people outside, weighs against a name.

Known errors. False alarms: a sole trader named like a resident; somebody famous whose office is not told; a case that the Member brought by
telephone or in another conversation, unless the text reads as a report of what was done. Misses: a first name alone; a description that points
at somebody only for those who live there; a name that the language model does not know, in lower case above all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from rules.circulation import Thread, Turn
from rules.finding import Evidence, Finding, Severity, Strength
from rules.lexicon import packaged
from rules.message import Message
from rules.resident_data.asked import asked_about, inherited
from rules.resident_data.facts import IDENTIFIERS, LOCAL, SPECIAL
from rules.resident_data.heard import opinion_on
from rules.resident_data.hidden import HIDDEN_COPY, hidden_readers, shown_to_hidden_readers
from rules.resident_data.ledger import Statement, new_to, pries, statements
from rules.resident_data.mass import mass_mail
from rules.resident_data.people import SUBJECT, Mention, mentions, name_words
from rules.resident_data.published import in_passing
from rules.resident_data.readers import Known, is_old, judged_readers, known_before, letters
from rules.resident_data.scale import PRIOR, Judged, judged
from rules.resident_data.sheets import Listing, listings
from rules.resident_data.typed import typed_lists
from rules.resident_data.writers import letter_writer
from rules.roster import Roster
from rules.rule import Context, Settings

_NOTHING_TOLD = -1.5
_OF_SHEETS = frozenset({"consent", "training or invented"})
_CASE = "answers whoever brought the case"
_PROGRESS = "reports what was done in a case"
_ROLE = "business or public role"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A person's data, the readers to whom it is new, and what makes it proper about this person."""

    mention: Mention
    readers: frozenset[str]
    stated: tuple[Statement, ...] = ()

    @property
    def total(self) -> float:
        return self.mention.total + sum({s.act.name: s.act.weight for s in self.stated}.values())


def check(thread: Thread, context: Context, settings: Settings) -> Iterator[Finding]:
    """Judges each fresh message from inside; at most one finding of each kind a message."""
    reading = replace(context, find_entities=cache(context.find_entities))
    for turn in thread.turns():
        if context.roster.inside(turn.message.sender.email) and not turn.message.automatic:
            for finding in (_disclosure(turn, reading), mass_mail(turn, context)):
                if finding and finding.confidence >= settings.threshold:
                    yield finding


def _disclosure(turn: Turn, context: Context) -> Finding | None:
    readers = judged_readers(turn, context.roster)
    if not readers:
        return None
    known = known_before(turn, context.roster)
    heard = opinion_on(turn, readers, known, context)
    told = _told(turn, readers, known, context)
    sheets = [s for s in listings(turn.message) if not readers <= _had_sheet(s, turn, context.roster)]
    sheets += typed_lists(turn, readers, known, context)
    if not told and not sheets:
        return None
    stated = statements(turn.message, context, _present(turn.message))
    told = _plainest(told, stated)
    if sheets and told and told[0].total + PRIOR <= 0:
        told = []
    words = (*_for(told, sheets), *_proper(told, stated), *_against(turn, readers, context.roster))
    if any(e.kind in _WORDS_DECIDE for e in words) or (told and _no_reader_sees(told[0].mention)):
        heard = None
    return _finding(turn, context, judged(words, heard), told, sheets)


def _no_reader_sees(mention: Mention) -> bool:
    """Whether somebody is known by an identifier alone, which is a disclosure by itself, or by the subject, which is a setting to the reader."""
    return mention.of.place == SUBJECT or (not mention.of.is_named and bool(mention.facts & {kind.value for kind in IDENTIFIERS}))


def _told(turn: Turn, readers: frozenset[str], known: list[Known], context: Context) -> list[Disclosure]:
    """Everybody told of to somebody who had not been."""
    message, roster = turn.message, context.roster
    present = _present(message)
    question = pries(turn, readers, roster)
    asker = roster.reached((answered.sender,)) if question and (answered := turn.answered()) else frozenset()
    strangers = asker | frozenset(r for r in readers if not roster.inside(r))
    asked = inherited(message, question)
    found: list[Disclosure] = []
    for each in _mentioned(turn, readers, known, context, present):
        mention = _answering(each, asked) if each.of.place in {"message", SUBJECT} else each
        ignorant = new_to(mention, readers, known, strangers)
        if ignorant:
            found.append(Disclosure(mention, ignorant))
    if hidden := hidden_readers(turn, readers, context):
        shown = ((mention, new_to(mention, hidden, known, frozenset())) for mention in shown_to_hidden_readers(turn, context))
        found += [Disclosure(mention, ignorant) for mention, ignorant in shown if ignorant]
    return [*found, *(Disclosure(m, asker & readers) for m in asked_about(message, question, context, present))]


def _plainest(told: list[Disclosure], stated: tuple[Statement, ...]) -> list[Disclosure]:
    """The disclosures with what is stated of each person, the plainest case first."""
    weighed = (replace(d, stated=tuple(s for s in stated if s.covers_person(d.mention.of.surname))) for d in told)
    return sorted(weighed, key=lambda d: -d.total)


def _present(message: Message) -> frozenset[str]:
    """Name words of the people whom a message is from and to."""
    return name_words((message.sender, *message.visible, *((message.submitter,) if message.submitter else ())))


def _answering(mention: Mention, question: dict[str, float]) -> Mention:
    return replace(mention, told={**question, **mention.told}) if question else mention


def _mentioned(turn: Turn, readers: frozenset[str], known: list[Known], context: Context, present: frozenset[str]) -> Iterator[Mention]:
    """The people of every letter that is not old news to all readers."""
    outward = not any(context.roster.inside(r) for r in readers)
    for letter in letters(turn.message):
        if is_old(letter, readers, known):
            continue
        passing = in_passing(f"{turn.message.subject}\n{letter.passage.text}") if outward else 0.0
        own = letter_writer(letter, context) if letter.author else None
        if own:
            yield _passed(own, passing)
        yield from (_passed(m, passing) for m in mentions(letter, context.find_entities, context.roster, present))


def _passed(mention: Mention, passing: float) -> Mention:
    """A mention weighed as talk, unless Mr or Mrs, a home or a telephone shows a resident, or the text a confidence."""
    if not passing or not mention.of.is_named or mention.of.title or mention.facts & LOCAL:
        return mention
    return replace(mention, proper={**mention.proper, _IN_PASSING: passing})


def _had_sheet(sheet: Listing, turn: Turn, roster: Roster) -> frozenset[str]:
    """Who had the same sheet, by name, columns and number of people, with an earlier message of the conversation."""
    return frozenset().union(*(c.holders(roster) for c in turn.earlier if sheet in listings(c.message)))


def _for(told: list[Disclosure], sheets: list[Listing]) -> Iterator[Evidence]:
    for sheet in sheets:
        kinds = ", ".join(sorted(sheet.kinds - {"notes"}))
        yield Evidence(
            "sheet of people", f"A table or list has {sheet.people} {'person' if sheet.people == 1 else 'people'} with {kinds}", 4.0, sheet.place
        )
    if told:
        best = told[0].mention
        of = best.of
        if of.is_named:
            yield Evidence("named person", "A private person is named", of.weight, of.place)
        else:
            yield Evidence("identified without a name", "A private person can be identified without a name", of.weight, of.place)
        if best.told:
            yield Evidence("told about them", f"Told of them: {', '.join(sorted(best.facts))}", best.fact_weight, of.place)
        else:
            yield Evidence(_TOLD_NOTHING, "Nothing that says something of them stands beside", _NOTHING_TOLD, of.place)
        for name, weight in best.proper.items():
            yield Evidence(name, _SAYS[name], weight, of.place)


def _proper(told: list[Disclosure], stated: tuple[Statement, ...]) -> Iterator[Evidence]:
    """What is stated of the plainest case; of a sheet alone, consent or invention stated of nobody by name."""
    for act in {s.act.name: s.act for s in (told[0].stated if told else stated) if told or (not s.covers and s.act.name in _OF_SHEETS)}.values():
        yield Evidence(act.name, act.says, act.weight, "message")


_PUBLISHED, _IN_PASSING = "published report", "named in passing"
_TOLD_NOTHING = "nothing told"
# News and talk, which no reader was taught; a bare name; and what no reader is told, that somebody unseen reads it.
_WORDS_DECIDE = frozenset({_PUBLISHED, _IN_PASSING, _TOLD_NOTHING, HIDDEN_COPY})
_SAYS = {
    _ROLE: "The words around it speak of a business or a public office",
    _PUBLISHED: "The text reads as a published report",
    HIDDEN_COPY: "A Member has a hidden copy of a letter to them",
    _IN_PASSING: "Nothing in the text is a council's business, and it goes to people outside",
}


def _against(turn: Turn, readers: frozenset[str], roster: Roster) -> Iterator[Evidence]:
    lexicon = packaged("rules.resident_data")
    message = turn.message
    if lexicon.has(_ROLE, message.subject):
        yield Evidence(_ROLE, "The subject speaks of a business or a public office", lexicon.acts[_ROLE].weight * 0.5, "subject")
    alone = len(readers) == 1 and all(roster.person(r) for r in readers)
    if alone and _by_officer(message, roster) and not _on_record(turn, readers, roster) and lexicon.has(_CASE, message.body.new):
        yield Evidence(_CASE, lexicon.acts[_CASE].says, lexicon.acts[_CASE].weight, "message")
    elif alone and _by_officer(message, roster) and not turn.earlier and not message.quoted and lexicon.has(_PROGRESS, message.body.new):
        yield Evidence(_PROGRESS, lexicon.acts[_PROGRESS].says, lexicon.acts[_PROGRESS].weight, "message")


def _on_record(turn: Turn, readers: frozenset[str], roster: Roster) -> bool:
    """Whether what the reader brought can be read: then whoever it does not name is not the case that is answered."""
    answered = turn.answered()
    return answered is not None and bool(roster.reached((answered.sender,)) & readers)


def _by_officer(message: Message, roster: Roster) -> bool:
    sender = roster.who(message.sender)
    return sender is None or not sender.is_member


def _finding(turn: Turn, context: Context, how: Judged, told: list[Disclosure], sheets: list[Listing]) -> Finding:
    strong = [d for d in told if d.total + PRIOR > 0] or told[:1]
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
        confidence=how.confidence,
        summary=f"{who.name if who else turn.message.sender.email} passed on personal data of {people} private "
        f"{'person' if people == 1 else 'people'} ({', '.join(sorted(kinds)) or 'name'}) to {whom}",
        clauses=context.protocol.cite("resident-data"),
        evidence=how.evidence,
        settle="Whether the person agreed, and whether each reader needed to know and had been told before.",
        next_step="Data Protection Officer: decide whether it was needed; if not, ask the readers to delete it and record it (UK GDPR Art 33(5)).",
        copies=turn.circulation.copies,
    )
