"""One message read in a process of its own, and what that took.

`python tests/reading_trial.py 0 1` tries every hostile message, a line of JSON each; `1 6` every sixth from the second on.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, process_time

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from rules.message import Message
from scanner.reading.mail.envelope import read_envelope
from scanner.reading.mail.limits import Limits
from scanner.reading.mail.mime import read_message

MB = 1024 * 1024
_CHANGES = ("socket.", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "shutil.", "urllib.")
_WRITES = os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True)
class Trial:
    """Processor and clock time in seconds, memory above what the message itself takes, what was raised or touched, and what is unread."""

    seconds: float
    elapsed: float
    envelope_seconds: float
    grown: int
    fault: str
    unread: tuple[str, ...]
    words: int


def tried(raw: bytes, limits: Limits) -> Trial:
    """Reads a message in a fork of this process (Linux)."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        with os.fdopen(sink, "w") as out:
            json.dump(asdict(_trial(raw, limits)), out)
        os._exit(0)
    os.close(sink)
    with os.fdopen(source) as answer:
        found = answer.read()
    _, status = os.waitpid(child, 0)
    if not found:
        return Trial(0.0, 0.0, 0.0, 0, f"the reader died (status {status})", (), 0)
    given = json.loads(found)
    return Trial(**{**given, "unread": tuple(given["unread"])})


def _trial(raw: bytes, limits: Limits) -> Trial:
    touched: list[str] = []
    sys.addaudithook(lambda event, values: touched.append(event) if _forbidden(event, values) else None)
    Path("/proc/self/clear_refs").write_text("5")
    touched.clear()
    before, started, clock = _memory("VmRSS"), process_time(), monotonic()
    fault, unread, words = "", (), 0
    try:
        message = read_message(raw, "missing:x", limits)
        unread, words = tuple(_unread(message)), len(message.body.new.split())
    except BaseException as error:  # noqa: BLE001  # that nothing comes here is what is tried
        fault = f"raised {type(error).__name__}"
    seconds, elapsed, grown = process_time() - started, monotonic() - clock, _memory("VmHWM") - before
    started = process_time()
    read_envelope(raw, "missing:x")
    return Trial(seconds, elapsed, process_time() - started, grown, fault or ", ".join(dict.fromkeys(touched)), unread, words)


def _forbidden(event: str, values: tuple[object, ...]) -> bool:
    """Whether it is the network, or a change to the disk."""
    if event == "open" and len(values) == 3:
        flags = values[2] if isinstance(values[2], int) else 0
        return bool(flags & _WRITES) and values[0] != os.devnull and not isinstance(values[0], int)
    return event.startswith(_CHANGES)


def _memory(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def _unread(message: Message) -> Iterator[str]:
    yield from message.unread
    for attachment in message.attachments:
        if attachment.unread:
            yield attachment.unread
        if attachment.message:
            yield from _unread(attachment.message)


def hostile() -> dict[str, Callable[[], bytes]]:
    from hostile_mail import HOSTILE_MAIL

    return HOSTILE_MAIL


def main() -> None:
    first, step = map(int, sys.argv[1:])
    for name, make in list(hostile().items())[first::step]:
        print(json.dumps({"name": name, **asdict(tried(make(), Limits()))}), flush=True)


if __name__ == "__main__":
    main()
