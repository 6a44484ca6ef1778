"""Base classes of the commands: help with examples, exit codes, errors in one line."""

import argparse
import logging
import os
import pwd
import sys
from contextlib import suppress
from textwrap import fill
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.db import DatabaseError, InterfaceError, connection

from jobs import backends
from jobs.exceptions import JobsError, OtherVersion
from jobs.management.output import one_line
from jobs.models import Job
from jobs.models.history import check_history
from jobs.services import Actor

EXIT_CODES = """exit codes:
  0    done
  1    not done, or not completely; standard error says why
  2    wrong command line
  130  ended by Ctrl-C
  141  the reader of the output has closed it"""

INTERRUPTED = 130
OUTPUT_CLOSED = 141

DATABASE_ERRORS = (DatabaseError, InterfaceError)


class CommandFailure(CommandError):
    """Ends a command with this exit code and one line on standard error.

    `cause` is a sentence or an exception; `outlook` says what happens to the job.
    """

    def __init__(self, cause: object, returncode: int = 1, outlook: str = "") -> None:
        text = describe_database_error(cause) if isinstance(cause, DATABASE_ERRORS) else str(cause)
        super().__init__(one_line(f"{text} {outlook}".rstrip()), returncode=returncode)


CommandFailure.__name__ = "Error"  # Django prints it before the message


class _HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Prints the examples as they are written."""


class _IntermixedParser(CommandParser):
    """Accepts arguments before, between and after options."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self.parse_intermixed_args(args, namespace)


class SiteCommand(BaseCommand):
    """Base of all commands of the site. A subclass sets `help` and `examples`."""

    examples = ""
    exit_codes = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", _HelpFormatter)
        kwargs.setdefault("epilog", f"examples:\n{self.examples}\n\n{self.exit_codes}".rstrip())
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = _IntermixedParser
        parser.description = fill(self.help, 90)
        return parser


class JobsCommand(SiteCommand):
    """Base of the commands about jobs. A subclass also implements `handle`.

    A `JobsError`, unusable settings, and a database that is unreachable or has no tables end
    in one line on standard error and exit code 1. `call_command` raises them as a
    `CommandError` and Ctrl-C as KeyboardInterrupt, and leaves the caller's streams alone.
    """

    exit_codes = EXIT_CODES
    # The running site has been checked. Commands in scripts have to start quickly.
    requires_system_checks: list[str] = []
    # True if this process was started for the command, which then owns the streams.
    is_program = False

    def run_from_argv(self, argv: list[str]) -> None:
        # Standard error is for the user; the usual log lines are for servers.
        logging.getLogger("jobs").setLevel(logging.WARNING)
        # psycopg logs lost connections, which the command reports.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        self.is_program = True
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError):  # replaced by a simpler object
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> Any:
        if os.environ.get("NO_COLOR"):
            options |= {"no_color": True, "force_color": False}
        refuse_other_version()
        try:
            result = super().execute(*args, **options)
            self.stdout.flush()
        except KeyboardInterrupt:
            if self.is_program:
                sys.exit(INTERRUPTED)
            raise
        except OSError as error:
            code = OUTPUT_CLOSED if isinstance(error, BrokenPipeError) else 1
            if self.is_program:
                _discard_output()
                if code == OUTPUT_CLOSED:
                    sys.exit(code)
            raise CommandFailure(f"{error.strerror or error}.", returncode=code) from error
        except (JobsError, ImproperlyConfigured, *DATABASE_ERRORS) as error:
            raise CommandFailure(error) from error
        return result

    @property
    def actor(self) -> Actor:
        """The account of the operating system, by name or number, for the events of a job."""
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            name = str(os.getuid())
        return Actor(source="command", name=name)


def _discard_output() -> None:
    """Keep Python from reporting the error again when it flushes standard output at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def describe_database_error(error: Exception) -> str:
    """Return one sentence about an error of the database, without its password."""
    if connection.connection is not None:  # else nothing can be looked up
        try:
            check_history(connection)
            if Job._meta.db_table not in connection.introspection.table_names():
                return "The database has no tables yet. Run: manage.py migrate"
        except OtherVersion as other:
            return other.message
        except DATABASE_ERRORS:
            pass
    return backends.current().describe(error)


def refuse_other_version() -> None:
    """Raise CommandFailure for a database of another version, before anything is written.

    Reads only. A database that does not answer passes. Leaves no connection open, which a fork
    would share.
    """
    try:
        check_history(connection)
    except OtherVersion as error:
        raise CommandFailure(error) from None
    except DATABASE_ERRORS:
        pass  # the caller reports it, or waits for it
    finally:
        reconnect()


def reconnect() -> None:
    """Make the next query open a new connection, outside of a caller's transaction."""
    if not connection.in_atomic_block:
        connection.close()
