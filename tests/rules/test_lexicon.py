"""The phrase language, and the sentences that it is looked for in."""

from __future__ import annotations

import pytest

from rules.catalogue import RULES
from rules.entity import Entity, EntityKind
from rules.lexicon import packaged, parse
from rules.passage import Passage, Weighed, excerpt_of, masked, unquoted
from rules.roster import Kind, Person, Roster

HEAD = '[lists]\ncouncil = ["we", "the council"]\n[[acts]]\nname = "a"\nsays = "s"\nweight = 1\n'


def found(phrase: str, sentence: str) -> bool:
    return bool(parse(f"{HEAD}phrases = ['''{phrase}''']").find(sentence))


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("will pay", "The Council WILL  pay"),
        ("{pay|make good} it", "we shall make good it"),
        ("<council> will {also|just}? pay", "We'll pay"),
        ("<council> will {also|just}? pay", "the council will also pay"),
        ("leaflet* for", "leaflets for all"),
        ("pay .. bill", "pay the whole of the bill"),
        ("can't promise", "I cannot promise"),
        ("cannot promise", "I can’t promise"),
        ("do not go", "dont go"),
        ("^ stop", "“Stop!” she wrote"),
        ("{no} $", "Gurpreet, no."),
        ("pay ..", "pay"),
        ("{<council>|they} pay", "the council pay"),
    ],
)
def test_a_phrase_is_found(phrase: str, sentence: str) -> None:
    assert found(phrase, sentence)


@pytest.mark.parametrize(
    ("phrase", "sentence"),
    [
        ("will pay", "willpay"),
        ("pay", "payment"),
        ("pay", "repay"),
        ("pay .. bill", "pay one two three four five bill"),
        ("^ stop", "please stop"),
        ("{no} $", "no, thank you"),
        ("<council> will pay", "they will pay"),
    ],
)
def test_a_phrase_is_not_found(phrase: str, sentence: str) -> None:
    assert not found(phrase, sentence)


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + "phrases = ['<nobody> pays']",
        HEAD.replace("weight = 1", "weight = 'much'") + "phrases = ['x']",
        HEAD.replace('says = "s"\n', "") + "phrases = ['x']",
    ],
)
def test_a_malformed_lexicon_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"act a|word list"):
        parse(text)


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_the_packaged_lexicons_parse(rule: str) -> None:
    assert packaged(f"rules.{rule.replace('-', '_')}").acts


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dear Mr. Khan\n\nWe met at no. 12 St. Mary. It was\ngood!", ["Dear Mr. Khan", "We met at no. 12 St. Mary.", "It was good!"]),
        ("One\n- two\n- three", ["One", "- two", "- three"]),
        ("", []),
        ("x" * 1300, ["x" * 600, "x" * 600, "x" * 100]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert list(Passage(text, "message").sentences()) == sentences


def test_quotations_of_four_words_or_more_are_nobodys_own() -> None:
    assert unquoted('He wrote “the Council will pay you” and "thanks".').split() == ["He", "wrote", "and", '"thanks".']


def test_an_excerpt_holds_no_name_address_or_number() -> None:
    def find(text: str) -> tuple[Entity, ...]:
        return tuple(Entity(EntityKind.PERSON, at, at + len(name)) for name in ("Ivy Lund", "Ann Bell") if (at := text.find(name)) >= 0)

    roster = Roster((Person("a@x.example", "Cllr Ann Bell", Kind.MEMBER),))
    sentence = "Ann Bell told Ivy Lund (ivy@post.example, 07700 900123) that all is well."
    assert masked(sentence, find, roster) == "Ann Bell told ▒▒▒ (▒▒▒, ▒▒▒▒▒ ▒▒▒▒▒▒) that all is well."
    assert excerpt_of(Weighed("Ivy Lund, 1 The Pound", "attachment list.csv", (), is_rows=True), find, roster) == ""
