"""Reads the members of an archive with libarchive, one piece at a time.

The wheel of the package `archi` carries a current libarchive. Its own interface keeps a pointer to
memory that Python may have freed, so the library is called directly. Without the wheel, the
system's libarchive is used. The functions and their results: archive_read(3).
"""

import ctypes
import re
from collections.abc import Iterator
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Meter, broken, shown

PIECE_BYTES = 256 * 1024
_EOF, _WARN = 1, -20
_PROTECTED = re.compile(r"encrypt", re.IGNORECASE)
_NO_MEMORY = re.compile(r"allocate|memory", re.IGNORECASE)
_UNSUPPORTED = re.compile(
    r"unsupported|not supported|unavailable|no support|(unknown|unexpected) codec", re.IGNORECASE
)
_FILES = frozenset({0, 0o100000})
"""Types of members with content. Some programs leave the type open."""
_Pointer = ctypes.c_void_p
_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "archive_read_new": (_Pointer, []),
    "archive_read_free": (ctypes.c_int, [_Pointer]),
    "archive_read_open_fd": (ctypes.c_int, [_Pointer, ctypes.c_int, ctypes.c_size_t]),
    "archive_read_next_header": (ctypes.c_int, [_Pointer, ctypes.POINTER(_Pointer)]),
    "archive_read_data": (ctypes.c_ssize_t, [_Pointer, _Pointer, ctypes.c_size_t]),
    "archive_error_string": (ctypes.c_char_p, [_Pointer]),
    "archive_entry_filetype": (ctypes.c_uint, [_Pointer]),
    "archive_entry_pathname_utf8": (ctypes.c_char_p, [_Pointer]),
    "archive_entry_pathname": (ctypes.c_char_p, [_Pointer]),
}


class Unsupported(Exception):
    """The library does not know a method of the archive. The archive may be intact."""


class Members:
    """The members of one archive. Iterate over it once; `count` is complete then.

    formats  what the library calls the formats to expect, e.g. ("rar", "rar5")
    filters  what may be packed around the archive, e.g. ("compress",)
    known_headers  they were checked before: one that the library does not take is not damaged
    """

    def __init__(
        self,
        content: Content,
        label: str,
        formats: tuple[str, ...],
        filters: tuple[str, ...] = (),
        *,
        known_headers: bool = False,
    ) -> None:
        """Raises CannotCheck if the library is not installed."""
        self.count = 0
        self._content = content
        self._label = label
        self._known_headers = known_headers
        self._needed = [f"archive_read_support_format_{name}" for name in formats]
        self._needed += [f"archive_read_support_filter_{name}" for name in filters]
        self._library = load_libarchive()
        self._buffer = ctypes.create_string_buffer(PIECE_BYTES)

    def check(self, meter: Meter) -> None:
        """Unpack every member, with its checksum where the format has one.

        Raises ItemFailed for damage or past a limit, Unsupported, and CannotCheck if it needs
        more memory than there is.
        """
        for _ in self.metered(meter):
            pass

    def metered(self, meter: Meter) -> Iterator[bytes]:
        """Yield the content of all members. Raises as `check` does."""
        for pieces in self:
            for piece in pieces or ():
                meter.add(len(piece))
                yield bytes(piece)

    def __iter__(self) -> Iterator[Iterator[memoryview] | None]:
        """Yield the content of each member in pieces, or None for folders, links and devices.

        A piece is valid until the next one is taken.
        """
        library = self._library
        archive = _Pointer(library.archive_read_new())
        if archive.value is None:
            raise MemoryError
        try:
            for function in self._needed:
                getattr(library, function)(archive)
            descriptor = self._content.descriptor()
            if library.archive_read_open_fd(archive, descriptor, PIECE_BYTES) < _WARN:
                self._fail(archive)
            entry = _Pointer()
            while self._next(archive, entry):
                self.count += 1
                is_file = library.archive_entry_filetype(entry) in _FILES
                yield self._pieces(archive, entry) if is_file else None
        finally:
            library.archive_read_free(archive)

    def _next(self, archive: Any, entry: Any) -> bool:
        status = self._library.archive_read_next_header(archive, ctypes.byref(entry))
        if status < _WARN:
            self._fail(archive)
        return bool(status != _EOF)

    def _pieces(self, archive: Any, entry: Any) -> Iterator[memoryview]:
        buffer = self._buffer
        view = memoryview(buffer)
        while length := self._library.archive_read_data(archive, buffer, PIECE_BYTES):
            if length < 0:  # a wrong checksum is only a warning of some formats
                self._fail(archive, entry)
            yield view[:length]

    def _fail(self, archive: Any, entry: Any = None) -> NoReturn:
        text = (self._library.archive_error_string(archive) or b"").decode(errors="replace")
        if _PROTECTED.search(text):
            raise broken("Protected by a password: its members cannot be checked")
        if _UNSUPPORTED.search(text):
            raise Unsupported
        if _NO_MEMORY.search(text):
            raise CannotCheck("unpacking it needs more memory than is allowed")
        if entry is None and self._known_headers:
            raise Unsupported
        if entry is None:
            raise broken(f"The {self._label} is damaged: the header of a member is not valid")
        raise broken(f"Damaged: member {self._name(entry)} cannot be unpacked as a whole")

    def _name(self, entry: Any) -> str:
        name = self._library.archive_entry_pathname_utf8(entry)
        name = name or self._library.archive_entry_pathname(entry) or b""
        return shown(name.decode(errors="replace"))


@cache
def load_libarchive() -> Any:
    """Return the library, or raise CannotCheck if it is not installed."""
    for path in _places():
        try:
            library = ctypes.CDLL(path)
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    raise CannotCheck("it needs the package “archi”, which is not installed")


def _places() -> list[str]:
    spec = find_spec("archi")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    inside = sorted(folder.glob("archi.*libs/libarchive*")) if folder else []
    mac = sorted(folder.glob(".dylibs/libarchive*")) if folder else []
    return [*map(str, (*inside, *mac)), *filter(None, [find_library("archive")])]
