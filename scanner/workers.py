"""Where conversations are judged: in this process, or in several on this machine. Any `concurrent.futures.Executor` would do."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import closing

from scanner.errors import AboveboardError
from scanner.judge import Dossier, Judge
from scanner.store.cases import Judgement

_SMALL = 200

_judge: Judge | None = None


class WorkerError(AboveboardError):
    """A process that judges ended before its work was done."""


Tasks = Sequence[list[Dossier]]


def judged(build: Callable[[], Judge], tasks: Tasks, workers: int, further: Callable[[], Tasks] = tuple) -> Iterator[list[Judgement]]:
    """The judgements of each task, in the order of the tasks. A small job is not worth the start of more processes.

    `further` is asked, when all of these have been taken, for what they left to do.

    `build` makes the judge; with several workers it is pickled, so it is a module's function or a partial of one.
    """
    if workers == 1 or len(tasks) < _SMALL:
        with closing(build()) as judge:
            yield from (judge.conversation(task) for task in tasks)
            yield from (judge.conversation(task) for task in further())
        return
    # Forked children would share the database's connections and the language model's locks.
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start, (build,)) as executor:
            yield from mapped(executor, tasks)
            yield from mapped(executor, further())
    except BrokenExecutor as error:
        raise WorkerError(
            "A judging process ended unexpectedly, perhaps for want of memory. What was judged is kept; scan again, with fewer run.workers."
        ) from error


def mapped(executor: Executor, tasks: Iterable[list[Dossier]]) -> Iterator[list[Judgement]]:
    """The tasks through an executor whose processes have a judge."""
    return executor.map(_conversation, tasks, chunksize=8)


def _start(build: Callable[[], Judge]) -> None:
    global _judge  # noqa: PLW0603  # a worker process is one judge for its whole life; the model loads once
    _judge = build()


def _conversation(task: list[Dossier]) -> list[Judgement]:
    assert _judge is not None
    return _judge.conversation(task)
