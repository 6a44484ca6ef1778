r"""What commands write: one-line text, JSON for programs.

JSON has the shapes of the API. Only ASCII is written, the rest as `\uXXXX`, so it is the same
valid JSON in every encoding.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import OutputWrapper

STYLES = {"queued": "cyan", "processing": "blue", "cancelled": "magenta", "failed": "red"}
STYLES |= {"completed": "green", "succeeded": "green", "paused": "yellow", "skipped": "yellow"}
"""The rich style of each status of a job or an item that has one."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def one_line(text: str) -> str:
    r"""Return the text with control characters and line breaks written as `\xHH` or `\uHHHH`.

    A file name may contain them. They must not break a line or control the terminal.
    """

    def escape(match: re.Match[str]) -> str:
        number = ord(match[0])
        return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"

    return _CONTROL.sub(escape, text)


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
