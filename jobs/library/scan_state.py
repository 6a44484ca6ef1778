"""What is known of the last scan: when it ended, what it saw, why it failed."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from jobs import backends
from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Root
from jobs.models import LibraryFile, LibraryScan


@dataclass(frozen=True, slots=True)
class ScanState:
    """running      a scan is running now, in any process
    finished_at  when a scan last went through the whole library, None if none has
    files        the number of files that it saw
    error        a sentence why a later scan failed, None if none has
    """

    running: bool
    finished_at: datetime | None
    files: int
    error: str | None


def scan_state() -> ScanState:
    """The state of the index: one query, and a check of the scan's lock."""
    last = LibraryScan.objects.first() or LibraryScan()
    return ScanState(
        backends.current().scan_is_running(), last.finished_at, last.files, last.error or None
    )


def refuse_unmounted(root: Root) -> None:
    """Raise LibraryUnreadable for an empty folder that was on another disk when it had files.

    An unmounted disk leaves its mount point: an empty folder of the disk around it. It must not
    count as a library without files, or everything known of the files would be lost.
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
    _record(root=root.name, device=root.device, finished_at=timezone.now(), files=files, error="")


def record_failure(error: LibraryUnreadable) -> None:
    _record(error=str(error))


def _record(**fields: object) -> None:
    LibraryScan.objects.update_or_create(pk=1, defaults=fields)
