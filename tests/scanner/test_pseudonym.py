"""The keyed hashes of the ledger, and the key behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import ConfigurationError
from scanner.pseudonym import key_of, pseudonym

KEY = b"k" * 32


@pytest.mark.parametrize("text", ["", "ann@x", "é", "\udc80", "\x00", "x" * 100_000])
def test_a_pseudonym_is_32_hexadecimal_digits_and_depends_on_key_and_text(text: str) -> None:
    name = pseudonym(KEY)(text)
    assert len(name) == 32 and int(name, 16) >= 0
    assert name == pseudonym(KEY)(text)
    assert name != pseudonym(KEY)(text + "x")
    assert name != pseudonym(b"j" * 32)(text)


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = key_of("file:deep/store.key", tmp_path)
    path = tmp_path / "deep/store.key"
    assert len(first) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_of("file:deep/store.key", tmp_path) == first
    assert key_of(f"file:{path}", Path("/")) == first
    assert key_of("file:other.key", tmp_path) != first


def test_a_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARNSIDE_KEY", "sixteen letters!")
    assert key_of("env:TARNSIDE_KEY", tmp_path) == b"sixteen letters!"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "brief", "  fifteen chars \n"])
def test_a_key_too_short_to_protect_anybody_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "store.key").write_text(content)
    with pytest.raises(ConfigurationError, match="shorter") as told:
        key_of("file:store.key", tmp_path)
    assert not content.strip() or content.strip() not in str(told.value)


def test_a_key_that_is_not_there_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TARNSIDE_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="TARNSIDE_KEY"):
        key_of("env:TARNSIDE_KEY", tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be"):
        key_of("file:file/store.key", tmp_path)
