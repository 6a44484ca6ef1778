"""Brings the list of files up to date."""

import argparse
from dataclasses import asdict
from typing import Any

from rich.console import Console

from jobs.conf import conf
from jobs.library.scan import ScanCounts, scan_library
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
        "Only one scan runs at a time; it may be interrupted and started again."
    )
    examples = """\
  manage.py scanlibrary
  manage.py scanlibrary --json"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        fields = "seen, added, changed, removed, unread, seconds, problems"
        parser.add_argument("--json", action="store_true", help=f"an object with {fields}")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            counts = scan_library()
            write_json(self.stdout, asdict(counts))
        else:
            counts = self._scan(console(self.stdout, **options))
            root = one_line(str(conf.library_root))
            self.stdout.write(f"{root}: {_sentence(counts)}, {counts.seconds:.1f} seconds")
        for problem in counts.problems:
            self.stderr.write(one_line(problem))
        if counts.unread > len(counts.problems):
            self.stderr.write(f"… and {counts.unread - len(counts.problems):,} more")
        if counts.unread:
            reason = "Not everything could be read; the files known there stay in the list."
            raise CommandFailure(reason)

    def _scan(self, screen: Console | None) -> ScanCounts:
        if screen is None:
            self._next_line = FILES_PER_LINE
            return scan_library(progress=self._write_line)
        with progress_bar(screen, transient=True) as bar:
            task = bar.add_task("Scanning", total=scan_state().files or None, text="")
            return scan_library(
                progress=lambda now: bar.update(task, completed=now.seen, text=_sentence(now))
            )

    def _write_line(self, now: ScanCounts) -> None:
        if now.seen >= self._next_line:
            self._next_line = now.seen + FILES_PER_LINE
            self.stdout.write(f"{now.seen:,} files seen")
            self.stdout.flush()


def _sentence(counts: ScanCounts) -> str:
    numbers = (counts.added, counts.changed, counts.removed, counts.unread)
    words = ("added", "changed", "removed", "not read")
    parts = [f"{number:,} {word}" for number, word in zip(numbers, words, strict=True) if number]
    return ", ".join([humanize.pluralize(counts.seen, "file"), *parts])
