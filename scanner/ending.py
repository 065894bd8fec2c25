"""How the streams are set, and what a command says on standard error when it ends: for people, and never the text of mail."""

from __future__ import annotations

import logging
import sys
from io import TextIOWrapper
from traceback import format_tb

from reports.mask import legible
from scanner.errors import AboveboardError
from scanner.faults import unforeseen
from scanner.job import ScanResult


def settle() -> None:
    """Has both streams print whatever comes, on any terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace", newline="")
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())  # Ctrl-C in mid-return of a connection is no fault to report


def log() -> None:
    """Sends the log of a scheduled run to standard error."""
    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("aboveboard").setLevel(logging.INFO)


def scanned(result: ScanResult) -> None:
    """What a scan came to, and what failed in it."""
    _say(f"New copies read: {result.collected}. Messages judged: {result.judged}.")
    for problem in result.problems:
        _say(f"NOT READ: {legible(problem)}")


def refused(error: AboveboardError) -> None:
    """An error that is meant for people, a line for each of its own."""
    for line in str(error).splitlines():
        _say(f"aboveboard: {legible(line, 2000)}")


def stumbled(error: BaseException) -> None:
    """An error that nobody foresaw: its places, since its own words may hold mail."""
    places = "".join(format_tb(error.__traceback__))
    _say(f"{places}aboveboard: an unforeseen fault, {unforeseen(error)}. What was stored stands. Please report these lines.")


def _say(line: str) -> None:
    print(line, file=sys.stderr)
