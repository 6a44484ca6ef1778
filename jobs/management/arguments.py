"""Parses command line arguments: numbers, parameters of an operation, paths of files."""

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jobs import operations
from jobs.management.base import CommandFailure
from jobs.management.paths import path_lines, to_keys

Number = Callable[[str], float]


def number(kind: type[float], minimum: int, maximum: float = math.inf) -> Number:
    """Return an argparse type for numbers of this range; `kind` is int or float."""
    noun = "whole number" if kind is int else "number"
    allowed = f"of {minimum} or more" if maximum == math.inf else f"from {minimum} to {maximum:,}"

    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not minimum <= value <= maximum:
            raise argparse.ArgumentTypeError(f"“{text}” is not a {noun} {allowed}")
        return value

    return parse


class AddParameters(argparse.Action):
    """`--param K=V …`: following values without `=` are added to `more_paths`."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        if not _is_pair(values[0]):
            parser.error(f"argument --param: “{values[0]}” is not written like NAME=VALUE")
        for value in values:
            name = self.dest if _is_pair(value) else "more_paths"
            setattr(namespace, name, [*getattr(namespace, name), value])


def _is_pair(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.isidentifier()


def parameters(operation: str, pairs: Sequence[str]) -> dict[str, Any]:
    """Return the `NAME=VALUE` pairs as a dict; a parameter of type `choices` gets a list.

    Raises UnknownOperation, and CommandFailure if any other parameter is given twice.
    """
    schema = operations.get(operation).parameters_schema()
    lists = {one["name"] for one in schema if one["type"] == "choices"}
    found: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name in lists:
            found.setdefault(name, []).append(value)
        elif name in found:
            raise CommandFailure(f"The parameter “{name}” is given twice.")
        else:
            found[name] = value
    return found


def files(paths: Sequence[str], source: str | None, *, null: bool) -> list[str] | None:
    """Return the keys of `paths`, then of the paths in the file `source` (`-`: standard input).

    None if neither is given. Raises CommandFailure if the file cannot be read.
    """
    if not paths and source is None:
        return None
    listed = b"" if source is None else _read(source)
    named = to_keys(map(os.fsencode, paths))
    if null:
        return named + to_keys(filter(None, listed.split(b"\0")))
    return named + to_keys(path_lines(listed), from_lines=True)


def _read(source: str) -> bytes:
    try:
        if source != "-":
            return Path(source).read_bytes()
        if sys.stdin.isatty():
            sys.stderr.write("Type one path a line; Ctrl-D ends the list.\n")
        return sys.stdin.buffer.read()
    except OSError as error:
        reason = f"The list of paths “{source}” cannot be read: {error.strerror}."
        raise CommandFailure(reason) from None
