"""django-q2's `qcluster`, which can be told to stop more than once.

django-q2 stops inside its signal handler, with locks that a second signal, or one that comes
while the cluster starts, would wait for without end. A second signal is nothing rare: a
terminal and an init system each send one, and the kernel tells of the death of a supervisor
with threads once for each of them.
"""

import gc
import os
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import wait
from types import FrameType
from typing import Any

from django_q.cluster import Cluster
from django_q.conf import logger
from django_q.management.commands import qcluster

from jobs.management.explained import ExplainedCommand


class SignalSafeCluster(Cluster):
    """Its signal handler takes no lock: it writes to a pipe, and the main program reads."""

    def __init__(self) -> None:
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        super().__init__()

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            os.write(self._tell, b"\0")

    def run(self) -> None:
        """Start, and stop when a signal asks for it; ends when the sentinel has ended."""
        # All its processes are forks. The collector would go through what is loaded by now
        # again and again in each, and write to its memory, which would then be copied.
        gc.collect()
        gc.freeze()
        self.start()
        wait([self.sentinel.sentinel, self._told])
        self.stop()
        # Python gives back the default actions as it ends, by which one more signal would kill.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def stop(self) -> bool:
        """Ask the sentinel to stop and wait until it has; False if it had ended before."""
        if not self.sentinel.is_alive():
            return False
        logger.info("Q Cluster %s stopping.", self.name)
        # This waits until the sentinel has woken up. One that was killed in its sleep, as by a
        # signal to all of a process group, never does.
        threading.Thread(target=self.stop_event.set, daemon=True).start()
        self.sentinel.join()
        logger.info("Q Cluster %s has stopped.", self.name)
        return True


class Command(ExplainedCommand, qcluster.Command):
    help = (
        "Starts a django-q cluster, which works on the jobs until SIGTERM or Ctrl-C stops it. "
        "Nobody starts it again when it ends: runcluster does that."
    )
    examples = """\
  manage.py qcluster
  WORKERS=8 manage.py qcluster
  manage.py qcluster --run-once\
"""
    # Those of the engine. The others load the whole site, of which a cluster needs little.
    requires_system_checks = ["jobs"]

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster_name"]:
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        cluster = SignalSafeCluster()
        if options["run_once"]:
            cluster.start()
            cluster.stop()
        else:
            cluster.run()
