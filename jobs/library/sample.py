"""A library to try the site on: about 200 small files, some of them broken.

They are in `sample.tar.xz`, which `tests/support/sample` makes.
"""

import os
import shutil
import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).with_name("sample.tar.xz")


def make_sample_library(root: Path) -> int:
    """Make the folder `root` with the same files every time; returns their number.

    It appears whole or not at all; a folder that holds something is left as it is. Raises
    OSError.
    """
    if root.is_dir() and any(root.iterdir()):
        return sum(len(names) for _, _, names in os.walk(root))
    unfinished = root.with_name(f".{root.name}.making")
    shutil.rmtree(unfinished, ignore_errors=True)
    with tarfile.open(ARCHIVE) as archive:
        count = sum(_unpack(archive, member, unfinished) for member in archive)
    os.rename(unfinished, root)
    return count


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> bool:
    """Write one file; False when the file system does not take such a name."""
    path = folder / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(archive.extractfile(member).read())  # type: ignore[union-attr]
    except OSError:
        if member.name.isascii():
            raise
        return False
    os.utime(path, (member.mtime, member.mtime))
    return True
