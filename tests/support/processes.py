"""A cluster's processes, and whatever a test has started and left behind."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.waiting import wait_until

MARK = "BATCHSITE_TEST_SITE"
"""In the environment of everything that a test site starts."""


def marked(mark: str) -> list[psutil.Process]:
    """Live processes of the site with this mark, also those that have lost their parents."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, psutil.NoSuchProcess):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(psutil.Process(int(folder.name)))
    return [process for process in found if is_alive(process.pid)]


def kill_marked(mark: str) -> None:
    """SIGKILL to all of this mark; some may have ended since they were found."""
    for process in marked(mark):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def described(processes: list[psutil.Process]) -> list[str]:
    """A line for each that still lives: pid, state, kernel function it waits in, command."""
    lines = []
    for process in processes:
        with suppress(OSError, psutil.Error):
            waits_in = Path(f"/proc/{process.pid}/wchan").read_text()
            command = " ".join(process.cmdline())
            lines.append(f"{process.pid} {process.status()} {waits_in} {command}")
    return lines


def is_alive(pid: int) -> bool:
    """False for a process that has ended, a zombie included."""
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for this signal."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "SigCgt":
            return bool(int(value, 16) >> (number - 1) & 1)
    return False


def wait_until_none_is_left(mark: str, seconds: float = 30) -> None:
    """Raises AssertionError with a line for each process of this mark that has not ended."""
    try:
        wait_until(lambda: not marked(mark), seconds=seconds)
    except AssertionError:
        left = described(marked(mark))
        raise AssertionError("still there:\n" + "\n".join(left)) from None


def children(pid: int) -> list[int]:
    """The pids of live direct children, oldest first."""
    with suppress(psutil.NoSuchProcess):
        found = sorted(psutil.Process(pid).children(), key=lambda child: child.create_time())
        return [child.pid for child in found if is_alive(child.pid)]
    return []


class Cluster:
    """A `manage.py qcluster` (or `runcluster`) that a test has started.

    `ready()` waits for it and finds out who is who; then `main`, `sentinel`, `workers`,
    `monitor` and `pusher` are pids. They are those of the start: one that is replaced
    later is found with `wait_for_workers`.
    """

    def __init__(self, process: subprocess.Popen[bytes], size: int, log: Path) -> None:
        self.process = process
        self.size = size
        self.log = log
        self.sentinel = 0
        self.workers: list[int] = []
        self.monitor = 0
        self.pusher = 0

    @property
    def main(self) -> int:
        return self.process.pid

    def ready(self) -> "Cluster":
        """Wait until all its processes are there."""
        wait_until(self._find, seconds=60, what=f"the cluster has started: {self.log}")
        return self

    def _find(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the cluster has ended:\n{self.log.read_text()[-3000:]}")
        sentinels = children(self.main)
        if len(sentinels) != 1:
            return False
        # Forked in this order, see django_q.cluster.Sentinel.spawn_cluster.
        family = children(sentinels[0])
        if len(family) != self.size + 2:
            return False
        self.sentinel = sentinels[0]
        *self.workers, self.monitor, self.pusher = family
        return True

    def executors(self) -> list[int]:
        """Processes in which items run now: children of the workers."""
        family = children(self.sentinel)
        return [pid for worker in family if worker != self.monitor for pid in children(worker)]

    def busy_worker(self) -> int:
        """A worker that has an executor; waits for one."""
        found = wait_until(
            lambda: [pid for pid in children(self.sentinel) if children(pid)], what="a busy worker"
        )
        return found[0]

    def idle_worker(self) -> int:
        """A worker that has no executor; waits for one."""
        found = wait_until(
            lambda: [pid for pid in self.workers if is_alive(pid) and not children(pid)],
            what="an idle worker",
        )
        return found[0]

    def kill(self, *pids: int) -> None:
        """SIGKILL to these."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_group(self) -> None:
        """kill -9 of the whole process group, as a terminal or an init system does it."""
        with suppress(ProcessLookupError):
            os.killpg(self.main, signal.SIGKILL)
        self.process.wait(10)

    def terminate(self) -> None:
        """SIGTERM to the main process, as a deploy does it; see `wait`."""
        with suppress(ProcessLookupError):
            self.process.terminate()

    def wait(self, seconds: float = 30) -> int:
        """Wait for the main process to end; its exit code."""
        return self.process.wait(seconds)

    def stop(self, seconds: float = 30) -> None:
        """A clean stop."""
        self.terminate()
        self.wait(seconds)
