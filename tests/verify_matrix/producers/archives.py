"""Archives, packed files, disk images."""

import io
import zipfile
from pathlib import Path
from typing import Any

from tests.verify_matrix import subjects
from tests.verify_matrix.producers.recipe import Recipe, library, program
from tests.verify_matrix.producers.sources import SOURCES


def _zipfile(method: int) -> Any:
    def make(out: Path, number: int) -> None:
        with zipfile.ZipFile(out, "w", method) as target:
            for part in range(4):
                target.writestr(f"folder/{part}.txt", subjects.text(number + part, 40_000))
            target.writestr("raw.bin", subjects.random(number).bytes(30_000))

    return make


def _streamed_zip(out: Path, number: int) -> None:
    """As from a pipe: sizes and checksums follow the members."""

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, part: Any) -> int:
            return target.write(part)

    with out.open("wb") as target, zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(4):
            archive.writestr(f"{part}.txt", subjects.text(number + part, 40_000))


def _py7zr(**options: Any) -> Any:
    def make(out: Path, number: int) -> None:
        import py7zr

        folder = out.with_suffix(".packed")
        SOURCES["folder"](folder, number)
        with py7zr.SevenZipFile(out, "w", **options) as target:
            target.writeall(folder, "files")

    return make


def _packed(module: str, packer: str, *arguments: Any) -> Any:
    """A library's function that packs bytes."""

    def make(out: Path, number: int) -> None:
        compress = getattr(__import__(module, fromlist=["_"]), packer)
        out.write_bytes(compress(subjects.text(number, 400_000).encode(), *arguments))

    return make


def _zstandard(out: Path, number: int) -> None:
    import zstandard

    packer = zstandard.ZstdCompressor(level=12, write_checksum=bool(number % 2))
    out.write_bytes(packer.compress(subjects.text(number, 400_000).encode()))


RECIPES: list[Recipe] = [
    library("ZIP", "zip", "zipfile", _zipfile(zipfile.ZIP_DEFLATED), "zipfile"),
    library("ZIP", "zip", "zipfile", _zipfile(zipfile.ZIP_STORED), "zipfile, stored"),
    library("ZIP", "zip", "zipfile", _zipfile(zipfile.ZIP_LZMA), "zipfile, LZMA"),
    library("ZIP", "zip", "zipfile", _streamed_zip, "zipfile, streamed"),
    program("ZIP", "zip", "zip -q -r {out} {folder}"),
    program("ZIP", "zip", "7z a -bd -tzip -mm=Deflate64 {out} {folder}"),
    program("ZIP", "zip", "bsdtar -a -cf {out} {folder}"),
    library("7z", "7z", "py7zr", _py7zr(), "py7zr"),
    program("7z", "7z", "7z a -bd {out} {folder}"),
    program("7z", "7z", "7z a -bd -ms=off -m0=PPMd {out} {folder}"),
    program("7z", "7z", "7z a -bd -mx=0 {out} {folder}"),
    program("7z", "7z", "bsdtar -a -cf {out} {folder}"),
    program("RAR", "rar", "rar a -inul {out} {folder}"),
    program("gzip", "gz", "gzip -9 -c {big} > {out}"),
    program("gzip", "gz", "pigz -c {big} > {out}"),
    program("gzip", "gz", "bgzip -c {big} > {out}"),
    library("gzip", "gz", "gzip", _packed("gzip", "compress", 6), "gzip of Python"),
    program("gzip", "tgz", "tar -czf {out} {folder}"),
    program("bzip2", "bz2", "bzip2 -c {big} > {out}"),
    program("bzip2", "bz2", "lbzip2 -c {big} > {out}"),
    library("bzip2", "bz2", "bz2", _packed("bz2", "compress", 1), "bz2 of Python"),
    program("xz, LZMA", "xz", "xz -c {big} > {out}"),
    program("xz, LZMA", "xz", "xz -c -C sha256 -T2 --block-size=100KiB {big} > {out}"),
    program("xz, LZMA", "lzma", "xz -c --format=lzma {big} > {out}"),
    program("xz, LZMA", "xz", "pixz -i {big} -o {out}"),
    program("Zstandard", "zst", "zstd -q -c {big} > {out}"),
    program("Zstandard", "zst", "pzstd -q -c {big} > {out}"),
    library("Zstandard", "zst", "zstandard", _zstandard, "zstandard"),
    program("Zstandard", "tar.zst", "bsdtar -a -cf {out} {folder}"),
    program("LZ4", "lz4", "lz4 -q -c {big} > {out}"),
    program("LZ4", "lz4", "lz4 -q -c -9 -BX {big} > {out}"),
    library("LZ4", "lz4", "lz4", _packed("lz4.frame", "compress"), "lz4 of Python"),
    program("lzip", "lz", "lzip -c {big} > {out}"),
    program("Brotli, compress", "br", "brotli -c {big} > {out}"),
    program("Brotli, compress", "Z", "compress -c {big} > {out}"),
    program("TAR", "tar", "tar -cf {out} {folder}"),
    program("TAR", "tar", "tar --format=v7 -cf {out} {folder}"),
    program("TAR", "tar", "bsdtar -cf {out} {folder}"),
    program("TAR", "tar", "cp {tar} {out}"),
    program("ISO", "iso", "genisoimage -quiet -J -R -no-pad -o {out} {folder}"),
    program("ISO", "iso", "xorriso -outdev {out} -map {folder} /files"),
    program("ISO", "iso", "genisoimage -quiet -J -udf -no-pad -o {out} {folder}"),
]  # fmt: skip
