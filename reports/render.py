"""Digests as pages: HTML that Outlook's Word engine, browsers and printers show alike, and plain text of 78 columns.

The only door to jinja2. A template that names something a digest does not have raises UndefinedError, a fault of ours.
"""

from __future__ import annotations

import textwrap
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.digest import Digest
from reports.entry import plural
from reports.week import short_day

_COLUMNS = 78
_TALLEST = 46


def html(digest: Digest) -> str:
    """The digest as one HTML page, for the rich part of a mail or for a file."""
    return _environment(escaping=True).get_template("digest.html").render(digest=digest)


def text(digest: Digest) -> str:
    """The same digest in plain text, for the other part of the mail."""
    return _environment(escaping=False).get_template("digest.txt").render(digest=digest).strip() + "\n"


@cache
def _environment(escaping: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=escaping,  # noqa: S701  # off for plain text only, which no browser reads
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "wrap": _wrap,
        "column": _column,
        "plural": plural,
        "short_day": short_day,
        "days": _days,
        "bar": _bar,
        "capital": _capital,
    }
    return environment


def _wrap(line: str, first: str = "", rest: str | None = None) -> str:
    """A line folded at the page's width, led by `first`, its continuation by `rest` (as much blank where not given)."""
    following = " " * len(first) if rest is None else rest
    return textwrap.fill(line, _COLUMNS, initial_indent=first, subsequent_indent=following, break_on_hyphens=False)


def _column(name: str, width: int) -> str:
    """A name padded to a column's width; a longer one gets lines of its own, and the column starts anew below."""
    return name.ljust(width) if len(name) <= width else f"{_wrap(name)}\n{' ' * width}"


def _days(days: float) -> str:
    """A number of days as people say it, halves kept: `0 days`, `1 day`, `2.5 days`."""
    halves = round(days * 2) / 2
    return plural(int(halves), "day") if halves == int(halves) else f"{halves} days"


def _bar(count: int, highest: int) -> int:
    """The height of a bar in pixels, at least 2 so that one of a hundred is still seen; 0 for none."""
    return max(2, round(count * _TALLEST / highest)) if count else 0


def _capital(line: str) -> str:
    """A sentence's first letter raised; an address keeps its own."""
    return line if "@" in line.split(" ", 1)[0] else line[:1].upper() + line[1:]
