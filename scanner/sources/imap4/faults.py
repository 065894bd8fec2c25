"""What goes wrong with an IMAP server, in words that say what to do. Nothing that a server sent in the midst of mail is ever quoted."""

from __future__ import annotations

import re
import socket
import ssl
from imaplib import IMAP4

from scanner.errors import SourceError
from scanner.sources.patience import TransientError


class LostError(TransientError):
    """The line broke, or what came over it made no sense: a new connection may mend it."""


class OversizeError(SourceError):
    """An answer that is larger than what it may be."""


# Response codes of a tagged NO (RFC 5530), each with what is to be done.
_REFUSED = {
    "AUTHORIZATIONFAILED": "the account may not read this mailbox, or the server has none of this name",
    "EXPIRED": "the account's password has expired; set a new one",
    "PRIVACYREQUIRED": "the server wants TLS first; set starttls = true",
    "CONTACTADMIN": "the server's administrator must be asked about this account",
    "NOPERM": "the account may not open it; give it the rights to look up and to read (l and r)",
    "NONEXISTENT": "it is gone since it was listed",
    "AUTHENTICATIONFAILED": "the name or the secret is wrong; check sources.account and the secret",
}
_PASSING = {
    "UNAVAILABLE": "a part of the server is not available",
    "INUSE": "the mailbox is locked by another program",
    "LIMIT": "the server allows no more connections or commands for now",
    "OVERQUOTA": "the account is over a quota of the server's",
    "SERVERBUG": "the server met a fault of its own; its log says which",
}
_CODE = re.compile(r"\[([A-Z-]+)")
_BACKOFF = re.compile(r"Backoff Time:? *(\d{1,9}) *milliseconds", re.IGNORECASE)
_NO = re.compile(r"^\w+ failed: (.*)", re.DOTALL)
_NO_SERVER = ("command error: BAD", "illegal in state", "not IMAP4 compliant")
_NOT_CONNECTED = "authenticated but not connected"

_EXPIRED, _EARLY, _NAMES = 10, 9, {62, 64}
_UNKNOWN = {2, 18, 19, 20, 21}
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE"}


def told(error: Exception, host: str) -> SourceError:
    """Any error of a command, as one for people; one of ours stays what it is."""
    match error:
        case SourceError():
            return error
        case OSError():  # of which those of TLS and of names are kinds
            return _of_line(error, host)
        case IMAP4.abort():
            return _of_abort(str(error), host)
        case IMAP4.error() if isinstance(error.__context__, IMAP4.abort):
            return _of_abort(str(error.__context__), host)
        case IMAP4.error():
            return _of_answer(str(error), host)
    return LostError(f"{host}: gave an answer that is no IMAP ({type(error).__name__}).")


def refused(error: Exception, host: str, user: str) -> SourceError:
    """An error of the sign-in. The server's own words are left out: they may repeat what was sent."""
    if not isinstance(error, IMAP4.error) or isinstance(error, IMAP4.abort) or isinstance(error.__context__, IMAP4.abort):
        return told(error, host)
    code = _code(str(error))
    if code in _PASSING:
        return _of_answer(str(error), host)
    remedy = _REFUSED.get(code, "check sources.account and the secret")
    return SourceError(f"{host}: refused the sign-in of {user}{f' ({code})' if code else ''}: {remedy}.")


def _of_line(error: OSError, host: str) -> SourceError:
    match error:
        case ssl.SSLError():
            return _of_tls(error, host)
        case socket.gaierror() if error.errno != socket.EAI_AGAIN:
            return SourceError(f"{host}: no server of this name is known here; check sources.host.")
        case ConnectionRefusedError():
            return LostError(f"{host}: refuses connections; check sources.port, the firewall, and whether the server runs.")
        case TimeoutError():
            return LostError(f"{host}: does not answer in time; check the firewall and the server's load.")
    return LostError(f"{host}: the connection broke ({error.strerror or type(error).__name__}).")


def _of_tls(error: ssl.SSLError, host: str) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return SourceError(f"{host}: {_of_certificate(error, host)}.")
    if error.reason in _NO_TLS:
        return SourceError(f"{host}: does not speak TLS on this port; set starttls = true with port 143, or port 993.")
    return LostError(f"{host}: the TLS connection failed ({error.reason or type(error).__name__}).")


def _of_certificate(error: ssl.SSLCertVerificationError, host: str) -> str:
    if error.verify_code == _EXPIRED:
        return "the server's certificate has expired; renew it, or set this machine's clock"
    if error.verify_code == _EARLY:
        return "the server's certificate is not valid yet; set this machine's clock"
    if error.verify_code in _NAMES:
        return f"the server's certificate is not for the name {host}; write the name that stands on it into sources.host"
    if error.verify_code in _UNKNOWN:
        return "the server's certificate is by an authority that is not trusted here; name the council's own with sources.ca"
    return f"the server's certificate is not accepted ({error.verify_message})"


def _of_abort(words: str, host: str) -> SourceError:
    """A BYE, an end without one, or an answer that was cut or garbled; of its text only a known code is safe to tell."""
    code = _code(words)
    return LostError(f"{host}: {_PASSING[code]} ({code})." if code in _PASSING else f"{host}: ended the connection in the midst of an answer.")


def _of_answer(words: str, host: str) -> SourceError:
    """A tagged NO, or a BAD."""
    if found := _BACKOFF.search(words):
        return TransientError(f"{host}: asks for fewer requests.", int(found[1]) / 1000)
    if _NOT_CONNECTED in words:
        return SourceError(f"{host}: the account may not open this mailbox, or it has no licence; grant full access to it.")
    code = _code(words)
    if code in _PASSING:
        return TransientError(f"{host}: {_PASSING[code]} ({code}).")
    if code not in _REFUSED and any(sign in words for sign in _NO_SERVER):
        return SourceError(f"{host}: does not accept a command that every IMAP4rev1 server knows.")
    answered = _NO.match(words)
    said = f"{_REFUSED[code]} ({code})" if code in _REFUSED else f"refused ({_plain(answered[1])})" if answered else ""
    return SourceError(f"{host}: {said}.") if said else LostError(f"{host}: gave an answer that is no IMAP.")


def _code(words: str) -> str:
    found = _CODE.search(words)
    return found[1] if found else ""


def _plain(words: str) -> str:
    return "".join(c if c.isprintable() else " " for c in words)[:200].strip()
