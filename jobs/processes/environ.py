"""The environment of this process, as programs of this account read it in `/proc/<pid>/environ`.

That file shows the memory with which a process was started, so removing a variable from
`os.environ` changes nothing there.
"""

import ctypes
import os
from collections.abc import Iterable


def conceal(names: Iterable[str]) -> None:
    """Overwrite these variables in the memory that the kernel shows.

    `os.environ` keeps them, and so do processes that get it explicitly. Programs that are
    started without an environment of their own find them empty. Safe to repeat.
    """
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    for name in names:
        if address := libc.getenv(os.fsencode(name)):
            ctypes.memset(address, 0, len(ctypes.string_at(address)))
