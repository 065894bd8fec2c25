"""Waiting and asking again, when a server is busy or a line breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from scanner.errors import SourceError

T = TypeVar("T")

_FIRST, _LONGEST = 0.5, 60.0


class TransientError(SourceError):
    """A failure that may pass. `wait` is how many seconds the server asked for, if it did."""

    def __init__(self, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a source asks again. `seconds` bounds the whole wait for one call.

    A server that asks for a longer wait than `seconds` is taken at its word: the mailbox is given up for this scan, and said to be.
    """

    attempts: int = 6
    seconds: float = 600.0
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, call: Callable[[], T]) -> T:
        """The call's result, after as many tries as it takes. Raises its last error; TransientError only after the last try."""
        stop = tenacity.stop_any(tenacity.stop_after_attempt(self.attempts), tenacity.stop_before_delay(self.seconds))
        again = tenacity.retry_if_exception_type(TransientError)
        return tenacity.Retrying(sleep=self.sleep, stop=stop, wait=_wait, retry=again, reraise=True)(call)


_backoff = tenacity.wait_random_exponential(multiplier=_FIRST, max=_LONGEST)


def _wait(state: tenacity.RetryCallState) -> float:
    """What the server asked for, else longer and longer with some chance in it, so that workers do not come back together."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, TransientError) else None
    return asked if asked is not None else _backoff(state)
