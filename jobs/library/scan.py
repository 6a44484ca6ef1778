"""Brings the index of files up to date: goes through the folder and the index side by side.

Both come in the order of paths, so one pass finds the files that are new, changed and missing,
and writes nothing for the others. Each write is a batch of some hundredths of a second, so that
workers can write in between. What becomes of the missing files is decided after the pass, when it
is known how many they are and which of them were only moved. An aborted scan has done a part of
the work; the next one does the rest.
"""

import os
import time
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from jobs import backends
from jobs.exceptions import LibraryUnreadable
from jobs.library import outcomes, removed, scan_state
from jobs.library.disk import FoundFile, Identify, Root, find_file, identity_of, open_root
from jobs.library.mounts import find_mounts
from jobs.library.moved import find_moved
from jobs.library.scan_counts import Progress, ScanCounts
from jobs.library.search_index import index_of
from jobs.library.walk import Mount, Unreadable, walk
from jobs.library.writer import LONGEST_KEY, Batch, fits, write
from jobs.models import LibraryFile, LibraryScan

PAGE = 5_000
"""Rows of the index that one query reads."""

BATCH_SECONDS = 0.05
"""The time that one write should take. On SQLite every other writer waits for it."""

_SMALLEST, _LARGEST = 100, 5_000
_REPORT_EVERY = 1_000


class _Row(NamedTuple):
    """A row of the index; its time is text, as stored, which takes less time than numbers."""

    path: str
    id: int
    size: int
    mtime_ns: str


def scan_library(
    *,
    progress: Progress | None = None,
    accept_removals: bool = False,
    identify: Identify = identity_of,
) -> ScanCounts:
    """Make the index match the files that are in LIBRARY_ROOT now.

    `progress` is called regularly with the counts so far, the same object each time. Files
    under a folder that cannot be read stay in the index, and the folder is listed as a problem.
    Files on a disk that is not mounted stay, too, and so do all missing files if they are more
    than half of a library of over 20 files; with `accept_removals` neither does. `identify`
    reads device and inode of a folder.

    Raises LibraryUnreadable if the folder is missing, cannot be listed, disappears during the
    scan or looks like the mount point of an unmounted disk; no indexed file is lost then.
    Raises ScanRunning if another scan is running. Safe to repeat and to kill.
    """
    with backends.current().scan_lock():
        try:
            root = open_root(identify)
            last = LibraryScan.objects.first() or LibraryScan()
            if not accept_removals:
                scan_state.refuse_unmounted(root)
            index_of(connection).repair()
            scan = _Scan(root, last, progress or (lambda counts: None), accept_removals)
            counts = scan.run()
        except LibraryUnreadable as error:
            scan_state.record_failure(error)
            raise
        scan_state.record_success(root, counts, scan.mounts, scan.newest_id)
    return counts


