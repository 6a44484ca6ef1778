"""Tells the workers of a cluster that it is being stopped.

django-q2 tells its workers so through their task queue, which a worker reads only after
its task. This flag lies in memory that the sentinel shares with all it has forked;
`jobs.brokers` sets it there.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def request() -> None:
    """Ask all workers forked from this process to end after their current item."""
    _flag[0] = 1


def requested() -> bool:
    return _flag[0] == 1
