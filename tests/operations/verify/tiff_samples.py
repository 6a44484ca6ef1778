"""Makes small TIFF files as scanners, microscopes, GIS programs and cameras write them."""

import functools
import io
from typing import Any

import imagecodecs
import numpy as np
import tifffile

SIZE = 96
TILES: dict[str, Any] = {"tile": (48, 48)}


@functools.cache
def grey() -> np.ndarray:
    noise = np.random.default_rng(3).integers(0, 12, (SIZE, SIZE))
    down, across = np.mgrid[0:SIZE, 0:SIZE]
    return (down + across + noise).astype("u1")


@functools.cache
def colors() -> np.ndarray:
    return np.stack([grey(), grey()[::-1], grey().T], -1).copy()


def deep(bits: int = 16) -> np.ndarray:
    return grey().astype("u2") << (bits - 8)


def tiff(data: Any, *, form: dict[str, Any] | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    writer: Any
    with tifffile.TiffWriter(stream, **form or {}) as writer:
        writer.write(data, metadata=None, **{"photometric": "minisblack"} | options)
    return stream.getvalue()


def sparse(**options: Any) -> bytes:
    """Four tiles, two of which are left out."""
    tiles = iter([deep()[:48, :48], None, None, deep()[48:, 48:]])
    return tiff(tiles, shape=(SIZE, SIZE), dtype="u2", **TILES, **options)


def with_pictures_inside(compression: str) -> bytes:
    """A microscope's picture: smaller copies stand in SubIFDs, behind it."""
    stream = io.BytesIO()
    options = {"compression": compression, "photometric": "minisblack", **TILES}
    writer: Any
    with tifffile.TiffWriter(stream, ome=True) as writer:
        writer.write(deep()[:48, :48].copy(), subifds=1, **options)
        writer.write(deep(), subfiletype=1, **options)
    return stream.getvalue()


def dng(data: Any = None, **options: Any) -> bytes:
    """A camera's raw file, as small as LibRaw takes it."""
    matrix = (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1)
    tags = [
        (50706, 1, 4, bytes([1, 4, 0, 0]), True),
        (50708, 2, 0, "Test Camera", True),
        (271, 2, 0, "Test", True),
        (272, 2, 0, "Camera", True),
        (33421, 3, 2, (2, 2), True),
        (33422, 1, 4, bytes([0, 1, 1, 2]), True),
        (50721, 10, 9, matrix, True),
        (50728, 5, 3, (1, 1, 1, 1, 1, 1), True),
        (50778, 3, 1, 21, True),
    ]
    content = deep() if data is None else data
    return tiff(content, photometric=32803, extratags=tags, **options)


def lossless_jpeg_dng() -> bytes:
    packed = [
        bytes(imagecodecs.ljpeg_encode(np.ascontiguousarray(tile), bitspersample=16))
        for row in np.split(deep(), 2)
        for tile in np.split(row, 2, axis=1)
    ]
    return dng(iter(packed), shape=(SIZE, SIZE), dtype="u2", compression=7, **TILES)


@functools.cache
def whole() -> dict[str, bytes]:
    """Whole files by what is special about them."""
    rgb: dict[str, Any] = {"photometric": "rgb"}
    return {
        "10 bits": tiff(deep(10), bitspersample=10, rowsperstrip=40),
        "12 bits": tiff(deep(12), bitspersample=12),
        "14 bits": tiff(deep(14), bitspersample=14),
        "64 bits": tiff(grey().astype("u8")),
        "floats of 64 bits": tiff(grey().astype("f8"), compression="adobe_deflate"),
        "floats without value": tiff(np.full((SIZE, SIZE), np.nan, "f4")),
        "complex": tiff(grey().astype("c16"), compression="zstd"),
        "CIELab": tiff(colors(), photometric=8, compression="lzw"),
        "mask": tiff(grey() > 90, photometric=4, compression="adobe_deflate"),
        "sparse LZW": sparse(compression="lzw"),
        "sparse": sparse(),
        "sparse ZSTD": sparse(compression="zstd"),
        **{
            f"{name} in {layout}": tiff(colors(), compression=name, **rgb, **options)
            for name in (
                "zstd", "lzma", "lerc", "jpegxl", "jpeg2000", "webp", "jpeg", "png", "lzw",
            )
            for layout, options in (("tiles", TILES), ("strips", {"rowsperstrip": 40}))
        },
        "LERC and ZSTD": tiff(
            deep(), compression="lerc", compressionargs={"compression": "zstd"}, **TILES
        ),
        "JPEG of 12 bits": tiff(
            deep(12), compression="jpeg", compressionargs={"bitspersample": 12}, **TILES
        ),
        "small copies": with_pictures_inside("zstd"),
        "small copies in LZW": with_pictures_inside("lzw"),
        "big-endian BigTIFF": tiff(
            deep(), form={"bigtiff": True, "byteorder": ">"}, compression="lzma", **TILES
        ),
    }  # fmt: skip
