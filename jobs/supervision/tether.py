"""Runs a command that is told to stop when its parent dies, even by SIGKILL.

    python -I tether.py PARENT_PID COMMAND [ARGUMENT …]

Linux keeps the promise (PR_SET_PDEATHSIG, which survives exec); elsewhere the command just
runs. A program of its own, because code between fork and exec is not safe beside threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel was asked
            sys.exit(0)
    os.execvp(command[0], command)  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
