"""What the reader makes of mail, file by file: `python benchmarks/reading.py FOLDER… [--hostile]`.

Each file is read in a process of its own, documents in their enclosure. `.msg` and `.tnef` files are wrapped as the attachment of a message, a
`.pst` is read item by item; everything else is taken for a message. `--hostile` adds the messages of tests/hostile_mail.py. Prints a table: files,
those read in full, those with something unread and why (kinds and counts, no names), exceptions, the slowest and the one that needed most
memory. Seconds are of this process's processor time, and with the enclosure of the clock. Linux only.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hostile_mail import HOSTILE_MAIL, file, multipart
from reading_trial import MB, Trial, tried

from scanner.reading.documents.enclosure import SeparateProcess
from scanner.reading.mail.limits import Limits
from scanner.sources.pst import PstSource
from scanner.sources.source import SourceError

_WRAPPED = {".msg": "application/vnd.ms-outlook", ".tnef": "application/ms-tnef"}
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Read:
    """One message and what reading it took."""

    name: str
    size: int
    trial: Trial


def messages(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The messages in a file, each made when it is read."""
    kind = _WRAPPED.get(path.suffix.lower())
    if path.suffix.lower() == ".pst":
        yield from stored(path)
    elif kind:
        name = f"a{path.suffix.lower()}"
        yield path.name, lambda: multipart([b"\nSee this.", file(name, path.read_bytes(), kind)])
    else:
        yield path.name, path.read_bytes


def stored(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The items of an Outlook data file, laid where the source of such files looks for it."""
    with TemporaryDirectory() as name:
        copyfile(path, Path(name, "clerk@council.example.pst"))
        source = PstSource("benchmark", Path(name))
        for folder in source.folders("clerk@council.example"):
            for page in source.pages(folder, None):
                for item in page.items:
                    yield f"{path.name} {item}", partial(source.fetch, folder, item)
        source.close()


def reads(sources: Iterator[tuple[str, Callable[[], bytes]]]) -> Iterator[Read]:
    with SeparateProcess() as enclosure:
        limits = Limits(enclosure=enclosure)
        for name, make in sources:
            try:
                raw = make()
            except SourceError:
                yield Read(name, 0, Trial(0, 0, 0, 0, "", ("cannot be fetched from its file",), 0))
                continue
            yield Read(name, len(raw), tried(raw, limits))


def kinds(found: list[Read]) -> str:
    """The reasons for what is unread, numbers left out, with how many messages have each."""
    counts = Counter(reason for each in found for reason in {_NUMBERS.sub("N", reason).strip() for reason in each.trial.unread})
    return "; ".join(f"{reason} ({count})" for reason, count in counts.most_common(8)) or "none"


def row(name: str, found: list[Read]) -> str:
    if not found:
        return f"| {name} | 0 | | | | | |"
    slowest = max(found, key=lambda r: r.trial.seconds)
    longest = max(found, key=lambda r: r.trial.elapsed)
    largest = max(found, key=lambda r: r.trial.grown)
    partly = sum(bool(r.trial.unread) for r in found)
    faults = sum(bool(r.trial.fault) for r in found)
    return (
        f"| {name} | {len(found)} | {len(found) - partly - faults} | {partly}: {kinds(found)} | {faults} "
        f"| {slowest.trial.seconds:.2f} s, {longest.trial.elapsed:.1f} s by the clock | {max(largest.trial.grown, 0) // MB} MB |"
    )


def main() -> None:
    folders = [Path(each) for each in sys.argv[1:] if each != "--hostile"]
    print("| mail | messages | read in full | with something unread | exceptions | slowest | most memory |\n|---|---|---|---|---|---|---|")
    everything: list[Read] = []
    for folder in folders:
        paths = sorted(p for p in folder.rglob("*") if p.is_file())
        everything += (found := list(reads(each for path in paths for each in messages(path))))
        print(row(folder.name, found), flush=True)
    if "--hostile" in sys.argv:
        everything += (found := list(reads(iter(HOSTILE_MAIL.items()))))
        print(row("hostile", found), flush=True)
    print(row("all", everything))
    for each in everything:
        if each.trial.fault or each.trial.seconds > 2 or each.trial.grown > 300 * MB:
            print(f"over a bound: {each.name}: {each.trial}")


if __name__ == "__main__":
    main()
