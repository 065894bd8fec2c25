"""One child process in which documents are read, so that one that breaks or stalls its reader costs itself and nothing else.

The child is a fresh interpreter without the language model. It starts with the first document, serves many, and is killed and started anew when
it breaks, runs late or says too much. It ends by itself when its pipe closes, however this process ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Event, Timer
from types import TracebackType

from scanner.reading.documents.document import Document
from scanner.reading.documents.enclosed import ANSWER, LARGEST_ANSWER, document_of, requested
from scanner.reading.mail.limits import Limits

_SERVES = 1_000
_LINGERING = 1.0
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from scanner.reading.documents.enclosed import serve; serve(int(sys.argv[2]))"
# What an interpreter and Tesseract need, and none of the secrets that the environment may hold.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TESSDATA_PREFIX")


class SeparateProcess:
    """An enclosure (limits.Enclosure). It belongs to one thread; whoever opens it closes it, and a later document would open it again."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> SeparateProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the child, where there is one."""
        if self._child is not None:
            child, self._child = self._child, None
            _kill(child)
            _reap(child)

    def extract(self, name: str, media_type: str, content: bytes, limits: Limits) -> Document:
        """Reads a document in the child. One that a used child breaks off over is tried in a fresh one. Never raises."""
        request = requested(name, media_type, len(content), limits)
        used = self._served > 0
        found = self._asked(request, content, limits)
        if found is None and used:
            self._fate()
            found = self._asked(request, content, limits)
        return found or Document(unread=f"broke its reader ({self._fate()})")

    def _fate(self) -> str:
        """How a child ended that gave no answer; one that has not ended is ended now."""
        if self._child is None:
            return "no process could be started"
        child, self._child = self._child, None
        try:
            code = child.wait(_LINGERING)
        except subprocess.TimeoutExpired:
            code = 0
            _kill(child)
        _reap(child)
        return signal.Signals(-code).name if -code in set(signal.Signals) else "no answer"

    def _asked(self, request: bytes, content: bytes, limits: Limits) -> Document | None:
        """The child's answer; a reason where it came too late; None where the child ended without one."""
        try:
            child = self._running(limits)
        except OSError:
            return None
        late = Event()
        timer = Timer(limits.seconds, _end, (child, late))
        timer.start()
        try:
            answer = _exchanged(child, request, content)
        except BaseException:
            self.close()  # whatever interrupts, nobody shall take the rest of this answer for the next one
            raise
        finally:
            timer.cancel()
        self._served += 1
        if late.is_set():
            self.close()
            return Document(unread=f"took longer than {limits.seconds:g} seconds to read")
        return answer

    def _running(self, limits: Limits) -> subprocess.Popen[bytes]:
        """The child; a new one where there is none, it has ended, or it has served long. Raises OSError."""
        if self._child and (self._served >= _SERVES or self._child.poll() is not None):
            self.close()
        if self._child is None:
            self._served = 0
            self._child = subprocess.Popen(  # noqa: S603  # this interpreter, and words of this module
                [sys.executable, "-I", "-B", "-c", _START, json.dumps(sys.path), str(limits.memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={key: value for key, value in os.environ.items() if key.upper() in _ENVIRONMENT},
                start_new_session=True,
            )
        return self._child


def _exchanged(child: subprocess.Popen[bytes], request: bytes, content: bytes) -> Document | None:
    """Asks, and waits for the answer; None where the child ended first, or answered with what is no document."""
    assert child.stdin
    assert child.stdout
    try:
        child.stdin.write(request)
        child.stdin.write(content)
        child.stdin.flush()
        head = child.stdout.read(ANSWER.size)
        (size,) = ANSWER.unpack(head) if len(head) == ANSWER.size else (0,)
        if not 0 < size <= LARGEST_ANSWER:
            return None
        answer = child.stdout.read(size)
        return document_of(answer) if len(answer) == size else None
    except (OSError, ValueError):
        return None


def _end(child: subprocess.Popen[bytes], late: Event) -> None:
    late.set()
    _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Ends the child and the programs that it started, at once."""
    if child.poll() is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    except OSError:
        child.kill()


def _reap(child: subprocess.Popen[bytes]) -> None:
    """Takes leave of a child that is dead or about to be."""
    for pipe in (child.stdin, child.stdout):
        with suppress(OSError):  # what was never written to a dead child
            if pipe:
                pipe.close()
    child.wait()
