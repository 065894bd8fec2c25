"""Names of people: what the model marks, cleaned, and what is announced.

Scores: 0.9 with a title, 0.85 for two words or more, 0.5 for one word, less where the letters are small or the model takes the
words for an organisation. A title such as Mrs stays in the span; an office such as Cllr does not, since its holder is looked up
on the roster by name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from scanner.language.announced import given, greeted, titled, turned
from scanner.language.cleaning import cleaned
from scanner.language.names import FULL, LIKELY, NAME_WORD, NameWords, Span

NEAR = 45


def people(text: str, marked: Iterable[tuple[int, int]], doubtful: Iterable[tuple[int, int]], words: NameWords) -> tuple[Span, ...]:
    """Every name in the text, in order, none overlapping.

    `marked` are the places that the model takes for people, `doubtful` those that it takes for organisations and the like.
    """
    announced = _merged((*titled(text, words), *greeted(text, words), *turned(text, words), *given(text, words)))
    read = (span for start, end in marked for span in cleaned(text, start, end, words))
    sure = _merged((*announced, *_unsaid(text, read, announced)))
    maybe = (span for start, end in doubtful for span in possible(text, start, end, words))
    return _merged((*sure, *(span for span in maybe if not _meets(span, sure))))


def possible(text: str, start: int, end: int, words: NameWords) -> Iterator[Span]:
    """Two or three capitalised words that the model takes for something else, where words near by speak of a person."""
    for span in cleaned(text, start, end, words):
        written = text[span.start : span.end].split()
        if span.score != FULL or len(written) > 3 or not all(len(w) > 2 and NAME_WORD.fullmatch(w) and w[0].isupper() for w in written):
            continue
        around = text[max(0, span.start - NEAR) : span.start], text[span.end : span.end + NEAR]
        if any(words.has("personal", w[0]) for part in around for w in NAME_WORD.finditer(part)):
            yield Span(span.start, span.end, LIKELY)


def _unsaid(text: str, read: Iterable[Span], announced: tuple[Span, ...]) -> Iterator[Span]:
    """What the model read, less what it read in capitals over a name already announced: there it cannot see where names end."""
    return (span for span in read if not (text[span.start : span.end].isupper() and _meets(span, announced)))


def _meets(span: Span, others: tuple[Span, ...]) -> bool:
    """Whether a span overlaps one of others, which stand in order and do not overlap."""
    later = bisect_left(others, span.end, key=lambda other: other.start)
    return later > 0 and others[later - 1].end > span.start


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans as one, with the better score, in order."""
    merged: list[Span] = []
    for span in sorted(spans, key=_place):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            merged.append(Span(last.start, max(last.end, span.end), max(last.score, span.score)))
        else:
            merged.append(span)
    return tuple(merged)


def _place(span: Span) -> tuple[int, int]:
    return span.start, -span.end
