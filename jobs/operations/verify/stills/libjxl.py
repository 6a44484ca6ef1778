"""Decodes JPEG XL with libjxl, one frame after the other, and keeps no pixels.

libjxl comes with imagecodecs. That returns all frames of an animation in one array, or decodes all
frames before the one that is asked for.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from jobs.operations.verify.imagecodecs import load_imagecodecs
from jobs.operations.verify.limits import CannotCheck

_SUCCESS, _NEED_MORE_INPUT, _NEED_IMAGE_OUT_BUFFER, _FULL_IMAGE = 0, 2, 5, 0x1000


class CutOff(Exception):
    """The data ends before the last frame does."""


class Damaged(Exception):
    """The data cannot be decoded."""


class _PixelFormat(ctypes.Structure):
    """RGBA of 8 bits: libjxl converts pictures of every kind to it."""

    _fields_ = (
        ("channels", ctypes.c_uint32),
        ("type", ctypes.c_int),
        ("byte_order", ctypes.c_int),
        ("align", ctypes.c_size_t),
    )


_RGBA = _PixelFormat(4, 2, 0, 0)
_ALLOCATE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_TAKE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p
)


class _MemoryManager(ctypes.Structure):
    _fields_ = (("opaque", ctypes.c_void_p), ("allocate", _ALLOCATE), ("free", _FREE))


def decode_frames(data: bytes) -> Iterator[None]:
    """Decode frame by frame, and yield after each.

    Raises CutOff or Damaged, MemoryError, CannotCheck if libjxl is not there.
    """
    library = _load()
    memory = _Memory()
    take = _TAKE(lambda *_: None)
    with _decoder(library, memory) as decoder:
        library.JxlDecoderSubscribeEvents(decoder, _FULL_IMAGE)
        library.JxlDecoderSetInput(decoder, data, len(data))
        while status := library.JxlDecoderProcessInput(decoder):
            if status == _FULL_IMAGE:
                yield
            elif status == _NEED_MORE_INPUT:
                raise CutOff
            elif status != _NEED_IMAGE_OUT_BUFFER or library.JxlDecoderSetImageOutCallback(
                decoder, ctypes.byref(_RGBA), take, None
            ):
                # It has one status for damage and for memory that it does not get.
                raise MemoryError if memory.is_short else Damaged


@contextmanager
def _decoder(library: Any, memory: "_Memory") -> Iterator[int]:
    decoder = library.JxlDecoderCreate(ctypes.byref(memory.manager))
    if not decoder:
        raise MemoryError
    try:
        yield decoder
    finally:
        library.JxlDecoderDestroy(decoder)


class _Memory:
    """Gives libjxl memory, and notes if there is not enough."""

    def __init__(self) -> None:
        self.is_short = False
        libc = ctypes.CDLL(None)
        allocate, free = libc.malloc, libc.free
        allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        free.restype, free.argtypes = None, [ctypes.c_void_p]

        def allocated(_: object, size: int) -> int | None:
            place: int | None = allocate(size)
            self.is_short |= place is None
            return place

        self.manager = _MemoryManager(
            None, _ALLOCATE(allocated), _FREE(lambda _, place: free(place))
        )


@cache
def _load() -> Any:
    """Return libjxl, with the types of what is called."""
    load_imagecodecs()
    try:
        from imagecodecs import _jpegxl

        library = ctypes.CDLL(_jpegxl.__file__)  # also finds what the module is linked to
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        for name, result, arguments in (
            ("Create", pointer, [pointer]),
            ("Destroy", None, [pointer]),
            ("SubscribeEvents", ctypes.c_int, [pointer, ctypes.c_int]),
            ("SetInput", ctypes.c_int, [pointer, ctypes.c_char_p, size]),
            ("ProcessInput", ctypes.c_int, [pointer]),
            ("SetImageOutCallback", ctypes.c_int, [pointer, pointer, _TAKE, pointer]),
        ):
            function = getattr(library, f"JxlDecoder{name}")
            function.restype, function.argtypes = result, arguments
    except (ImportError, OSError, AttributeError):
        raise CannotCheck("the package “imagecodecs” here comes without JPEG XL") from None
    return library
