#!/usr/bin/env python
"""Django's command line for this site."""

import gc
import os
import sys

from jobs.processes import marks


def main() -> None:
    if sys.argv[1:2] in (["serve"], ["runcluster"]):
        marks.reserve()
        gc.disable()  # see `jobs.management.programs.before_forks`
    os.umask(0o077)  # for this account only, all that it writes
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "batchsite.settings")
    # Imported modules are never freed, so frequent garbage collections are wasted.
    gc.set_threshold(50_000, 20, 20)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # what a shell reports for Ctrl-C
