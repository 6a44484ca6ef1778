r"""Reads and writes library paths for people and programs, whatever is in the names.

A path may be given as the library's key of a file, as `showjob --paths` and the API write
it; as the name itself, in any bytes; with `./` before it, as `find` writes it; or absolute.
In lines, a line break inside a name is written `\x0a` by `showjob --paths` and understood
here; no key holds that text otherwise, so nothing is lost.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from django.core.management.base import OutputWrapper

from jobs import conf
from jobs.models import LibraryFile
from jobs.operations.names import key_from_bytes

_CONTROL = re.compile(r"\\x([01][0-9a-f]|7f)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_CHUNK = 500

Known = Callable[[list[str]], set[str]]


def write_paths(stream: OutputWrapper, keys: Iterable[str], *, null: bool) -> None:
    """Each path in a line of its own, or ended with NUL. Always UTF-8."""
    with suppress(AttributeError):  # replaced by something simpler
        stream.reconfigure(encoding="utf-8")
    for key in keys:
        if null:
            stream.write(f"{key}\0", ending="")
        else:
            stream.write(_CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", key))


def split(stream: BinaryIO, separator: bytes) -> Iterator[bytes]:
    """The paths between separators; empty ones are left out. Reads piece by piece."""
    rest = b""
    while piece := stream.read(1 << 16):
        *whole, rest = (rest + piece).split(separator)
        yield from filter(None, whole)
    if rest:
        yield rest


def to_keys(given: Iterable[bytes], *, known: Known | None = None) -> list[str]:
    """The library's key for each path. Of one that is not in the library, a key it could have.

    `known` tells which of some keys the library has.
    """
    known = known or _in_library
    roots = {os.fsencode(root.rstrip("/")) + b"/" for root in _roots()}
    choices = [_candidates(raw, roots) for raw in given]
    doubtful = [choice for choice in choices if len(choice) > 1]
    there: set[str] = set()
    for start in range(0, len(doubtful), _CHUNK):
        there |= known([key for choice in doubtful[start : start + _CHUNK] for key in choice])
    return [next((key for key in choice if key in there), choice[0]) for choice in choices]


def _candidates(raw: bytes, roots: set[bytes]) -> list[str]:
    """The keys that may be meant, the likeliest first; almost always there is one."""
    for root in roots:
        if raw.startswith(root):
            raw = raw[len(root) :].lstrip(b"/")
            break
    while raw.startswith(b"./"):
        raw = raw[2:].lstrip(b"/")
    name = key_from_bytes(raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return [name]
    restored = _CONTROL.sub(lambda found: chr(int(found[1], 16)), text)
    return list(dict.fromkeys([restored, text, name]))


def _roots() -> set[str]:
    root = os.path.abspath(conf.library_root())
    return {root, os.path.realpath(root)}


def _in_library(keys: list[str]) -> set[str]:
    usable = [key for key in keys if "\0" not in key]
    return set(LibraryFile.objects.filter(path__in=usable).values_list("path", flat=True))
