"""What this program may ask of Microsoft Graph: reads only, each with the permission that it needs."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote, urlsplit

MAIL, RULES = "Mail.Read", "MailboxSettings.Read"
GROUPS, TRACES = "GroupMember.Read.All", "ExchangeMessageTrace.Read.All"

_READABLE = tuple(
    (re.compile(pattern, re.IGNORECASE), permission)
    for pattern, permission in (
        (r"/users/[^/]+/mailFolders/[^/]+/messageRules", RULES),
        (r"/users/[^/]+/mailFolders(/[^/]+(/childFolders|/messages(/delta)?)?)?", MAIL),
        (r"/users/[^/]+/messages/[^/]+(/\$value)?", MAIL),
        (r"/groups(/[^/]+/transitiveMembers)?", GROUPS),
        (r"/admin/exchange/tracing/messageTraces", TRACES),
    )
)
_KEY = re.compile(r"\('([^'/]+)'\)")
_LARGEST_BATCH = 20


def permission(path: str) -> str | None:
    """The permission for reading a path below the version's root; None for a path that this program never reads.

    Links that Graph gives write keys as `users('…')` and the function as `microsoft.graph.delta()`; both are the same path.
    """
    plain = "/".join(unquote(part) if "%2f" not in part.lower() else part for part in path.partition("?")[0].split("/"))
    plain = _KEY.sub(r"/\1", plain).replace("microsoft.graph.", "").replace("delta()", "delta").rstrip("/")
    if any(part in {".", ".."} for part in plain.split("/")):
        return None
    return next((needed for pattern, needed in _READABLE if pattern.fullmatch(plain)), None)


def guard(method: str, url: str, content: bytes, base: str) -> bool:
    """Whether a request may leave: a GET of a readable path below the base, or a batch of nothing but such GETs."""
    if not within(url, base):
        return False
    path = urlsplit(url).path.removeprefix(urlsplit(base).path)
    if method == "POST":
        return path == "/$batch" and _only_reads(content)
    return method == "GET" and not content and permission(path) is not None


def within(url: str, base: str) -> bool:
    """Whether a link leads to the host and below the root that are configured, so that no token goes elsewhere."""
    there, here = urlsplit(url), urlsplit(base)
    return (there.scheme, there.netloc) == (here.scheme, here.netloc) and there.path.startswith(f"{here.path}/")


def _only_reads(content: bytes) -> bool:
    try:
        requests = json.loads(content)["requests"]
        return 0 < len(requests) <= _LARGEST_BATCH and all(
            each["method"] == "GET" and "body" not in each and permission(each["url"]) is not None for each in requests
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
