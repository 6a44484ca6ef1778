r"""JSON for other programs: the same shapes as the API's, stable.

Only ASCII is written, the rest as `\uXXXX`: so it is the same valid JSON whatever the
encoding of the stream is.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import OutputWrapper


def write_json(stream: OutputWrapper, value: Any) -> None:
    """One document, indented for people who look."""
    stream.write(json.dumps(value, indent=2))


def write_json_line(stream: OutputWrapper, value: Any) -> None:
    """One document in a line of its own, sent off at once."""
    stream.write(json.dumps(value))
    stream.flush()


def write_json_array(stream: OutputWrapper, rows: Iterable[Any]) -> None:
    """An array that is written while it is read: one row a line, any number of them."""
    before = "[\n"
    for row in rows:
        stream.write(before + json.dumps(row), ending="")
        before = ",\n"
    stream.write("[]" if before == "[\n" else "\n]")
