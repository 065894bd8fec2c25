"""What Exchange's refusals mean, in words that an IT desk can act on, and which of them may pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from exchangelib import errors
from exchangelib.util import is_xml

from scanner.errors import SourceError
from scanner.sources.patience import TransientError

_SKEW = 300  # seconds; NTLM, Kerberos and tokens tolerate no more

# EWS response codes (ResponseCodeType) that pass when one waits.
_BUSY = {
    "ErrorServerBusy": "the server is busy and asks to wait",
    "ErrorTooManyObjectsOpened": "the server has too many objects open for this account",
    "ErrorExceededConnectionCount": "this account has too many connections open",
    "ErrorInternalServerTransientError": "the server has a passing fault",
    "ErrorInternalServerError": "the server reports an internal fault",
    "ErrorInsufficientResources": "the server is short of resources",
    "ErrorMailboxStoreUnavailable": "the mailbox database is offline",
    "ErrorMailboxFailover": "the mailbox database is moving to another server",
    "ErrorMailboxMoveInProgress": "the mailbox is being moved; scan it again when the move is complete",
    "ErrorADUnavailable": "the directory is offline",
    "ErrorConnectionFailed": "the server lost its connection to the mailbox",
    "ErrorConnectionFailedTransientError": "the server lost its connection to the mailbox",
    "ErrorTimeoutExpired": "the server did not answer in time",
    "ErrorBatchProcessingStopped": "the server stopped in the middle of its answer",
}

_GRANT = (
    "grant the service account the ApplicationImpersonation role over the mailboxes in scope (New-ManagementRoleAssignment), "
    'or access = "delegate" and Full Access'
)

_REFUSALS = {
    "ErrorImpersonateUserDenied": f"may not be impersonated; {_GRANT}",
    "ErrorImpersonationDenied": f"may not be impersonated; {_GRANT}",
    "ErrorImpersonationFailed": f"cannot be impersonated; {_GRANT}",
    "ErrorNonExistentMailbox": "has no mailbox on this Exchange; check the address, or, if it was moved to Microsoft 365, read it with kind = graph",
    "ErrorNameResolutionNoMailbox": "has no mailbox on this Exchange; check the address",
    "ErrorInvalidSmtpAddress": "is no address that Exchange accepts; check it",
    "ErrorAccessDenied": "may not be read by the service account; grant it Full Access (Add-MailboxPermission) or ApplicationImpersonation",
    "ErrorRecoverableItemsAccessDenied": "keeps its recoverable items from the service account; set recoverable = false or grant the right",
    "ErrorAccountDisabled": "belongs to an account that is switched off, which Exchange does not impersonate; use access = delegate for it",
    "ErrorMailboxLogonFailed": "cannot be opened; is it disconnected, or being moved? Ask the Exchange desk",
    "ErrorMailboxConfiguration": "is not set up correctly in Exchange; ask the Exchange desk",
    "ErrorQuotaExceeded": "is over its quota, and Exchange refuses to serve it; raise the quota",
    "ErrorFolderNotFound": "does not show this folder to the service account, or it is gone; grant Full Access, or scan again",
    "ErrorSyncFolderNotFound": "has lost this folder since it was listed; scan again",
    "ErrorItemNotFound": "does not hold this item any more, or does not show it",
    "ErrorMimeContentConversionFailed": "holds this item in a form that Exchange cannot turn into mail; open it in Outlook",
    "ErrorCorruptData": "holds this item damaged",
    "ErrorItemCorrupt": "holds this item damaged",
    "ErrorMessageSizeExceeded": "holds this item, which is larger than Exchange serves; raise the EWS message size limit",
    "ErrorInvalidIdMalformed": "does not know an item of this name",
    "ErrorInvalidIdNotAnItemAttachmentId": "does not know an item of this name",
    "ErrorInvalidServerVersion": "lies on an Exchange that is too old; 2013 SP1 is the oldest that is read",
}


class RefusedError(SourceError):
    """Exchange refused with a response code (ResponseCodeType)."""

    def __init__(self, words: str, code: str) -> None:
        super().__init__(words)
        self.code = code


def told(error: Exception, whose: str) -> SourceError:
    """A failure of exchangelib as this program's, about a mailbox or list. Server's texts are not passed on: they may quote mail or names."""
    if isinstance(error, SourceError):
        return error
    code = type(error).__name__
    if code in _BUSY:
        wait = getattr(error, "back_off", None) or None
        return TransientError(f"{whose}: {_BUSY[code]} ({code}).", wait)
    if code in _REFUSALS:
        return RefusedError(f"{whose}: {_REFUSALS[code]} ({code}).", code)
    if isinstance(error, errors.ResponseMessageError):
        return RefusedError(f"{whose}: Exchange refuses ({code}); look the code up under EWS ResponseCode.", code)
    if "Unknown ResponseCode" in str(error):
        return RefusedError(f"{whose}: Exchange refuses with a code that this program does not know; ask the Exchange desk.", code)
    return TransientError(f"{whose}: the server's answer is not Exchange's or was cut short ({code}).")


def passes(error: Exception) -> bool:
    """Whether the whole request failed with this, and not only one item of it."""
    return isinstance(error, SourceError) or type(error).__name__ in _BUSY.keys() - {"ErrorInternalServerError"}


def check_status(response: Any, clock: Callable[[], datetime]) -> None:
    """Raises SourceError or TransientError for an HTTP status that carries no answer of EWS. A SOAP fault comes with status 500 (SOAP 1.1, 6.2)."""
    host, status = response.url.partition("://")[2].partition("/")[0], response.status_code
    if status == 200 or (status == 500 and response.content and is_xml(response.content)):
        if not response.content.rstrip().endswith(b"Envelope>"):  # exchangelib's parser would mend it and show what is missing as absent
            raise TransientError(f"{host}: the server's answer is not Exchange's or was cut short.")
        return
    if status in {429, 502, 503, 504} or status >= 500:
        raise TransientError(f"{host}: the server cannot answer now (HTTP {status}).", _retry_after(response))
    raise SourceError(f"{host}: {_status_words(response, clock)}")


def _status_words(response: Any, clock: Callable[[], datetime]) -> str:
    match response.status_code:
        case 401:
            return _signed_out(response, clock)
        case 403:
            return (
                'EWS is blocked for this tenant: use kind = "graph" (HTTP 403). On a server of your own, EWS is switched off for the account or '
                "for this program: see EwsEnabled and EwsApplicationAccessPolicy (Get-CASMailbox, Get-OrganizationConfig)."
            )
        case 404 | 405:
            return f"there is no EWS at /EWS/Exchange.asmx (HTTP {response.status_code}); check server."
        case 407:
            return "the proxy asks for a sign-in (HTTP 407); let the mail server through without one."
        case 301 | 302 | 303 | 307 | 308:
            return f"the server sends EWS elsewhere (HTTP {response.status_code}); write that host into server, or ask why /EWS is published so."
        case status:
            return f"the server refuses EWS (HTTP {status}); ask the Exchange desk."


def _signed_out(response: Any, clock: Callable[[], datetime]) -> str:
    skew = _skew(response.headers.get("Date", ""), clock())
    if abs(skew) > _SKEW:
        wrong = f"{abs(skew) // 60} minutes {'ahead' if skew > 0 else 'behind'}"
        return f"the sign-in is refused (HTTP 401), and this machine's clock is {wrong}; set it."
    return (
        "the sign-in is refused (HTTP 401); check account and password (or the application's secret), and that the account is neither locked nor "
        "expired. Extended Protection also refuses a sign-in through anything that opens TLS on the way."
    )


def _skew(date: str, now: datetime) -> int:
    """How many seconds this machine's clock is ahead of the server's (Date, RFC 9110 6.6.1); 0 where the server does not say."""
    try:
        return round((now - parsedate_to_datetime(date)).total_seconds())
    except (ValueError, TypeError):
        return 0


def _retry_after(response: Any) -> float | None:
    """Seconds, where the server says (Retry-After, RFC 9110 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None
