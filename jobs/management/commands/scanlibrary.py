"""Brings the list of files up to date."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console

from jobs.conf import conf
from jobs.library.scan import scan_library
from jobs.library.scan_counts import ScanCounts
from jobs.library.scan_state import scan_state
from jobs.management.base import CommandFailure, JobsCommand
from jobs.management.console import console
from jobs.management.output import one_line, write_json
from jobs.management.progress_view import progress_bar
from jobs.progress import humanize

FILES_PER_LINE = 100_000


class Command(JobsCommand):
    help = (
        "Brings the list of files up to date with LIBRARY_ROOT: new, changed and removed files. "
        "A folder that cannot be read is listed as a problem, and its files stay in the list. "
        "So do the files on a disk that is not mounted, and all missing files if they are more "
        "than half of a library of over 20 files, unless --accept-removals is given. "
        "Only one scan runs at a time; it may be interrupted and started again."
    )
    examples = """\
  manage.py scanlibrary
  manage.py scanlibrary --json
  manage.py scanlibrary --accept-removals"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        fields = ", ".join(name for name in ScanCounts.__dataclass_fields__)
        parser.add_argument("--json", action="store_true", help=f"an object with {fields}")
        parser.add_argument(
            "--accept-removals",
            action="store_true",
            help="remove all missing files from the list, however many, also those on disks that "
            "are not mounted",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        accept = options["accept_removals"]
        if options["json"]:
            counts = scan_library(accept_removals=accept)
            write_json(self.stdout, asdict(counts))
        else:
            counts = self._scan(console(self.stdout, **options), accept)
            root = one_line(str(conf.library_root))
            self.stdout.write(f"{root}: {_sentence(counts)}, {counts.seconds:.1f} seconds")
        for problem in counts.problems:
            self.stderr.write(one_line(problem))
        if counts.unread > len(counts.problems):
            self.stderr.write(f"… and {counts.unread - len(counts.problems):,} more")
        for folder, number in counts.unreached.items():
            files = humanize.pluralize(number, "file")
            name = one_line(folder.rstrip("/"))
            self.stderr.write(f"“{name}”: {files} not reached, the disk is not mounted.")
        if reasons := list(_reasons(counts)):
            raise CommandFailure(" ".join(reasons))

    def _scan(self, screen: Console | None, accept: bool) -> ScanCounts:
        if screen is None:
            self._next_line = FILES_PER_LINE
            return scan_library(progress=self._write_line, accept_removals=accept)
        with progress_bar(screen, transient=True) as bar:
            task = bar.add_task("Scanning", total=scan_state().files or None, text="")
            return scan_library(
                progress=lambda now: bar.update(task, completed=now.seen, text=_sentence(now)),
                accept_removals=accept,
            )

    def _write_line(self, now: ScanCounts) -> None:
        if now.seen >= self._next_line:
            self._next_line = now.seen + FILES_PER_LINE
            self.stdout.write(f"{now.seen:,} files seen")
            self.stdout.flush()


def _sentence(counts: ScanCounts) -> str:
    numbers = {
        "added": counts.added,
        "changed": counts.changed,
        "moved": counts.moved,
        "removed": counts.removed,
        "missing": counts.held_back,
        "not reached": counts.not_reached,
        "not read": counts.unread,
    }
    parts = [f"{number:,} {word}" for word, number in numbers.items() if number]
    return ", ".join([humanize.pluralize(counts.seen, "file"), *parts])


def _reasons(counts: ScanCounts) -> Iterator[str]:
    """Why the list may not be what is on the disk, and what to do."""
    if counts.unread:
        yield "Not everything could be read; the files known there stay in the list."
    if counts.not_reached:
        yield (
            "Files on disks that are not mounted stay in the list. Mount the disks and scan again."
        )
    if counts.held_back:
        yield (
            f"This scan would remove {counts.held_back:,} of {counts.known:,} files, so they stay "
            "in the list. Check that everything is mounted."
        )
    if counts.held_back or counts.not_reached:
        yield "If the files are gone for good: manage.py scanlibrary --accept-removals"
