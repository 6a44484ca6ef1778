"""Adds single files to the index that no scan has seen yet."""

from collections.abc import Iterable
from itertools import islice

from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Found, Root, look, open_root
from jobs.library.writer import Batch, fits, write
from jobs.models import LibraryFile

CHUNK = 1_000


def index_files(keys: Iterable[str]) -> set[str]:
    """Those of these library paths that are in the index, after adding those that it lacks.

    A path is added if a regular file is there inside the library, as a scan would see it: no
    part of the path is a link. A folder that cannot be read adds nothing. Safe to repeat.
    """
    root: Root | None = None
    indexed: set[str] = set()
    left = iter(dict.fromkeys(keys))
    while chunk := list(islice(left, CHUNK)):
        usable = [key for key in chunk if _may_be_key(key)]
        known = set(LibraryFile.objects.filter(path__in=usable).values_list("path", flat=True))
        indexed |= known
        missing = [key for key in usable if key not in known]
        if not missing:
            continue
        try:
            root = root or open_root()
        except LibraryUnreadable:
            continue
        found = [file for key in missing if (file := _look(root, key))]
        if found:
            write(Batch(add=found))
        indexed |= {file.key for file in found}
    return indexed


def _look(root: Root, key: str) -> Found | None:
    try:
        return look(root, key)
    except OSError:
        return None


def _may_be_key(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in key and fits(key)
