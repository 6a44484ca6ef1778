"""Shows one job, its items, or how it goes on."""

import argparse
from typing import Any

from jobs import items
from jobs.management import describing
from jobs.management.command import INTERRUPTED, Error, JobsCommand
from jobs.management.finding import find_job
from jobs.management.following import follow
from jobs.management.interrupts import counted_interrupts
from jobs.management.output import write_json, write_json_array
from jobs.management.paths import write_paths
from jobs.management.showing import JsonLines, View, view_on
from jobs.management.terminal import console
from jobs.models import Job
from jobs.progress import status_object


class Command(JobsCommand):
    help = "Shows a job, and with --items those of its items that have this status."
    examples = """\
  manage.py showjob 5c0f1a2b
  manage.py showjob 5c0f1a2b --watch
  manage.py showjob 5c0f1a2b --items failed
  manage.py showjob 5c0f1a2b --items skipped --paths | manage.py startjob verify --from -
  manage.py showjob 5c0f1a2b --items failed --paths -0 | xargs -0 ls -l

In a pipe each item is one line, its fields between tabs: status, path, message.
A line break in a path is written \\x0a, which startjob understands; with -0 it stays."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("job", metavar="ID", help="its id, or enough of its beginning")
        parser.add_argument("--watch", action="store_true", help="follow it until it is over")
        parser.add_argument(
            "--items",
            choices=[*items.STATUSES, "all"],
            metavar="STATUS",
            help="list its items: %(choices)s",
        )
        parser.add_argument("--paths", action="store_true", help="only the items' paths")
        parser.add_argument(
            "-0", "--null", action="store_true", help="with --paths: end each path with NUL"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="the status object; with --items an array of items; with --watch a status "
            "object in each line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["paths"] or options["null"]) and not options["items"]:
            raise Error("--paths and -0 belong to --items STATUS.", returncode=2)
        if options["null"] and not options["paths"]:
            raise Error("-0 belongs to --paths.", returncode=2)
        if options["paths"] and options["json"]:
            raise Error("Give either --paths or --json.", returncode=2)
        if options["watch"] and options["items"]:
            raise Error("Give either --watch or --items.", returncode=2)
        job = find_job(options["job"])
        if options["items"]:
            self._list_items(job, options)
        elif options["watch"]:
            self._watch(job, options)
        elif options["json"]:
            write_json(self.stdout, status_object(job))
        else:
            describing.show_job(self.stdout, console(self.stdout, **options), job)

    def _list_items(self, job: Job, options: dict[str, Any]) -> None:
        chosen = "" if options["items"] == "all" else options["items"]
        found = items.each_item(job, status=chosen)
        if options["paths"]:
            write_paths(self.stdout, (item.key for item in found), null=options["null"])
            return
        running = items.current_items(job)
        rows = (items.item_object(job, item, running) for item in found)
        if options["json"]:
            write_json_array(self.stdout, rows)
        else:
            describing.show_items(self.stdout, console(self.stdout, **options), rows)

    def _watch(self, job: Job, options: dict[str, Any]) -> None:
        view: View = (
            JsonLines(self.stdout)
            if options["json"]
            else view_on(self.stdout, console(self.stdout, **options))
        )
        with counted_interrupts() as interrupts:
            try:
                follow(job.pk, view, stop=lambda: bool(interrupts))
            finally:
                view.close()
        if interrupts:
            raise Error(f"Stopped watching. The job {job.pk} goes on.", returncode=INTERRUPTED)
