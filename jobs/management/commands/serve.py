"""`make run`: the web server and a cluster together, in the foreground of one terminal."""

import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from jobs import conf
from jobs.management import first_run, programs
from jobs.management.explained import ExplainedCommand
from jobs.runner.sandbox import die_with_parent
from jobs.supervision.folder_lock import FolderInUse, folder_lock
from jobs.supervision.group import Group
from jobs.supervision.keeper import Keeper
from jobs.supervision.listening import answers, loopback_socket
from jobs.supervision.members import end_marked
from jobs.supervision.stop_request import StopRequest, stop_request
from jobs.supervision.supervisor import end_all, keep_running

MARK = "BATCHSITE_SERVED"
"""In the environment of all that is started here: the data folder that it works on."""

WEB_START_SECONDS = 120.0


class Command(ExplainedCommand):
    help = "Starts the web server and a cluster on 127.0.0.1. Ctrl-C or SIGTERM stops both."
    examples = """\
  manage.py serve
  LIBRARY_ROOT=~/Pictures PORT=8080 manage.py serve\
"""

    def handle(self, *args: Any, **options: Any) -> None:
        if "MAKELEVEL" in os.environ:
            die_with_parent(signal.SIGTERM, os.getppid())  # a make that is killed tells nobody
        self.address = f"http://127.0.0.1:{settings.PORT}/"
        folder = conf.data_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with folder_lock(folder, f"process {os.getpid()}, {self.address}"):
                self._serve()
        except FolderInUse as holder:
            raise CommandError(
                f"The site already runs on the data folder {folder} ({holder}). "
                "Stop it first, or set DATA_DIR to another folder."
            ) from None
        except PermissionError as error:
            raise CommandError(
                f"The data folder {folder} cannot be written ({error.strerror}: {error.filename}). "
                "Set DATA_DIR to a folder that this account may write to."
            ) from None

    def _serve(self) -> None:
        ended, _ = end_marked(MARK, self._mark, grace_seconds=2.0)
        if ended:
            self._report(f"Ended {ended} processes that an earlier run had left behind.")
        try:
            listening = loopback_socket(settings.PORT)
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be used ({error.strerror}). "
                "Stop what uses it, or choose another one: make run PORT=9000"
            ) from None
        with listening:
            first_run.prepare_library(self._report)
            first_run.prepare_database(self._report)
            first_run.prepare_account(self._report)
            self._run(listening.fileno())

    def _run(self, descriptor: int) -> None:
        os.environ[MARK] = self._mark
        web = Keeper(self._web(descriptor), report=self._report)
        scan = Keeper(
            Group("scan", programs.manage("scanlibrary"), quiet=True),
            report=self._report,
            restart=False,
        )
        keepers = [web, programs.cluster_keeper(report=self._report), scan]
        with stop_request() as request:
            try:
                for keeper in keepers:
                    keeper.start()
                self._wait_for_web(web, keepers, request)
                keep_running(keepers, request)
            finally:
                self._stop(keepers, request)

    def _web(self, descriptor: int) -> Group:
        command = [*programs.GUNICORN, "--bind", f"fd://{descriptor}"]
        return Group("web server", command, pass_fds=[descriptor])

    def _wait_for_web(self, web: Keeper, keepers: Sequence[Keeper], request: StopRequest) -> None:
        deadline = time.monotonic() + WEB_START_SECONDS
        while not request and not answers(settings.PORT, "/"):
            if not web.group.is_running or time.monotonic() > deadline:
                raise CommandError(
                    "The web server does not start; the reason is above. Nothing is running now."
                )
            time.sleep(0.1)
        if not request:
            self._report(
                f"The site is at {self.address} (files: {conf.library_root()}, "
                f"workers: {settings.WORKERS}). Ctrl-C stops it."
            )

    def _stop(self, keepers: Sequence[Keeper], request: StopRequest) -> None:
        seconds = programs.stop_seconds()
        self._report(f"Stopping; this takes at most {seconds:g} seconds. Ctrl-C again: at once.")
        if end_all(keepers, request, stop_seconds=seconds, report=self._report):
            self._report("Stopped. Unfinished jobs go on at the next start.")

    @property
    def _mark(self) -> str:
        return os.path.realpath(conf.data_dir())

    def _report(self, sentence: str) -> None:
        programs.say(self.stdout, sentence)
