"""Starts a job."""

import argparse
from typing import Any

from django.db import DatabaseError, InterfaceError

from jobs import services, words
from jobs.exceptions import BadLimits
from jobs.management import arguments
from jobs.management.command import INTERRUPTED, Error, JobsCommand, database_trouble
from jobs.management.following import look
from jobs.management.interrupts import Interrupts, counted_interrupts
from jobs.management.output import write_json
from jobs.management.preview import show_preview, write_preview
from jobs.management.showing import view_on
from jobs.management.terminal import console, one_line
from jobs.management.waiting import leave_at_once, wait_for_end
from jobs.models import Job
from jobs.services.limits import check_limits
from jobs.states import JobStatus


class Command(JobsCommand):
    help = (
        "Starts a job and prints its id. Say which files: PATHs, --from, --all, --unprocessed "
        "or --search; an operation that brings its own items takes none of them."
    )
    examples = """\
  manage.py startjob verify --all
  manage.py startjob verify 2024/a.jpg 2024/b.jpg --wait
  manage.py startjob preview --search .jpg --param size=320 --wait
  find . -name '*.zip' -print0 | manage.py startjob verify --from - -0
  manage.py startjob verify --unprocessed --dry-run
  manage.py showjob 5c0f1a2b --items skipped --paths | manage.py startjob verify --from -

PATHs are relative to the library or absolute. With --wait, Ctrl-C cancels the job and waits
for the items that were started; Ctrl-C again leaves at once. The id goes to standard
output, progress and messages to standard error."""
    exit_codes = JobsCommand.exit_codes.replace(
        "done\n", "started; with --wait: every item succeeded\n"
    ).replace(
        "it could not be done, or not completely;",
        "not started; with --wait: some items did not succeed;",
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("operation", metavar="OPERATION", help="the operation's name, as in verify")
        add("paths", nargs="*", metavar="PATH", help="a file of the library")
        add("--from", dest="source", metavar="FILE", help="read paths from FILE (- is stdin)")
        add("-0", "--null", action="store_true", help="each path of --from ends with NUL")
        add("--all", action="store_true", help="all files of the library")
        add("--unprocessed", action="store_true", help="the files that no job has processed yet")
        add("--search", metavar="TEXT", help="the files whose path contains TEXT")
        add(
            "--param",
            nargs="+",
            action=arguments.AddParameters,
            default=[],
            metavar="K=V",
            help="a parameter of the operation; may be given several times",
        )
        add("--max-workers", type=int, metavar="N", help="at most so many workers at once")
        add("--failure-limit", type=int, metavar="N", help="stop after more failures than this")
        add("--dry-run", action="store_true", help="only tell what would be processed")
        add("--wait", action="store_true", help="wait for the end, with a progress bar")
        add("--json", action="store_true", help="the status object, with --wait that of the end")

    def handle(self, *args: Any, **options: Any) -> None:
        limits = {name: options[name] for name in ("max_workers", "failure_limit")}
        _check(limits)
        request = self._request(options)
        if options["dry_run"]:
            self._preview(services.preview_job(options["operation"], **request), options)
            return
        request |= limits
        if not options["wait"]:
            self._tell_start(self._start(options, request), options)
            return
        with counted_interrupts() as interrupts:
            self._wait(self._start(options, request), interrupts, options)

    def _request(self, options: dict[str, Any]) -> dict[str, Any]:
        paths = [*options["paths"], *(options.get("more_paths") or [])]
        return {
            "parameters": arguments.parameters(options["operation"], options["param"]),
            "files": arguments.files(paths, options["source"], null=options["null"]),
            "all": options["all"],
            "unprocessed": options["unprocessed"],
            "search": options["search"],
        }

    def _preview(self, preview: services.Preview, options: dict[str, Any]) -> None:
        if options["json"]:
            write_preview(self.stdout, preview)
            return
        number = show_preview(self.stdout, preview, null=options["null"])
        told = ", ".join(f"{name}={value}" for name, value in preview.parameters.items())
        what = one_line(f"{preview.label} ({preview.operation}{', ' if told else ''}{told})")
        self.stderr.write(f"{what} would process {number:,} items.", style_func=str)

    def _start(self, options: dict[str, Any], request: dict[str, Any]) -> Job:
        try:
            return services.start_job(options["operation"], actor=self.actor, **request)
        except KeyboardInterrupt:
            if self.is_the_program:
                leave_at_once(self.stderr, None)
            raise

    def _tell_start(self, job: Job, options: dict[str, Any]) -> None:
        if options["json"]:
            try:
                status = look(job.pk)
            except (DatabaseError, InterfaceError) as error:
                told = f"{database_trouble(error)} The job {job.pk} was started and goes on."
                raise Error(told) from error
            self._write_status(status)
        else:
            self.stdout.write(str(job.pk))
            self.stdout.flush()

    def _write_status(self, status: words.Status) -> None:
        total = status["progress"]["total"]
        write_json(self.stdout, {"job_id": status["id"], "total_items": total, **status})

    def _wait(self, job: Job, interrupts: Interrupts, options: dict[str, Any]) -> None:
        view = view_on(self.stderr, console(self.stderr, **options))
        try:
            if not options["json"]:
                self._tell_start(job, options)
            status = wait_for_end(job.pk, view, interrupts, self.actor)
        except KeyboardInterrupt:
            view.close()
            if self.is_the_program:
                leave_at_once(self.stderr, job.pk, fenced=interrupts.fenced)
            raise
        finally:
            view.close()
        if options["json"]:
            self._write_status(status)
        self._tell_end(status, interrupted=bool(interrupts))

    def _tell_end(self, status: words.Status, *, interrupted: bool) -> None:
        if interrupted:
            raise Error(f"{words.outcome(status)}.", returncode=INTERRUPTED)
        if status["status"] == JobStatus.PAUSED:
            again = f"Go on with: manage.py resumejob {status['id']}"
            raise Error(f"{words.line(status)}. {again}")
        if not words.all_succeeded(status):
            reason = f" {status['error']}" if status["error"] else ""
            raise Error(f"{words.outcome(status)}.{reason}")
        self.stderr.write(f"{words.outcome(status)}.", style_func=str)


def _check(limits: dict[str, Any]) -> None:
    """Raise Error, with the names of the options, if the limits are out of range."""
    try:
        check_limits(**limits)
    except BadLimits as error:
        named = {name.replace("_", "-"): told for name, told in error.fields.items()}
        told = " ".join(f"--{name}: {' '.join(told)}" for name, told in named.items())
        raise Error(told, returncode=2) from None
