"""Files of message traces: tracking logs of Exchange Server, reports of Exchange Online, Graph's traces as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from scanner.errors import SourceError
from scanner.sources.places import files, named, relative, shown, tree
from scanner.sources.sightings import Batch
from scanner.sources.tracking.rows import ShortLinesError, rows
from scanner.sources.tracking.sightings import is_trace, sightings

_KINDS = (".csv", ".log", ".txt", ".json", ".jsonl")
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class TraceFiles:
    """A file, or a folder of files and folders. A file is read again when its size or its time has changed, and then from its beginning:
    what it told before is known to the store.
    """

    label: str
    root: Path

    def batches(self, cursor: Callable[[str], str | None]) -> Iterator[Batch | SourceError]:
        """Each file in turn; one that cannot be read does not hide the others."""
        try:
            for name, path in self.places():
                yield from self._of(name, path, cursor(name))
        except SourceError as error:
            yield error

    def places(self) -> Iterator[tuple[str, Path]]:
        """Each file with its name below the root. Raises SourceError where a folder cannot be listed."""
        if self.root.is_file():
            yield shown(self.root.name), self.root
            return
        for folder in tree(self.root):
            for name in files(folder):
                if not name.startswith((".", "~$")):
                    path = named(folder, name)
                    yield relative(path, self.root), path

    @staticmethod
    def _of(name: str, path: Path, cursor: str | None) -> Iterator[Batch | SourceError]:
        try:
            if (stamp := _stamp(name, path)) == cursor:
                return
            if not name.lower().endswith(_KINDS):
                raise SourceError("is no trace that is known here; export it as .csv, .log or .json")
            told = (each for row in rows(path, is_trace) for each in sightings(row))
            while batch := tuple(islice(told, _BATCH)):
                yield Batch(name, None, tuple(dict.fromkeys(batch)))
            yield Batch(name, stamp, ())
        except ShortLinesError as error:
            yield error
        except SourceError as error:
            words = str(error)
            yield error if words.startswith(shown(path.name)) else SourceError(f"{name}: {words}")


def _stamp(name: str, path: Path) -> str:
    try:
        found = path.stat()
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror})") from error
    return f"{found.st_size}:{found.st_mtime_ns}"
