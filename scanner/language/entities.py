"""The finder of personal data: presidio's engine with our own model, recognisers and context, and the one door to presidio.

presidio is given everything it would otherwise fetch by name, so it downloads nothing and opens no socket. Its own e-mail
recogniser (which calls out for a list of domains) and its context enhancer (which wants lemmas) are not used: words of context
are sought in the text itself, by `recognisers.Recogniser.score`.
"""

from __future__ import annotations

# ruff: noqa: ARG002 - presidio's interfaces pass arguments that we do not need
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, LocalRecognizer, Pattern, PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from rules.entity import Entity, EntityKind, FindEntities
from scanner.language import recognisers
from scanner.language.casing import pieces, readable
from scanner.language.model import NameModel, load_model
from scanner.language.names import SINGLE, NameWords, packaged_words
from scanner.language.people import people
from scanner.language.recognisers import Recogniser

LANGUAGE = "en"
DOUBTFUL = frozenset({"ORG", "GPE", "NORP", "PRODUCT", "LAW", "FAC", "WORK_OF_ART", "LOC"})
FLAGS = 2 | 8  # IGNORECASE and MULTILINE, as `re` and `regex` both number them


class Names(NlpEngine):
    """Our loaded model as presidio wants one. It gives names only: no tokens, no lemmas."""

    def __init__(self, model: NameModel, small: frozenset[str]) -> None:
        self._model = model
        self._small = small

    def load(self) -> None:
        """Nothing: the model comes loaded."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """The names in a text, found in its readable form, whose offsets are the same."""
        entities: Any = list(self._model(readable(text, self._small)))
        nothing: Any = []
        return NlpArtifacts(entities=entities, tokens=nothing, tokens_indices=[], lemmas=[], nlp_engine=self, language=language)

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **_kwargs: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return [EntityKind.PERSON.name]

    def get_supported_languages(self) -> list[str]:
        return [LANGUAGE]


class People(LocalRecognizer):
    """Names of people, from the model's marks and from titles."""

    def __init__(self, words: NameWords) -> None:
        super().__init__(supported_entities=[EntityKind.PERSON.name], supported_language=LANGUAGE)
        self._words = words

    def load(self) -> None:
        """Nothing: the words come loaded."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        names: list[Any] = nlp_artifacts.entities
        marked = [(n.start, n.end) for n in names if n.label == "PERSON"]
        doubtful = [(n.start, n.end) for n in names if n.label in DOUBTFUL]
        return [RecognizerResult(EntityKind.PERSON.name, s.start, s.end, s.score) for s in people(text, marked, doubtful, self._words)]


class Row(PatternRecognizer):
    """One row of `recognisers.toml` as presidio runs it."""

    def __init__(self, row: Recogniser) -> None:
        self._row = row
        patterns = [Pattern(row.name, pattern, row.near) for pattern in row.patterns]
        super().__init__(row.kind.name, name=row.name, supported_language=LANGUAGE, patterns=patterns, global_regex_flags=FLAGS)

    def invalidate_result(self, pattern_text: str) -> bool:
        return not self._row.check(pattern_text)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Each match with the score that its surroundings give it; those worth nothing are dropped."""
        if not self._row.can_stand_in(text):
            return []
        results: list[RecognizerResult] = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for result in results:
            result.score = self._row.score(text, result.start, result.end)
        return [result for result in results if result.score > 0]


class AsFound(ContextAwareEnhancer):
    """Leaves scores alone: each recogniser has already looked around."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        return raw_results


class Entities:
    """A finder of entities: call it with a text of any length. Loaded once, it keeps nothing of what it reads."""

    def __init__(self, model: NameModel, rows: Iterable[Recogniser], words: NameWords) -> None:
        found_by: list[EntityRecognizer] = [People(words), *(Row(row) for row in rows)]
        registry = RecognizerRegistry(recognizers=found_by, supported_languages=[LANGUAGE])
        self._kinds = sorted({kind for recogniser in found_by for kind in recogniser.supported_entities})
        self._engine = AnalyzerEngine(registry, Names(model, words.small), supported_languages=[LANGUAGE], context_aware_enhancer=AsFound())

    def __call__(self, text: str) -> tuple[Entity, ...]:
        """Everything personal in the text, by place; where two overlap the likelier stays."""
        found = settled(e for offset, piece in pieces(text) for e in self._in_piece(piece, offset))
        return tuple(without_towns(text, sorted(found, key=_place)))

    def _in_piece(self, piece: str, offset: int) -> Iterator[Entity]:
        for result in self._engine.analyze(piece, LANGUAGE, entities=self._kinds):
            if result.score > 0:
                yield Entity(EntityKind[result.entity_type], result.start + offset, result.end + offset, result.score)


def without_towns(text: str, entities: Sequence[Entity]) -> Iterator[Entity]:
    """Entities by place, less a single word that stands between a street and a postcode, or beside one: that is a town, not a name."""
    neighbours: list[Entity | None] = [None, *entities, None]
    for before, entity, after in zip(neighbours, entities, neighbours[2:], strict=False):
        led = before is not None and before.kind is EntityKind.ADDRESS and _next_to(text, before.end, entity.start)
        followed = after is not None and after.kind is EntityKind.POSTCODE and _next_to(text, entity.end, after.start)
        if not (entity.kind is EntityKind.PERSON and entity.score <= SINGLE and (led or followed)):
            yield entity


def _next_to(text: str, end: int, start: int) -> bool:
    return start - end <= 3 and not text[end:start].strip(" ,\t\r\n")


def _place(entity: Entity) -> tuple[int, int]:
    return entity.start, entity.end


def settled(entities: Iterable[Entity]) -> Iterator[Entity]:
    """Of overlapping entities the one that is likelier, then longer; a name yields to anything else that is likely."""
    covered: set[int] = set()
    for entity in sorted(entities, key=_rank):
        place = range(entity.start, entity.end)
        if covered.isdisjoint(place):
            covered.update(place)
            yield entity


def _rank(entity: Entity) -> tuple[bool, float, int, int]:
    hint = entity.kind is EntityKind.PERSON or entity.score < 0.5
    return hint, -entity.score, entity.start - entity.end, entity.start


def load_entities(model: str | None = None) -> FindEntities:
    """The finder with the packaged model, or with an installed spaCy model of that name. Takes seconds. Raises model.ModelError."""
    return Entities(load_model(model), recognisers.packaged(), packaged_words())
