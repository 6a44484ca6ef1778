"""Keeps the data folder, and what this site has in it, to the account that runs the site."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

ACCESS = {"owner": 0o077, "group": 0o027, "all": 0o022}
"""Who may read outputs, and the umask with which they are written."""

_FOLDER_MODES = {"owner": 0o700, "group": 0o710, "all": 0o711}
_OPENED = ("outputs", "static")
"""The folders that other accounts may be allowed to read."""
_OURS = ("db.sqlite3", "secret_key", "scan.lock", "serve.lock", "library", *_OPENED)


def protect(folder: Path, access: str) -> None:
    """Close a data folder of this account to others; `access` is a key of ACCESS.

    Files get 0600 and folders 0700; `all` and `group` open the way to outputs. A folder that
    holds other things too, such as a home folder, keeps its mode, and they keep theirs. Safe to
    repeat; after the first time it reads one folder. Raises OSError.
    """
    if not folder.is_dir() or folder.stat().st_uid != os.geteuid():
        return
    with os.scandir(folder) as entries:
        found = [(entry.path, _is_ours(entry.name)) for entry in entries if entry.name[0] != "."]
    was_open = bool(stat.S_IMODE(folder.stat().st_mode) & ~_FOLDER_MODES[access] & 0o077)
    for path, ours in found:
        if ours:
            opened = access != "owner" and os.path.basename(path) in _OPENED
            _close(path, 0o077 if not opened else ACCESS[access], deep=was_open)
    if all(ours for _, ours in found):
        _limit(str(folder), ~_FOLDER_MODES[access] & 0o077)
        if access != "owner":
            folder.chmod(_FOLDER_MODES[access])


def _is_ours(name: str) -> bool:
    return name in _OURS or name.startswith("db.sqlite3-")


def _close(path: str, umask: int, *, deep: bool) -> None:
    _limit(path, umask)
    if deep and not os.path.islink(path):
        for inner in _below(path):
            _limit(inner, umask)


def _below(path: str) -> Iterator[str]:
    for folder, folders, files in os.walk(path):  # follows no link
        for name in (*folders, *files):
            yield os.path.join(folder, name)


def _limit(path: str, umask: int) -> None:
    """Take the bits of the umask away from a file or folder of this account."""
    try:
        found = os.lstat(path)
        kind = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if kind and found.st_mode & umask and found.st_uid == os.geteuid():
            os.chmod(path, stat.S_IMODE(found.st_mode) & ~umask)
    except FileNotFoundError:
        return  # removed meanwhile, as SQLite does with its own files
