"""django-q2's `qcluster`, safe against more than one signal to stop.

django-q2 stops inside its signal handler with locks. A second signal, or one during the start,
would wait for them forever. Second signals are common: a terminal and an init system each send
one, and the kernel reports the death of a supervisor once for each of its threads.
"""

import os
import signal
import threading
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.synchronize import Event
from time import monotonic, sleep
from types import FrameType
from typing import Any

from django.db import Error, connections
from django_q.brokers import get_broker
from django_q.cluster import Cluster, get_mp_context
from django_q.conf import logger
from django_q.management.commands import qcluster

from jobs.cluster import host_tasks, shutdown
from jobs.lifecycle.scheduling import any_job_needs_worker
from jobs.management.base import SiteCommand, refuse_other_version
from jobs.processes import memory

POLL_SECONDS = 0.1


class SteadyEvent(Event):
    """An event whose `wait` no change of the date prolongs.

    That of `multiprocessing` waits until a date. If the clock is set back meanwhile, the sentinel
    would stand still for as long: no presence, no new processes in the place of dead ones.
    """

    def wait(self, timeout: float | None = None) -> bool:
        deadline = None if timeout is None else monotonic() + timeout
        while not self.is_set():
            if deadline is not None and monotonic() >= deadline:
                return False
            sleep(POLL_SECONDS)
        return True


class SignalSafeCluster(Cluster):
    """Its signal handler takes no lock: it writes to a pipe that the main program reads."""

    @property
    def stop_event(self) -> Any:
        """A SteadyEvent while the cluster runs, else None."""
        return self._stop_event

    @stop_event.setter
    def stop_event(self, event: Event | None) -> None:
        """django-q2 sets an event of its own when it starts, and None in the end."""
        self._stop_event = None if event is None else SteadyEvent(ctx=get_mp_context())

    def __init__(self) -> None:
        self._stop_reader, self._stop_writer = os.pipe()
        os.set_blocking(self._stop_writer, False)
        super().__init__()

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            os.write(self._stop_writer, b"\0")

    def run(self) -> None:
        """Start, and stop at a signal. Returns when the sentinel has ended."""
        load_cluster()
        memory.settle()  # all processes of the cluster are forks
        self.start()
        wait([self.sentinel.sentinel, self._stop_reader])
        self.stop()
        # Python restores the default actions at its exit, with which another signal would kill.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def stop(self) -> bool:
        """Stop the sentinel and wait for its end. Return False if it had ended before."""
        if not self.sentinel.is_alive():
            return False
        logger.info("Q Cluster %s stopping.", self.name)
        # `set` waits for a lock, which a sentinel that was killed while it held it never releases:
        # a signal to the process group kills all of them.
        threading.Thread(target=self.stop_event.set, daemon=True).start()
        self.sentinel.join()
        logger.info("Q Cluster %s has stopped.", self.name)
        return True


def load_cluster() -> None:
    """Load what the processes of a cluster need, before they are forked: so they share it.

    That includes the statement that all of them make all the time.
    """
    import_module("jobs.tasks")
    get_broker()
    with suppress(Error):  # the processes wait for a database that does not answer
        any_job_needs_worker()
    connections.close_all()


def run_cluster(*, once: bool = False) -> None:
    """Run a cluster until a signal stops it; with `once`, only start it and stop it."""
    shutdown.begin_cluster()
    host_tasks.begin_cluster()
    cluster = SignalSafeCluster()
    if once:
        cluster.start()
        cluster.stop()
    else:
        cluster.run()


class Command(SiteCommand, qcluster.Command):
    help = (
        "Starts a django-q cluster, which works on the jobs until SIGTERM or Ctrl-C stops it. "
        "It is not restarted when it ends; runcluster does that."
    )
    examples = """\
  manage.py qcluster
  WORKERS=8 manage.py qcluster
  manage.py qcluster --run-once"""
    # Only the checks of the engine. The others load the whole site, which a cluster never needs.
    requires_system_checks = ["jobs"]

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster_name"]:
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        refuse_other_version()
        run_cluster(once=options["run_once"])
