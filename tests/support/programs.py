"""The programs of a test site: clusters, the web server, commands; their logs and their end."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.processes import Cluster, described, marked
from tests.support.stacks import manage
from tests.support.waiting import wait_until


class Programs:
    """`env` is what each program gets; change it before starting them."""

    env: dict[str, str]

    def __init__(self, mark: str, folder: Path, workers: int) -> None:
        self.mark = mark
        self.workers = workers
        self.folder = folder
        self.clusters: list[Cluster] = []
        self.web: subprocess.Popen[bytes] | None = None
        self._logs = 0

    def start_cluster(
        self,
        workers: int | None = None,
        *,
        command: str = "qcluster",
        wait: bool = True,
        **env: str,
    ) -> Cluster:
        """Start a cluster, in a process group of its own, and wait until it is complete."""
        size = workers or self.workers
        process, log = self._spawn(manage(*command.split()), WORKERS=str(size), **env)
        cluster = Cluster(process, size, log)
        self.clusters.append(cluster)
        return cluster.ready() if wait else cluster

    def start_web(self, **env: str) -> str:
        """Start the web server in local mode; its address, without a slash at the end."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "-c", "python:batchsite.gunicorn_conf"]
        self.web, log = self._spawn(
            [*command, "--bind", f"127.0.0.1:{port}"], DJANGO_DEBUG="true", **env
        )
        wait_until(lambda: self._listens(port, log), what=f"the web server listens: {log}")
        return f"http://127.0.0.1:{port}"

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a `manage.py` command to its end."""
        return subprocess.run(
            manage(*arguments),
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def _spawn(self, command: list[str], **env: str) -> tuple[subprocess.Popen[bytes], Path]:
        self._logs += 1
        path = self.folder / f"{self._logs}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                command,
                env=self.env | env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return process, path

    def _listens(self, port: int, log: Path) -> bool:
        assert self.web is not None
        if self.web.poll() is not None:
            raise AssertionError(log.read_text()[-3000:])
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
        return False

    def logs(self) -> str:
        """What all its programs have printed."""
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def stop_programs(self) -> list[str]:
        """Ask all to stop; the command lines of those that are left."""
        programs = [cluster.process for cluster in self.clusters]
        for process in [*programs, *([self.web] if self.web else [])]:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            if process.poll() is None:
                process.terminate()
        for process in [*programs, *([self.web] if self.web else [])]:
            with suppress(subprocess.TimeoutExpired):
                process.wait(25)
        with suppress(AssertionError):
            wait_until(lambda: not marked(self.mark), seconds=5)
        return described(marked(self.mark))
