"""The trained reader as it ships: its files are the tested ones, and what it says depends on the occasion alone."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from rules.sense import Occasion
from scanner.errors import ModelError
from scanner.language.reader import FILES, TrainedReader, in_bytes, load_reader

SHIPPED = Path(str(resources.files("scanner.language").joinpath("reader_model")))
ASKS = Occasion("member to officer: Thursday", "Could you run off 2,000 of the attached for the doorstep and keep it off the print ledger?")
GRIT = Occasion("member to officer: Grit", "Could you ask Highways to fill the grit bin on Mill Lane before the weekend?")


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return load_reader()


def test_it_tells_a_campaign_from_a_grit_bin(reader: TrainedReader) -> None:
    asks, grit = reader.opinions("political-use", [ASKS, GRIT])
    assert asks > 0 > grit


def test_an_occasion_is_read_alike_whatever_stands_beside_it(reader: TrainedReader) -> None:
    alone = reader.opinions("political-use", [ASKS])[0]
    fresh = load_reader().opinions("political-use", [GRIT, Occasion("x", "word " * 500), ASKS])[2]
    assert alone == fresh


@pytest.mark.parametrize("text", ["", " ", "x" * 100_000, "\x00\ufffd\u202e", "好" * 5000, "word " * 20_000])
def test_any_text_is_read(reader: TrainedReader, text: str) -> None:
    assert all(-30 < opinion < 30 for opinion in reader.opinions("member-obligation", [Occasion(text[:50], text)]))


def test_it_names_an_authored_example_only_where_one_is_near(reader: TrainedReader) -> None:
    assert reader.nearest("political-use", ASKS)
    assert reader.nearest("silent-copy", ASKS) == ""


def test_a_meaning_kept_in_bytes_points_where_it_did(reader: TrainedReader) -> None:
    meant = np.array([reader.meaning(ASKS), reader.meaning(GRIT)])
    kept = in_bytes(meant)
    assert kept.dtype == np.int8
    assert ((kept * meant).sum(1) / np.linalg.norm(kept.astype(float), axis=1) > 0.999).all()


@pytest.mark.parametrize("name", [*FILES, "card.json"])
@pytest.mark.parametrize("fault", ["gone", "changed"])
def test_a_file_that_is_not_the_tested_one_is_refused(tmp_path: Path, name: str, fault: str) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(SHIPPED, folder)
    (folder / name).unlink() if fault == "gone" else (folder / name).write_bytes(b"{}")
    with pytest.raises(ModelError, match=r"run\.reader"):
        load_reader(folder)


def test_what_ships_is_small_and_says_where_it_comes_from() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 30_000_000
    card = json.loads((SHIPPED / "card.json").read_text("utf-8"))
    assert set(card["blends"]) == {"member-obligation", "political-use", "resident-data"}
