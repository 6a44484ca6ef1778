"""Calls commands in the process of the tests, and waits for those that are processes."""

import io
import os
import pty
from contextlib import suppress

from django.core.management import CommandError, call_command


def run(*arguments):
    """Call a command. Returns its standard output, its standard error and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        if "Error: " not in err.getvalue():  # otherwise written already, one for each job
            err.write(f"Error: {error}\n")
        code = error.returncode
    return out.getvalue(), err.getvalue(), code


def on_terminal(*arguments):
    """Call a command whose standard output is a terminal. Returns what it shows, up to 4 KiB."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        call_command(*arguments, stdout=terminal)
    shown = b""
    with suppress(OSError):  # the end: nobody has the terminal open any more
        while part := os.read(master, 4096):
            shown += part
    os.close(master)
    return shown.decode()
