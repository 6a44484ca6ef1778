"""Adds single files to the index that no scan has seen yet."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import chain, islice

from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Root, find_file, open_root
from jobs.library.spellings import spellings
from jobs.library.writer import Batch, fits, is_storable, write
from jobs.models import LibraryFile

CHUNK = 1_000


def index_missing(keys: Iterable[str]) -> set[str]:
    """Add files that the index lacks; those of these library paths that it has then.

    A path is added if a scan would find a regular file there: inside the library, and no part
    of the path is a link. A folder that cannot be read adds nothing. Safe to repeat.
    """
    root: Root | None = None
    indexed: set[str] = set()
    remaining = iter(dict.fromkeys(keys))
    while chunk := list(islice(remaining, CHUNK)):
        usable = [key for key in chunk if is_storable(key) and fits(key)]
        known = set(LibraryFile.objects.filter(path__in=usable).values_list("path", flat=True))
        indexed |= known
        missing = [key for key in usable if key not in known]
        if missing and root is None:
            with suppress(LibraryUnreadable):
                root = open_root()
        if missing and root:
            found = []
            for key in missing:
                with suppress(OSError):
                    if file := find_file(root, key):
                        found.append(file)
            write(Batch(add=found))
            indexed |= {file.key for file in found}
    return indexed


def find_keys(given: Iterable[str]) -> dict[str, str]:
    """The key of the library file that each of these paths names; the unknown ones are missing.

    A file with exactly this path comes first, else one whose path differs only in how Unicode
    writes it (see `spellings`). Adds files that the index lacks, as `index_missing` does.
    """
    given = list(dict.fromkeys(given))
    found = {key: key for key in index_missing(given)}
    others = {key: spellings(key)[1:] for key in given if key not in found}
    known = index_missing(chain.from_iterable(others.values()))
    for key, names in others.items():
        found.update((key, name) for name in reversed(names) if name in known)
    return found
