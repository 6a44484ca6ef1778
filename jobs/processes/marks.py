"""What the kernel shows of this process, changed without an exec: a mark and the command line.

A process that was forked and not executed shows the environment and the command line of its
parent. Linux shows the memory of the process itself there, so it can be overwritten in place, by
something of the same length. The room for a mark is reserved when the program is started.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

GROUP = "BATCHSITE_GROUP"
"""All processes of one program; see `jobs.processes.tree`."""
SERVED = "BATCHSITE_SERVED"
"""All processes that `serve` starts for one data folder."""

ROOM = "0" * 32
"""The value of a reserved variable. Marks have this length."""


def reserve() -> None:
    """Run this program again, in this process, with room for both marks in its environment.

    Does nothing where there is room already, and on systems that show no such memory.
    """
    if sys.platform.startswith("linux") and not (has_room(GROUP) and has_room(SERVED)):
        environment = {**os.environ, GROUP: ROOM, SERVED: ROOM}
        os.execve(sys.executable, sys.orig_argv, environment)  # noqa: S606  (no shell is wanted)


def has_room(name: str) -> bool:
    """Return True if this mark can be put without an exec."""
    return os.environ.get(name) == ROOM


def put(name: str, mark: str) -> None:
    """Write the mark into its reserved room, for this process and all that it starts.

    Raises ValueError for a mark of another length.
    """
    if len(mark) != len(ROOM):
        raise ValueError("A mark has 32 characters")
    import ctypes  # only where it is needed: `reserve` has to be quick

    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    if has_room(name) and (address := libc.getenv(os.fsencode(name))):
        ctypes.memmove(address, mark.encode(), len(mark))
    os.environ[name] = mark


def show_command(command: Sequence[str]) -> None:
    """Show this as the command line of this process. Shown shortened where there is less room."""
    import ctypes

    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    program, *others = command
    text = b"".join(b"\0" + os.fsencode(each) for each in others)[: max(0, end - start - 2)]
    room = end - start - len(text) - 1
    # Of the same length: what is left of a longer command line would be shown as well.
    text = os.fsencode(program)[-room:].rjust(room, b"/") + text + b"\0"
    ctypes.memmove(start, text, len(text))
