"""Help texts with examples and exit codes, for every command of this site."""

import argparse
from textwrap import fill
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class _Help(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Leaves examples as they are written."""


class ExplainedCommand(BaseCommand):
    """Base of the commands. A subclass gives `help`, `examples`, and `exit_codes` if it has any."""

    examples = ""
    exit_codes = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", _Help)
        kwargs.setdefault("epilog", f"examples:\n{self.examples}\n\n{self.exit_codes}".rstrip())
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.description = fill(self.help, 90)
        return parser
