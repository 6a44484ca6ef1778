#!/usr/bin/env python
"""Django's command line for this site."""

import contextlib
import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "batchsite.settings")
    # What is imported stays: nobody has to look for garbage in it again and again.
    gc.set_threshold(50_000, 20, 20)
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    _take_options()
    try:
        settings.configured or settings.INSTALLED_APPS  # noqa: B018  (reads the settings now)
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")
    execute_from_command_line(sys.argv)


def _take_options() -> None:
    """Let `--settings` and `--pythonpath` be known before the settings are read."""
    from django.core.management.base import CommandError, CommandParser, handle_default_options

    parser = CommandParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings")
    parser.add_argument("--pythonpath")
    with contextlib.suppress(CommandError):  # Django tells of it
        handle_default_options(parser.parse_known_args(sys.argv[2:])[0])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # what a shell reports for Ctrl-C
