"""What all commands about jobs have in common: help, exit codes, errors of one line."""

import argparse
import logging
import os
import sys
from contextlib import suppress
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.core.management.color import no_style
from django.db import DatabaseError, InterfaceError, connection

from jobs.exceptions import JobsError
from jobs.management.explained import ExplainedCommand
from jobs.management.terminal import one_line
from jobs.services import Actor

EXIT_CODES = """exit codes:
  0    done
  1    it could not be done, or not completely; standard error says why
  2    the command line was not understood
  130  ended by Ctrl-C
  141  whoever read the output has closed it"""

INTERRUPTED = 130
OUTPUT_CLOSED = 141


class Error(CommandError):
    """Ends a command with one line on standard error; Django prints the class name before it."""

    def __init__(self, message: object, returncode: int = 1) -> None:
        super().__init__(one_line(str(message)), returncode=returncode)


class _Parser(CommandParser):
    """Takes arguments and options in any order, also arguments on both sides of an option."""

    def parse_args(  # type: ignore[override]
        self, args: Any = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        return self.parse_intermixed_args(args, namespace)


class JobsCommand(ExplainedCommand):
    """Base of the commands about jobs. A subclass gives `help` and `examples` and writes `handle`.

    Whatever goes wrong ends in one line on standard error and exit code 1: a `JobsError`,
    a database that is away or has no tables yet, settings that cannot be used. Under
    `call_command` the caller gets the same as a `CommandError`, Ctrl-C as it is, and keeps
    its streams.
    """

    exit_codes = EXIT_CODES
    # The site was checked when it was started; a command for scripts has to be quick.
    requires_system_checks: list[str] = []
    # Only then the streams and the end of this process are the command's own.
    is_the_program = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        plain = super().create_parser(prog_name, subcommand, **kwargs)
        plain.__class__ = _Parser
        return plain

    def run_from_argv(self, argv: list[str]) -> None:
        # A person reads standard error here; the log's usual lines are for servers.
        logging.getLogger("jobs").setLevel(logging.WARNING)
        # It tells of lost connections, as the command does.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        self.is_the_program = True
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError):  # replaced by something simpler
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> Any:
        if os.environ.get("NO_COLOR"):
            self.style = no_style()
            self.stderr.style_func = None
        try:
            answer = super().execute(*args, **options)
            self.stdout.flush()
        except KeyboardInterrupt:
            if not self.is_the_program:
                raise
            sys.exit(INTERRUPTED)
        except OSError as error:
            closed = isinstance(error, BrokenPipeError)
            if self.is_the_program:
                _forget_output()
                if closed:
                    sys.exit(OUTPUT_CLOSED)
            told = f"{error.strerror or error}."
            raise Error(told, returncode=OUTPUT_CLOSED if closed else 1) from error
        except JobsError as error:
            raise Error(error) from error
        except (DatabaseError, InterfaceError) as error:
            raise Error(database_trouble(error)) from error
        except ImproperlyConfigured as error:
            raise Error(error) from error
        return answer

    @property
    def actor(self) -> Actor:
        """Who acts, for the events of a job: the account of the operating system."""
        return Actor(source="command", name=account_name())


def _forget_output() -> None:
    """Or Python would complain once more when it flushes at its end. What can be written, is."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def account_name() -> str:
    """The login name of this process, or its number where it has none."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def database_trouble(error: Exception) -> str:
    """One sentence for a person about an error of the database."""
    reason = " ".join(str(error).split()).rstrip(".?")
    missing = "no such table" in reason or ("relation" in reason and "does not exist" in reason)
    if missing:
        return f"The database has no tables yet ({reason}). Run: manage.py migrate"
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"The database {name} cannot be used: {reason}."
    return f"The database cannot be used: {reason}. Check DATABASE_URL, and that the server runs."
