r"""What commands write: one-line text, JSON for programs.

JSON has the shapes of the API. Only ASCII is written, the rest as `\uXXXX`, so it is the same
valid JSON in every encoding.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import OutputWrapper

from jobs.text import visible

STYLES = {"queued": "cyan", "processing": "blue", "cancelled": "magenta", "failed": "red"}
STYLES |= {"completed": "green", "succeeded": "green", "paused": "yellow", "skipped": "yellow"}
STYLES["warning"] = "yellow"
"""The rich style of each status of a job or an item that has one."""


def one_line(text: str) -> str:
    """Return the text as one line that does not control the terminal.

    A file name may contain line breaks, control characters and such as turn the direction.
    """
    return visible(text)


def write_json(stream: OutputWrapper, value: Any, *, indent: int | None = 2) -> None:
    """Write one document, and flush. It is one line for an indent of None."""
    stream.write(json.dumps(value, indent=indent, default=asdict))
    stream.flush()


def write_json_array(stream: OutputWrapper, rows: Iterable[Any]) -> None:
    """Write an array while its rows are read, one row a line, in constant memory."""
    before = "[\n"
    for row in rows:
        stream.write(before + json.dumps(row, default=asdict), ending="")
        before = ",\n"
    stream.write("[]" if before == "[\n" else "\n]")
