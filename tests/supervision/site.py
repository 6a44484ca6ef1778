"""A site of its own for one test: a data folder, commands that run on it, its processes."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

QUICK = {
    "JOBS_HEARTBEAT_SECONDS": "0.5",
    "JOBS_LEASE_SECONDS": "2",
    "JOBS_STOP_SECONDS": "2",
    "WORKERS": "2",
    "EXTRA_APPS": "tests.testapp",
}

START = """
import json, sys, django
django.setup()
from jobs import services
job = services.start_job("act", parameters=json.loads(sys.argv[1]))
print(job.pk.hex)
"""


class Site:
    """Everything that it starts has `DATA_DIR` in its environment, so nothing can hide."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.data = folder / "data"
        self.started: list[subprocess.Popen[str]] = []
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        self.env = {**kept, **QUICK, "DATA_DIR": str(self.data), **env}

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def manage(self, *arguments: str) -> str:
        result = self.run(sys.executable, "manage.py", *arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def start(self, *command: str, output: Path, **env: str) -> subprocess.Popen[str]:
        """In a process group of its own, as a shell does it; output goes into a file."""
        with output.open("ab") as stream:
            process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                text=True,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def start_job(self, **parameters: Any) -> str:
        """A job of the test operation `act`; its id in hexadecimal."""
        result = self.run(
            sys.executable,
            "-c",
            START,
            json.dumps(parameters),
            DJANGO_SETTINGS_MODULE="batchsite.settings",
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        database = f"file:{self.data}/db.sqlite3?mode=ro"
        with closing(sqlite3.connect(database, uri=True, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()

    def status(self, job: str) -> str:
        return str(self.ask("SELECT status FROM jobs_job WHERE id = ?", job)[0][0])

    def items(self, job: str) -> dict[str, int]:
        query = "SELECT status, count(*) FROM jobs_jobitem WHERE job_id = ? GROUP BY 1"
        return dict(self.ask(query, job))  # type: ignore[arg-type]

    def processes(self) -> list[psutil.Process]:
        """All living processes of this site, however they were started."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                mine = process.environ().get("DATA_DIR") == str(self.data)
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def close(self) -> None:
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        for started in self.started:
            started.wait()
