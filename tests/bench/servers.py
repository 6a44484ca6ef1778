"""The databases, broker and files of one run of the benchmarks, all in one temporary folder."""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cached_property
from itertools import count
from pathlib import Path

from django.conf import settings

from tests.bench.engines import LIBRARY, OURS
from tests.support.servers import Postgres, Valkey

FILES = {"64k": (64 * 1024, 256), "1m": (1024 * 1024, 48)}
"""Folder: bytes of a file, number of files."""


class BenchPostgres(Postgres):
    """PostgreSQL as it is installed: with fsync, unlike in the tests."""

    options = {
        "listen_addresses": "",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "dynamic_shared_memory_type": "mmap",  # nothing is left behind elsewhere
    }


class Bench:
    """Made once for a run; `close` ends the servers and removes the folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="batchsite-bench-"))
        self._numbers = count(1)

    @cached_property
    def postgres(self) -> BenchPostgres:
        server = BenchPostgres()
        server.execute("CREATE DATABASE template_bench")
        self._migrate(DATABASE_URL=server.url("template_bench"), DATA_DIR=str(self.folder))
        return server

    @cached_property
    def valkey(self) -> Valkey:
        return Valkey()

    @cached_property
    def _sqlite_template(self) -> Path:
        folder = self.folder / "template"
        folder.mkdir()
        self._migrate(DATA_DIR=str(folder))
        return folder / "db.sqlite3"

    @cached_property
    def files(self) -> Path:
        """Folders of files to hash. Read once, so that all find them in the page cache."""
        folder = self.folder / "files"
        for name, (size, number) in FILES.items():
            (folder / name).mkdir(parents=True)
            for one in range(number):
                (folder / name / f"{one:04}").write_bytes(os.urandom(size))
        return folder

    def environment(self, engine: str, stack: str, workers: int = 2) -> dict[str, str]:
        """A fresh database and an empty broker: the environment of one measurement."""
        data = self.folder / f"{next(self._numbers):03}-{stack}-{engine}"
        data.mkdir()
        (data / "files").symlink_to(self.files)
        found = {"DATA_DIR": str(data), "WORKERS": str(workers), "EXTRA_APPS": "tests.bench.app"}
        if engine not in (OURS, LIBRARY):
            found["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
        if engine == "procrastinate":
            found["BENCH_PROCRASTINATE"] = "1"
        if stack == "sqlite":
            shutil.copy(self._sqlite_template, data / "db.sqlite3")
        else:
            name = f"bench_{next(self._numbers)}"
            self.postgres.execute(f"CREATE DATABASE {name} TEMPLATE template_bench")
            found["DATABASE_URL"] = self.postgres.url(name)
        if stack == "valkey" or engine in ("celery", "rq", "dramatiq"):
            self.valkey.flush(0)
            found["REDIS_URL"] = self.valkey.url(0)
        if engine == "procrastinate":
            self._migrate(**found)
        return self._clean(**found)

    def _clean(self, **variables: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "BENCH_SCALE": os.environ.get("BENCH_SCALE", "1"),
            "PYTHONPATH": str(settings.BASE_DIR),
            "DJANGO_SETTINGS_MODULE": "batchsite.settings",
            "DJANGO_SECRET_KEY": "only-for-benchmarks-only-for-benchmarks-only-for-be",
            "LOG_LEVEL": "WARNING",
            **variables,
        }

    def _migrate(self, **variables: str) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity=0"]
        subprocess.run(command, env=self._clean(**variables), check=True, timeout=120)

    def drop(self, environment: dict[str, str]) -> None:
        """Remove what `environment` has made."""
        shutil.rmtree(environment["DATA_DIR"], ignore_errors=True)
        if url := environment.get("DATABASE_URL"):
            name = url.partition("@/")[2].partition("?")[0]
            self.postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        for name in ("postgres", "valkey"):
            if name in vars(self):
                getattr(self, name).close()
        shutil.rmtree(self.folder, ignore_errors=True)
