"""Reads a secret from the environment and leaves it to nobody else."""

import ctypes
import os
from contextlib import suppress

MAKE_VARIABLES = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "GNUMAKEFLAGS")
"""In these, make passes on what was given on its command line."""

_ENV_START = 49
"""Place of `env_start` in /proc/self/stat."""


def take_secret(name: str) -> str:
    """Return the variable and remove it; "" if it is not set.

    Processes that are started later do not get it. On Linux, those that run already cannot read
    it in /proc/<pid>/environ of this process.
    """
    value = os.environ.pop(name, "")
    _wipe(f"{name}=")
    for variable in MAKE_VARIABLES:
        if f"{name}=" in os.environ.get(variable, ""):
            del os.environ[variable]
            _wipe(f"{variable}=")
    return value


def _wipe(beginning: str) -> None:
    """Overwrite the entry in the memory that /proc/self/environ shows; no longer in use."""
    with suppress(OSError, ValueError, IndexError):
        with open("/proc/self/stat", "rb") as stream:
            # The second field, the name of the program, may contain spaces.
            start = int(stream.read().rpartition(b")")[2].split()[_ENV_START - 2])
        with open("/proc/self/environ", "rb") as stream:
            entries = stream.read()
        place = 0
        for entry in entries.split(b"\0"):
            if entry.startswith(beginning.encode()):
                ctypes.memset(start + place, 0, len(entry))
            place += len(entry) + 1
