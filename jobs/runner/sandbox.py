"""What a child process is given and what is taken from it before an operation runs in it."""

import ctypes
import os
import resource
import signal
import sys

from jobs import conf

_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int, parent_pid: int) -> None:
    """Have the kernel send this signal when the parent ends, however it ends (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal_number)  # it ended before we asked


def prepare_child(parent_pid: int) -> None:
    """Called first in the executor: an own session, default signals, a memory limit."""
    os.setsid()  # Ctrl-C in a terminal reaches the whole group; the warden decides for us
    die_with_parent(signal.SIGKILL, parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(0)
    limit = conf.get("WORKER_MEMORY_MB") * 1024 * 1024
    if limit:
        # Private writable memory: what an operation allocates, not the libraries it maps.
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
