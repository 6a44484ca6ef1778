"""`make run`: the web server and a cluster together, in the foreground of one terminal."""

import argparse
import http.client
import os
import signal
import socket
import sys
import time
from contextlib import closing
from functools import partial
from hashlib import blake2b
from importlib import import_module
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.management import load_command_class

from jobs.conf import conf
from jobs.management import first_run, programs
from jobs.management.base import CommandFailure, refuse_other_version
from jobs.processes import marks
from jobs.processes.parent_death import die_with_parent
from jobs.processes.tree import ProcessTree, kill_marked
from jobs.supervisor.exclusive import AlreadyRunning, bound_socket, is_loopback, lockfile
from jobs.supervisor.loop import StopRequest, stop_all, stop_request, supervise
from jobs.supervisor.supervised import SupervisedProcess

WEB_START_SECONDS = 120.0


class Command(programs.ServerCommand):
    help = "Starts the web server and a cluster on 127.0.0.1. Ctrl-C or SIGTERM stops both."
    examples = """\
  manage.py serve
  LIBRARY_ROOT=~/Pictures PORT=8080 manage.py serve
  LOGIN_REQUIRED=true DJANGO_ALLOWED_HOSTS=nas.lan manage.py serve --host 0.0.0.0"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        help_text = "the IP address to listen on (default: HOST, or 127.0.0.1)"
        parser.add_argument("--host", metavar="ADDRESS", help=help_text)

    def check(self, *args: Any, **options: Any) -> None:
        """Load what the web server needs first: its fork shares it, and the checks use it."""
        for module in settings.WEB_MODULES:
            import_module(module)
        super().check(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        if "MAKELEVEL" in os.environ:
            die_with_parent(signal.SIGTERM, os.getppid())  # a killed make sends no signal
        self.host = options["host"] or settings.HOST
        if not is_loopback(self.host) and not settings.LOGIN_REQUIRED:
            raise CommandFailure(
                f"The site runs without login, so it would be open to everyone who reaches "
                f"{self.host}. Set LOGIN_REQUIRED=true, and DJANGO_ALLOWED_HOSTS to the names by "
                "which it is reached."
            )
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.address = f"http://{shown}:{settings.PORT}/"
        folder = conf.data_dir
        refuse_other_version()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with lockfile(folder / "serve.lock", f"process {os.getpid()}, {self.address}") as lock:
                self._serve(lock)
        except AlreadyRunning as holder:
            raise CommandFailure(
                f"The site already runs on the data folder {folder} ({holder}). "
                "Stop it first, or set DATA_DIR to another folder."
            ) from None
        except PermissionError as error:
            raise CommandFailure(
                f"The data folder {folder} cannot be written ({error.strerror}: {error.filename}). "
                "Set DATA_DIR to a folder that this account may write to."
            ) from None

    def _serve(self, lock: int) -> None:
        mark = blake2b(os.fsencode(os.path.realpath(conf.data_dir)), digest_size=16).hexdigest()
        ended, _ = kill_marked(marks.SERVED, mark, grace_seconds=2.0)
        if ended:
            self.report(f"Ended {ended} processes that an earlier run had left behind.")
        try:
            listening = bound_socket(self.host, settings.PORT)
        except socket.gaierror:
            raise CommandFailure(
                f"“{self.host}” is no address. Give --host an IP address of this machine."
            ) from None
        except OSError as error:
            raise CommandFailure(
                f"Port {settings.PORT} cannot be used ({error.strerror}). "
                "Stop what uses it, or choose another one: make run PORT=9000"
            ) from None
        with listening:
            first_run.prepare_library(self.report)
            first_run.prepare_database(self.report)
            first_run.prepare_account(self.report)
            marks.put(marks.SERVED, mark)
            self._run(listening.fileno(), lock)

    def _run(self, descriptor: int, lock: int) -> None:
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", settings.GUNICORN_CONFIG]
        gunicorn += ["--bind", f"fd://{descriptor}"]
        # Debug pages show settings, which is for the person at this machine only.
        env = {} if is_loopback(self.host) else {"DJANGO_DEBUG": "false", "LOGIN_REQUIRED": "true"}
        server = ProcessTree(
            "web server",
            gunicorn,
            env=env,
            pass_fds=[descriptor],
            # With other settings than those of this process it has to be another program.
            main=None if env else partial(_run_gunicorn, gunicorn[3:]),
            private=[lock],
        )
        web = SupervisedProcess(server, report=self.report)
        private = [lock, descriptor]
        scan = ProcessTree(
            "scan",
            programs.manage("scanlibrary"),
            quiet=True,
            main=_run_scan,
            private=private,
        )
        once = SupervisedProcess(scan, report=self.report, restart=False)
        # The cluster last: it starts a thread here, and then nothing can be forked any more.
        processes = [web, once, programs.supervised_cluster(self.report, private=private)]
        stop_seconds = programs.stop_seconds()
        programs.before_forks()
        with stop_request() as request:
            try:
                for process in processes:
                    process.start()
                self._wait_for_web(web, request)
                supervise(processes, request)
            finally:
                self.report(
                    f"Stopping; this takes at most {stop_seconds:g} seconds. Ctrl-C again: at once."
                )
                if stop_all(processes, request, stop_seconds=stop_seconds, report=self.report):
                    self.report("Stopped. Unfinished jobs continue at the next start.")

    def _wait_for_web(self, web: SupervisedProcess, request: StopRequest) -> None:
        deadline = time.monotonic() + WEB_START_SECONDS
        while not request and not _answers(self.host, settings.PORT):
            if not web.tree.is_running or time.monotonic() > deadline:
                raise CommandFailure(
                    "The web server does not start; the reason is above. Nothing is running now."
                )
            time.sleep(0.1)
        if not request:
            self.report(
                f"The site is at {self.address} (files: {conf.library_root}, "
                f"workers: {settings.WORKERS}). Ctrl-C stops it."
            )


def _run_scan() -> None:
    load_command_class("jobs", "scanlibrary").run_from_argv(programs.manage("scanlibrary")[1:])


def _run_gunicorn(arguments: list[str]) -> None:
    from gunicorn import __main__ as program
    from gunicorn.app import wsgiapp

    # gunicorn reads its arguments here, also when it is upgraded by a signal.
    sys.argv = [str(program.__file__), *arguments]
    wsgiapp.run()


def _answers(host: str, port: int) -> bool:
    """Return True if a web server at this address answers, with any status."""
    reachable = host
    if host != "localhost" and ip_address(host).is_unspecified:
        reachable = "::1" if ":" in host else "127.0.0.1"
    with closing(http.client.HTTPConnection(reachable, port, timeout=10.0)) as web:
        try:
            web.request("GET", "/")
            return web.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