class _Scan:
    def __init__(
        self, root: Root, last: LibraryScan, progress: Progress, accept_removals: bool
    ) -> None:
        self.root = root
        self.progress = progress
        # A person who sets LIBRARY_ROOT to another folder wants the files of that one.
        self.asks = not accept_removals and (not last.root or _is_same_folder(last.root, root.name))
        self.counts = ScanCounts()
        self.started = time.monotonic()
        self.batch = Batch()
        self.batch_size = _SMALLEST
        self.newest_id = last.newest_id
        remembered = last.mounts if _is_same_folder(last.root, root.name) else {}
        self.mounts = find_mounts(root, remembered)
        if accept_removals:
            self.mounts.absent.clear()
        self.index = _indexed_files()
        self.row: _Row | None = None

    def run(self) -> ScanCounts:
        removed.let_stay()
        self.next_row()
        for found in walk(self.root):
            if isinstance(found, FoundFile):
                self.compare(found)
            elif isinstance(found, Mount):
                self.mounts.add(found.key, found.identity)
            else:
                self.keep(found)
        self.hold_before(None)
        self.flush()
        self.check_root()
        moved = find_moved(self.root, self.newest_id, self.report)
        self.counts.moved, self.newest_id = moved.count, moved.newest_id
        self.report()
        self.decide()
        removed.prune()
        outcomes.complete()
        self.report()
        return self.counts

    def next_row(self) -> None:
        self.row = next(self.index, None)
        self.counts.known += self.row is not None

    def compare(self, found: FoundFile) -> None:
        if not fits(found.key):
            self.add_problem(found.key, f"its path is longer than {LONGEST_KEY:,} bytes")
            return
        self.hold_before(found.key)
        self.counts.seen += 1
        row = self.row
        if row is None or row.path != found.key:
            self.batch.add.append(found)
        else:
            if row.size != found.size or row.mtime_ns != str(found.mtime_ns):
                self.batch.change.append((row.id, found))
            self.next_row()
        self.flush_if_full()
        if self.counts.seen % _REPORT_EVERY == 0:
            self.report()

    def keep(self, unreadable: Unreadable) -> None:
        """Skip the rows of a file, or of all files of a folder, that cannot be read."""
        key, reason = unreadable
        if not key:
            raise LibraryUnreadable(root=self.root.name, reason=reason)
        self.add_problem(key, reason)
        self.hold_before(key)
        while self.row is not None and (
            self.row.path.startswith(key) if key.endswith("/") else self.row.path == key
        ):
            self.next_row()

    def hold_before(self, key: str | None) -> None:
        """Hold the rows before this key, all for None: the walk did not find their files."""
        while self.row is not None and (key is None or self.row.path < key):
            self.hold(self.row)
            self.next_row()
            self.flush_if_full()

    def hold(self, row: _Row) -> None:
        folder = self.mounts.without_disk(row.path)
        if folder is not None:
            self.counts.not_reached_in(folder)
        elif self.is_missing(row.path):
            self.batch.missing.append(row.id)

    def is_missing(self, path: str) -> bool:
        """The file may be new since its folder was listed."""
        try:
            return find_file(self.root, path) is None
        except OSError as error:
            self.add_problem(path, error.strerror or str(error))
            return False

    def decide(self) -> None:
        """Remove the files that were held, unless they are too many."""
        held = removed.count_held()
        if not held:
            return
        if self.asks and self.counts.holds_back(held):
            self.counts.held_back = held
            removed.let_stay()
            return
        for page in removed.held_pages():
            gone = [one for one in page if self.is_missing(one.path)]
            # When a disk is unmounted meanwhile, all its files seem to be gone.
            self.check_root()
            self.mounts.check()
            kept = []
            for one in gone:
                folder = self.mounts.without_disk(one.path)
                if folder is None:
                    kept.append(one)
                else:
                    self.counts.not_reached_in(folder)
            if kept:
                removed.forget(kept)
            self.counts.removed += len(kept)
            self.report()
        removed.let_stay()

    def flush_if_full(self) -> None:
        if len(self.batch) >= self.batch_size:
            self.flush()
            self.report()

    def flush(self) -> None:
        if not self.batch:
            return
        began = time.monotonic()
        write(self.batch)
        seconds = time.monotonic() - began
        self.counts.added += len(self.batch.add)
        self.counts.changed += len(self.batch.change)
        wanted = int(len(self.batch) * BATCH_SECONDS / max(seconds, 0.001))
        self.batch_size = min(max(wanted, _SMALLEST), 2 * self.batch_size, _LARGEST)
        self.batch = Batch()
        # Debug mode keeps every statement with all its rows.
        connection.queries_log.clear()

    def add_problem(self, key: str, reason: str) -> None:
        self.counts.add_problem(f"“{key.rstrip('/')}” was not read: {reason}")

    def report(self) -> None:
        self.counts.seconds = time.monotonic() - self.started
        self.progress(self.counts)

    def check_root(self) -> None:
        if not self.root.is_there:
            reason = "it disappeared during the scan"
            raise LibraryUnreadable(root=self.root.name, reason=reason)


def _is_same_folder(one: str, other: str) -> bool:
    """Return True if these are two names of one folder, as a link and its target are."""
    return one == other or (one != "" and os.path.realpath(one) == os.path.realpath(other))


def _indexed_files() -> Iterator[_Row]:
    """The index by path, one query a page: no transaction stays open in between."""
    time_text = Cast("mtime_ns", TextField())
    rows = LibraryFile.objects.order_by("path").values_list("path", "id", "size", time_text)
    page = list(rows[:PAGE])
    while page:
        yield from map(_Row._make, page)
        page = list(rows.filter(path__gt=page[-1][0])[:PAGE])
