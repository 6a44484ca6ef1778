"""Brings the list of files up to date."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from jobs import conf, words
from jobs.library.scan import ScanCounts, scan_library
from jobs.library.state import scan_state
from jobs.management.command import Error, JobsCommand
from jobs.management.output import write_json
from jobs.management.terminal import console, one_line

LINE_EVERY = 100_000


class Command(JobsCommand):
    help = (
        "Brings the list of files up to date with LIBRARY_ROOT: files that came, changed and "
        "went. A folder that cannot be read is told as a problem, and what is known of its "
        "files stays. Only one scan runs at a time; it may be ended and started again."
    )
    examples = """\
  manage.py scanlibrary
  manage.py scanlibrary --json"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--json",
            action="store_true",
            help="an object with seen, added, changed, removed, unread, seconds, problems",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            counts = scan_library()
            write_json(self.stdout, asdict(counts))
        else:
            counts = self._scan(console(self.stdout, **options))
            where = one_line(str(conf.library_root()))
            self.stdout.write(f"{where}: {_sentence(counts)}, {counts.seconds:.1f} seconds")
        for problem in counts.problems:
            self.stderr.write(one_line(problem))
        if counts.unread > len(counts.problems):
            self.stderr.write(f"… and {counts.unread - len(counts.problems):,} more")
        if counts.unread:
            raise Error(
                "Not everything could be read; what is known of the files there stays in the list."
            )

    def _scan(self, screen: Console | None) -> ScanCounts:
        if screen is None:
            return scan_library(progress=self._lines())
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[n]}"),
        )
        with Progress(*columns, console=screen, transient=True, refresh_per_second=4) as bar:
            task = bar.add_task("Scanning", total=scan_state().files or None, n="")
            return scan_library(
                progress=lambda now: bar.update(task, completed=now.seen, n=_sentence(now))
            )

    def _lines(self) -> Callable[[ScanCounts], None]:
        told = 0

        def tell(now: ScanCounts) -> None:
            nonlocal told
            if now.seen >= told + LINE_EVERY:
                told = now.seen
                self.stdout.write(f"{now.seen:,} files seen")
                self.stdout.flush()

        return tell


def _sentence(counts: ScanCounts) -> str:
    numbers = {
        "added": counts.added,
        "changed": counts.changed,
        "removed": counts.removed,
        "not read": counts.unread,
    }
    told = [f"{number:,} {word}" for word, number in numbers.items() if number]
    return ", ".join([words.several(counts.seen, "file"), *told])
