"""Does one thing to each of several jobs: cancel, pause, resume, retry."""

import argparse
from typing import Any
from uuid import UUID

from jobs import words
from jobs.exceptions import JobNotFound, JobsError
from jobs.management.command import JobsCommand
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
        wrong = 0
        for one in given:
            try:
                job_id = self._find(one)
                self.act(job_id)
            except JobsError as error:
                wrong += 1
                text = error.message if len(given) == 1 else f"{one}: {error.message}"
                self.stderr.write(f"Error: {one_line(text)}")
                answers.append({"id": one, "error": error.message})
            else:
                answers.append({"id": str(job_id), "success": True})
                if not options["json"]:
                    self._tell(job_id)
        if options["json"]:
            write_json(self.stdout, answers)
        if wrong:
            raise SystemExit(1)

    def _find(self, given: str) -> UUID:
        try:
            return find_job(given).pk
        except JobNotFound:
            raise self.unknown from None

    def _tell(self, job_id: UUID) -> None:
        try:
            status = look(job_id)
        except JobNotFound:
            return  # somebody has deleted it since
        self.stdout.write(
            f"{self.done} {job_id} {one_line(status['label'])}: {words.counts(status)}"
        )


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
