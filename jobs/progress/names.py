"""What people call a job: the operation, what was chosen, and how many items it has."""

import os
from collections.abc import Sequence

from jobs.models import Job

LONGEST = 60
"""Characters of a folder or a text that was searched for."""


def job_name(job: Job) -> str:
    """As in “Verify files · Fotos/2021 · 70 files”, “Verify files · all 20,678 files”."""
    count = job.total_items
    files = f"{count:,} file" if count == 1 else f"{count:,} files"
    chosen = job.selection
    if chosen.get("own"):
        parts = [f"{count:,} item" if count == 1 else f"{count:,} items"]
    elif chosen.get("all"):
        parts = [f"all {files}"]
    elif chosen.get("unprocessed"):
        parts = ["unprocessed", files]
    elif chosen.get("search"):
        parts = [f"“{_shortened(str(chosen['search']))}”", files]
    else:
        folder = str(chosen.get("folder") or "")
        parts = [_shortened(folder), files] if folder else [files]
    return " · ".join([job.label, *parts])


def common_folder(keys: Sequence[str]) -> str:
    """The folder that holds all these files, relative to the library; "" for the library itself."""
    if not keys:
        return ""
    # Of the smallest and the largest, the common part is that of all.
    folders = [os.path.dirname(key) for key in (min(keys), max(keys))]
    return os.path.commonpath(folders) if all(folders) else ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
