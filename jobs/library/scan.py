"""Brings the index of files up to date: goes through the folder and the index side by side.

Both come in the order of paths, so one pass sees what came, changed and went, and nothing
is written of the files that stayed as they were. Writes are batches that take a moment, so
that workers can write between them. An aborted scan has done a part of the
work; the next one does the rest.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from jobs.exceptions import LibraryUnreadable
from jobs.library import filecount, searchindex, state
from jobs.library.disk import Found, Root, look, open_root
from jobs.library.lock import scan_lock
from jobs.library.walk import Unread, walk
from jobs.library.writer import LONGEST_KEY, Batch, fits, write
from jobs.models import LibraryFile

PAGE = 5_000
"""Rows of the index that are read at once."""

PROBLEMS_KEPT = 100
BATCH_SECONDS = {"sqlite": 0.03, "postgresql": 0.2}
"""How long a write should take. On SQLite every other writer waits for it; on PostgreSQL only
who wants the same rows does."""

_SMALLEST, _LARGEST = 100, 5_000
_REPORT_EVERY = 1_000


@dataclass(slots=True)
class ScanCounts:
    """What a scan has done so far.

    seen       files of the library
    problems   sentences about what could not be read: at most PROBLEMS_KEPT of `unread`
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
    """Make the index show the files that are in LIBRARY_ROOT now.

    `progress` is called now and then with the counts so far, the same object each time. What
    is under a folder that cannot be read stays in the index, and is told as a problem.

    Raises LibraryUnreadable if the folder is not there, cannot be listed, vanishes meanwhile
    or looks like the empty place of a disk that is not mounted; nothing that was indexed is
    lost then. Raises ScanRunning if somebody else is scanning. Safe to repeat and to kill.
    """
    with scan_lock():
        try:
            root = open_root()
            state.refuse_unmounted(root)
            searchindex.mend(connection)
            filecount.mend(connection)
            counts = _Scan(root, progress or _silent).run()
        except LibraryUnreadable as error:
            state.record_failure(error)
            raise
        state.record_success(root, counts.seen)
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
            if isinstance(found, Unread):
                self.keep(found)
            else:
                self.compare(found)
        self.remove_before(None)
        self.flush()
        if not self.root.is_there:
            raise self.root_gone()
        self.report()
        return self.counts

    def compare(self, found: Found) -> None:
        if not fits(found.key):
            self.tell(found.key, f"its path is longer than {LONGEST_KEY:,} bytes")
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

    def keep(self, unread: Unread) -> None:
        """Pass over the rows of a folder or file of which the disk tells nothing."""
        if not unread.key:
            raise LibraryUnreadable(root=self.root.name, reason=unread.reason)
        self.tell(unread.key, unread.reason)
        key = unread.key
        self.remove_before(key)
        while self.row is not None and (
            self.row.path.startswith(key) if key.endswith("/") else self.row.path == key
        ):
            self.row = next(self.index, None)

    def remove_before(self, key: str | None) -> None:
        """Remove the rows up to this key, all for None: the walk has passed them."""
        while self.row is not None and (key is None or self.row.path < key):
            self.remove(self.row)
            self.row = next(self.index, None)
            self.flush_if_full()

    def remove(self, row: _Row) -> None:
        # It may have come back, or have been added by somebody since its folder was listed.
        try:
            if look(self.root, row.path) is None:
                self.batch.remove.append(row.id)
        except OSError as error:
            self.tell(row.path, error.strerror or str(error))

    def flush_if_full(self) -> None:
        if len(self.batch) >= self.batch_size:
            self.flush()
            self.report()

    def flush(self) -> None:
        # When its disk is unmounted, everything below the root seems to be gone.
        if self.batch.remove and not self.root.is_there:
            raise self.root_gone()
        if not self.batch:
            return
        began = time.monotonic()
        written = write(self.batch)
        seconds = time.monotonic() - began
        self.counts.added += written.added
        self.counts.changed += written.changed
        self.counts.removed += written.removed
        wanted = int(len(self.batch) * BATCH_SECONDS[connection.vendor] / max(seconds, 0.001))
        self.batch_size = min(max(wanted, _SMALLEST), 2 * self.batch_size, _LARGEST)
        self.batch = Batch()
        # Debug mode keeps every statement with all its rows.
        connection.queries_log.clear()

    def tell(self, key: str, reason: str) -> None:
        self.counts.unread += 1
        if len(self.counts.problems) < PROBLEMS_KEPT:
            self.counts.problems.append(f"“{key.rstrip('/')}” was not read: {reason}")

    def report(self) -> None:
        self.counts.seconds = time.monotonic() - self.started
        self.progress(self.counts)

    def root_gone(self) -> LibraryUnreadable:
        return LibraryUnreadable(root=self.root.name, reason="it has vanished during the scan")


def _indexed_files() -> Iterator[_Row]:
    """The index by path, a page a query: no transaction stays open meanwhile."""
    rows = LibraryFile.objects.order_by("path").values_list("path", "id", "size", "mtime_ns")
    page = list(rows[:PAGE])
    while page:
        yield from map(_Row._make, page)
        page = list(rows.filter(path__gt=page[-1][0])[:PAGE])


def _silent(counts: ScanCounts) -> None:
    pass
