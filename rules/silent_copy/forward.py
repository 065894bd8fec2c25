"""A Member's correspondence passed on by an officer to a Member who was not in its circulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from rules.circulation import Turn
from rules.finding import Evidence, Finding, Severity, Strength, confidence
from rules.message import Address, Message, Quoted
from rules.roster import Kind, Person, Roster
from rules.rule import Context
from rules.silent_copy.pasted import pasted_letters
from rules.silent_copy.recited import recited_letters
from rules.silent_copy.words import asked_to_share, assists, keeps_from_others, names_of, public_already, said_against, says_they_asked

_PASTED, _RECITED = "pasted text", "words in quotation marks"
_FEW = 12  # words
_TELLING = 40  # characters


@dataclass(frozen=True, slots=True)
class Shown:
    """An earlier message that the forwarded one shows, with everyone who had it; `circulation` is empty where that is not known."""

    sender: Address
    circulation: frozenset[str]
    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A letter between a Member and an officer that the message carries, with everyone who had it or a later message that quotes it.

    `number` is how many of its words the message holds, where nothing but those words shows it.
    """

    member: Person
    known: frozenset[str]
    text: str
    how: str
    by_member: bool
    number: int = 0


def forwards(turn: Turn, context: Context) -> Iterator[Finding]:
    """At most one finding: this officer's message carries a Member's correspondence to another Member, that Member not on it."""
    roster, message = context.roster, turn.message
    sender = roster.who(message.sender)
    if (sender and sender.is_member) or message.automatic:
        return
    present = turn.circulation.visible(roster)
    readers = _members_reached(turn, roster)
    shown = [letter for letter in passed_on(turn, roster) if letter.member.address not in present]
    pasted = (Passed(p.member, p.known, p.text, _PASTED, True, p.number) for p in pasted_letters(turn, readers, roster)) if readers else ()
    letters = [*shown, *pasted]
    if readers and not letters:
        letters = [Passed(r.member, frozenset({r.member.address}), r.text, _RECITED, True, r.number) for r in recited_letters(turn, roster)]
    untold = [(letter, tuple(p for p in readers if p.address not in letter.known)) for letter in letters]
    if told := [(letter, people) for letter, people in untold if people]:
        people = tuple({p.address: p for _, several in told for p in several}.values())
        yield _finding(turn, [letter for letter, _ in told], people, context)


def passed_on(turn: Turn, roster: Roster) -> list[Passed]:
    """Every letter between a Member and an officer that the message carries: attached, forwarded inline, or in its chain."""
    message = turn.message
    chains = [_chain(message.quoted, "block", turn, roster)]
    chains += [_chain(a.quoted, "print", turn, roster) for each in (message, *message.carried) for a in each.attachments]
    for carried in message.carried:
        itself = Shown(carried.sender, roster.reached((*carried.visible, carried.sender)), carried.body.new, "attached message")
        chains.append([itself, *_chain(carried.quoted, "attached message", turn, roster)])
    return [letter for chain in chains for letter in _letters(chain, roster)]


def _chain(quoted: tuple[Quoted, ...], how: str, turn: Turn, roster: Roster) -> list[Shown]:
    return [_shown(q, how, turn, roster) for q in quoted if q.sender]


def _shown(quoted: Quoted, how: str, turn: Turn, roster: Roster) -> Shown:
    assert quoted.sender
    original = _original(quoted.sender, quoted.text, turn, roster)
    recipients = original.visible if original else quoted.recipients
    circulation = roster.reached((*recipients, quoted.sender)) if recipients else frozenset[str]()
    return Shown(quoted.sender, circulation, quoted.text, f"{quoted.quoting} {how}")


def _letters(chain: list[Shown], roster: Roster) -> Iterator[Passed]:
    """The letters of a chain, outermost first; who had a later one had what it quotes.

    An officer's answer may go to whoever had the Member's letter that it answers: the same circulation as the original (County 25.12).
    """
    known: frozenset[str] = frozenset()
    for shown, below in zip_longest(chain, chain[1:]):
        known |= shown.circulation | roster.reached((shown.sender,))
        if letter := _letter(shown, known, roster):
            answered = below.circulation if below and not letter.by_member and roster.who(below.sender) == letter.member else frozenset()
            yield replace(letter, known=letter.known | answered)


