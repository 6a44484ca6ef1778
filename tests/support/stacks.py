"""The three stacks of database and broker that a site can have, and fresh databases.

A migrated database is made once for each kind, by the first process of a test run that needs
it, and copied for each process and each test.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from itertools import count
from pathlib import Path

from django.conf import settings

from tests.support.folders import run_folder
from tests.support.servers import Postgres, Valkey

STACKS = ("sqlite", "postgres", "postgres+valkey")
EVERY_STACK = os.environ.get("ALL_STACKS") == "1"
"""Set it to also run on Valkey the tests in which the broker makes no difference."""
ENGINE_STACKS = STACKS if EVERY_STACK else STACKS[:2]
_TEMPLATE = "template_batchsite"


class Servers:
    """Starts each server when it is first asked for. One for a process of tests."""

    def __init__(self) -> None:
        self._valkey_databases = count()

    @cached_property
    def postgres(self) -> Postgres:
        return Postgres(run_folder(), _made_once("postgres", _make_postgres))

    @cached_property
    def valkey(self) -> Valkey:
        return Valkey(run_folder())

    @cached_property
    def _sqlite_template(self) -> Path:
        return _made_once("sqlite", _make_sqlite) / "db.sqlite3"

    def new_environment(self, stack: str, data_dir: Path) -> dict[str, str]:
        """A fresh, migrated database and an empty broker: the variables that name them."""
        data_dir.mkdir(parents=True, exist_ok=True)
        found = {"DATA_DIR": str(data_dir), "DATABASE_URL": "", "REDIS_URL": ""}
        if stack == "sqlite":
            shutil.copy(self._sqlite_template, data_dir / "db.sqlite3")
        else:
            name = f"site_{uuid.uuid4().hex[:12]}"
            self.postgres.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
            found["DATABASE_URL"] = self.postgres.url(name)
        if stack == "postgres+valkey":
            database = next(self._valkey_databases) % 16
            self.valkey.flush(database)
            found["REDIS_URL"] = self.valkey.url(database)
        return found

    def drop(self, environment: dict[str, str]) -> None:
        """Remove a database that `new_environment` has made."""
        name = environment["DATABASE_URL"].partition("@/")[2].partition("?")[0]
        if name and self.postgres.is_running:
            self.postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop what was started."""
        for name in ("postgres", "valkey"):
            if name in vars(self):
                getattr(self, name).close()


def _made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name that the first process of the run has made, as a whole."""
    folder, unfinished = run_folder() / name, run_folder() / f"{name}.unfinished"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
    return folder


def _make_postgres(folder: Path) -> None:
    with closing(Postgres(folder.parent)) as server:
        server.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(DATABASE_URL=server.url(_TEMPLATE), DATA_DIR=str(server.folder))
        server.keep(folder)


def _make_sqlite(folder: Path) -> None:
    migrate(DATA_DIR=str(folder))


def clean_environment(**variables: str) -> dict[str, str]:
    """An environment for the project's programs, with nothing taken from the caller's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(settings.BASE_DIR),
        "DJANGO_SETTINGS_MODULE": "batchsite.settings",
        # Messages are signed: the test's own must be accepted by the programs.
        "DJANGO_SECRET_KEY": settings.SECRET_KEY,
        **variables,
    }


def manage(*arguments: str) -> list[str]:
    """The command line of a `manage.py` command."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def migrate(**variables: str) -> None:
    subprocess.run(
        manage("migrate", "--verbosity=0"),
        env=clean_environment(**variables),
        check=True,
        timeout=120,
    )
