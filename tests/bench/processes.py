"""Worker processes of one measurement: started together, ended together, by their pids."""

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

from jobs.processes.parent_death import bind_command
from jobs.processes.tree import kill_marked

MARK = "BATCHSITE_BENCH"
"""In the environment of everything that a measurement starts: how it is found to be ended."""

T = TypeVar("T")


class Workers:
    """Programs that work until `stop`. What they print goes to a file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "workers.log"
        self.mark = uuid.uuid4().hex
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str], **env: str) -> None:
        with self.log.open("ab") as log:
            self.started.append(spawn(command, log, **env, **{MARK: self.mark}))

    def stop(self) -> None:
        """SIGTERM, five seconds to obey, then SIGKILL to all that descends from them."""
        for process in self.started:
            process.terminate()
        deadline = time.monotonic() + 5.0
        for process in self.started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in self.started:
            process.kill()
            process.wait()
        _, left = kill_marked(MARK, self.mark, grace_seconds=0.0)
        if left:
            raise RuntimeError(f"{left} worker processes could not be ended")

    def check(self) -> None:
        """Raises RuntimeError, with the end of the log, if one has ended."""
        if any(process.poll() is not None for process in self.started):
            raise RuntimeError(f"a worker has ended:\n{self.log.read_text()[-2000:]}")


def spawn(command: Sequence[str], log: IO[bytes], **env: str) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own that ends with this process."""
    return subprocess.Popen(
        bind_command(list(command)),
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def wait_for(
    condition: Callable[[], T], what: str, *, seconds: float = 120.0, pause: float = 0.005
) -> T:
    """The first true value of `condition()`. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:g} s still not: {what}")
        time.sleep(pause)
    return value
