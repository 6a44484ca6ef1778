"""Reads what is given to `startjob`: parameters of an operation, and files."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jobs import operations
from jobs.management.command import Error
from jobs.management.paths import split, to_keys


class AddParameters(argparse.Action):
    """`--param K=V …`: what follows and is no K=V was meant as a path."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        first, *more = values
        if not _is_pair(first):
            parser.error(f"argument --param: “{first}” is not written like NAME=VALUE")
        pairs = [*(getattr(namespace, self.dest) or []), first, *filter(_is_pair, more)]
        setattr(namespace, self.dest, pairs)
        paths = [value for value in more if not _is_pair(value)]
        namespace.more_paths = [*(getattr(namespace, "more_paths", None) or []), *paths]


def _is_pair(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.isidentifier()


def parameters(operation: str, pairs: Sequence[str]) -> dict[str, Any]:
    """The pairs as the operation takes them: one that takes several values gets a list.

    Raises UnknownOperation; Error if another is given twice.
    """
    schema = operations.get(operation).parameters_schema()
    lists = {one["name"] for one in schema if one["type"] == "choices"}
    found: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name in lists:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise Error(f"The parameter “{name}” is given twice.")
        else:
            found[name] = value
    return found


def files(paths: Sequence[str], source: str | None, *, null: bool) -> list[str] | None:
    """The keys of the named files, then of those in the file `source` (`-`: standard input).

    None if neither was given. Raises Error if the file cannot be read.
    """
    if not paths and source is None:
        return None
    raw = [os.fsencode(path) for path in paths]
    if source is not None:
        raw += _read(source, b"\0" if null else b"\n")
    return to_keys(raw)


def _read(source: str, separator: bytes) -> list[bytes]:
    try:
        if source == "-":
            if sys.stdin.isatty():
                sys.stderr.write("Type one path a line; Ctrl-D ends the list.\n")
            return list(split(sys.stdin.buffer, separator))
        with Path(source).open("rb") as stream:
            return list(split(stream, separator))
    except OSError as error:
        raise Error(f"The list of paths “{source}” cannot be read: {error.strerror}.") from None
