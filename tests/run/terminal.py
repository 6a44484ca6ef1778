"""`make run` in a terminal of its own, as a person has it: Ctrl-C, closing the window."""

import fcntl
import http.client
import json
import os
import pty
import re
import select
import socket
import subprocess
import termios
import threading
import uuid
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from tests.support.processes import MARK, children, described, kill_marked, marked
from tests.support.stacks import clean_environment, manage
from tests.support.waiting import wait_until

SERVE = tuple(manage("serve"))
MAKE_RUN = ("make", "run")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Terminal:
    """A pseudo-terminal. All that is started in it is found by a mark, whatever it does."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.mark = uuid.uuid4().hex
        self.data = folder / "data"
        self.port = free_port()
        self.env = clean_environment(
            DATA_DIR=str(self.data),
            PORT=str(self.port),
            WORKERS="2",
            DJANGO_DEBUG="true",
            EXTRA_APPS="tests.testapp",
            JOBS_HEARTBEAT_SECONDS="0.5",
            JOBS_LEASE_SECONDS="2",
            JOBS_SHUTDOWN_SECONDS="2",
            DJANGO_COLORS="nocolor",
            **{MARK: self.mark},
            **env,
        )
        # The site makes its own.
        del self.env["DJANGO_SECRET_KEY"]
        self.window, self._screen = pty.openpty()
        self._said = bytearray()
        self.process: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def type(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a command in the foreground."""
        screen = self._screen
        self.process = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=self.env | env,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(screen, termios.TIOCSCTTY, 0),
        )
        return self.process

    def press_ctrl_c(self) -> None:
        os.write(self.window, b"\x03")

    def close_window(self) -> None:
        """The kernel sends SIGHUP to what runs in it."""
        if self._closing.is_set():
            return
        self._closing.set()
        # A read that is under way would keep the window open.
        self._reader.join()
        os.close(self._screen)
        os.close(self.window)

    @property
    def said(self) -> str:
        return self._said.decode(errors="replace").replace("\r\n", "\n")

    def wait_for_address(self) -> str:
        """Wait until the address is on the screen; the address."""
        assert self.process is not None

        def found() -> re.Match[str] | None:
            match = re.search(r"The site is at (http://\S+/) ", self.said)
            assert match or self.process.poll() is None, self.said  # type: ignore[union-attr]
            return match

        match = wait_until(found, seconds=120, what="the address is printed")
        assert match
        return match[1]

    def wait_for_end(self, seconds: float = 40) -> int:
        """The exit code."""
        assert self.process is not None
        return self.process.wait(seconds)

    def get(self, path: str) -> tuple[int, bytes]:
        return self._ask("GET", path)

    def start_job(self, **parameters: Any) -> str:
        """A job of the test operation `act`; its id."""
        wanted = {"operation": "act", "parameters": parameters}
        status, answer = self._ask("POST", "/api/jobs", json.dumps(wanted))
        assert status == 201, answer
        return str(json.loads(answer)["id"])

    def progress(self, job: str) -> dict[str, int]:
        """The numbers of a job, as the page gets them."""
        progress: dict[str, int] = json.loads(self.get(f"/api/jobs/{job}")[1])["progress"]
        return progress

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def left(self) -> list[str]:
        """A line for each process that lives of what was started here."""
        return described(marked(self.mark))

    def close(self) -> None:
        kill_marked(self.mark)
        if self.process is not None:
            self.process.wait()
        self.close_window()

    def _read(self) -> None:
        while not self._closing.is_set():
            ready, _, _ = select.select([self.window], [], [], 0.1)
            if ready:
                self._said += os.read(self.window, 65536)


def programs(terminal: Terminal) -> dict[str, int]:
    """The pids of web server and cluster, children of the command in the terminal."""
    assert terminal.process is not None
    found = {}
    for pid in children(terminal.process.pid):
        try:
            line = " ".join(psutil.Process(pid).cmdline())
        except psutil.NoSuchProcess:
            continue
        found["web" if "gunicorn" in line else "cluster" if "qcluster" in line else "scan"] = pid
    return found


def refused(terminal: Terminal, *words: str, **env: str) -> None:
    """Check that the site does not start, and says so in one line with these words."""
    before = len(terminal.said)
    terminal.type(*SERVE, **env)
    assert terminal.wait_for_end() == 1
    lines = terminal.said[before:].strip().splitlines()
    assert len(lines) == 1, lines
    assert "Error" in lines[0]
    for word in words:
        assert word in lines[0]
