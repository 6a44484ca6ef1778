"""A build of this project with a cluster of its own: this one, or an older commit beside it."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from tests.bench.numbers import WORKERS
from tests.bench.processes import Workers, wait_for
from tests.bench.verifying.tools import Spent

OLDER = "f4c1566"
"""The commit that the goals are about: the last one before its checks were replaced."""
_INSTALL_SECONDS = 900


class Build:
    """A checkout, its Python, and a library. All is done through its commands."""

    def __init__(self, label: str, root: Path, python: Path, folder: Path, library: Path) -> None:
        self.label = label
        self._root, self._python = root, python
        folder.mkdir()
        self._env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DATA_DIR": str(folder),
            "LIBRARY_ROOT": str(library),
            "WORKERS": str(WORKERS),
            "DJANGO_SETTINGS_MODULE": "batchsite.settings",
            "DJANGO_SECRET_KEY": "only-for-benchmarks-only-for-benchmarks-only-for-be",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(root),
        }
        self._workers = Workers(folder)

    def open(self) -> None:
        """Index the library, and start the cluster. Raises CalledProcessError."""
        self._manage("migrate", "--verbosity=0")
        self._manage("scanlibrary")
        manage = str(self._root / "manage.py")
        self._workers.start([str(self._python), manage, "qcluster"], **self._env)

    def close(self) -> None:
        self._workers.stop()

    def verify(self, kind: str) -> Spent:
        """Run one job over the files of a kind. Raises RuntimeError if any of them fails."""
        before = self._cpu_seconds()
        ended = json.loads(
            self._manage("startjob", "verify", "--search", f"{kind}/", "--wait", "--json")
        )
        self._workers.check()
        progress = ended["progress"]
        if progress["succeeded"] != progress["total"]:
            raise RuntimeError(f"{self.label}: not all files are whole: {progress}")
        times = [datetime.fromisoformat(ended[name]) for name in ("started_at", "finished_at")]
        return Spent((times[1] - times[0]).total_seconds(), self._cpu_seconds() - before)

    def warm_up(self, kinds: list[str]) -> None:
        """Run each kind once: it loads the libraries, and the files into the page cache."""
        wait_for(lambda: self._cpu_seconds() > 0, "the cluster has started")
        for kind in kinds:
            self.verify(kind)

    def _manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._python), str(self._root / "manage.py"), *arguments],
            env=self._env,
            cwd=self._root,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.label}, {arguments[0]}: {done.stderr[-1500:]}")
        return done.stdout

    def _cpu_seconds(self) -> float:
        """What the cluster has used, ended processes included."""
        used = 0.0
        for program in self._workers.started:
            with suppress(psutil.Error):
                main = psutil.Process(program.pid)
                for process in (main, *main.children(recursive=True)):
                    with suppress(psutil.Error):
                        used += sum(process.cpu_times()[:4])
        return used


def this_build(folder: Path, library: Path) -> Build:
    root = Path(settings.BASE_DIR)
    return Build("this build", root, Path(sys.executable), folder / "this", library)


def older_build(older: str, folder: Path, library: Path) -> Build:
    """Return a build of a commit, or of a folder that holds a checkout and its `.venv`.

    A commit is checked out and installed from its lock file, which takes minutes and a network.
    Raises OSError or CalledProcessError if that is not possible.
    """
    root = Path(older)
    if not (root / "manage.py").is_file():
        root = _checked_out(older, folder / "checkout")
    return Build(f"build {root.name if root == Path(older) else older}", root,
                 root / ".venv/bin/python", folder / "older", library)  # fmt: skip


def _checked_out(commit: str, root: Path) -> Path:
    def run(*command: str, **options: Any) -> bytes:
        return subprocess.run(
            command, check=True, capture_output=True, timeout=_INSTALL_SECONDS, **options
        ).stdout

    root.mkdir()
    packed = run("git", "-C", str(settings.BASE_DIR), "archive", commit)
    run("tar", "-x", "-C", str(root), input=packed)
    run(sys.executable, "-m", "venv", str(root / ".venv"))
    locked = root / "requirements.lock"
    listed = ["--no-deps", "-r", str(locked)] if locked.exists() else ["-r", "requirements.txt"]
    run(str(root / ".venv/bin/python"), "-m", "pip", "install", "--quiet", *listed, cwd=root)
    return root
