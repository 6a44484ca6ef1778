"""One thing to process, as an operation sees it."""

import os
from pathlib import Path
from typing import Any

from jobs.operations.files import resolve


class Item:
    """One item of a job. Cheap to make: whatever touches the disk is done when asked for.

    key       the library path as text, `/` between its parts; any text for own items
    root      the absolute folder of the library
    previous  what this operation remembered of the file last time (`Result.remember`)
    attempt   1 for the first try; more after a worker has died with the item
    job_id    text of the job's id
    """

    __slots__ = ("_output_dir", "_path", "attempt", "job_id", "key", "outputs", "previous", "root")

    def __init__(
        self,
        key: str,
        *,
        root: str | Path = "/",
        outputs: str | Path | None = None,
        previous: dict[str, Any] | None = None,
        attempt: int = 1,
        job_id: str = "",
    ) -> None:
        """`outputs` is the folder for the outputs of this job; it need not exist yet."""
        self.key = key
        self.root = root
        self.outputs = outputs
        self.previous = previous
        self.attempt = attempt
        self.job_id = job_id
        self._path: Path | None = None
        self._output_dir: Path | None = None

    def __repr__(self) -> str:
        return f"Item({self.key!r})"

    @property
    def path(self) -> Path:
        """The absolute path of the file.

        Raises ItemFailed when it is gone or a link would lead out of the library.
        """
        if self._path is None:
            self._path = Path(os.fsdecode(resolve(self.root, self.key)))
        return self._path

    @property
    def name(self) -> str:
        """The file's own name, the last part of its path."""
        return self.path.name

    @property
    def output_dir(self) -> Path:
        """The folder for what this job makes; it is made when first asked for.

        Raises OSError when it cannot be made.
        """
        if self._output_dir is None:
            if self.outputs is None:
                raise ValueError("This item has no folder for outputs.")
            folder = Path(self.outputs)
            folder.mkdir(parents=True, exist_ok=True)
            self._output_dir = folder
        return self._output_dir
