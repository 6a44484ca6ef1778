"""A program and everything that it starts, as one thing that can be started and ended."""

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence

import psutil

from jobs.supervision import tether
from jobs.supervision.members import end_marked

MARK = "BATCHSITE_GROUP"

MEMBERS_GRACE_SECONDS = 2.0
"""What is left of a group whose program has ended gets so long to end by itself."""

KILL_SECONDS = 5.0
"""A killed process that is still there after so long waits for a device."""


class Group:
    """A command in a session of its own, so that Ctrl-C in a terminal does not reach it.

    It is told to stop when this process dies. Can be started again after it has ended.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
        quiet: bool = False,
    ) -> None:
        self.name = name
        self._command = list(command)
        self._env = dict(env or {})
        self._pass_fds = tuple(pass_fds)
        self._quiet = quiet
        self._mark = ""
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises OSError when the process cannot be made."""
        self._mark = uuid.uuid4().hex
        launcher = [sys.executable, "-I", tether.__file__, str(os.getpid())]
        self._process = subprocess.Popen(
            [*launcher, *self._command],
            env={**os.environ, **self._env, MARK: self._mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self._quiet else None,
            pass_fds=self._pass_fds,
            start_new_session=True,
        )
        self._started = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def child_pids(self) -> list[int]:
        """The processes that the program itself has started."""
        try:
            return [child.pid for child in psutil.Process(self.pid).children()] if self.pid else []
        except psutil.Error:
            return []

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Negative for a signal, as in `subprocess`; None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def lived_seconds(self) -> float:
        return time.monotonic() - self._started

    def ask_to_stop(self) -> None:
        """SIGTERM to the program itself, which knows how to stop what it has started."""
        if self._process is not None:
            self._process.terminate()

    def end(self, *, grace_seconds: float = MEMBERS_GRACE_SECONDS) -> int:
        """Ends all that is left of the group. Returns how many processes could not be ended."""
        if self._process is None:
            return 0
        if grace_seconds > 0:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace_seconds)
        self._process.kill()
        _, left = end_marked(MARK, self._mark, grace_seconds=grace_seconds)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_SECONDS)
        return max(left, int(self.is_running))
