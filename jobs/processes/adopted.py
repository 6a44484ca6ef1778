"""Processes that a process gets as children because their own parents have ended.

The first process of a container gets all of them, a subreaper those that it has started itself,
directly or not. They have to be reaped, or they stay as zombies.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_POLL_SECONDS = 0.002
_TASKS = Path("/proc/self/task")
_spared: set[int] = set()
"""Adopted children that others have started, until they are reaped."""


def become_subreaper() -> None:
    """Get all descendants as children whose parents end, however they daemonise. Only Linux can."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def child_pids() -> set[int]:
    """Return the children of this process, zombies included."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return set()  # the usual case, without a look at all processes
    try:
        files = [task / "children" for task in _TASKS.iterdir()]
        return {int(pid) for file in files for pid in file.read_text().split()}
    except OSError:
        return {child.pid for child in psutil.Process().children()}


def reap_adopted(own: Collection[int]) -> None:
    """Reap the children that have ended, except `own`, whose exit codes others wait for.

    Does not wait.
    """
    if _any_zombie():
        for pid in child_pids().difference(own):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def sessions_of(own: Collection[int]) -> set[int]:
    """Return the sessions of this process, of these children and of their descendants."""
    pids = {0, *own}
    for pid in own:
        with suppress(psutil.Error):
            pids.update(each.pid for each in psutil.Process(pid).children(recursive=True))
    return {session for pid in pids if (session := _session(pid)) is not None}


def end_adopted(
    own: Collection[int] = (), *, seconds: float, spared_sessions: Collection[int] = ()
) -> bool:
    """SIGKILL all children except `own`, their groups, and what becomes a child by that; reap them.

    Leaves the children of `spared_sessions` alone; a later call reaps them when they have ended.
    Returns False if one is still there after this time; the kernel may hold it up.
    """
    give_up_at = monotonic() + seconds
    _reap_spared()
    while adopted := child_pids().difference(own, _spared):
        spared = {pid for pid in adopted if _session(pid) in spared_sessions}
        _spared.update(spared)
        adopted -= spared
        if monotonic() > give_up_at:
            return False
        for pid in adopted:
            # Not reaped yet, so no other process and no other group has this number.
            for kill in (os.killpg, os.kill):
                with suppress(ProcessLookupError, PermissionError):
                    kill(pid, signal.SIGKILL)
        sleep(_POLL_SECONDS)
        for pid in adopted:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
    return True


def _reap_spared() -> None:
    for pid in list(_spared):
        try:
            has_ended = os.waitpid(pid, os.WNOHANG)[0] == pid
        except ChildProcessError:
            has_ended = True
        if has_ended:
            _spared.discard(pid)


def _session(pid: int) -> int | None:
    """The session of the process, also of a zombie; of this process for 0."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _any_zombie() -> bool:
    with suppress(ChildProcessError):
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return False
