"""Starts a job."""

import argparse
from contextlib import closing, nullcontext
from typing import Any

from jobs import services
from jobs.management import arguments
from jobs.management.base import DATABASE_ERRORS, INTERRUPTED, CommandFailure, JobsCommand
from jobs.management.console import console
from jobs.management.output import one_line, write_json
from jobs.management.paths import write_paths
from jobs.management.progress_view import view_on
from jobs.management.watch import (
    Interrupts,
    counted_interrupts,
    exit_immediately,
    read_status,
    wait_for_end,
)
from jobs.models import Job
from jobs.progress import Status, humanize
from jobs.progress.status import started_job
from jobs.services.start import FAILURE_LIMIT, MAX_WORKERS
from jobs.states import JobStatus

SELECTION = ("all", "unprocessed", "search")
LIMITS = ("max_workers", "failure_limit")


class Command(JobsCommand):
    help = (
        "Starts a job and prints its id. Select files with PATHs, --from, --all, --unprocessed "
        "or --search; an operation that lists its own items takes none of them."
    )
    examples = """\
  manage.py startjob verify --all
  manage.py startjob verify 2024/a.jpg 2024/b.jpg --wait
  manage.py startjob preview --search .jpg --param size=320 --wait
  find . -name '*.zip' -print0 | manage.py startjob verify --from - -0
  manage.py startjob verify --unprocessed --dry-run
  manage.py showjob 5c0f1a2b --items skipped --paths | manage.py startjob verify --from -

PATHs are relative to the library or absolute. With --wait, Ctrl-C cancels the job and waits
for the items already started; a second Ctrl-C exits immediately. The id is written to standard
output, progress and messages to standard error."""
    exit_codes = JobsCommand.exit_codes.replace(
        "done\n", "started; with --wait: every item succeeded\n"
    ).replace(
        "not done, or not completely;", "not started; with --wait: some items did not succeed;"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("operation", metavar="OPERATION", help="the operation's name, for example verify")
        add("paths", nargs="*", metavar="PATH", help="a file of the library")
        add("--from", dest="source", metavar="FILE", help="read paths from FILE (- is stdin)")
        add("-0", "--null", action="store_true", help="each path of --from ends with NUL")
        add("--all", action="store_true", help="all files of the library")
        unprocessed_help = "files that OPERATION has not processed since they changed last"
        add("--unprocessed", action="store_true", help=unprocessed_help)
        add("--search", metavar="TEXT", help="files whose path contains TEXT")
        param_help = "a parameter of the operation; may be repeated"
        add("--param", nargs="+", action=arguments.AddParameters, metavar="K=V", help=param_help)
        parser.set_defaults(param=[], more_paths=[])
        workers, failures = (
            arguments.number(int, *limit) for limit in (MAX_WORKERS, FAILURE_LIMIT)
        )
        add("--max-workers", type=workers, metavar="N", help="at most N workers at once")
        add("--failure-limit", type=failures, metavar="N", help="stop after more than N failures")
        add("--dry-run", action="store_true", help="only list what would be processed")
        add("--wait", action="store_true", help="wait for the end, with a progress bar")
        add("--strict", action="store_true", help="with --wait: a warning counts as a failure")
        add("--json", action="store_true", help="the status object, with --wait that of the end")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [*options["paths"], *options["more_paths"]]
        request = {
            "parameters": arguments.parameters(options["operation"], options["param"]),
            "files": arguments.files(paths, options["source"], null=options["null"]),
            **{name: options[name] for name in SELECTION},
        }
        if options["dry_run"]:
            self._dry_run(services.dry_run_job(options["operation"], **request), options)
            return
        request |= {name: options[name] for name in LIMITS}
        with counted_interrupts() if options["wait"] else nullcontext(Interrupts()) as interrupts:
            try:
                job = services.start_job(options["operation"], actor=self.actor, **request)
                if not options["wait"]:
                    self._report_start(job, options)
                    return
                status = self._wait(job, interrupts, options)
            except KeyboardInterrupt:
                if self.is_program:
                    exit_immediately(self.stderr, interrupts.outlook)
                raise
            if options["json"]:
                write_json(self.stdout, started_job(status))
            self._report_end(status, interrupted=bool(interrupts), strict=options["strict"])

    def _dry_run(self, planned: services.DryRun, options: dict[str, Any]) -> None:
        if options["json"]:
            found = {name: getattr(planned, name) for name in ("operation", "label", "parameters")}
            files = list(planned.keys)
            write_json(self.stdout, {**found, "total_items": len(files), "files": files})
            return
        number = write_paths(self.stdout, planned.keys, null=options["null"])
        given = [f"{name}={value}" for name, value in planned.parameters.items()]
        what = one_line(f"{planned.label} ({', '.join([planned.operation, *given])})")
        self.stderr.write(f"{what} would process {number:,} items.", style_func=str)

    def _report_start(self, job: Job, options: dict[str, Any]) -> None:
        if not options["json"]:
            self.stdout.write(str(job.pk))
            self.stdout.flush()
            return
        try:
            status = read_status(job.pk)
        except DATABASE_ERRORS as error:
            outlook = f"The job {job.pk} was started and continues."
            raise CommandFailure(error, outlook=outlook) from error
        write_json(self.stdout, started_job(status))

    def _wait(self, job: Job, interrupts: Interrupts, options: dict[str, Any]) -> Status:
        with closing(view_on(self.stderr, console(self.stderr, **options))) as view:
            if not options["json"]:
                self._report_start(job, options)
            return wait_for_end(job.pk, view, interrupts, self.actor)

    def _report_end(self, status: Status, *, interrupted: bool, strict: bool) -> None:
        outcome = humanize.outcome_and_summary(status)
        if interrupted:
            raise CommandFailure(outcome, INTERRUPTED)
        if status.status == JobStatus.PAUSED:
            advice = f"Continue with: manage.py resumejob {status.id}"
            raise CommandFailure(f"{humanize.progress_line(status)}.", outlook=advice)
        if not humanize.all_succeeded(status, strict=strict):
            raise CommandFailure(outcome, outlook=status.error or "")
        self.stderr.write(outcome, style_func=str)
