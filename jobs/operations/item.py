"""One thing to process, as an operation sees it."""

import os
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jobs.operations import outputs
from jobs.operations.files import resolve
from jobs.operations.output_names import file_name


@dataclass(eq=False)
class Item:
    """One item of a job. Cheap to create: nothing touches the disk before it is needed.

    key       the library path as text, `/` between its parts; any text if the operation lists
              its own items
    root      the absolute folder of the library
    outputs   the folder for the outputs of this job. It need not exist yet. Each item has a
              folder of its own in it.
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
        """The item's own folder for outputs, created empty on first use.

        Raises OSError or ItemFailed if it cannot be created, ValueError if the job has none.
        """
        if self.outputs is None:
            raise ValueError("This item has no folder for outputs.")
        return outputs.make_folder(Path(self.outputs), self.key)

    def output_path(self, suffix: str = "") -> Path:
        """A path for an output, in the item's own folder: its name and `suffix`.

        Raises as `output_dir` does, and ValueError for a suffix that cannot end a file name.
        """
        return self.output_dir / file_name(self.key, suffix)

    def drop_empty_output_dir(self) -> None:
        """Remove the folder for outputs if nothing was written into it."""
        if folder := vars(self).get("output_dir"):
            outputs.remove_if_empty(folder)
