"""JPEG 2000, JPEG XL, Photoshop, bitmaps, icons, cursors and compressed SVG."""

import functools
import gzip
import io
import itertools
import struct
import subprocess
import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify.stills import jpegxl
from tests.operations.verify.samples import flip
from tests.operations.verify.tiff_samples import SIZE, colors, deep, grey

SVG = b'<svg xmlns="http://www.w3.org/2000/svg">%s</svg>'


def saved(form: str, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(colors()).convert(mode).save(stream, form, **options)
    return stream.getvalue()


def photoshop(packing: int, layers: bytes = b"") -> bytes:
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, SIZE, SIZE, 8, 3)
    sections = bytes(4) + struct.pack(">I", 20) + bytes(20) + struct.pack(">I", len(layers))
    planes = np.moveaxis(colors() // 40 * 40, -1, 0)
    rows = [bytes(row) for plane in planes for row in plane]
    if packing == 1:
        rows = [bytes(imagecodecs.packbits_encode(row)) for row in rows]
        rows = [b"".join(struct.pack(">H", len(row)) for row in rows), *rows]
    return header + sections + layers + struct.pack(">H", packing) + b"".join(rows)


def runs() -> bytes:
    """A bitmap of 8 bits, packed in runs."""
    palette = b"".join(bytes([shade, shade, shade, 0]) for shade in range(256))
    packed = b"".join(bytes([SIZE, row]) + b"\0\0" for row in range(SIZE)) + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, SIZE, SIZE, 1, 8, 1, len(packed), 0, 0, 256, 0)
    start = 14 + len(header) + len(palette)
    return struct.pack("<2sIHHI", b"BM", start + len(packed), 0, 0, start) + (
        header + palette + packed
    )


@functools.cache
def whole() -> dict[str, bytes]:
    icon = saved("ICO", "RGBA", sizes=[(16, 16), (48, 48)], bitmap_format="bmp")
    frames = np.stack([colors(), colors()[::-1]])
    return {
        "boxes.jp2": bytes(imagecodecs.jpeg2k_encode(colors(), level=40)),
        "bare.j2k": bytes(imagecodecs.jpeg2k_encode(deep(), codecformat="j2k")),
        "lossy.jxl": bytes(imagecodecs.jpegxl_encode(colors(), level=80)),
        "boxes.jxl": bytes(imagecodecs.jpegxl_encode(grey(), usecontainer=True)),
        "moving.jxl": bytes(imagecodecs.jpegxl_encode(frames, level=80)),
        "plain.psd": photoshop(0),
        "packed.psd": photoshop(1),
        "colours.bmp": saved("BMP"),
        "palette.bmp": saved("BMP", "P"),
        "runs.bmp": runs(),
        "png.ico": saved("ICO", "RGBA", sizes=[(16, 16), (64, 64)]),
        "bitmaps.ico": icon,
        "pointer.cur": icon[:2] + b"\2" + icon[3:],
        "drawing.svgz": gzip.compress(SVG % (b'<path d="M0 0"/>' * 90), mtime=0),
    }


