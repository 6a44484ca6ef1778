"""One thing to process, as an operation sees it."""

import os
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jobs.operations.files import resolve


@dataclass(eq=False)
class Item:
    """One item of a job. Cheap to create: nothing touches the disk before it is needed.

    key       the library path as text, `/` between its parts; any text if the operation lists
              its own items
    root      the absolute folder of the library
    outputs   the folder for the outputs of this job. It need not exist yet.
    previous  what this operation last remembered of the file (`Result.remember`)
    attempt   1 for the first attempt; more after a worker has died with the item
    job_id    the job's id as text
    """

    key: str
    _: KW_ONLY
    root: str | Path = "/"
    outputs: str | Path | None = None
    previous: dict[str, Any] | None = None
    attempt: int = 1
    job_id: str = ""

    @cached_property
    def path(self) -> Path:
        """The absolute path of the file.

        Raises ItemFailed if it no longer exists or if a link leads out of the library.
        """
        return Path(os.fsdecode(resolve(self.root, self.key)))

    @property
    def name(self) -> str:
        """The file's own name, the last part of its path."""
        return self.path.name

    @cached_property
    def output_dir(self) -> Path:
        """The folder for the outputs of this job, created on first use.

        Raises OSError if it cannot be created, ValueError if the item has no such folder.
        """
        if self.outputs is None:
            raise ValueError("This item has no folder for outputs.")
        folder = Path(self.outputs)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
