"""A library to try the site on: about 200 small files, some of them broken."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from jobs.library.sample.archives import archives
from jobs.library.sample.broken import broken_files
from jobs.library.sample.documents import documents
from jobs.library.sample.names import oddly_named
from jobs.library.sample.pictures import pictures

_FIRST_CHANGED = datetime(2024, 1, 1, 9, tzinfo=UTC).timestamp()
_BETWEEN_SECONDS = 13 * 3600


def make_sample_library(root: Path) -> int:
    """Make the folder `root` with the same files every time; returns their number.

    It appears whole or not at all, in a few seconds; a folder that holds something is left as
    it is. Raises OSError.
    """
    if root.is_dir() and any(root.iterdir()):
        return sum(len(names) for _, _, names in os.walk(root))
    unfinished = root.with_name(f".{root.name}.making")
    shutil.rmtree(unfinished, ignore_errors=True)
    files = _files()
    count = 0
    for name in sorted(files):
        count += _write(os.path.join(os.fsencode(unfinished), name), files[name], count)
    os.rename(unfinished, root)
    return count


def _files() -> dict[bytes, bytes]:
    """Every file of the sample, by its path as the file system has it."""
    whole = {**pictures(), **documents(), **archives()}
    named = {**whole, **broken_files(whole), **oddly_named(whole)}
    return {os.fsencode(name): content for name, content in named.items()}


def _write(path: bytes, content: bytes, number: int) -> int:
    """Write one file; 0 when the file system does not take such a name."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, "wb") as stream:
            stream.write(content)
    except OSError:
        if path.isascii():
            raise
        return 0
    changed = _FIRST_CHANGED + number * _BETWEEN_SECONDS
    os.utime(path, (changed, changed))
    return 1
