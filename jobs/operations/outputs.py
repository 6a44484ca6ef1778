"""The folder in which one item writes: made, emptied, removed. Links in it are not followed."""

import os
import stat
import unicodedata
from contextlib import suppress
from pathlib import Path

from jobs.operations.output_names import folder_parts
from jobs.operations.removal import open_folder, remove_tree
from jobs.operations.results import ItemFailed

_TRIES = 100


def make_folder(base: Path, key: str) -> Path:
    """Create the item's own folder below `base`, the folder of its job, and return it.

    Empties a folder that an earlier attempt has left. Follows no link. Raises ItemFailed if
    another item has the folder, or if something else is in its place; OSError.
    """
    parts = folder_parts(key)
    for attempt in range(_TRIES):
        try:
            _make(base, parts)
            break
        except FileNotFoundError:
            # Somebody deletes empty folders.
            if attempt + 1 == _TRIES:
                raise
    return base / os.fsdecode(b"/".join(parts))


def remove_if_empty(folder: Path) -> None:
    """Remove the folder of an item that wrote nothing."""
    try:
        folder.rmdir()
    except OSError:
        return  # it is in use, or was removed


def _make(base: Path, parts: list[bytes]) -> None:
    base.mkdir(parents=True, exist_ok=True)
    opened: list[int] = []
    try:
        opened.append(_inside(base, None))
        for part in parts[:-1]:
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=opened[-1])
            opened.append(_inside(part, opened[-1]))
        try:
            os.mkdir(parts[-1], dir_fd=opened[-1])
        except FileExistsError:
            _require_folder(parts[-1], opened[-1])
            if not all(map(_is_listed, parts, opened)):
                raise ItemFailed(
                    "Another item has this output folder already: on this disk, names that "
                    "differ only in upper and lower case or accents are the same",
                    finding=True,
                ) from None
            remove_tree(parts[-1], parent=opened[-1])
            os.mkdir(parts[-1], dir_fd=opened[-1])
    finally:
        for fd in opened:
            os.close(fd)


def _inside(name: bytes | Path, parent: int | None) -> int:
    try:
        return open_folder(name, parent=parent)
    except FileNotFoundError:
        raise
    except OSError:
        _require_folder(name, parent)
        raise


def _require_folder(name: bytes | Path, parent: int | None) -> None:
    if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        shown = os.path.basename(os.fsdecode(name))
        raise ItemFailed(
            f"Its output folder cannot be made: “{shown}” in the output folder of the job is "
            "not a folder. Remove it, then retry"
        )


def _is_listed(name: bytes, parent: int) -> bool:
    """Return True if the folder has an entry of exactly this name.

    On some disks another spelling opens the same entry. Only there the folder is read.
    """
    found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    for spelling in _spellings(name):
        try:
            other = os.stat(spelling, dir_fd=parent, follow_symlinks=False)
        except OSError:
            continue
        if os.path.samestat(found, other):
            return os.fsdecode(name) in os.listdir(parent)
    return True


def _spellings(name: bytes) -> set[bytes]:
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return {name.swapcase()}
    forms = {unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)}
    return {form.encode() for form in {*forms, text.swapcase()}} - {name}
