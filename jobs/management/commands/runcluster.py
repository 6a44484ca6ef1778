"""Runs a django-q cluster and keeps it working: for production, under systemd or alike."""

import argparse
from typing import Any

from jobs.management import programs
from jobs.management.explained import ExplainedCommand
from jobs.supervision.stop_request import stop_request
from jobs.supervision.supervisor import end_all, keep_running


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of at least 1")
    return int(text)


class Command(ExplainedCommand):
    help = (
        "Starts a django-q cluster, starts it again when it ends, and replaces it when work "
        "waits and no worker takes any. SIGTERM or Ctrl-C stops it."
    )
    requires_system_checks = ["jobs"]
    examples = """\
  manage.py runcluster
  manage.py runcluster --workers 8
  manage.py runcluster --stuck-after 60\
"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--workers", type=_at_least_one, help="worker processes (default: WORKERS, or cores)"
        )
        parser.add_argument(
            "--stuck-after",
            type=_at_least_one,
            default=int(programs.STUCK_AFTER_SECONDS),
            metavar="SECONDS",
            help="replace the cluster when work has waited for so long (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keeper = programs.cluster_keeper(
            report=self._report,
            stuck_after_seconds=options["stuck_after"],
            env={"WORKERS": str(options["workers"])} if options["workers"] else None,
        )
        with stop_request() as request:
            keeper.start()
            keep_running([keeper], request)
            self._report("Stopping the cluster ...")
            end_all([keeper], request, stop_seconds=programs.stop_seconds(), report=self._report)

    def _report(self, sentence: str) -> None:
        programs.say(self.stdout, sentence)
