"""A program and all its descendants, started and ended as one thing.

Each descendant carries a mark, `NAME=value`, in its environment. Children inherit it through
forks, double forks and new sessions. So a reused pid is never mistaken for one of ours.
"""

import contextlib
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from jobs.processes import marks
from jobs.processes.forked import ForkedProcess, can_fork, fork
from jobs.processes.parent_death import bind_command

MARK = marks.GROUP

GRACE_SECONDS = 2.0
"""How long descendants may take to end on their own after their program has ended."""

KILL_SECONDS = 5.0
"""A process that is still there this long after SIGKILL waits for a disk or a device."""

_POLL_SECONDS = 0.05


class ProcessTree:
    """A command in a session of its own, so that Ctrl-C in a terminal does not reach it.

    The command gets SIGTERM when this process dies. It can be started again after it has ended.
    `env` adds to the environment; `quiet` discards standard output.

    `main` does what the command does. While this process can be forked (`forked.can_fork`) and has
    room for MARK (`marks.reserve`), it runs in a fork, which saves the start of another program
    and shares the memory of this one. A fork closes the descriptors `private` and keeps the rest.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        quiet: bool = False,
        main: Callable[[], object] | None = None,
        private: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._command = list(command)
        self._env = dict(env or {})
        self._pass_fds = tuple(pass_fds)
        self._quiet = quiet
        self._main = main
        self._private = tuple(private)
        self._mark = ""
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | ForkedProcess | None = None

    def start(self) -> None:
        """Start the command. Raises OSError when the process cannot be created."""
        self._mark = uuid.uuid4().hex
        if self._main is not None and can_fork() and marks.has_room(MARK):
            self._process = fork(
                self._main, prepare=self._become, quiet=self._quiet, close=self._private
            )
        else:
            self._process = subprocess.Popen(
                bind_command(self._command),
                env={**os.environ, **self._env, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if self._quiet else None,
                pass_fds=self._pass_fds,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def _become(self) -> None:
        """In the fork: what an exec would have changed."""
        marks.put(MARK, self._mark)
        marks.show_command(self._command)
        os.environ.update(self._env)

    @property
    def pid(self) -> int | None:
        """The pid of the command, also after its end; None before the first start."""
        return self._process.pid if self._process else None

    @property
    def child_pids(self) -> list[int]:
        """The processes that the command itself has started."""
        if self.pid is None:
            return []
        try:
            files = [each / "children" for each in Path(f"/proc/{self.pid}/task").iterdir()]
            return [int(pid) for file in files for pid in file.read_text().split()]
        except OSError:
            pass  # it has ended, or this system has no such files
        try:
            return [child.pid for child in psutil.Process(self.pid).children()]
        except psutil.Error:
            return []

    @property
    def is_running(self) -> bool:
        """True while the command itself runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code of the command, negative for a signal; None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def seconds_since_start(self) -> float:
        return time.monotonic() - self._started

    def terminate(self) -> None:
        """Send SIGTERM to the command, which knows how to stop what it has started."""
        if self._process is not None:
            self._process.terminate()

    def kill(self, *, grace_seconds: float = GRACE_SECONDS) -> int:
        """End the command and all its descendants. Safe to repeat.

        Sends SIGTERM, and SIGKILL after the grace period. Returns the number of processes that
        are still there KILL_SECONDS later.
        """
        if self._process is None:
            return 0
        if grace_seconds > 0:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace_seconds)
        self._process.kill()
        _, remaining = kill_marked(MARK, self._mark, grace_seconds=grace_seconds)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_SECONDS)
        return max(remaining, int(self.is_running))


def find_marked(name: str, value: str) -> list[psutil.Process]:
    """Return the live processes that were started with `name=value` in their environment.

    Misses a process in the middle of an exec, which has no environment for a moment.
    """
    found = []
    for process in psutil.process_iter():
        # OSError: a part of /proc may disappear while it is read.
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def kill_marked(name: str, value: str, *, grace_seconds: float) -> tuple[int, int]:
    """Send SIGTERM to all processes with this mark, and SIGKILL after the grace period.

    Returns the number of processes found, and how many of them are still there KILL_SECONDS
    after the grace period: a process that waits for a disk cannot be killed. Safe to repeat.
    """
    kill_at = time.monotonic() + grace_seconds
    pids: set[int] = set()
    remaining: list[psutil.Process] = []
    empty_scans = 0
    # Two empty scans are needed: one scan misses a process that is in an exec.
    while empty_scans < 2 and time.monotonic() < kill_at + KILL_SECONDS:
        remaining = find_marked(name, value)
        empty_scans = 0 if remaining else empty_scans + 1
        for process in remaining:
            with contextlib.suppress(psutil.Error):
                if time.monotonic() >= kill_at:
                    process.kill()
                elif process.pid not in pids:
                    process.terminate()
            pids.add(process.pid)
        time.sleep(_POLL_SECONDS)
    return len(pids), len(remaining)
