"""Disks of tests: real ones where the system allows it, else folders with another device number."""

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import connections

from jobs.library.disk import Identity, identity_of
from tests.support.requirements import require_or_skip

_CLONE_FS, _CLONE_NEWNS = 0x200, 0x20000


class Disk:
    """A disk that can be put into a folder and taken away, for `scan_library(identify=…)`.

    Its folders keep their content while it is away, in `shelf`.
    """

    def __init__(self, folder: Path, shelf: Path, number: int = 77) -> None:
        self.folder = folder
        self.number = number
        self.away = shelf / f"disk {number}"
        self.mount()

    def mount(self) -> None:
        if self.away.exists():
            if self.folder.exists():
                self.folder.rmdir()
            self.away.rename(self.folder)
        self._inodes = {os.stat(path).st_ino for path, _, _ in os.walk(self.folder)}

    def unmount(self, *left: str, missing: bool = False) -> None:
        """Take it away. `left`: files that the mount point has itself; or it is missing."""
        self.folder.rename(self.away)
        self._inodes.clear()
        if not missing:
            self.folder.mkdir()
        for name in left:
            (self.folder / name).write_bytes(b"left")

    def identify(self, status: os.stat_result) -> Identity:
        device, inode = identity_of(status)
        return (self.number if inode in self._inodes else device), inode


def in_mount_namespace(function: Callable[[], None]) -> None:
    """Run this in a thread whose mounts nobody else sees; skips where that is not permitted."""
    failures: list[BaseException] = []
    refused: list[str] = []

    def run() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_FS | _CLONE_NEWNS) != 0:
            refused.append(os.strerror(ctypes.get_errno()))
            return
        try:
            subprocess.run(["mount", "--make-rprivate", "/"], check=True, capture_output=True)
            function()
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            failures.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if refused:
        require_or_skip(f"no mount namespace: {refused[0]}")
    if failures:
        raise failures[0]


def mount_tmpfs(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "batchsite", str(folder)], check=True)


def unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)