def failure(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("name", sorted(whole()))
@pytest.mark.usefixtures("either_way")
def test_whole_picture_is_looked_into(verify, name):
    result = verify(name, whole()[name])
    assert result.message == ""
    if name.endswith((".ico", ".cur", "moving.jxl")):
        assert result.data["pages"] == 2
    elif not name.endswith("svgz"):
        assert (result.data["width"], result.data["height"]) == (SIZE, SIZE)


def test_jpeg_2000_with_its_end_mark_and_without_its_picture_is_damaged_and_not_cut_off(verify):
    content = whole()["boxes.jp2"].replace(b"jp2c", b"free", 1)
    message = "The picture is damaged: its data ends before its last row"
    assert failure(verify, "boxes.jp2", content) == message


@pytest.mark.parametrize("name", sorted(whole()))
def test_cut_picture_fails(verify, name):
    content = whole()[name]
    for end in (-1, len(content) * 9 // 10, len(content) // 2, 60):
        assert any(word in failure(verify, name, content[:end]) for word in ("cut off", "damaged"))


@pytest.mark.parametrize(
    "name", ["boxes.jxl", "lossy.jxl", "packed.psd", "png.ico", "drawing.svgz"]
)
def test_hole_of_zeros_is_found(verify, name):
    content = whole()[name]
    place, length = len(content) // 2, len(content) // 5
    assert failure(verify, name, content[:place] + bytes(length) + content[place + length :])


MEASURED = """
import resource, sys
from jobs.operations.verify.stills.libjxl import _load, decode_frames

def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

_load()
data = open(sys.argv[1], "rb").read()
before = used()
no_limit = resource.getrlimit(resource.RLIMIT_DATA)
resource.setrlimit(resource.RLIMIT_DATA, (1_000_000, no_limit[1]))
try:
    print("whole", *decode_frames(data))
except MemoryError:
    print("MemoryError")
resource.setrlimit(resource.RLIMIT_DATA, no_limit)
print(sum(1 for _ in decode_frames(data)), used() - before)
"""


def test_memory_for_a_jpeg_xl_animation_is_that_of_a_frame_and_its_lack_is_no_damage(tmp_path):
    frames = np.full((40, 500, 500, 3), 200, np.uint8)
    frames[:, 100:200, 100:200] = np.arange(40, dtype=np.uint8)[:, None, None, None]
    animation = tmp_path / "moving.jxl"
    animation.write_bytes(imagecodecs.jpegxl_encode(frames, lossless=True, effort=1))
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, animation], capture_output=True, text=True, check=True
    )
    lacking, count, peak_bytes = run.stdout.split()
    assert (lacking, count) == ("MemoryError", "40")
    assert int(peak_bytes) < frames.nbytes / 3


def test_jpeg_xl_that_takes_too_long_is_decoded_in_part_with_a_note(monkeypatch, verify):
    passed = itertools.count(step=601)
    monkeypatch.setattr(jpegxl, "monotonic", lambda: next(passed))
    result = verify("moving.jxl", moving())
    assert result.message == "Whole, but only its first 2 frames were decoded"
    assert result.data["checked"] == "structure"
    assert verify("photo.jxl", whole()["lossy.jxl"]).message == ""


def moving() -> bytes:
    frames = np.stack([np.roll(colors(), 9 * turn, axis=0) for turn in range(4)])
    return bytes(imagecodecs.jpegxl_encode(frames, level=80))


@pytest.mark.parametrize("frame", range(4))
def test_damage_in_any_frame_of_a_jpeg_xl_is_found(verify, frame):
    content = moving()
    assert verify("moving.jxl", content).data["pages"] == 4
    place = len(content) * (2 * frame + 1) // 8
    assert "decoded" in failure(
        verify, "moving.jxl", content[:place] + bytes(200) + content[place + 200 :]
    )


def test_size_of_a_jpeg_xl_picture_is_read_from_its_bits(verify):
    for width, height in ((96, 64), (33, 91), (90, 60), (64, 96)):
        content = bytes(imagecodecs.jpegxl_encode(colors()[:height, :width].copy(), level=80))
        data = verify("photo.jxl", content).data
        assert (data["width"], data["height"]) == (width, height)


@pytest.mark.parametrize(
    ("name", "place", "number"),
    [("bare.j2k", 8, (90_000).to_bytes(4, "big")), ("plain.psd", 14, (90_000).to_bytes(4, "big"))],
)
def test_picture_over_the_limit_of_pixels_fails(verify, name, place, number):
    content = whole()[name]
    wide = content[:place] + number * 2 + content[place + 8 :]
    assert "larger than the limit" in failure(verify, name, wide)


def test_layers_that_were_not_decoded_are_said(verify):
    assert verify("drawing.psd", photoshop(1, layers=bytes(60))).message == (
        "Whole, but only the length of its layers was checked, the merged picture was decoded"
    )


def test_svg_that_is_not_well_formed_fails_although_it_unpacks(verify):
    assert "XML is cut off" in failure(verify, "drawing.svgz", gzip.compress(SVG[:40], mtime=0))


def test_damaged_picture_of_an_icon_is_named(verify):
    content = whole()["png.ico"]
    assert failure(verify, "app.ico", flip(content, len(content) - 40)) == (
        "The icon is damaged: picture 2 of it is not whole"
    )


def test_runs_that_leave_their_rows_are_a_note(verify):
    content = bytearray(whole()["runs.bmp"])
    start = int.from_bytes(content[10:14], "little")
    content[start] = 255
    assert verify("runs.bmp", bytes(content)).message == (
        "Whole, but runs of it leave their rows, as after damage"
    )
