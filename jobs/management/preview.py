"""Writes what `startjob --dry-run` has found."""

from collections.abc import Iterator

from django.core.management.base import OutputWrapper

from jobs.management.output import write_json
from jobs.management.paths import write_paths
from jobs.services import Preview


def show_preview(stream: OutputWrapper, preview: Preview, *, null: bool) -> int:
    """Each path as `--from` reads it; how many there were."""
    counted = _Counted(preview.keys)
    write_paths(stream, counted, null=null)
    return counted.number


def write_preview(stream: OutputWrapper, preview: Preview) -> None:
    """The same as one JSON document."""
    files = list(preview.keys)
    write_json(
        stream,
        {
            "operation": preview.operation,
            "label": preview.label,
            "parameters": preview.parameters,
            "total_items": len(files),
            "files": files,
        },
    )


class _Counted(Iterator[str]):
    """Counts what is read through it."""

    def __init__(self, keys: Iterator[str]) -> None:
        self._keys = keys
        self.number = 0

    def __next__(self) -> str:
        key = next(self._keys)
        self.number += 1
        return key
