"""What is known of the last scan: when it ended, what it saw, why it failed."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Root
from jobs.library.lock import scan_is_running
from jobs.models import LibraryFile, LibraryScan


@dataclass(frozen=True, slots=True)
class ScanState:
    """running      a scan is running now, in whatever process
    finished_at  when a scan last went through the whole library, None if none has
    files        how many files it saw
    error        a sentence why a scan has failed since then, None if none has
    """

    running: bool
    finished_at: datetime | None
    files: int
    error: str | None


def scan_state() -> ScanState:
    """How the index stands: one query, and a look at the scan's lock."""
    last = LibraryScan.objects.first() or LibraryScan()
    return ScanState(scan_is_running(), last.finished_at, last.files, last.error or None)


def refuse_unmounted(root: Root) -> None:
    """Raise LibraryUnreadable for an empty folder that was on another disk when it had files.

    An unmounted disk leaves its mount point: an empty folder of the disk around it. Taking
    that for a library without files would lose what is known of them all.
    """
    if not root.is_empty:
        return
    last = LibraryScan.objects.first()
    if last is None or not last.device or last.device == root.device:
        return
    if last.root == root.name and LibraryFile.objects.exists():
        reason = "it is empty and its disk is another one than before; is it mounted?"
        raise LibraryUnreadable(root=root.name, reason=reason)


def record_success(root: Root, files: int) -> None:
    LibraryScan.objects.update_or_create(
        pk=1,
        defaults={
            "root": root.name,
            "device": root.device,
            "finished_at": timezone.now(),
            "files": files,
            "error": "",
        },
    )


def record_failure(error: LibraryUnreadable) -> None:
    LibraryScan.objects.update_or_create(pk=1, defaults={"error": str(error)})
