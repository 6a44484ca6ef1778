r"""Reads and writes library paths for people and programs, whatever characters are in the names.

A path may be given as the library's key of a file, as `showjob --paths` and the API write it;
as the raw name, in any bytes; with `./` before it, as `find` writes it; as absolute path; or as
Windows writes it, with `\` between its parts and a carriage return at its end.
`showjob --paths` writes a line break inside a name as `\x0a`, and on a terminal also what could
deceive a reader, as `\u202e`. All of that is understood here.
"""

import codecs
import os
import re
from collections.abc import Iterable
from contextlib import suppress

from django.core.management.base import OutputWrapper

from jobs.conf import conf
from jobs.models import LibraryFile
from jobs.operations.keys import key_from_bytes
from jobs.text import visible

_ESCAPED = re.compile(r"\\x([01][0-9a-f]|7f)")
_ESCAPED_FOR_PEOPLE = re.compile(r"\\x([0189][0-9a-f]|7f)|\\u(061c|20(?:0[ef]|2[89a-e]|6[6-9]))")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CHUNK = 500


def write_paths(stream: OutputWrapper, keys: Iterable[str], *, null: bool) -> int:
    """Write one path a line, or ended by NUL, always in UTF-8. Return how many.

    For a program only what would break a line is written out; on a terminal, which is for people,
    everything that `visible` knows.
    """
    for_people = stream.isatty()
    with suppress(AttributeError):  # replaced by a simpler object
        stream.reconfigure(encoding="utf-8")
    number = 0
    for key in keys:
        text = visible(key) if for_people else key if null else _for_programs(key)
        stream.write(text, ending="\0" if null else "\n")
        number += 1
    return number


def _for_programs(key: str) -> str:
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", key)


def path_lines(listed: bytes) -> list[bytes]:
    """Return the lines of a list of paths, in UTF-8 where the list says its encoding.

    A byte order mark is removed; lines in UTF-16, as PowerShell writes them, are decoded. A
    carriage return stays, since a name may end with one; `to_keys` decides. Empty lines are left
    out.
    """
    if listed.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in listed:
        with suppress(UnicodeDecodeError):
            listed = listed.decode("utf-16").encode()
    lines = listed.removeprefix(codecs.BOM_UTF8).split(b"\n")
    return [line for line in lines if line not in (b"", b"\r")]


def to_keys(given: Iterable[bytes], *, from_lines: bool = False) -> list[str]:
    """Return the library's key for each path; for an unknown path, a key that it could have.

    `from_lines`: each may be written as Windows does, with `\\` for `/` and a carriage return at
    its end. An indexed file with exactly this name comes first.
    """
    root = os.path.abspath(conf.library_root)
    roots = {os.fsencode(path.rstrip("/")) + b"/" for path in (root, os.path.realpath(root))}
    choices = [_candidates(raw, roots, from_lines=from_lines) for raw in given]
    unsure = [key for keys in choices if len(keys) > 1 for key in keys if "\0" not in key]
    existing: set[str] = set()
    for start in range(0, len(unsure), _CHUNK):
        files = LibraryFile.objects.filter(path__in=unsure[start : start + _CHUNK])
        existing.update(files.values_list("path", flat=True))
    return [next((key for key in choice if key in existing), choice[-1]) for choice in choices]


def _candidates(raw: bytes, roots: set[bytes], *, from_lines: bool) -> list[str]:
    """Return the possible keys in the order in which an indexed file is chosen; if there is none,
    the last. Nearly always there is only one.
    """
    for root in roots:
        if raw.startswith(root):
            raw = raw[len(root) :].lstrip(b"/")
            break
    while raw.startswith(b"./"):
        raw = raw[2:].lstrip(b"/")
    found = _readings(raw)
    if from_lines and raw.endswith(b"\r"):
        raw = raw[:-1]
        found += _readings(raw)
    likely = _readings(raw)[0]
    if from_lines and b"\\" in raw:
        found += _readings(raw.replace(b"\\", b"/").removeprefix(b"./"))
    if found[-1] != likely:
        found.append(likely)
    return found


def _readings(raw: bytes) -> list[str]:
    """Return what this path means: as a key with escapes, as a key, and as a raw name."""
    name = key_from_bytes(raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return [name]
    unescaped = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    # Last: in the key of a file, `\x9b` also stands for a byte that is no UTF-8.
    copied = _ESCAPED_FOR_PEOPLE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    return list(dict.fromkeys([unescaped, text, name, copied]))
