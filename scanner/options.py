"""The options and arguments that commands share, each with its words of help and its check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from scanner import values
from scanner.output import Format, Layout


def _typed(parse: Callable[[str], object]) -> Callable[[str], object]:
    """A value's own words where it is not one, beside the option's name."""

    def typed(text: str) -> object:
        try:
            return parse(text)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    return typed


_DAY, _EMAIL, WORDS = _typed(values.day), _typed(values.email), _typed(values.words)
DEFAULT = Path("config.toml")

Config = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="The configuration file.")]
Folder = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the demonstration keeps its store and digests.")]
Mailbox = Annotated[str | None, typer.Option(metavar="ADDRESS", parser=_EMAIL, help="Scan only this mailbox; needs --reason.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", parser=WORDS, help="Why this mailbox is scanned; kept on record.")]
By = Annotated[str | None, typer.Option(metavar="NAME", parser=WORDS, help="Who asks for it; the account's name if left out.")]
Since = Annotated[date | None, typer.Option(metavar="DATE", parser=_DAY, help="Only mail dated from this day on, such as 2026-10-01.")]
Until = Annotated[date | None, typer.Option(metavar="DATE", parser=_DAY, help="Only mail dated before this day.")]
Week = Annotated[date | None, typer.Option(metavar="DATE", parser=_DAY, help="Any day of the week; the last whole week if left out.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the findings.")]
LayoutOption = Annotated[Layout, typer.Option("--format", help="How to print it.")]
FindingId = Annotated[str, typer.Argument(metavar="ID", help="The finding's id, as findings list and the digests print it.")]
Corpora = Annotated[list[Path], typer.Argument(metavar="CORPUS", help="Folders of labelled correspondence.")]
