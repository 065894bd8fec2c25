"""Private mailboxes told from those of businesses and public bodies, by address alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from rules.message import Address
from rules.roster import plain_name

_WORDS = re.compile(r"[^\W\d_]{3,}")


def private(address: Address, *, is_resident: bool = False) -> float:
    """How likely an outside mailbox is a private person's: 1 at a public mail service, 0 for an office or a firm, 0.6 where nothing tells.

    `is_resident` says that the message addresses residents: then whoever is neither office nor firm is one, on a domain of their own too.
    """
    local, _, domain = address.email.partition("@")
    if local in _words()["roles"] or (_named_after_owner(address, domain) and not is_resident):
        return 0.0
    if any(part in domain for part in _words()["webmail"]):
        return 1.0
    return 0.0 if is_business(domain) else 1.0 if is_resident else 0.6


def is_business(domain: str) -> bool:
    """Whether a domain names a firm or a body by a word that such names hold."""
    return any(part in domain for part in _words()["business"])


def businesses(emails: Iterable[str]) -> bool:
    """Whether any of these addresses is a firm's or a body's."""
    return any(is_business(email.partition("@")[2]) and not any(part in email.partition("@")[2] for part in _words()["webmail"]) for email in emails)


def _named_after_owner(address: Address, domain: str) -> bool:
    return any(word in domain for word in _WORDS.findall(plain_name(address.name)) if len(word) > 3)


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(resources.files("rules.resident_data").joinpath("mailboxes.toml").read_text("utf-8"))
