"""Which EWS endpoint serves a mailbox: autodiscover in its SOAP form (MS-OXWSADISC), over TLS only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.errors import SourceError
from scanner.sources.ews.wire import DiscoveryWire, Gate
from scanner.sources.ews.words import told
from scanner.sources.patience import TransientError

# Where Outlook looks first. Its other two ways, a redirection over plain HTTP and a DNS record, would let a stranger on the line name the
# server that is given the password.
PLACES = ("https://autodiscover.{domain}/autodiscover/autodiscover.svc", "https://{domain}/autodiscover/autodiscover.svc")
_MOST_HOPS = 5


def discover(address: str, gate: Gate, places: tuple[str, ...] = PLACES) -> str:
    """The URL of EWS for a mailbox. Raises SourceError with what each place said; TransientError where none could be asked."""
    failed: list[SourceError] = []
    for place in places:
        try:
            return _found(place, address, gate)
        except SourceError as error:
            failed.append(error)
    said = " ".join(dict.fromkeys(str(each) for each in failed))
    words = f'{address}: autodiscover does not tell its server; write server = "…". {said}'
    raise TransientError(words) if all(isinstance(each, TransientError) for each in failed) else SourceError(words)


def _found(place: str, address: str, gate: Gate) -> str:
    """Follows redirections to other addresses and URLs as far as they stay on TLS."""
    url = place.format(domain=address.rpartition("@")[2])
    for _ in range(_MOST_HOPS):
        answer = _settings(url, address, gate)
        if answer.redirect_address:
            address = answer.redirect_address
            url = place.format(domain=address.rpartition("@")[2])
        elif answer.redirect_url:
            url = _secure(answer.redirect_url, place)
        elif endpoint := next(_endpoints(answer), ""):
            return _secure(endpoint, place)
        else:
            raise SourceError(f"{address}: autodiscover knows no EWS for it.")
    raise SourceError(f"{address}: autodiscover leads from one place to the next without end.")


def _settings(url: str, address: str, gate: Gate) -> Any:
    wire = DiscoveryWire(url, gate)
    try:
        return wire.get_user_settings(address, ["external_ews_url", "internal_ews_url"])
    except SourceError:
        raise
    except Exception as error:
        raise told(error, address) from error
    finally:
        wire.close()


def _endpoints(answer: Any) -> Iterator[str]:
    settings = answer.user_settings or {}
    yield from (settings[name] for name in ("external_ews_url", "internal_ews_url") if settings.get(name))


def _secure(url: str, place: str) -> str:
    """A URL that autodiscover gave, unless it would send the password in the clear."""
    if url.partition("://")[0].lower() != place.partition("://")[0]:
        raise SourceError(f"Autodiscover names {url}, which is not https.")
    return url
