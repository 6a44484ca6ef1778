"""What a scan has done, in numbers and sentences."""

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_PROBLEMS = 100
SMALL_LIBRARY = 20
"""A library of up to this many files may lose more than half of them without a question."""


@dataclass(slots=True)
class ScanCounts:
    """What a scan has done so far.

    seen         files of the library
    known        files that the index had before
    moved        new files that are removed ones under another path; they count as added as well
    not_reached  missing files that stay because their disk is not mounted
    unreached    the mount points of these, and how many files lie below each
    held_back    missing files that stay because they are more than half of the library
    unread       files and folders that could not be read
    problems     a sentence for each of these, at most MAX_PROBLEMS
    """

    seen: int = 0
    known: int = 0
    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    held_back: int = 0
    not_reached: int = 0
    unread: int = 0
    seconds: float = 0.0
    unreached: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add_problem(self, sentence: str) -> None:
        self.unread += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(sentence)

    def not_reached_in(self, folder: str) -> None:
        """Count a missing file on the disk of this folder, whose key ends with "/"."""
        self.not_reached += 1
        self.unreached[folder] = self.unreached.get(folder, 0) + 1

    def holds_back(self, missing: int) -> bool:
        """Return True if so many missing files are not removed without a question."""
        return self.known > SMALL_LIBRARY and 2 * missing > self.known


Progress = Callable[[ScanCounts], None]
