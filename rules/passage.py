"""Text as sentences with their place, weighed against a lexicon: which sentence speaks most for a breach, and what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.entity import FindEntities
from rules.finding import Evidence
from rules.lexicon import Act, Lexicon
from rules.message import Attachment, Message
from rules.roster import Roster, plain_name

_LONGEST = 600
_LESS = (1.0, 0.6, 0.4, 0.25)
_ABBREVIATED = re.compile(
    r"\b(?:mr|mrs|ms|dr|cllr|no|st|rd|ave|e\.g|i\.e|etc|approx|ref|tel|ext|inc|vs|prof|rev|hon|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.$|\b[A-Z]\.$",
    re.IGNORECASE,
)
_GREETING = (
    r"\A\W{0,5}(?!(?:if|unless|when|where|while|provided|subject|mr|mrs|ms|miss|dr|cllr)\b)"
    r"(?:(?:dear|hi|hello|hey|hiya|morning|afternoon|evening|good\s\w{3,10}|thanks|thank\syou)\b[^\n]{0,40}+"
    r"|(?-i:[A-Z][\w'’-]{1,20}+(?: [A-Z][\w'’-]{1,20}+)?[,!]|[A-Z][a-z]{1,20}+))[^\S\n]*+\n(?=\s*(?-i:[A-Z]))"
)
_END = re.compile(
    rf"{_GREETING}|(?<=[.!?])[\"')\]]*\s+|\n\s*\n|\n\s*(?=[-*•·]|\d+[.)]\s)|"
    r"\n(?=\s*(?:dear|hi|hello|regards|kind|best|many|thanks|yours|cheers)\b)",
    re.IGNORECASE,
)
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"'})
_QUOTATION = re.compile(r'"[^"\n]{1,600}"')
_QUOTED_WORDS = 4
_DIGITS = re.compile(r"£[\d,.]*\d|\d")
_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>(),;]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text and where it stands: "message", "subject", "attachment letter.docx". Rows are a sheet's, which no excerpt shows."""

    text: str
    place: str
    is_rows: bool = False

    def sentences(self) -> Iterator[str]:
        """The sentences in order; line breaks within one are healed, and one too long is cut into pieces."""
        start = 0
        for end in self._ends():
            sentence = " ".join(self.text[start:end].split())
            start = end
            yield from (sentence[i : i + _LONGEST] for i in range(0, len(sentence), _LONGEST))

    def _ends(self) -> Iterator[int]:
        for match in _END.finditer(self.text):
            if not _ABBREVIATED.search(self.text[max(0, match.start() - 12) : match.start()].rstrip("\"')]")):
                yield match.end()
        yield len(self.text)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One sentence with the acts found in it."""

    sentence: str
    place: str
    acts: tuple[Act, ...]
    is_rows: bool = False

    @property
    def weight(self) -> float:
        return sum(weight for _, weight in self._weights())

    def _weights(self) -> Iterator[tuple[Act, float]]:
        """Each act with its weight; acts that say the same thing in other words add less and less."""
        for place, act in enumerate(sorted(self.acts, key=lambda a: -a.weight)):
            yield act, act.weight if act.weight <= 0 else act.weight * _LESS[min(place, len(_LESS) - 1)]

    def has(self, *names: str) -> bool:
        """Whether any of the named acts stands in the sentence."""
        return any(act.name in names for act in self.acts)

    def evidence(self, excerpt: str) -> tuple[Evidence, ...]:
        """Each act as a reason for or against, with the masked sentence."""
        return tuple(Evidence(act.name, act.says, weight, self.place, excerpt) for act, weight in self._weights())


def written(message: Message) -> tuple[Passage, ...]:
    """What the sender wrote: the new content, and the texts of the documents attached."""
    attached = (Passage(text_of(a), f"attachment {a.name}", bool(a.tables)) for a in message.attachments if a.message is None)
    return (Passage(message.body.new, "message"), *(p for p in attached if p.text))


def text_of(attachment: Attachment) -> str:
    """An attachment's text; a table without one gives its rows, a sentence each."""
    rows = (". ".join(cell for cell in row if cell) for table in attachment.tables for row in table.rows)
    return attachment.text or "\n\n".join(rows)


def weigh(passages: Iterable[Passage], lexicon: Lexicon) -> tuple[Weighed, ...]:
    """Every sentence that holds an act, in reading order."""
    weighed = (Weighed(s, p.place, lexicon.find(s), p.is_rows) for p in passages for s in p.sentences())
    return tuple(w for w in weighed if w.acts)


def unquoted(text: str) -> str:
    """A text without what it puts between double quotation marks, four words or more: somebody else's words, or a draft."""
    return _QUOTATION.sub(lambda m: " " if len(m[0].split()) >= _QUOTED_WORDS else m[0], text.translate(_CURLY))


def masked(sentence: str, find: FindEntities, roster: Roster) -> str:
    """A sentence fit to rest in a store: names of private people, numbers and addresses are blanked; councillors and officers stay."""
    text = list(sentence)
    for entity in find(sentence):
        if not _of_the_council(sentence[entity.start : entity.end], roster):
            text[entity.start : entity.end] = ["" if i else "▒▒▒" for i in range(entity.end - entity.start)]
    return _DIGITS.sub(lambda m: m[0] if m[0].startswith("£") else "▒", _EMAIL.sub("▒▒▒", "".join(text)))


def _of_the_council(name: str, roster: Roster) -> bool:
    """Whether a name is that of a councillor or an officer, in full or by one of its words."""
    words = plain_name(name).split()
    return bool(words) and any(set(words) <= set(plain_name(p.name).split()) for p in roster.people)


def excerpt_of(weighed: Weighed, find: FindEntities, roster: Roster) -> str:
    """The masked sentence; nothing of a sheet, where every cell may be somebody's."""
    return "" if weighed.is_rows else masked(weighed.sentence, find, roster)
