"""Shows one job, its items, or its progress."""

import argparse
from contextlib import closing
from typing import Any

from jobs.management import job_text
from jobs.management.base import INTERRUPTED, CommandFailure, JobsCommand
from jobs.management.console import console
from jobs.management.lookup import find_job
from jobs.management.output import write_json, write_json_array
from jobs.management.paths import write_paths
from jobs.management.progress_view import JSONLinesView, view_on
from jobs.management.watch import counted_interrupts, watch
from jobs.models import Job
from jobs.progress import items, status_object


class Command(JobsCommand):
    help = "Shows a job, and with --items those of its items that have this status."
    examples = """\
  manage.py showjob 5c0f1a2b
  manage.py showjob 5c0f1a2b --watch
  manage.py showjob 5c0f1a2b --items failed
  manage.py showjob 5c0f1a2b --items skipped --paths | manage.py startjob verify --from -
  manage.py showjob 5c0f1a2b --items failed --paths -0 | xargs -0 ls -l

In a pipe each item is one line of tab-separated fields: status, path, message, and
for operations that look into files how deep they did: "content checked",
"structure checked" or "checksum only".
A line break in a path is written \\x0a, which startjob understands; -0 keeps it."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("job", metavar="ID", help="its id, or a unique beginning of it")
        add("--watch", action="store_true", help="follow it until it is finished")
        statuses = [*items.STATUSES, "all"]
        add("--items", choices=statuses, metavar="STATUS", help="list its items: %(choices)s")
        add("--paths", action="store_true", help="only the items' paths")
        add("-0", "--null", action="store_true", help="with --paths: end each path with NUL")
        json_help = "the status object, or an array of items; with --watch one object a line"
        add("--json", action="store_true", help=json_help)

    def handle(self, *args: Any, **options: Any) -> None:
        chosen, paths, null = options["items"], options["paths"], options["null"]
        for is_wrong, message in (
            ((paths or null) and not chosen, "--paths and -0 belong to --items STATUS."),
            (null and not paths, "-0 belongs to --paths."),
            (paths and options["json"], "Give either --paths or --json."),
            (options["watch"] and chosen, "Give either --watch or --items."),
        ):
            if is_wrong:
                raise CommandFailure(message, returncode=2)
        job = find_job(options["job"])
        if chosen:
            self._list_items(job, options)
        elif options["watch"]:
            self._watch(job, options)
        elif options["json"]:
            write_json(self.stdout, status_object(job))
        else:
            job_text.show_job(self.stdout, console(self.stdout, **options), job)

    def _list_items(self, job: Job, options: dict[str, Any]) -> None:
        status = "" if options["items"] == "all" else options["items"]
        rows = items.item_objects(job, status=status)
        if options["paths"]:
            write_paths(self.stdout, (row["path"] for row in rows), null=options["null"])
        elif options["json"]:
            write_json_array(self.stdout, rows)
        else:
            job_text.show_items(self.stdout, console(self.stdout, **options), rows)

    def _watch(self, job: Job, options: dict[str, Any]) -> None:
        screen = console(self.stdout, **options)
        view = JSONLinesView(self.stdout) if options["json"] else view_on(self.stdout, screen)
        with counted_interrupts() as interrupts, closing(view):
            watch(job.pk, view, interrupts)
        if interrupts:
            raise CommandFailure(f"Stopped watching. {interrupts.outlook}", INTERRUPTED)
