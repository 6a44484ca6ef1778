"""What is known of the last scan: when it ended, what it saw, why it failed."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from jobs import backends
from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Root, find_file
from jobs.library.mounts import Mounts, find_mounts
from jobs.library.scan_counts import ScanCounts
from jobs.models import LibraryFile, LibraryScan

SAMPLE = 100
"""Files of the index of which one must be there if a disk is no longer mounted as the library."""

_GONE = "If its files are gone for good: manage.py scanlibrary --accept-removals"


@dataclass(frozen=True, slots=True)
class ScanState:
    """running      a scan is running now, in any process
    finished_at  when a scan last went through the whole library, None if none has
    files        the number of files that it saw
    known        the number of files that the index had before
    held_back    of these, missing files that stay until their removal is accepted
    moved        files that it found again under another path
    not_reached  missing files that stay because their disk is not mounted
    unreached    the folders of these, by key with "/" at its end
    error        a sentence why a later scan failed, None if none has
    """

    running: bool
    finished_at: datetime | None
    files: int
    known: int
    held_back: int
    moved: int
    not_reached: int
    unreached: list[str]
    error: str | None


def scan_state() -> ScanState:
    """The state of the index: one query, and a check of the scan's lock."""
    last = LibraryScan.objects.first() or LibraryScan()
    return ScanState(
        running=backends.current().scan_is_running(),
        finished_at=last.finished_at,
        files=last.files,
        known=last.known,
        held_back=last.held_back,
        moved=last.moved,
        not_reached=last.not_reached,
        unreached=list(last.unreached),
        error=last.error or None,
    )


def refuse_unmounted(root: Root) -> None:
    """Raise LibraryUnreadable if the library's own disk seems not to be mounted.

    An unmounted disk leaves its mount point: a folder of the disk around it, empty or with what
    systems put there. It must not count as a library without files, or everything known of the
    files would be lost. A library that was copied to the disk around it has its files.
    """
    last = LibraryScan.objects.first()
    if last is None or last.root != root.name or not last.device:
        return
    if last.device != root.device and root.is_empty and LibraryFile.objects.exists():
        reason = f"it is empty and its disk is another one than before; is it mounted? {_GONE}"
        raise LibraryUnreadable(root=root.name, reason=reason)
    if last.mounted and not root.mounted:
        paths = list(LibraryFile.objects.order_by("path").values_list("path", flat=True)[:SAMPLE])
        if paths and not any(_may_be_there(root, path) for path in paths):
            reason = f"the disk that was mounted there is not mounted now. {_GONE}"
            raise LibraryUnreadable(root=root.name, reason=reason)


def _may_be_there(root: Root, path: str) -> bool:
    try:
        return find_file(root, path) is not None
    except OSError:
        return True


def known_mounts(root: Root) -> Mounts:
    """The mount points that the last scan knew, and which of them have their disk now."""
    last = LibraryScan.objects.first()
    return find_mounts(root, last.mounts if last and last.root == root.name else {})


def record_success(root: Root, counts: ScanCounts, mounts: Mounts, newest_id: int) -> None:
    kept = {folder: device for folder, device in mounts.absent.items() if _has_files(folder)}
    _record(
        root=root.name,
        device=root.device,
        mounted=root.mounted,
        mounts={folder: str(each[0]) for folder, each in mounts.present.items()} | kept,
        newest_id=newest_id,
        finished_at=timezone.now(),
        files=counts.seen,
        known=counts.known,
        held_back=counts.held_back,
        moved=counts.moved,
        not_reached=counts.not_reached,
        unreached=list(counts.unreached),
        error="",
    )


def _has_files(folder: str) -> bool:
    """Return True if the index has files below this folder, whose key ends with "/"."""
    after = folder[:-1] + chr(ord("/") + 1)
    return LibraryFile.objects.filter(path__gt=folder, path__lt=after).exists()


def record_failure(error: LibraryUnreadable) -> None:
    _record(error=str(error))


def _record(**fields: object) -> None:
    LibraryScan.objects.update_or_create(pk=1, defaults=fields)
