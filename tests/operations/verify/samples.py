"""Makes an intact file of every kind that is checked."""

import bz2
import functools
import gzip
import io
import json
import lzma
import struct
import tarfile

import zstandard

from jobs.operations.verify.libvips import load_vips
from tests.support.sample.pdfs import make_pdf
from tests.support.sample.zips import make_zip

TEXT = "".join(f"Line {number} of a text that can be packed.\n" for number in range(400))


@functools.cache
def samples() -> dict[str, bytes]:
    """File contents by a file name that matches the kind."""
    picture = _picture()
    tar = make_tar({"a.txt": TEXT.encode() * 8, "folder/b.txt": b"short"})
    return {
        "photo.jpg": picture.write_to_buffer(".jpg", Q=80),
        "progressive.jpg": picture.write_to_buffer(".jpg", interlace=True),
        "drawing.png": picture.write_to_buffer(".png"),
        "interlaced.png": picture.write_to_buffer(".png", interlace=True),
        "still.gif": picture.write_to_buffer(".gif"),
        "moving.gif": _strip().write_to_buffer(".gif"),
        "lossy.webp": picture.write_to_buffer(".webp"),
        "moving.webp": _strip().write_to_buffer(".webp"),
        "deflated.tif": picture.write_to_buffer(".tif", compression="deflate"),
        "tiles.tif": picture.write_to_buffer(".tif", compression="deflate", tile=True),
        "pages.tif": _strip().write_to_buffer(".tif", compression="deflate"),
        "picture.avif": picture.write_to_buffer(".avif", effort=0),
        "report.pdf": make_pdf([TEXT[:2000], TEXT[2000:4000], "last page"]),
        "members.zip": make_zip({"a.txt": TEXT, "b.txt": "short", "empty.txt": ""}),
        "book.epub": make_zip({"mimetype": "application/epub+zip", "book.html": TEXT}),
        "letter.docx": make_zip({"[Content_Types].xml": "<a/>", "word/document.xml": TEXT}),
        "table.xlsx": make_zip({"[Content_Types].xml": "<a/>", "xl/workbook.xml": TEXT}),
        "notes.odt": make_zip(
            {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": TEXT}
        ),
        "comic.cbz": make_zip({"1.txt": TEXT, "2.txt": TEXT}),
        "tool.jar": make_zip({"META-INF/MANIFEST.MF": TEXT}),
        "tool-1-py3-none-any.whl": make_zip({"tool-1.dist-info/WHEEL": TEXT}),
        "log.gz": gzip.compress(TEXT.encode(), mtime=0),
        "log.bz2": bz2.compress(TEXT.encode()),
        "log.xz": lzma.compress(TEXT.encode()),
        "log.zst": zstandard.ZstdCompressor(write_checksum=True).compress(TEXT.encode()),
        "backup.tar": tar,
        "backup.tar.gz": gzip.compress(tar, mtime=0),
        "backup.tgz": gzip.compress(tar, mtime=0),
        "backup.tar.xz": lzma.compress(tar),
        "records.json": json.dumps([{"id": row, "text": "x" * 50} for row in range(50)]).encode(),
        "records.jsonl": b'{"a": 1}\n\n{"b": [2]}\n',
        "feed.xml": f"<?xml version='1.0'?><feed>{'<a>text</a>' * 200}</feed>".encode(),
        "shape.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/></g></svg>',
        "tone.wav": _wav(),
        "bitmap.bmp": _bmp(),
        "notes.txt": TEXT.encode(),
    }


_FACTS: dict[str, dict[str, object]] = {
    "photo.jpg": {"kind": "jpeg", "width": 160, "height": 120},
    "progressive.jpg": {"kind": "jpeg"},
    "drawing.png": {"kind": "png", "width": 160, "height": 120},
    "interlaced.png": {"kind": "png"},
    "still.gif": {"kind": "gif", "width": 160, "height": 120},
    "moving.gif": {"kind": "gif", "width": 160, "height": 120, "pages": 3},
    "lossy.webp": {"kind": "webp", "width": 160, "height": 120},
    "moving.webp": {"kind": "webp", "width": 160, "height": 120, "pages": 3},
    "deflated.tif": {"kind": "tiff", "width": 160, "height": 120},
    "tiles.tif": {"kind": "tiff"},
    "pages.tif": {"kind": "tiff", "width": 160, "height": 120, "pages": 3},
    "picture.avif": {"kind": "avif", "width": 160, "height": 120},
    "report.pdf": {"kind": "pdf", "pages": 3},
    "members.zip": {"kind": "zip", "members": 3, "unpacked_bytes": len(TEXT) + 5},
    "book.epub": {"kind": "epub", "members": 2},
    "letter.docx": {"kind": "docx"},
    "table.xlsx": {"kind": "xlsx"},
    "notes.odt": {"kind": "odt"},
    "comic.cbz": {"kind": "zip"},
    "tool.jar": {"kind": "jar"},
    "tool-1-py3-none-any.whl": {"kind": "whl"},
    "log.gz": {"kind": "gzip", "unpacked_bytes": len(TEXT)},
    "log.bz2": {"kind": "bzip2", "unpacked_bytes": len(TEXT)},
    "log.xz": {"kind": "xz", "unpacked_bytes": len(TEXT)},
    "log.zst": {"kind": "zstd", "unpacked_bytes": len(TEXT)},
    "backup.tar": {"kind": "tar", "checked": "structure", "members": 2},
    "backup.tar.gz": {"kind": "gzip", "contains": "tar", "members": 2},
    "backup.tgz": {"kind": "gzip", "contains": "tar", "members": 2},
    "backup.tar.xz": {"kind": "xz", "contains": "tar", "members": 2},
    "records.json": {"kind": "json"},
    "records.jsonl": {"kind": "jsonl", "lines": 3},
    "feed.xml": {"kind": "xml"},
    "shape.svg": {"kind": "svg"},
    "tone.wav": {"kind": "wav", "checked": "structure"},
    "bitmap.bmp": {"kind": "bmp", "checked": "structure", "width": 16, "height": 10},
    "notes.txt": {"kind": "text", "checked": "checksum"},
}
FACTS = {name: {"checked": "content", **facts} for name, facts in _FACTS.items()}
"""The facts that `verify` returns for each, besides its checksum."""

WITHOUT_END = frozenset({"notes.txt", "records.jsonl"})
"""Kinds that are still valid when cut short."""


def make_tar(members: dict[str, bytes], tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    used = buffer.getvalue().rstrip(b"\0")
    # Two empty blocks are the end; the rest of the last record is only padding.
    return used + bytes(-len(used) % 512 + 1024)


def flip(content: bytes, place: int, bit: int = 0) -> bytes:
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]


def _picture():
    """Noise over a gradient, so that its content fills some kilobytes."""
    vips = load_vips()
    noise = vips.Image.gaussnoise(160, 120, mean=128, sigma=30, seed=7).cast("uchar")
    grey = vips.Image.grey(160, 120, uchar=True)
    return noise.bandjoin([grey, noise.rot180()]).copy(interpretation="srgb")


def _strip():
    """Three frames, one below the other."""
    vips = load_vips()
    frame = _picture()
    strip = vips.Image.arrayjoin([frame, frame.invert(), frame], across=1).copy()
    strip.set_type(vips.GValue.gint_type, "page-height", frame.height)
    return strip


def _wav() -> bytes:
    data = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    data += b"data" + struct.pack("<I", 4000) + bytes(range(200)) * 20
    return b"RIFF" + struct.pack("<I", len(data)) + data


def _bmp() -> bytes:
    pixels = bytes(range(48)) * 10  # 16 x 10, 24 bits
    header = struct.pack("<IiiHHIIiiII", 40, 16, 10, 1, 24, 0, 0, 0, 0, 0, 0)
    size = 14 + len(header) + len(pixels)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, 54) + header + pixels
