"""Brings the index of files up to date: goes through the folder and the index side by side.

Both come in the order of paths, so one pass finds the files that are new, changed and gone, and
writes nothing for the others. Each write is a batch of some hundredths of a second, so that
workers can write in between. An aborted scan has done a part of the work; the next one does the
rest.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from jobs import backends
from jobs.exceptions import LibraryUnreadable
from jobs.library import scan_state
from jobs.library.disk import FoundFile, Root, find_file, open_root
from jobs.library.search_index import index_of
from jobs.library.walk import Unreadable, walk
from jobs.library.writer import LONGEST_KEY, Batch, fits, write
from jobs.models import LibraryFile

PAGE = 5_000
"""Rows of the index that one query reads."""

MAX_PROBLEMS = 100
BATCH_SECONDS = 0.05
"""The time that one write should take. On SQLite every other writer waits for it."""

_SMALLEST, _LARGEST = 100, 5_000
_REPORT_EVERY = 1_000


@dataclass(slots=True)
class ScanCounts:
    """What a scan has done so far.

    seen       files of the library
    unread     files and folders that could not be read
    problems   a sentence for each of these, at most MAX_PROBLEMS
    """

    seen: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unread: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


class _Row(NamedTuple):
    path: str
    id: int
    size: int
    mtime_ns: int


def scan_library(*, progress: Callable[[ScanCounts], None] | None = None) -> ScanCounts:
    """Make the index match the files that are in LIBRARY_ROOT now.

    `progress` is called regularly with the counts so far, the same object each time. Files
    under a folder that cannot be read stay in the index, and the folder is listed as a problem.

    Raises LibraryUnreadable if the folder is missing, cannot be listed, disappears during the
    scan or looks like the mount point of an unmounted disk; no indexed file is lost then.
    Raises ScanRunning if another scan is running. Safe to repeat and to kill.
    """
    with backends.current().scan_lock():
        try:
            root = open_root()
            scan_state.refuse_unmounted(root)
            index_of(connection).repair()
            counts = _Scan(root, progress or (lambda counts: None)).run()
        except LibraryUnreadable as error:
            scan_state.record_failure(error)
            raise
        scan_state.record_success(root, counts.seen)
    return counts


class _Scan:
    def __init__(self, root: Root, progress: Callable[[ScanCounts], None]) -> None:
        self.root = root
        self.progress = progress
        self.counts = ScanCounts()
        self.started = time.monotonic()
        self.batch = Batch()
        self.batch_size = _SMALLEST
        self.index = _indexed_files()
        self.row = next(self.index, None)

    def run(self) -> ScanCounts:
        for found in walk(self.root):
            if isinstance(found, Unreadable):
                self.keep(found)
            else:
                self.compare(found)
        self.remove_before(None)
        self.flush()
        self.check_root()
        self.report()
        return self.counts

    def compare(self, found: FoundFile) -> None:
        if not fits(found.key):
            self.add_problem(found.key, f"its path is longer than {LONGEST_KEY:,} bytes")
            return
        self.remove_before(found.key)
        self.counts.seen += 1
        row = self.row
        if row is None or row.path != found.key:
            self.batch.add.append(found)
        else:
            if (row.size, row.mtime_ns) != found[1:]:
                self.batch.change.append((row.id, found))
            self.row = next(self.index, None)
        self.flush_if_full()
        if self.counts.seen % _REPORT_EVERY == 0:
            self.report()

    def keep(self, unreadable: Unreadable) -> None:
        """Skip the rows of a file, or of all files of a folder, that cannot be read."""
        key, reason = unreadable
        if not key:
            raise LibraryUnreadable(root=self.root.name, reason=reason)
        self.add_problem(key, reason)
        self.remove_before(key)
        while self.row is not None and (
            self.row.path.startswith(key) if key.endswith("/") else self.row.path == key
        ):
            self.row = next(self.index, None)

    def remove_before(self, key: str | None) -> None:
        """Remove the rows before this key, all for None: the walk did not find their files."""
        while self.row is not None and (key is None or self.row.path < key):
            self.remove(self.row)
            self.row = next(self.index, None)
            self.flush_if_full()

    def remove(self, row: _Row) -> None:
        # The file may be new since its folder was listed.
        try:
            if find_file(self.root, row.path) is None:
                self.batch.remove.append(row.id)
        except OSError as error:
            self.add_problem(row.path, error.strerror or str(error))

    def flush_if_full(self) -> None:
        if len(self.batch) >= self.batch_size:
            self.flush()
            self.report()

    def flush(self) -> None:
        if self.batch.remove:
            # When the disk is unmounted, all its files seem to be gone.
            self.check_root()
        if not self.batch:
            return
        began = time.monotonic()
        write(self.batch)
        seconds = time.monotonic() - began
        self.counts.added += len(self.batch.add)
        self.counts.changed += len(self.batch.change)
        self.counts.removed += len(self.batch.remove)
        wanted = int(len(self.batch) * BATCH_SECONDS / max(seconds, 0.001))
        self.batch_size = min(max(wanted, _SMALLEST), 2 * self.batch_size, _LARGEST)
        self.batch = Batch()
        # Debug mode keeps every statement with all its rows.
        connection.queries_log.clear()

    def add_problem(self, key: str, reason: str) -> None:
        self.counts.unread += 1
        if len(self.counts.problems) < MAX_PROBLEMS:
            self.counts.problems.append(f"“{key.rstrip('/')}” was not read: {reason}")

    def report(self) -> None:
        self.counts.seconds = time.monotonic() - self.started
        self.progress(self.counts)

    def check_root(self) -> None:
        if not self.root.is_there:
            reason = "it disappeared during the scan"
            raise LibraryUnreadable(root=self.root.name, reason=reason)


def _indexed_files() -> Iterator[_Row]:
    """The index by path, one query a page: no transaction stays open in between."""
    rows = LibraryFile.objects.order_by("path").values_list("path", "id", "size", "mtime_ns")
    page = list(rows[:PAGE])
    while page:
        yield from map(_Row._make, page)
        page = list(rows.filter(path__gt=page[-1][0])[:PAGE])
