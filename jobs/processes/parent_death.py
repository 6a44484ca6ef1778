"""Ends a process when its parent dies, even by SIGKILL. Only Linux can do this.

    python -I parent_death.py PARENT_PID COMMAND [ARGUMENT …]

runs a command that way. It is a program of its own, because code between fork and exec is not
safe in a process with threads; the kernel's promise (PR_SET_PDEATHSIG) survives the exec.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    """Have the kernel send this process a signal when its parent ends, however it ends.

    The kernel means the thread that has forked this process. Sends the signal at once if the
    parent is dead by now; systems other than Linux do only that.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal_number)


def bind_command(command: list[str]) -> list[str]:
    """Return a command line that runs `command` and sends it SIGTERM when this process dies."""
    return [sys.executable, "-I", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    die_with_parent(signal.SIGTERM, int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  (no shell is wanted)
