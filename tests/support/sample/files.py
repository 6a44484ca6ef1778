"""All files of the sample library, and the archive of them."""

import io
import lzma
import os
import sys
import tarfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from jobs.operations.verify.libvips import load_vips
from tests.support.sample.archives import archives
from tests.support.sample.broken import broken_files
from tests.support.sample.documents import documents
from tests.support.sample.names import oddly_named
from tests.support.sample.pictures import pictures

ENCODED = frozenset({
    "avif", "bz2", "cbz", "docx", "epub", "gif", "gz", "jar", "jpeg", "jpg", "odt", "pdf", "png",
    "tif", "webp", "whl", "xlsx", "xz", "zip", "zst",
})  # fmt: skip
"""Suffixes of the files whose bytes depend on the versions of the programs that pack them."""

_FIRST_CHANGED = int(datetime(2024, 1, 1, 9, tzinfo=UTC).timestamp())
_BETWEEN_SECONDS = 13 * 3600


def sample_files() -> dict[bytes, bytes]:
    """Every file of the sample, by its path as the file system has it."""
    whole = {**pictures(), **documents(), **archives()}
    named = {**whole, **broken_files(whole), **oddly_named(whole)}
    return {os.fsencode(name): content for name, content in named.items()}


def encoders() -> str:
    """The versions that decide the bytes of the files in ENCODED."""
    vips = ".".join(str(load_vips().version(part)) for part in range(3))
    python = ".".join(map(str, sys.version_info[:2]))
    return f"Python {python}, zlib {zlib.ZLIB_RUNTIME_VERSION}, vips {vips}, zstd " + ".".join(
        map(str, zstandard.ZSTD_VERSION)
    )


def write_archive(path: Path) -> int:
    """Write all files as a TAR archive, which keeps names of any bytes; returns their number."""
    files = sample_files()
    buffer = io.BytesIO()
    headers = {"comment": encoders()}
    with tarfile.open(
        fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers
    ) as archive:
        for number, name in enumerate(sorted(files)):
            member = tarfile.TarInfo(os.fsdecode(name))
            member.size = len(files[name])
            member.mtime = _FIRST_CHANGED + number * _BETWEEN_SECONDS
            archive.addfile(member, io.BytesIO(files[name]))
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME))
    return len(files)
