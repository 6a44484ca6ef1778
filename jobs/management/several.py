"""Does one thing to each of several jobs: cancel, pause, resume, retry, delete."""

import argparse
import sys
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from jobs import words
from jobs.exceptions import JobNotFound, JobsError
from jobs.management.command import Error, JobsCommand, database_trouble
from jobs.management.finding import find_job
from jobs.management.following import look
from jobs.management.output import write_json
from jobs.management.terminal import one_line


class SeveralJobsCommand(JobsCommand):
    """A subclass says what it does (`act`), in the past tense (`done`), and to an unknown id."""

    done = ""
    unknown: type[JobsError] = JobNotFound

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "jobs", nargs="+", metavar="ID", help="a job's id, or enough of its beginning"
        )
        self.add_json(parser)

    def add_json(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help='an array of {"id", "success"} or {"id", "error"}'
        )

    def act(self, job_id: UUID) -> None:
        """Call the service. Raises JobsError."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        given: list[str] = list(dict.fromkeys(options["jobs"]))
        answers: list[dict[str, Any]] = []
        try:
            for one in given:
                answer = self._answer(one, quiet=options["json"])
                answers.append(answer)
                if "error" in answer:
                    text = answer["error"] if len(given) == 1 else f"{one}: {answer['error']}"
                    self.stderr.write(f"Error: {one_line(text)}")
        finally:  # also after Ctrl-C: what was done is told
            if options["json"]:
                write_json(self.stdout, answers)
        errors = [answer["error"] for answer in answers if "error" in answer]
        if errors and self.is_the_program:
            sys.exit(1)  # they have been told
        if errors:
            raise Error(" ".join(errors))

    def _answer(self, given: str, *, quiet: bool) -> dict[str, Any]:
        """Do it to one job. Its errors, and the database's, do not keep the others from theirs."""
        try:
            job_id = self._find(given)
            self.act(job_id)
        except JobsError as error:
            return {"id": given, "error": error.message}
        except (DatabaseError, InterfaceError) as error:
            _reconnect()
            return {"id": given, "error": database_trouble(error)}
        if not quiet:
            self.tell(job_id)
        return {"id": str(job_id), "success": True}

    def _find(self, given: str) -> UUID:
        try:
            return find_job(given).pk
        except JobNotFound:
            raise self.unknown from None

    def tell(self, job_id: UUID) -> None:
        """Write a line about the job that it was done to."""
        try:
            self.tell_of(look(job_id))
        except JobNotFound:
            return  # somebody has deleted it since
        except (DatabaseError, InterfaceError):
            _reconnect()
            self.stdout.write(f"{self.done} {job_id}")

    def tell_of(self, status: words.Status) -> None:
        """The line itself, with the numbers of this status object."""
        label = one_line(status["label"])
        self.stdout.write(f"{self.done} {status['id']} {label}: {words.counts(status)}")


def _reconnect() -> None:
    """Let the next query try a new connection; a caller's own transaction is left alone."""
    if not connection.in_atomic_block:
        connection.close()


class GoOnCommand(SeveralJobsCommand):
    """Resumes or retries: with or without the files that have changed."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--leave-out-changed",
            action="store_true",
            help="do without the files that have changed or vanished since the job was made",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.unchanged_only: bool = options["leave_out_changed"]
        super().handle(*args, **options)
