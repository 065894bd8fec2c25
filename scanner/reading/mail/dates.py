"""The Date header (RFC 5322 3.3) and what mail programs write in its place, as an aware time in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

_ZONES = {"BST": 3600, "IST": 3600, "WET": 0, "WEST": 3600, "CET": 3600, "CEST": 7200}
_ZONE = re.compile(r"\b(BST|IST|WEST|WET|CEST|CET)\b")
_COMMENT = re.compile(r"\([^()]*\)")
_NO_YEAR = re.compile(r"\s0\d{3}\s")  # what programs without a date write; the standard library would take it for 2001
_DAY = 24 * 60 * 60


def utc(text: str) -> datetime | None:
    """The time that a Date header names, in UTC; a missing zone counts as UTC. None where there is no sense in it."""
    text = " ".join(text[:200].split())
    found = None if _NO_YEAR.search(text) else _internet(text) or _iso(text)
    return found if found and 1980 <= found.year <= 2100 else None


def _internet(text: str) -> datetime | None:
    try:
        parts = parsedate_tz(text) or parsedate_tz(_COMMENT.sub(" ", text))
        if parts is None:
            return None
        local = datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    offset = _offset(text, parts[9])
    return local - timedelta(seconds=offset) if abs(offset) < _DAY else local


def _offset(text: str, parsed: int | None) -> int:
    """Seconds east of Greenwich; the zone names of these islands and their neighbours, which RFC 5322 does not know, included."""
    name = _ZONE.search(text)
    return _ZONES[name[1]] if name and not parsed else parsed or 0


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
