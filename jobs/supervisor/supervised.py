"""Keeps one program running, and replaces a cluster that is stuck."""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import asdict

from jobs.processes.tree import ProcessTree
from jobs.supervisor.policies import RestartPolicy, StuckDetector
from jobs.supervisor.probe import Probe

log = logging.getLogger(__name__)

Report = Callable[[str], None]
"""Takes one sentence for a person."""


class SupervisedProcess:
    """Restarts its program after it has ended, with a wait that grows.

    Call `step()` a few times a second. It starts and checks, and never waits for long.
    `restart=False` is for a program that runs once.
    """

    def __init__(self, tree: ProcessTree, *, report: Report, restart: bool = True) -> None:
        self.tree = tree
        self._report = report
        self._restart = restart
        self._policy = RestartPolicy()
        self._start_at: float | None = None

    def start(self) -> None:
        """Start the program. Raises OSError when the process cannot be created."""
        self._start_at = None
        self.tree.start()

    def terminate(self) -> None:
        """Ask the program to stop. Does not wait. Safe to repeat."""
        self.tree.terminate()

    def step(self) -> None:
        """Restart the program if it has ended and its wait has passed."""
        if self._start_at is not None:
            if time.monotonic() >= self._start_at:
                self.start()
        elif not self.tree.is_running and self._restart:
            self._schedule_restart()

    def _schedule_restart(self) -> None:
        wait_seconds = self._policy.wait_seconds(self.tree.seconds_since_start)
        ending = describe_exit(self.tree.exit_code)
        # Its descendants would run beside those of the next start.
        self.tree.kill()
        self._report(f"The {self.tree.name} {ending}; it is started again in {wait_seconds:g} s.")
        self._start_at = time.monotonic() + wait_seconds


class SupervisedCluster(SupervisedProcess):
    """Also replaces a django-q cluster that is alive but does not pick up waiting work.

    The pool of django-q2 can be dead while its processes live: an idle worker that is killed may
    take the lock of the task queue with it, and then no other worker gets a task.
    `on_replaced(reason)` is called after each replacement with one sentence.
    """

    def __init__(
        self,
        tree: ProcessTree,
        *,
        report: Report,
        probe: Probe,
        detector: StuckDetector,
        on_replaced: Callable[[str], None],
    ) -> None:
        super().__init__(tree, report=report)
        self._probe = probe
        self._detector = detector
        self._on_replaced = on_replaced

    def start(self) -> None:
        self._detector.reset()
        super().start()
        self._probe.start()

    def terminate(self) -> None:
        self._probe.stop()
        super().terminate()

    def step(self) -> None:
        super().step()
        result = self._probe.take()
        if result and self.tree.is_running and self._detector.is_stuck(**asdict(result)):
            self._replace()

    def _replace(self) -> None:
        seconds = self._detector.current_threshold_seconds
        reason = f"Work waited for {seconds:g} seconds but no worker picked it up"
        self._report(f"{reason}; the cluster is replaced.")
        # No worker is busy, so a grace period is useless, and a stuck pool ignores SIGTERM.
        self.tree.kill(grace_seconds=0)
        self._detector.replaced()
        self.start()
        try:
            self._on_replaced(reason)
        except Exception:
            log.exception("The replacement of the cluster could not be recorded")


def describe_exit(exit_code: int | None) -> str:
    """Return the end of a sentence: "was killed by SIGKILL", "ended with exit code 1"."""
    if exit_code is not None and exit_code < 0:
        try:
            return f"was killed by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"was killed by signal {-exit_code}"
    return f"ended with exit code {exit_code}"
