"""Memory that forks share: a page counts once until one of the processes writes to it."""

import ctypes
import gc
import sys

_LARGE = (4_096, 65_536, 1_000_000)
"""Sizes in bytes for which malloc looks through what was freed."""


def settle() -> None:
    """Prepare the memory of this process for its forks. Safe to repeat.

    Without it each fork copies pages that it never uses: Python's garbage collector writes to all
    objects that it looks at, and the first large allocation of a fork sorts all the small pieces
    that were freed before.
    """
    gc.freeze()
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None)
        if hasattr(libc, "malloc_trim"):  # glibc
            libc.malloc_trim(ctypes.c_size_t(0))
        libc.malloc.restype = ctypes.c_void_p
        for size in _LARGE:
            libc.free(ctypes.c_void_p(libc.malloc(ctypes.c_size_t(size))))
