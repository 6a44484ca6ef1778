"""The limits and signals of an executor, set before an operation runs in it."""

import os
import resource
import signal

from jobs.conf import conf
from jobs.processes.parent_death import die_with_parent


def prepare_executor(parent_pid: int) -> None:
    """Give the executor a session of its own, default signals, a memory limit and a umask."""
    os.setsid()  # Ctrl-C in a terminal reaches the whole group; the worker decides for us
    die_with_parent(signal.SIGKILL, parent_pid)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(0)
    if (umask := conf.outputs_umask) is not None:
        os.umask(umask)
    limit = conf.MAX_MEMORY_MB * 1024 * 1024
    if limit:
        # Private writable memory: what an operation allocates, not the libraries it maps.
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
