"""The name model: only the tested one is opened, and what is wrong is said with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import ModelError
from scanner.language import model
from scanner.language.model import load_model, verify

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_file_that_differs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"tampered")
    with pytest.raises(ModelError, match=r"weights is not the one that was tested: install the requirements"):
        verify(tmp_path, {"weights": EMPTY})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks its file ner/model"):
        verify(tmp_path, {"ner/model": EMPTY})


def test_the_right_file_passes(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"")
    verify(tmp_path, {"weights": EMPTY})


def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "PACKAGED", "no_such_model_package")
    with pytest.raises(ModelError, match="is not installed"):
        load_model()


@pytest.mark.parametrize("name", ["en_core_web_lg_absent", "../elsewhere", "", "json"])
def test_a_model_that_is_not_installed(name: str) -> None:
    with pytest.raises(ModelError, match="no installed spaCy model"):
        load_model(name)


def test_an_installed_model_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "en_made_up" / "en_made_up-1.0.0"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").write_text("")
    (data / "config.cfg").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError, match=r"en_made_up-1\.0\.0"):
        load_model("en_made_up")


def test_only_the_name_component_is_loaded() -> None:
    assert {name.label for name in load_model()("Amina Okonkwo lives in London.")} == {"PERSON", "GPE"}
