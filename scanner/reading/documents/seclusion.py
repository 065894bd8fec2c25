"""What a process that reads hostile files takes from itself: memory without bound, the network, files to write, time.

Each as far as the system can: Linux all of it, other Unixes without the filter of system calls, Windows only what the audit hook sees.
"""

from __future__ import annotations

import ctypes
import platform
import signal
import struct
import sys

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # AUDIT_ARCH_*, and the number of socket(2)
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM


def seclude(memory_bytes: int) -> None:
    """From now on at most so many bytes of address space, no core, no growing file, no socket. Cannot be undone."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not on Windows

        for limit, most in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
            try:
                resource.setrlimit(limit, (most, most))
            except (OSError, ValueError):
                continue  # macOS knows RLIMIT_AS and refuses it
    _without_sockets()
    sys.addaudithook(_refuse)


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError("no network here")


def _without_sockets() -> None:
    """A filter of system calls that refuses socket(2) for this process and all it starts (seccomp(2))."""
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES or sys.maxsize < 1 << 32:
        return
    architecture, socket = _ARCHITECTURES[platform.machine()]
    steps = (
        (0x20, 0, 0, 4),  # load the architecture
        (0x15, 0, 3, architecture),  # another one: allow, as no call would mean what is thought
        (0x20, 0, 0, 0),  # load the number of the call
        (0x15, 0, 1, socket),
        (0x06, 0, 0, _REFUSE),
        (0x06, 0, 0, _ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("H6xP", len(steps), ctypes.addressof(code)))
    library = ctypes.CDLL(None, use_errno=True)
    # Where the kernel refuses, the audit hook remains.
    library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    library.prctl(_SET_SECCOMP, _FILTER, program, 0, 0)


def last_moment(seconds: float) -> None:
    """This process dies so many seconds from now, whatever it is at, unless it asks anew; 0 takes that back. It outlives no parent for longer."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
