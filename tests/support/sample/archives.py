"""Archives and compressed files."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
from math import pi, sin

import zstandard

from tests.support.sample.documents import prose
from tests.support.sample.pictures import landscape
from tests.support.sample.zips import make_zip


def archives() -> dict[str, bytes]:
    """About 35 files in the folders `Archives` and `Sounds`."""
    files: dict[str, bytes] = {}
    for number in range(6):
        members = {f"chapter-{part}.txt": prose(number + part, 40) for part in range(5)}
        files[f"Archives/backup-{number}.zip"] = make_zip(members)
        files[f"Archives/backup-{number}.tar.gz"] = gzip.compress(_tar(number), mtime=0)
    for number in range(3):
        log = prose(number, 300).encode()
        files[f"Archives/old-{number}.tar"] = _tar(10 + number)
        files[f"Archives/old-{number}.tar.xz"] = lzma.compress(_tar(20 + number))
        files[f"Archives/site-{number}.log.gz"] = gzip.compress(log, mtime=0)
        files[f"Archives/site-{number}.log.bz2"] = bz2.compress(log)
        files[f"Archives/site-{number}.log.zst"] = zstandard.ZstdCompressor(
            write_checksum=True
        ).compress(log)
        files[f"Sounds/tone-{number}.wav"] = _tone(220 * (number + 1))
    files["Books/Landscapes.cbz"] = make_zip(
        {f"page-{number:02}.svg": landscape(number) for number in range(8)}
    )
    files["Archives/tool-1.0-py3-none-any.whl"] = make_zip(
        {"tool.py": "NAME = 'tool'\n", "tool-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n"}
    )
    files["Archives/tool.jar"] = make_zip({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"})
    return files


def _tar(seed: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(4):
            content = prose(seed * 10 + number, 25).encode()
            member = tarfile.TarInfo(f"notes/{seed}/note-{number}.txt")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _tone(hertz: int) -> bytes:
    """A quarter of a second, 8 kHz, 8 bits."""
    samples = bytes(int(128 + 90 * sin(2 * pi * hertz * at / 8000)) for at in range(2000))
    wave = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = b"WAVE" + wave + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI", b"RIFF", len(data)) + data
