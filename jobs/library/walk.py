"""Walks the library folder in the order of its keys, in memory that does not grow with it.

The database has the same order, so that a scan can go through both side by side: whole paths by
their UTF-8 bytes. A walk gets it by sorting the names of each folder, with a "/" at the end of
those of folders: "a-b" comes before "a/b".
"""

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import IO, NamedTuple

from jobs.library.disk import FoundFile, Identity, Root
from jobs.operations.beneath import open_beneath
from jobs.operations.keys import bytes_from_key, key_from_bytes

CHUNK = 50_000
"""Names of one folder that are sorted in memory. A larger folder uses temporary files."""


class Unreadable(NamedTuple):
    """A file or folder that cannot be read. A folder's key ends with "/"; "" is the library."""

    key: str
    reason: str


class Mount(NamedTuple):
    """A folder on another device than the folder around it; its key ends with "/"."""

    key: str
    identity: Identity


class _Entry(NamedTuple):
    """One name in a folder; a folder's ends with "/". `reason`: why it cannot be read."""

    name: str
    size: int
    mtime_ns: int
    reason: str = ""


@dataclass(slots=True)
class _Level:
    prefix: str
    identity: Identity
    entries: Iterator[_Entry]


def walk(root: Root) -> Iterator[FoundFile | Unreadable | Mount]:
    """Every regular file under the root, by key, what cannot be read, and mount points.

    A mount point comes before the files in it. Leaves out links, devices, the folders in
    `root.excluded`, and files that disappear during the walk.
    """
    levels: list[_Level] = []
    opened = _open(root, "", levels)
    while True:
        if isinstance(opened, Unreadable):
            yield opened
        elif opened is not None:
            if levels and opened.identity[0] != levels[-1].identity[0]:
                yield Mount(opened.prefix, opened.identity)
            levels.append(opened)
        opened = None
        if not levels:
            return
        level = levels[-1]
        for entry in level.entries:
            key = level.prefix + entry.name
            if entry.reason:
                yield Unreadable(key, entry.reason)
            elif key.endswith("/"):
                opened = _open(root, key, levels)
                break
            else:
                yield FoundFile(key, entry.size, entry.mtime_ns)
        else:
            levels.pop()


def _open(root: Root, prefix: str, levels: list[_Level]) -> _Level | Unreadable | None:
    """List one folder; None if it is excluded, does not exist or is no folder any more."""
    parts = bytes_from_key(prefix[:-1]).split(b"/") if prefix else []
    try:
        descriptor = open_beneath(root.path, parts, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        # A link has replaced a folder; it is not followed.
        if error.errno in (errno.ELOOP, errno.EXDEV):
            return None
        return Unreadable(prefix, error.strerror or str(error))
    try:
        identity = root.identify(os.fstat(descriptor))
        if identity in root.excluded:
            return None
        if any(level.identity == identity for level in levels):
            return Unreadable(prefix, "the folder contains itself")
        return _Level(prefix, identity, _in_order(_entries(descriptor)))
    except OSError as error:
        return Unreadable(prefix, error.strerror or str(error))
    finally:
        os.close(descriptor)


def _entries(descriptor: int) -> Iterator[_Entry]:
    with os.scandir(descriptor) as entries:
        for entry in entries:
            name = key_from_bytes(os.fsencode(entry.name))
            try:
                if entry.is_dir(follow_symlinks=False):
                    yield _Entry(name + "/", 0, 0)
                elif entry.is_file(follow_symlinks=False):
                    found = entry.stat(follow_symlinks=False)
                    yield _Entry(name, found.st_size, found.st_mtime_ns)
            except FileNotFoundError:
                continue
            except OSError as error:
                yield _Entry(name, 0, 0, error.strerror or str(error))


def _in_order(entries: Iterator[_Entry]) -> Iterator[_Entry]:
    """All entries, read now, sorted by name; at most CHUNK are in memory."""
    chunk = sorted(islice(entries, CHUNK))
    if len(chunk) < CHUNK:
        return iter(chunk)
    runs = []
    while chunk:
        runs.append(_from_file(_to_file(chunk)))
        chunk = sorted(islice(entries, CHUNK))
    return merge(*runs)


def _to_file(chunk: list[_Entry]) -> IO[str]:
    stream = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (the reader closes it)
    stream.writelines(json.dumps(entry) + "\n" for entry in chunk)
    stream.seek(0)
    return stream


def _from_file(stream: IO[str]) -> Iterator[_Entry]:
    with stream:
        for line in stream:
            yield _Entry(*json.loads(line))
