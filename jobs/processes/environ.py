"""The environment of this process, as programs of this account read it in `/proc/<pid>/environ`.

That file shows the memory with which a process was started, so removing a variable from
`os.environ` changes nothing there.
"""

import ctypes
import os
from collections.abc import Iterable

MAKE_VARIABLES = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "GNUMAKEFLAGS")
"""In these, make passes on what was given on its command line."""


def conceal(names: Iterable[str]) -> None:
    """Overwrite these variables in the memory that the kernel shows.

    `os.environ` keeps them, and so do processes that get it explicitly. Programs that are
    started without an environment of their own do not get them. Safe to repeat.
    """
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    for name in map(os.fsencode, names):
        if address := libc.getenv(name):
            # Not with zeros: readers of /proc take two of them for the end of the environment.
            ctypes.memset(address, ord("*"), len(ctypes.string_at(address)))
            libc.unsetenv(name)


def take_secret(name: str) -> str:
    """Conceal a variable, remove it from `os.environ`, and return it; "" if it is not set.

    Processes that are started later do not get it, nor make's variables if they repeat it.
    """
    value = os.environ.get(name, "")
    repeated = [other for other in MAKE_VARIABLES if f"{name}=" in os.environ.get(other, "")]
    conceal([name, *repeated])
    for taken in (name, *repeated):
        os.environ.pop(taken, None)
    return value
