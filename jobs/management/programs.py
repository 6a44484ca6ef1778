"""The programs that `serve` and `runcluster` keep running."""

import contextlib
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections

from jobs import services
from jobs.conf import conf
from jobs.management.base import SiteCommand
from jobs.management.commands import qcluster
from jobs.processes import memory
from jobs.processes.tree import ProcessTree
from jobs.progress.write_probe import cause_of_absence
from jobs.supervisor.policies import StuckDetector
from jobs.supervisor.probe import Probe, ProbeResult
from jobs.supervisor.supervised import Report, SupervisedCluster

STUCK_AFTER_SECONDS = 15


class ServerCommand(SiteCommand):
    """A command that keeps programs running."""

    def report(self, sentence: str) -> None:
        """Write a line and flush. A closed terminal is no error."""
        with contextlib.suppress(OSError, ValueError):
            self.stdout.write(sentence)
            self.stdout.flush()


def stop_seconds() -> float:
    """Return the time a cluster needs to stop: JOBS_SHUTDOWN_SECONDS, and a margin."""
    return float(conf.SHUTDOWN_SECONDS) + 10.0


def manage(*arguments: str) -> list[str]:
    """Return the command line of a `manage.py` command; it works in every current folder."""
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def _run_cluster() -> None:
    """What `manage.py qcluster` does, in a fork. This process has made its checks."""
    settings.DEBUG = False  # it would keep every query in memory
    qcluster.run_cluster()


def before_forks() -> None:
    """Prepare this process for its forks: they inherit no connection, and share its memory."""
    qcluster.load_cluster()
    memory.settle()
    gc.enable()  # `manage.py` has disabled it: what it frees leaves holes that are filled later


def supervised_cluster(
    report: Report,
    *,
    stuck_after_seconds: float = STUCK_AFTER_SECONDS,
    workers: int | None = None,
    private: Sequence[int] = (),
) -> SupervisedCluster:
    """Return a django-q cluster that is replaced when jobs wait and it picks up none of them.

    `workers` overrides the setting WORKERS. `private`: descriptors that a fork has to close.
    """
    # Debug mode keeps every query in memory, which is useless to a cluster.
    env = {"DJANGO_DEBUG": "false"} | ({"WORKERS": str(workers)} if workers else {})
    # The settings of this process, which a fork inherits, have another number of workers.
    main = None if workers else _run_cluster
    tree = ProcessTree("cluster", manage("qcluster"), env=env, main=main, private=private)

    def check() -> ProbeResult:
        close_old_connections()
        # A lease names the sentinel, which is a child of the cluster's main process.
        marker = services.progress_marker(tree.child_pids)
        # Busy workers cannot report while the database takes no changes, and another cluster could
        # not pick anything up either.
        waiting = services.any_job_needs_worker() and not cause_of_absence()
        return ProbeResult(work_waiting=waiting, progress_marker=marker)

    # Items of dead workers are released when their leases expire; a cluster is not stuck before.
    threshold = max(stuck_after_seconds, 1.5 * float(conf.LEASE_SECONDS))
    return SupervisedCluster(
        tree,
        report=report,
        probe=Probe(check),
        detector=StuckDetector(threshold_seconds=threshold),
        on_replaced=services.record_cluster_replaced,
    )
