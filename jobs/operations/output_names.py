"""Names of output folders: each key of a job has one of its own.

`cam1/a.png` becomes `cam1/a.png.out`. Folders of the library never end with `.out` there (`x.out`
becomes `x.out_`), so the folder of one item is never inside that of another.
"""

import os
import re
from hashlib import sha256

from jobs.operations.keys import bytes_from_key

_ENDING = b".out"
_TAKEN = re.compile(rb"\.out_*\Z", re.IGNORECASE)
_HASHED = re.compile(rb"~[0-9a-f]{32}\Z")
_NAME_BYTES = 180
"""Longer names get a hash. A file system allows 255, and an operation adds an ending of its own."""
_PATH_BYTES = 2_000
_LONGEST_NAME_BYTES = 255


def folder_parts(key: str) -> list[bytes]:
    """Return the path of an item's folder below its job's, part by part.

    Each key has a path of its own. It mirrors the library; a key that is no path below it (`..`,
    an absolute path, an address) becomes one name with a hash.
    """
    try:
        *folders, name = bytes_from_key(key).split(b"/")
    except ValueError:
        return [_odd(key)]
    if any(part in (b"", b".", b"..") or b"\0" in part for part in (*folders, name)):
        return [_odd(key)]
    parts = [_escaped(_short(folder)) for folder in folders] + [_short(name) + _ENDING]
    return parts if sum(map(len, parts)) + len(parts) <= _PATH_BYTES else [_odd(key)]


def file_name(key: str, suffix: str) -> str:
    """Return the name of an item's output: its own with `suffix`, at most 255 bytes.

    Raises ValueError for a suffix that is longer or contains a slash.
    """
    ending = os.fsencode(suffix)
    room = _LONGEST_NAME_BYTES - len(ending)
    if b"/" in ending or b"\0" in ending or room < len(b"~" + b"0" * 32):
        raise ValueError(f"{suffix!r} cannot end a file name.")
    name = folder_parts(key)[-1].removesuffix(_ENDING)
    return os.fsdecode((name if len(name) <= room else _hashed(name, room - 33)) + ending)


def _short(name: bytes) -> bytes:
    """Return the name itself, or its begin with a hash. Different names stay different."""
    if len(name) <= _NAME_BYTES and not _HASHED.search(name):
        return name
    return _hashed(name, _NAME_BYTES)


def _escaped(folder: bytes) -> bytes:
    return folder + b"_" if _TAKEN.search(folder) else folder


def _odd(key: str) -> bytes:
    raw = key.encode(errors="surrogatepass")
    readable = re.sub(rb"[^A-Za-z0-9._-]+", b"_", raw[:80]).lstrip(b".")
    return readable + b"~" + sha256(b"key\0" + raw).hexdigest()[:32].encode() + _ENDING


def _hashed(name: bytes, most: int) -> bytes:
    """Return at most `most` bytes of the name, whole characters, and a hash of 33."""
    begin = name[:most]
    try:
        name.decode()
    except UnicodeDecodeError:
        pass
    else:
        begin = begin.decode(errors="ignore").encode()
    return begin + b"~" + sha256(b"name\0" + name).hexdigest()[:32].encode()
