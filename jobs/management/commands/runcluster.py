"""Runs a django-q cluster and keeps it working, in production under systemd or similar."""

import argparse
from typing import Any

from jobs.management import programs
from jobs.management.arguments import number
from jobs.management.base import refuse_other_version
from jobs.supervisor.loop import stop_all, stop_request, supervise


class Command(programs.ServerCommand):
    help = (
        "Starts a django-q cluster, restarts it when it ends, and replaces it when jobs are "
        "waiting but no worker picks them up. SIGTERM or Ctrl-C stops it."
    )
    requires_system_checks = ["jobs"]
    examples = """\
  manage.py runcluster
  manage.py runcluster --workers 8
  manage.py runcluster --stuck-after 60"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add, one_or_more = parser.add_argument, number(int, 1)
        add("--workers", type=one_or_more, help="worker processes (default: WORKERS, or cores)")
        stuck_help = "replace the cluster when jobs have waited this long (default: %(default)s)"
        add("--stuck-after", type=one_or_more, metavar="SECONDS", help=stuck_help)
        parser.set_defaults(stuck_after=programs.STUCK_AFTER_SECONDS)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_other_version()
        cluster = programs.supervised_cluster(
            self.report, stuck_after_seconds=options["stuck_after"], workers=options["workers"]
        )
        programs.before_forks()
        with stop_request() as request:
            cluster.start()
            supervise([cluster], request)
            self.report("Stopping the cluster ...")
            stop_all([cluster], request, stop_seconds=programs.stop_seconds(), report=self.report)
