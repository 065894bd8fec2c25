"""Coverage-guided fuzzing of the reader of mail: `python benchmarks/fuzzing.py CORPUS SEEDS -max_total_time=1800 -timeout=20 -rss_limit_mb=2048`.

Needs atheris, which is no requirement of ours: install it beside us in an environment of its own. CORPUS is where found inputs are kept,
SEEDS holds mail of any kind; `--seeds FROM… TO` makes such a folder of files, those that are no mail wrapped into a message.

For each input: nothing raises; the envelope is the same whether read alone or with the body; every text can be stored (no half of a
surrogate pair) and is legible (no control or zero-width characters); the same input gives the same message twice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from pathlib import Path

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["scanner.reading", "rules"], enable_loader_override=False):
    from scanner.reading.documents import documents
    from scanner.reading.documents.document import Document
    from scanner.reading.mail.envelope import read_envelope
    from scanner.reading.mail.journal import unwrap
    from scanner.reading.mail.limits import Limits
    from scanner.reading.mail.mime import read_message
    from scanner.reading.zones.hypertext import text_of
    from scanner.reading.zones.zones import divide

_FOREIGN = (b"%PDF-", b"\xd0\xcf\x11\xe0")
_LARGEST_SEED = 64 * 1024
_WRAPPED = b"From: ann@council.example\nTo: bob@council.example\nContent-Type: %s\nContent-Transfer-Encoding: binary\n\n"
_KINDS = {".msg": b"application/vnd.ms-outlook", ".tnef": b"application/ms-tnef", ".dat": b"application/ms-tnef"}


class Here:
    """Documents read in this process, but for those whose reader is another's machine code: that is for its authors to fuzz."""

    def extract(self, name: str, media_type: str, content: bytes, limits: Limits) -> Document:
        foreign = any(mark in content[:1024] for mark in _FOREIGN) or b"xl/" in content
        return Document(unread="not fuzzed") if foreign else documents.read(name, media_type, content, replace(limits, enclosure=None))

    def close(self) -> None:
        pass


LIMITS = Limits(enclosure=Here(), expanded_bytes=4 * 1024 * 1024, characters=200_000)


def texts(value: object) -> Iterator[str]:
    """Every string in a message."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


def tried(raw: bytes) -> None:
    """Reads one input every way; an AssertionError or any other exception is a fault."""
    message = read_message(raw, "missing:x", LIMITS)
    envelope = read_envelope(raw, "missing:x").message
    for name in ("id", "date", "sender", "to", "cc", "bcc", "submitter", "subject", "in_reply_to", "references", "automatic"):
        assert getattr(message, name) == getattr(envelope, name), f"the envelope differs in {name}"
    for text in texts(message):
        text.encode("utf-8")
        assert "\0" not in text, "a zero character"
        assert "\u200b" not in text, "a zero-width space"
    assert read_message(raw, "missing:x", LIMITS) == message, "read twice, two messages"
    text = raw[:20_000].decode("utf-8", "replace")
    divide(text, forward=bool(len(raw) & 1), reply=bool(len(raw) & 2))
    text_of(text).encode("utf-8")
    unwrap(raw)


def seeded(sources: list[Path], target: Path) -> None:
    """Writes seeds: every file of the folders that is small enough, whatever is no mail as the body of a message."""
    target.mkdir(parents=True, exist_ok=True)
    for path in (p for source in sources for p in sorted(source.rglob("*")) if p.is_file()):
        content = path.read_bytes()
        kind = _KINDS.get(path.suffix.lower())
        raw = _WRAPPED % kind + content if kind else content
        if len(raw) <= _LARGEST_SEED:
            (target / sha256(raw).hexdigest()[:20]).write_bytes(raw)


def main() -> None:
    if "--seeds" in sys.argv:
        *sources, target = map(Path, sys.argv[2:])
        seeded(sources, target)
        return
    atheris.Setup(sys.argv, tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
