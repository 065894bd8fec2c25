"""Microsoft Graph's error answers in words that say what to do (learn.microsoft.com/graph/errors)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.errors import SourceError
from scanner.sources.microsoft.readable import GROUPS, MAIL, RULES, TRACES
from scanner.sources.patience import TransientError

_BUSY = frozenset({408, 429, 500, 502, 503, 504, 509})
_PASSING = frozenset({"mailboxinfostale", "errormailboxmoveinprogress", "errormailboxstoreunavailable", "errorserverbusy", "errortimeoutexpired"})
_STALE = frozenset({"syncstatenotfound", "syncstateinvalid", "errorinvalidsyncstatedata", "resyncrequired", "resyncchangesapplydifferences"})
_NO_MAILBOX = "Microsoft 365 has no mailbox under this address ({}): correct it, or take it out of mailboxes or the roster."
_ELSEWHERE = (
    "Microsoft 365 cannot read this mailbox ({}): it lies on a server of your own (use kind = exchange for it), is inactive, or has no licence."
)
_ABSENT = {
    "errorinvaliduser": _NO_MAILBOX,
    "errornonexistentmailbox": _NO_MAILBOX,
    "request_resourcenotfound": _NO_MAILBOX,
    "resourcenotfound": _NO_MAILBOX,
    "mailboxnotenabledforrestapi": _ELSEWHERE,
    "mailboxnotsupportedforrestapi": _ELSEWHERE,
}
_TOKEN = "Microsoft 365 does not accept the application's token ({}): check this machine's clock, and the application's consent."
_GONE = "It is gone since it was listed ({})."
_MISSING = {
    MAIL: (
        "the application may not read this mailbox: give it the role “Application Mail.Read” (RBAC for Applications) with a scope that holds"
        " this mailbox; a new role takes up to two hours to work"
    ),
    RULES: (
        "the application may not read inbox rules: give it the role “Application MailboxSettings.Read” (RBAC for Applications)"
        " with a scope that holds this mailbox"
    ),
    GROUPS: "the application may not read groups: consent to GroupMember.Read.All and User.ReadBasic.All (application permissions)",
    TRACES: (
        "the application may not read message traces: consent to ExchangeMessageTrace.Read.All (application permission), and make"
        " the service principal 8bd644d1-64a1-4d4b-ae52-2e0cbf64e373 in the tenant; or set traces = false"
    ),
}


class StaleError(SourceError):
    """The place in a folder that a link remembers is known to the server no longer."""


class UnfitError(SourceError):
    """A question that the server does not understand, or one that must not be put to it."""


def refusal(status: int, body: Mapping[str, Any], permission: str | None, wait: float | None = None) -> SourceError:
    """The error that an answer other than 2xx stands for. Graph's own sentence is left out: it may name people."""
    code = code_of(body)
    if status == 410 or code.lower() in _STALE:
        return StaleError(f"Microsoft 365 has forgotten how far this folder was read ({code or status}); the next scan reads it again.")
    if status in _BUSY or code.lower() in _PASSING:
        return TransientError(f"Microsoft 365 is busy or out of order ({code or status}).", wait)
    if status == 400 and code.lower() not in _ABSENT:
        return UnfitError(f"Microsoft 365 does not understand what it is asked ({code or status}).")
    return SourceError(_words(status, code, permission))


def _words(status: int, code: str, permission: str | None) -> str:
    """What is wrong where neither waiting nor asking otherwise will help."""
    if status == 403:
        return f"Microsoft 365 refuses ({code or status}): {_MISSING[permission or MAIL]}."
    words = _ABSENT.get(code.lower()) or {401: _TOKEN, 404: _GONE}.get(status, "Microsoft 365 answers with an error ({}).")
    return words.format(code or status)


def code_of(body: Mapping[str, Any]) -> str:
    """The error's code; empty where the body says none. Anything that does not look like a code is not repeated."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    return code if isinstance(code, str) and len(code) <= 80 and code.isprintable() and " " not in code else ""
