"""Who inside a conversation had already been told what about whom, and who agreed to be told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.circulation import Turn
from rules.lexicon import Act, packaged
from rules.message import Message
from rules.passage import Passage, text_of
from rules.resident_data.facts import GRAVE, HOME, topics
from rules.resident_data.people import Mention, Told, names_in
from rules.resident_data.readers import Known
from rules.roster import Roster, plain_name
from rules.rule import Context

_STATED = ("consent", "training or invented", "figure of history", "public already")
_EVERYBODY = re.compile(r"\b(?:all|both|each|everyone|everybody|they|families|residents|tenants|them|whoever|people)\b", re.IGNORECASE)
_ANYONE = re.compile(r"\b(?:you|this|anyone|everyone|members|group|colleagues|press|committee|council|whoever)\b", re.IGNORECASE)
_SPEAKS_FOR = re.compile(
    r"\bmy\s+(?:\w+\s)?(?:son|daughter|child|children|husband|wife|partner|mother|mum|father|dad|client|clients|patient|"
    r"tenant|constituent|baby|twins|"
    r"boy|girl)\b(?!['’]s\b)|\b(?:authority|consent|power of attorney|lpa|appointee|deputy|executor|on behalf of|behalf|represent|acting for)\b",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?:(?:has|have|had|she|he|they) (?:asked|rung|rang|written|wrote|contacted|called|emailed|e-mailed|phoned|"
    r"been in touch|come to|came to|approached)|"
    r"asked me|rang me|contacted me|wrote to me|e?-?mailed me|tells me|constituents?|my residents?|(?:my|at|the) surgery|"
    r"casework|behalf|chas\w+|any news|"
    r"any update|an update|progress|still waiting|my ward|signed the form)\b",
    re.IGNORECASE,
)
_PRYING = re.compile(
    r"\b(?:who(?:'s| is| was| are| were| has| got| did| do| does| lives| called| reported| on earth| exactly)|whose|"
    r"which (?:one|of|house|flat|kids|child|tenant|resident|family|neighbour)|what are .{1,40} claiming|what does .{1,30} (?:owe|earn|claim|get)|"
    r"how much (?:does|do|did|is|has)|what(?:'s| is) (?:that (?:all )?about|wrong|up|the matter|the story|the score|"
    r"going on|.{1,20}story)(?=[ ?!])|whatever happened|what happened to|"
    r"(?:somebody|someone|they|people) (?:told me|say|reckon)|i (?:hear|heard)|word is|rumour|is it true|any truth|go on|"
    r"do tell|spill|gossip|nosy|curious|"
    r"asking for a friend|(?:give me|the|any|their) names?\b.{0,12}[.?!]|names? please|remind me (?:who|which|what)|"
    r"number if|between us|off the record|"
    r"(?:he|she|they) (?:isn't|isnt|ain't) even|what do we (?:know|have|hold)|anything on|dirt on|dig up)\b|\b(?:which|who|why)\?",
    re.IGNORECASE | re.MULTILINE,
)
_SEEN_PHONE = re.compile(r"\d[\d\s]{8,}\d")
_SEEN_ADDRESS = re.compile(r"\b\d{1,3}[a-z]?\s[a-z]{3,}|\b(?:at|number|no\.?|flat)\s\d{1,3}[a-z]?\b")
_CONTACT = frozenset({"e-mail address", "postcode", "case reference"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What makes it proper to tell of somebody: an act of the lexicon, and whom it covers: surnames, or nobody named for everybody."""

    act: Act
    covers: frozenset[str]

    def covers_person(self, surname: str) -> bool:
        return not self.covers or surname in self.covers


def statements(message: Message, context: Context, present: frozenset[str]) -> tuple[Statement, ...]:
    """The consents and the like that a message states, each for those of whom it speaks.

    What somebody inside wrote further down was said of other readers, and counts for them alone.
    """
    if packaged("rules.resident_data").has("told in confidence", message.body.new):
        return ()
    below = (q.text for q in message.quoted if q.sender is None or not context.roster.inside(q.sender.email))
    unparsed = () if message.quoted else (message.body.forwarded, message.body.history)
    texts = (message.body.new, *(text_of(a) for a in message.attachments), *below, *unparsed)
    return tuple(s for text in texts if text.strip() for s in _stated(text, context, present))


