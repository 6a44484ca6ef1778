"""Asks the workers of a cluster to stop.

django-q2 asks them through their task queue, which a worker reads only after its task. This flag
lies in memory that the sentinel shares with all processes that it has forked; `brokers` sets it.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def begin_cluster() -> None:
    """Take new memory: clusters that are forked from one process must not share it."""
    global _flag
    _flag = mmap.mmap(-1, 1)


def request() -> None:
    """Ask all workers forked from this process to end after their current item."""
    _flag[0] = 1


def requested() -> bool:
    """Return True after `request`."""
    return _flag[0] == 1
