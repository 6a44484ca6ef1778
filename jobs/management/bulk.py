"""Applies one action to each of several jobs: cancel, pause, resume, retry, delete."""

import argparse
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

from jobs.exceptions import JobNotFound, JobsError
from jobs.management.base import (
    DATABASE_ERRORS,
    CommandFailure,
    JobsCommand,
    describe_database_error,
    reconnect,
)
from jobs.management.lookup import find_job
from jobs.management.output import one_line, write_json
from jobs.management.watch import read_status
from jobs.progress import Status, humanize


class BulkJobCommand(JobsCommand):
    """A subclass sets `service`, a function of `jobs.services`, and `done`, its past tense.

    An error with one job does not affect the others: each gets its own line or JSON object.
    """

    service: Callable[..., None]
    done = ""
    not_found: type[JobsError] = JobNotFound
    nargs = "+"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("jobs", nargs=self.nargs, metavar="ID", help="a job's id, or a unique beginning of it")
        add("--json", action="store_true", help='an array of {"id", "success"} or {"id", "error"}')

    def act(self, job_id: UUID, **more: Any) -> None:
        """Call the service. Raises JobsError."""
        self.service(job_id, actor=self.actor, **more)

    def handle(self, *args: Any, **options: Any) -> None:
        ids: list[str] = list(dict.fromkeys(options["jobs"]))
        answers: list[dict[str, Any]] = []
        errors: list[str] = []
        try:
            for given in ids:
                answer = self._answer(given, quiet=options["json"])
                answers.append(answer)
                if error := answer.get("error"):
                    errors.append(error)
                    text = error if len(ids) == 1 else f"{given}: {error}"
                    self.stderr.write(f"Error: {one_line(text)}")
        finally:  # after Ctrl-C, too: report what was done
            if options["json"]:
                write_json(self.stdout, answers)
        if errors and self.is_program:
            sys.exit(1)  # the errors are written already
        if errors:
            raise CommandFailure(" ".join(errors))

    def _answer(self, given: str, *, quiet: bool) -> dict[str, Any]:
        try:
            job_id = find_job(given).pk
            self.act(job_id)
        except JobNotFound:
            return {"id": given, "error": self.not_found().message}
        except JobsError as error:
            return {"id": given, "error": error.message}
        except DATABASE_ERRORS as error:
            answer = {"id": given, "error": describe_database_error(error)}
            reconnect()
            return answer
        if not quiet:
            self.report(job_id)
        return {"id": str(job_id), "success": True}

    def report(self, job_id: UUID) -> None:
        """Write a line about the job after the action."""
        try:
            self.stdout.write(f"{self.done} {summary(read_status(job_id))}")
        except JobNotFound:
            return  # deleted by somebody else since
        except DATABASE_ERRORS:
            reconnect()
            self.stdout.write(f"{self.done} {job_id}")


class RequeueCommand(BulkJobCommand):
    """Base of resume and retry."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--skip-changed",
            action="store_true",
            help="skip files that have changed or disappeared since the job was created",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.skip_changed = options["skip_changed"]
        super().handle(*args, **options)

    def act(self, job_id: UUID, **more: Any) -> None:
        super().act(job_id, skip_changed=self.skip_changed, **more)


def summary(status: Status) -> str:
    """Return a line with id, label and numbers of this status object."""
    return f"{status.id} {one_line(status.label)}: {humanize.counts(status)}"