def _stated(text: str, context: Context, present: frozenset[str]) -> Iterator[Statement]:
    lexicon = packaged("rules.resident_data")
    if not any(lexicon.has(name, text) for name in _STATED):
        return
    sentences = tuple(Passage(text, "").sentences())
    for place, sentence in enumerate(sentences):
        for name in _STATED:
            if lexicon.has(name, sentence) and not (name == "consent" and _for_others(sentence, context.roster, present)):
                covers = frozenset() if name == "training or invented" else _covered(sentences, place, context, present)
                yield Statement(lexicon.acts[name], covers)


def _covered(sentences: tuple[str, ...], place: int, context: Context, present: frozenset[str]) -> frozenset[str]:
    """The people a sentence names, those on the message too; failing that, those last named before it.

    Nobody in particular, which is everybody, where it says so or where nobody was named.
    """

    def named(sentence: str) -> frozenset[str]:
        return names_in(sentence, context.find_entities, context.roster, present)

    if own := names_in(sentences[place], context.find_entities, context.roster, frozenset()):
        return own
    if _EVERYBODY.search(sentences[place]):
        return frozenset()
    return next((names for i in reversed(range(place)) if (names := named(sentences[i]))), frozenset())


def _for_others(sentence: str, roster: Roster, present: frozenset[str]) -> bool:
    """Whether consent is given for a Member or officer by name, none of them on the message, and for nobody else."""
    text = f" {plain_name(sentence)} "
    surnames = {words[-1] for p in roster.people if (words := plain_name(p.name).split()) and f" {words[-1]} " in text}
    return bool(surnames) and not surnames & present and not _ANYONE.search(sentence)


def new_to(mention: Mention, readers: frozenset[str], known: Iterable[Known], strangers: frozenset[str]) -> frozenset[str]:
    """The readers who had not been told this of this person.

    A Member who had the name has the case. `strangers`, people outside and whoever only pried, know no more of a name than was said with it,
    or than is told to whom it concerns. Spoken to one of them ("your tenancy 4471203"), data without a name are that person's own.
    """
    outside = readers & strangers
    if mention.of.to_reader and len(outside) == 1:
        readers = readers - outside
    had: set[str] = set()
    for each in known:
        if _holds(each.text, mention.of):
            had |= each.readers - outside
            if each.readers & outside - had and (_SPEAKS_FOR.search(each.text) or mention.facts <= _said_in(each.text)):
                had |= each.readers & outside
    return readers - had


def _said_in(text: str) -> frozenset[str]:
    """The kinds of data that an earlier text told already."""
    shown = {"phone number"} if _SEEN_PHONE.search(text) else set()
    return frozenset(topics(text)) | _CONTACT | shown | ({"street address", HOME} if _SEEN_ADDRESS.search(text) else set())


def _holds(text: str, of: Told) -> bool:
    """Whether a text names this person: a house number only by itself, and nobody whom it gives the other sex's title alone."""
    if of.surname[:1].isdigit():
        return re.search(rf"(?<!\w){re.escape(of.surname)}(?!\w)", text) is not None
    other = _OTHER_TITLE.get(of.title)
    if of.surname not in text or not other:
        return of.surname in text
    return len(re.findall(rf"\b(?:{other})\.?\s+{re.escape(of.surname)}", text)) < text.count(of.surname)


_OTHER_TITLE = {"mr": "mrs|ms|miss", "mrs": "mr", "ms": "mr", "miss": "mr"}


def pries(turn: Turn, readers: frozenset[str], roster: Roster) -> str:
    """The question of the reader answered, where it asks after somebody without bringing or having that person's case; else empty."""
    answered = turn.answered()
    if answered is None or not roster.reached((answered.sender,)) & readers:
        return ""
    text = f"{answered.subject}\n{answered.body.new}"
    if roster.inside(answered.sender.email):
        return text if asks_who(text) and not _CASE.search(answered.body.new) else ""
    return "" if _SPEAKS_FOR.search(text) else text


def asks_who(question: str) -> bool:
    """Whether a question pries into who somebody is, or into a grave matter of somebody's."""
    asking = " ".join(s for s in Passage(question, "").sentences() if s.endswith("?"))
    return _PRYING.search(question) is not None or bool(topics(asking).keys() & GRAVE)
