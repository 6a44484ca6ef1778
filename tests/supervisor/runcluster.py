"""`manage.py runcluster` on a test site, and the cluster that it keeps running."""

import subprocess

import psutil

from tests.support.processes import children, kill_marked, marked
from tests.support.site import Site
from tests.support.stacks import manage
from tests.support.waiting import wait_until


class RunCluster:
    """Starts a supervisor that replaces a stuck cluster after 3 seconds.

    Pids are looked up each time, because the cluster may have been replaced.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.log = site.folder / "runcluster.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                manage("runcluster", "--stuck-after", "3"),
                env=site.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: len(self.pool()) == site.workers + 2, what="the cluster is complete")

    def main(self) -> int:
        """Return the pid of django-q2's main process, or 0."""
        return next(iter(children(self.process.pid)), 0)

    def sentinel(self) -> int:
        return next(iter(children(self.main())), 0) if self.main() else 0

    def pool(self) -> list[int]:
        """Return the pids of workers, monitor and pusher, in this order."""
        return children(self.sentinel()) if self.sentinel() else []

    def workers(self) -> list[int]:
        return self.pool()[: self.site.workers]

    def everything(self) -> list[int]:
        return [self.main(), self.sentinel(), *self.pool()]

    def reported(self, words: str) -> bool:
        return words in self.log.read_text()

    def left(self) -> list[psutil.Process]:
        """Return the live processes of the supervisor, its cluster and their descendants."""
        return marked(self.site.mark)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        kill_marked(self.site.mark)
