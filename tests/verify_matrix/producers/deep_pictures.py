"""TIFF, raw files, HEIC, AVIF, JPEG 2000 and JPEG XL."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.verify_matrix import subjects
from tests.verify_matrix.producers.recipe import Recipe, library, program


def _tifffile(kind: str = "u1", **options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import tifffile

        pixels = subjects.picture(number)
        if kind != "u1":
            pixels = (pixels[..., 0].astype("f8") * 200).astype(kind)
        photometric = "rgb" if pixels.ndim == 3 else "minisblack"
        tifffile.imwrite(out, pixels, photometric=photometric, **options)

    return make


def _pages(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import tifffile

        with tifffile.TiffWriter(out, ome=True) as target:
            stack = (
                np.stack([subjects.picture(number)[:240, :240, 0]] * 4)
                + np.arange(4)[:, None, None]
            )
            target.write(stack.astype("u2"), photometric="minisblack", tile=(64, 64), **options)

    return make


def _pillow(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        from PIL import Image

        Image.fromarray(subjects.picture(number)).save(out, **options)

    return make


def _fax(out: Path, number: int) -> None:
    from PIL import Image

    page = Image.fromarray(subjects.picture(number, 700)).convert("1")
    page.save(out, compression="group4" if number % 2 else "group3")


def _heif(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import pillow_heif

        picture = pillow_heif.from_bytes(
            mode="RGB",
            size=subjects.picture(number).shape[1::-1],
            data=np.ascontiguousarray(subjects.picture(number)).tobytes(),
        )
        picture.save(out, **options)

    return make


def _raw(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        from tests.operations.verify.tiff_samples import dng

        pixels = subjects.picture(number)[..., 1].astype("u2") << 6
        out.write_bytes(dng(pixels[:320, :400].copy(), **options))

    return make


def _lossless_jpeg_raw(out: Path, number: int) -> None:
    import imagecodecs

    from tests.operations.verify.tiff_samples import dng

    pixels = subjects.picture(number)[:256, :384, 1].astype("u2") << 6
    tiles = [
        bytes(imagecodecs.ljpeg_encode(np.ascontiguousarray(tile), bitspersample=16))
        for row in np.split(pixels, 2)
        for tile in np.split(row, 3, axis=1)
    ]
    options = {"shape": pixels.shape, "dtype": "u2", "compression": 7, "tile": (128, 128)}
    out.write_bytes(dng(iter(tiles), **options))


def _encoded(codec: str, **options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import imagecodecs

        encode = getattr(imagecodecs, f"{codec}_encode")
        out.write_bytes(encode(np.ascontiguousarray(subjects.picture(number)), **options))

    return make


TILES: dict[str, Any] = {"tile": (128, 128)}
GDAL = "gdal_translate -q {png} {out} -co"
RECIPES: list[Recipe] = [
    library("TIFF in strips", "tif", "PIL", _pillow(compression="tiff_lzw"), "Pillow, LZW"),
    library("TIFF in strips", "tif", "PIL", _pillow(compression="packbits"), "Pillow, PackBits"),
    library("TIFF in strips", "tif", "PIL", _fax, "Pillow, fax"),
    program("TIFF in strips", "tif", "convert {png} -compress Zip {out}"),
    program("TIFF in strips", "tif", "convert {png} -compress JPEG {out}"),
    program("TIFF in strips", "tif", "convert {png} -compress None -depth 16 {out}"),
    program("TIFF in strips", "tif", "ffmpeg -v error -i {png} -compression_algo deflate {out}"),
    program("TIFF in strips", "tif", "convert {png} {dir}/{number}.tiff",
            "tiffcp -c zip:2 -r 16 {dir}/{number}.tiff {out}"),
    program("TIFF in tiles", "tif", f"{GDAL} TILED=YES -co COMPRESS=DEFLATE -co PREDICTOR=2"),
    program("TIFF in tiles", "tif", f"{GDAL} TILED=YES -co COMPRESS=LZW -co BIGTIFF=YES"),
    program("TIFF in tiles", "tif", f"{GDAL} TILED=YES -co COMPRESS=JPEG -co JPEG_QUALITY=92"),
    program("TIFF in tiles", "tif", "gdal_translate -q -of COG {png} {out} -co COMPRESS=ZSTD"),
    program("TIFF in tiles", "tif", "gdal_translate -q -of COG {png} {out} -co BLOCKSIZE=128"),
    library("TIFF in tiles", "tif", "pyvips", lambda out, number: _vips_tiles(out, number),
        "libvips, pyramid"),
    library("TIFF of science", "tif", "tifffile", _tifffile(compression="zstd", **TILES),
        "tifffile, ZSTD"),
    library("TIFF of science", "tif", "tifffile", _tifffile("f4", compression="zlib",
        predictor=True), "tifffile, floats"),
    library("TIFF of science", "tif", "tifffile", _tifffile("u2", compression="lzma"),
        "tifffile, LZMA"),
    library("TIFF of science", "tif", "tifffile", _tifffile(compression="jpegxl", **TILES),
        "tifffile, JPEG XL"),
    library("TIFF of science", "tif", "tifffile", _tifffile(compression="jpeg2000", **TILES),
        "tifffile, JPEG 2000"),
    library("TIFF of science", "tif", "tifffile", _tifffile("f8"), "tifffile, not packed"),
    library("TIFF of science", "tif", "tifffile", _tifffile("f4", compression="lerc"),
        "tifffile, LERC"),
    library("TIFF of science", "ome.tif", "tifffile", _pages(compression="zlib"), "tifffile, OME"),
    library("DNG", "dng", "tifffile", _raw(), "tifffile"),
    library("DNG", "dng", "tifffile", _raw(compression="adobe_deflate", predictor=True, tile=(64,
        64)), "tifffile, Deflate"),
    library("DNG", "dng", "imagecodecs", _lossless_jpeg_raw, "imagecodecs, lossless JPEG"),
    library("HEIC", "heic", "pillow_heif", _heif(quality=80), "pillow-heif"),
    library("HEIC", "heic", "pillow_heif", _heif(quality=-1), "pillow-heif, lossless"),
    program("HEIC", "heic", "heif-enc -q 85 {png} -o {out}"),
    program("HEIC", "heic", "heif-enc -q 85 -t 120 {jpg} -o {out}"),
    library("AVIF", "avif", "PIL", _pillow(quality=85, speed=9), "Pillow"),
    program("AVIF", "avif", "avifenc -s 9 --min 5 --max 20 {png} {out}"),
    program("AVIF", "avif", "heif-enc -A -q 80 {png} -o {out}"),
    library("JPEG 2000", "jp2", "PIL", _pillow(), "Pillow"),
    library("JPEG 2000", "j2k", "PIL", _pillow(irreversible=True, quality_layers=[12]),
        "Pillow, codestream"),
    program("JPEG 2000", "jp2", "opj_compress -i {png} -o {out} -r 8 -TP R -SOP -EPH"),
    program("JPEG 2000", "jp2", "gdal_translate -q -of JP2OpenJPEG {png} {out} -co QUALITY=30"),
    library("JPEG 2000", "jph", "imagecodecs", _encoded("htj2k"), "imagecodecs, HTJ2K"),
    program("JPEG XL", "jxl", "cjxl --quiet -d 1 -e 4 {png} {out}"),
    program("JPEG XL", "jxl", "cjxl --quiet -d 0 -e 3 {png} {out}"),
    program("JPEG XL", "jxl", "cjxl --quiet --lossless_jpeg=1 {jpg} {out}"),
    program("JPEG XL", "jxl", "cjxl --quiet -d 1 -e 4 --container=1 {png} {out}"),
    library("JPEG XL", "jxl", "imagecodecs", _encoded("jpegxl", level=80), "imagecodecs"),
]  # fmt: skip


def _vips_tiles(out: Path, number: int) -> None:
    import pyvips

    image = pyvips.Image.new_from_array(subjects.picture(number))
    image.write_to_file(str(out), compression="deflate", tile=True, pyramid=True)
