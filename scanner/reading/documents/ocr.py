"""Words in pictures of pages, by Tesseract where it is installed; asked for by name and talked to through pipes, so that no page touches the disk."""

from __future__ import annotations

import os
import shutil
import subprocess

PROGRAM = "tesseract"
_LARGEST_AREA = 40_000_000
_ORDER = ("stdin", "stdout", "-l", "eng", "--psm", "3")


def installed() -> bool:
    """Whether Tesseract can be called."""
    return shutil.which(PROGRAM) is not None


def words_of(picture: bytes, area: int, seconds: float) -> str | None:
    """The text in a picture file of `area` points; None where Tesseract is missing, fails, or needs more than `seconds`. Never raises."""
    if area > _LARGEST_AREA or seconds <= 0 or not (program := shutil.which(PROGRAM)):
        return None
    # One thread each: judging processes already fill the processors.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # the program that the operator installed, with fixed words
            [program, *_ORDER], input=picture, capture_output=True, timeout=seconds, check=True, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").strip()
