"""Keyed hashes that stand for Message-IDs and addresses in the ledger: without the key they name nobody."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from scanner.config import secret
from scanner.errors import ConfigurationError

Pseudonym = Callable[[str], str]


def pseudonym(key: bytes) -> Pseudonym:
    """A function from text to 32 hexadecimal digits (BLAKE2b keyed, RFC 7693), the same for the same key and text."""
    return lambda text: blake2b(text.encode("utf-8", "surrogatepass"), key=key[:64], digest_size=16).hexdigest()


def key_of(reference: str, base: Path) -> bytes:
    """The key that a secret reference names; a `file:` that does not exist yet is made, readable by its owner only."""
    path = base / Path(reference.removeprefix("file:"))
    if reference.startswith("file:") and not path.exists():
        _create(path)
    key = secret(reference, base).encode()
    if len(key) < 16:
        raise ConfigurationError(f"store.key: the key behind {reference} is shorter than 16 characters; make a longer one.")
    return key


def _create(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigurationError(f"{path}: the ledger's key cannot be written ({error.strerror}); choose another place with store.key.") from error