def _letter(shown: Shown, known: frozenset[str], roster: Roster) -> Passed | None:
    author = roster.who(shown.sender)
    if author and author.is_member:
        to_officer = any((p := roster.person(a)) and p.kind is not Kind.MEMBER for a in shown.circulation)
        return Passed(author, known, shown.text, shown.how, by_member=True) if to_officer or not shown.circulation else None
    members = [p for a in sorted(shown.circulation) if (p := roster.person(a)) and p.is_member]
    return Passed(members[0], known, shown.text, shown.how, by_member=False) if author and len(members) == 1 else None


def _original(sender: Address, text: str, turn: Turn, roster: Roster) -> Message | None:
    """The earlier message that a quotation shows, found by its author and the beginning of its text."""
    said, author = " ".join(text.split()), roster.reached((sender,))
    same = (c.message for c in reversed(turn.earlier) if roster.reached((c.message.sender,)) == author and c.message.body.new.strip())
    return next((m for m in same if said and _begins(m, said)), None)


def _begins(message: Message, said: str) -> bool:
    """Whether a message begins as a quotation does; a short quotation has to be all that was written, with its sign-off or without."""
    new = " ".join(message.body.new.split())
    signed = " ".join(f"{new} {message.body.signature}".split())
    return signed.startswith(said[:_TELLING]) if len(said) >= _TELLING else said in (new, signed)


def _members_reached(turn: Turn, roster: Roster) -> tuple[Person, ...]:
    reached = turn.circulation.visible(roster) | roster.reached(turn.message.bcc or ())
    return tuple(p for address in sorted(reached) if (p := roster.person(address)) and p.is_member)


def _finding(turn: Turn, letters: list[Passed], readers: tuple[Person, ...], context: Context) -> Finding:
    message, roster = turn.message, context.roster
    owners = tuple({letter.member.address: letter.member for letter in letters}.values())
    sender = roster.who(message.sender)
    author = sender.name if sender else message.sender.email
    evidence = tuple(_evidence(letters, readers, message, sender))
    proved = any(not letter.number for letter in letters)
    whose, whom = names_of(owners), names_of(readers)
    return Finding(
        rule="silent-copy",
        kind="forward",
        message_id=message.id,
        date=message.date,
        severity=Severity.HIGH if any(letter.by_member for letter in letters) else Severity.MEDIUM,
        strength=Strength.PROVED if proved else Strength.LIKELY,
        confidence=confidence(evidence),
        summary=f"{author} passed {whose}'s correspondence on to {whom}, who had not been in its circulation, without {whose} on the message",
        clauses=context.protocol.cite("silent-copy"),
        evidence=evidence,
        settle=f"Whether {whose} was told, or asked for it, in another way."
        if proved
        else f"Whether the words came from {whose}'s letter, and whether {whose} had made them known or asked for it.",
        next_step=f"Ask {author} whether {whose} knew; if not, tell {whose} and remind the officer that copies are to be open.",
        copies=turn.circulation.copies,
    )


def _for_the_assistant(letter: Passed, sender: Person, message: Message) -> bool:
    """Whether a letter was written to its sender's assistant alone and nothing in it, or above it, keeps it from anybody."""
    return letter.known == {sender.address, letter.member.address} and not any(keeps_from_others(text) for text in (letter.text, message.body.new))


def _evidence(letters: list[Passed], readers: tuple[Person, ...], message: Message, sender: Person | None) -> Iterator[Evidence]:
    best = max(letters, key=lambda letter: (letter.by_member, letter.how == "attached message", not letter.number, letter.number))
    whose = "from" if best.by_member else "to"
    if best.how == _RECITED:
        says = f"The message recites {best.number} words as what {best.member.name} wrote, who is not on it"
        yield Evidence("recited", says, 1.0, best.how)
        if act := public_already("", message.body.new):
            yield said_against(act, best.how)
    elif best.number:
        says = f"The message holds {best.number} words of a letter from {best.member.name}, who is not on it"
        yield Evidence("pasted", says, 2.0 if best.number < _FEW else 3.0, best.how)
        if act := public_already(best.text, message.body.new):
            yield said_against(act, best.how)
    else:
        yield Evidence("forward", f"The message carries a letter {whose} {best.member.name}", 3.0 if best.by_member else 1.5, best.how)
    if any(letter.by_member and asked_to_share(letter.text, readers) for letter in letters):
        yield said_against("asked to pass it on", best.how)
    elif says_they_asked(message.body.new, best.member):
        yield said_against("says that they asked", "message")
    elif sender and assists(sender, readers) and all(_for_the_assistant(letter, sender, message) for letter in letters):
        yield Evidence("to their assistant", "It had been written to the reader's own assistant alone", -3.5, "roster")
