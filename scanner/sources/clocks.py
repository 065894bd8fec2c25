"""A server's clock, where a source can tell it: sign-in by token and digests by the hour fail on a machine whose clock is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol, runtime_checkable


@runtime_checkable
class Timed(Protocol):
    """A source whose server tells the time with its answers (RFC 9110 6.6.1, Date)."""

    @property
    def skew(self) -> timedelta | None:
        """How far the server's clock was ahead of this machine's at its last answer; None before any."""
        ...
