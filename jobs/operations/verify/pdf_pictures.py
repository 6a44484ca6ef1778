"""Decodes pictures inside PDF documents that are packed as JPEG, JPEG 2000 or CCITT fax."""

import io
import struct
from collections import Counter
from typing import Any

from jobs.operations.results import ItemFailed
from jobs.operations.verify.jpeg import check_jpeg
from jobs.operations.verify.libvips import had_bad_rows, load_vips, vips_errors
from jobs.operations.verify.limits import CannotCheck, Limits, Meter, TooLarge
from jobs.operations.verify.stills.jpeg2000 import check_codestream

_MOST_BYTES = 64 * 1024**2
_USUAL_COLUMNS = 1728
_GROUP_4 = 4
_KINDS = {
    "/JBIG2Decode": "JBIG2", "/CCITTFaxDecode": "CCITT fax", "/JPXDecode": "JPEG 2000",
    "/DCTDecode": "JPEG",
}  # fmt: skip
PICTURES = frozenset({"/CCITTFaxDecode", "/JPXDecode", "/DCTDecode"})
"""The filters that are undone here."""
_ROWS_DO_NOT_FIT = "rows of a picture in it are not complete, as after a bad fax or damage"


class NotWhole(Exception):
    """The picture is damaged."""


class Pictures:
    """The pictures of one document: what is to be said of those that were not wholly decoded."""

    def __init__(self, limits: Limits, meter: Meter) -> None:
        self._limits = limits
        self._meter = meter
        self._left: Counter[str] = Counter()
        self._has_bad_rows = False

    def leave(self, name: str) -> None:
        """Count a part whose filter of this name was not undone."""
        self._left[name] += 1

    def check(self, name: str, data: bytes, part: Any, settings: Any) -> None:
        """Decode a picture by its filter. Raises NotWhole, or TooLarge.

        part      its dictionary, which has the size of a fax
        settings  the parameters of the filter; None if it has none
        """
        try:
            if len(data) >= _MOST_BYTES:
                raise CannotCheck("it is too large")
            if name == "/DCTDecode":
                check_jpeg(data, self._limits)
            elif name == "/JPXDecode":
                check_codestream(io.BytesIO(data), len(data), self._limits)
            elif name == "/CCITTFaxDecode":
                self._check_fax(data, part, settings)
            else:
                raise CannotCheck("its filter is not known here")
        except CannotCheck:
            self.leave(name)
        except TooLarge:
            raise
        except ItemFailed:
            raise NotWhole from None

    def note(self) -> str:
        """Return what was not decoded, in a part of a sentence; empty if all was."""
        if not self._left:
            return ""
        count = self._left.total()
        kinds = ", ".join(sorted({_KINDS.get(name, "an unusual filter") for name in self._left}))
        part, parts = (
            ("picture in it", "pictures in it")
            if self._left.keys() <= _KINDS.keys()
            else ("part of it", "parts of it")
        )
        were = f"{part} ({kinds}) was" if count == 1 else f"{parts} ({kinds}) were"
        return f"{count:,} {were} not decoded"

    def note_of_rows(self) -> str:
        """Return a note if rows of a fax did not fit; empty if all did."""
        return _ROWS_DO_NOT_FIT if self._has_bad_rows else ""

    def _check_fax(self, data: bytes, part: Any, settings: Any) -> None:
        """Decode a fax of group 4 as the only strip of a TIFF. Others are left: they may lack rows
        after a bad transmission, and start rows in ways that TIFF does not have."""
        try:
            group = int(settings.get("/K", 0)) if settings is not None else 0
            if group >= 0 or bool(settings.get("/EncodedByteAlign", False)):
                raise CannotCheck("only group 4 is known here")
            width = int(settings.get("/Columns", _USUAL_COLUMNS))
            height = int(settings.get("/Rows", 0)) or int(part.get("/Height", 0))
        except (TypeError, ValueError, AttributeError):
            raise NotWhole from None
        if not 0 < width < 2**16 or not 0 < height < 2**31:
            raise CannotCheck("its size is not known")
        self._limits.check_pixels(width, height)
        self._meter.add(width * height // 8)
        vips = load_vips()
        had_bad_rows()  # not of this picture
        with vips_errors():
            image = vips.Image.tiffload_buffer(
                _as_tiff(width, height, data), access="sequential", fail_on="error"
            )
            vips.Region.new(image).fetch(0, height - 1, width, 1)
        self._has_bad_rows |= had_bad_rows()


def _as_tiff(width: int, height: int, data: bytes) -> bytes:
    """Return a TIFF file of one strip."""
    entries = (
        (256, width), (257, height), (258, 1), (259, _GROUP_4), (262, 0), (273, 0), (278, height),
        (279, len(data)),
    )  # fmt: skip
    start = 8 + 2 + 12 * len(entries) + 4
    directory = b"".join(
        struct.pack("<HHII", tag, 4, 1, start if tag == 273 else value) for tag, value in entries
    )
    return struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + directory + bytes(4) + data
