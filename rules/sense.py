"""What a trained reader makes of a text, and the setting in which it reads: who writes to whom, about what, in answer to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from rules.candidates import candidate_said
from rules.circulation import Turn
from rules.council import Council
from rules.finding import Evidence, confidence
from rules.message import Address
from rules.parties import of_campaign
from rules.passage import Passage
from rules.polling import told_from_polls
from rules.roster import Roster

READER = "trained reader"
_WORDS = 60
_OVERLAP = 25
_MOST = 14
_AROUND, _EACH = 120, 80
_TURNS = 3
_FILES, _FILE_NAME = 3, 60


@dataclass(frozen=True, slots=True)
class Occasion:
    """A stretch of text of some sixty words in whole sentences, with its setting; `sentences` has each as it is read and as it was written."""

    setting: str
    text: str
    place: str = "message"
    is_rows: bool = False
    sentences: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Blend:
    """How one rule weighs words against the reader's opinion, all in log-odds.

    `prior` + `words` × evidence for a breach + `against` × evidence against one + `sense` × opinion.
    """

    prior: float
    words: float
    against: float
    sense: float


class Sense(Protocol):
    """A trained reader: deterministic, and the same for one occasion whatever stands beside it."""

    def opinions(self, rule: str, occasions: Sequence[Occasion], /) -> Sequence[float]:
        """How much each occasion speaks for a breach of the rule, in log-odds."""
        ...

    def blend(self, rule: str, /) -> Blend | None:
        """How the rule is to weigh it; None for a rule that the reader was not trained for."""
        ...

    def nearest(self, rule: str, occasion: Occasion, /) -> str:
        """The authored breach most like an occasion; empty where none is near."""
        ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reader makes of a message: the occasion that speaks most for a breach, how much (log-odds), and how to weigh that."""

    rule: str
    occasion: Occasion
    weight: float
    blend: Blend

    def beside(self, words: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Evidence from words, each to the scale of this opinion, and the opinion itself as one more reason."""
        scale = self.blend
        scaled = tuple(replace(e, weight=e.weight * (scale.words if e.weight > 0 else scale.against)) for e in words)
        says = "The trained reader takes it for a breach" if self.weight > 0 else "The trained reader takes it for no breach"
        return (*scaled, Evidence(READER, says, self.weight * self.blend.sense, self.occasion.place))


def weighed(words: tuple[Evidence, ...], prior: float, opinion: Opinion | None) -> float:
    """The confidence of evidence from words and of an opinion, where there is one; `prior` holds for words alone."""
    return confidence(opinion.beside(words), opinion.blend.prior) if opinion else confidence(words, prior)


def evidence_of(words: tuple[Evidence, ...], opinion: Opinion | None, sense: Sense | None, mask: Callable[[str], str]) -> tuple[Evidence, ...]:
    """The evidence of a finding, heaviest reasons with their masked sentence; the opinion shows the sentence and the authored breach most like it."""
    if opinion is None or sense is None:
        return words
    *scaled, heard = opinion.beside(words)
    occasion = opinion.occasion
    telling = _telling(sense, opinion)
    near = sense.nearest(opinion.rule, occasion) if opinion.weight > 0 else ""
    statement = f"{heard.statement}; most like the authored example “{near}”" if near else heard.statement
    return (*scaled, replace(heard, statement=statement, excerpt="" if occasion.is_rows else mask(telling)))


def _telling(sense: Sense, opinion: Opinion) -> str:
    """The sentence of the occasion that speaks most for a breach by itself, as it was written."""
    occasion = opinion.occasion
    sentences = occasion.sentences or ((occasion.text, occasion.text),)
    if len(sentences) == 1:
        return sentences[0][1]
    opinions = sense.opinions(opinion.rule, [replace(occasion, text=said) for said, _ in sentences])
    return sentences[max(range(len(sentences)), key=lambda i: opinions[i])][1]


def kind_of(address: Address, roster: Roster, council: Council) -> str:
    """What somebody is to the council: "member", "officer", "outsider", or one outside who is a "party"."""
    person = roster.who(address)
    if person:
        return "member" if person.is_member else "officer"
    if roster.inside(address.email):
        return "officer"
    return "party" if of_campaign(address, council, roster) else "outsider"


def whom(addresses: Iterable[Address], roster: Roster, council: Council) -> tuple[str, ...]:
    """The kinds of the readers, several Members as "members", in order of the alphabet."""
    kinds = [kind_of(address, roster, council) for address in addresses]
    return tuple(sorted({"members" if kind == "member" and kinds.count("member") > 1 else kind for kind in kinds}))


def setting(sender: str, readers: Sequence[str], subject: str, files: Sequence[str] = (), around: Iterable[tuple[str, str, str]] = ()) -> str:
    """A setting in words: `member to officer: Little favour | attaching map.pdf | answering member: …`.

    `around` are the messages that it stands among, each with how ("answering", "before that", "forwarding"), the kind of its author, and its text:
    eighty words of each, a hundred and twenty of them all.
    """
    said, left = [f"{sender} to {' and '.join(readers)}: {subject}"], _AROUND
    if files:
        said.append(f"attaching {', '.join(name[:_FILE_NAME] for name in files[:_FILES])}")
    for how, author, text in around:
        if words := text.split()[: min(left, _EACH)]:
            said.append(f"{how} {author}: {' '.join(words)}")
            left -= len(words)
    return " | ".join(said)


def setting_of(turn: Turn, roster: Roster, council: Council, sender: str = "") -> str:
    """The setting of a message in its conversation; `sender` says in whose name it goes out, where that is not its sender's."""
    message = turn.message
    return setting(
        sender or kind_of(message.sender, roster, council),
        whom(message.visible, roster, council),
        plainly(message.subject, council, roster, message.day),
        [plainly(a.name, council, roster) for a in message.attachments if a.message is None and a.name],
        ((how, kind_of(author, roster, council), plainly(_opening(text), council, roster, day)) for how, author, text, day in _around(turn)),
    )


def _opening(text: str) -> str:
    """As much of a text as can come into a setting, however that is told."""
    return " ".join(text.split()[: 2 * _EACH])


def _around(turn: Turn) -> Iterator[tuple[str, Address, str, date | None]]:
    """The messages that this one answers, back to what the first of them passes on, or else what it passes on itself; each with its day.

    What is passed on is taken for a letter of the same day: its own is told in words of many kinds, and it is seldom old.
    """
    at, how = turn, "answering"
    for _ in range(_TURNS):
        if (before := at.before()) is None:
            break
        yield how, before.message.sender, before.message.body.new, before.message.day
        at, how = before, "before that"
    if at.before() is None and (passed_on := at.message.passed_on) and passed_on.sender:
        yield ("forwarding" if at is turn else how), passed_on.sender, passed_on.text, at.message.day


def plainly(text: str, council: Council, roster: Roster, sent: date | None = None) -> str:
    """A text of this day as somebody reads it who knows neither the council's candidates nor when it votes.

    Each candidate who does not sit on it is "our candidate", the day of each poll "polling day" and a day about it "2 days before polling day": no
    reader was trained on their names and dates.
    """
    return told_from_polls(candidate_said(text, council, roster), council, sent)


def occasions(passages: Iterable[Passage], setting: str, council: Council, roster: Roster, sent: date | None) -> tuple[Occasion, ...]:
    """Passages of a message of this day as stretches to be read, at most fourteen each; an empty message is read for its setting alone."""
    found = []
    for passage in passages:
        for stretch in stretches(passage.text):
            read = tuple((plainly(sentence, council, roster, sent), sentence) for sentence in stretch)
            found.append(Occasion(setting, " ".join(said for said, _ in read), passage.place, passage.is_rows, read))
    return tuple(found) or (Occasion(setting, ""),)


def stretches(text: str) -> Iterator[tuple[str, ...]]:
    """Whole sentences, some sixty words at a time; a short sentence at the end of one opens the next as well."""
    taken: tuple[str, ...] = ()
    number = 0
    for sentence in Passage(text, "").sentences():
        if taken and _length(taken) + len(sentence.split()) > _WORDS:
            yield taken
            number += 1
            taken = taken[-1:] if len(taken[-1].split()) < _OVERLAP else ()
        if number == _MOST:
            return
        taken += (sentence,) if sentence else ()
    if taken:
        yield taken


def _length(sentences: Iterable[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def opinion(sense: Sense | None, rule: str, read: Sequence[Occasion]) -> Opinion | None:
    """What a reader who was trained for the rule makes of a message's occasions; None without such a reader."""
    if sense is None or (blend := sense.blend(rule)) is None:
        return None
    opinions = sense.opinions(rule, read)
    place = max(range(len(read)), key=lambda i: opinions[i])
    return Opinion(rule, read[place], opinions[place], blend)
