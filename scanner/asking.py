"""A scan as somebody asks for it on the command line: what does not go together, which messages are meant, and who asks."""

from __future__ import annotations

import getpass
from datetime import date, datetime, time

from scanner.app import App
from scanner.plan import Range

Asked = tuple[str | None, str | None, date | None, date | None]
"""Mailbox, reason, since, until."""


def contradiction(asked: Asked) -> tuple[str, str] | None:
    """What does not go together, in words, and the option at fault."""
    mailbox, reason, since, until = asked
    if mailbox and not reason:
        return "scanning one mailbox asks for a reason, which is kept on record: add --reason TEXT", "--mailbox"
    if reason and not mailbox:
        return "is for scanning one mailbox: add --mailbox ADDRESS, or leave it out to scan them all", "--reason"
    if since and until and until <= since:
        return f"must be later than --since {since}; the day itself is not included", "--until"
    return None


def range_of(asked: Asked, parts: App) -> Range:
    """Which messages are meant. Raises ConfigurationError for a mailbox that is left out."""
    mailbox, _, since, until = asked
    parts.protected.admit(mailbox or "")
    return Range(_midnight(parts, since), _midnight(parts, until), parts.roster.main_address(mailbox) if mailbox else "")


def account() -> str:
    """The name of the account that runs this, for the record."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "an account without a name"


def _midnight(parts: App, day: date | None) -> datetime | None:
    return datetime.combine(day, time(), parts.zone) if day else None
