"""TIFF files as scanners, microscopes, GIS programs and cameras write them."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify import pictures
from jobs.operations.verify.libvips import load_vips
from jobs.operations.verify.tiffs import codecs
from tests.operations.verify.tiff_samples import (
    SIZE,
    TILES,
    colors,
    deep,
    grey,
    tiff,
    whole,
    with_pictures_inside,
)

REPORTED = ("zstd", "lzma", "lerc", "jpegxl", "jpeg", "png", "lzw")
"""Compressions whose decoders notice a hole of zeros."""


def last_piece(content: bytes) -> tuple[int, int]:
    """Return place and length of the piece that ends last."""
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        pages = [*file.pages, *(below for page in file.pages for below in page.pages or ())]
        pieces = [
            piece
            for page in pages
            for piece in zip(page.dataoffsets, page.databytecounts, strict=True)
        ]
    return max(pieces)


def with_hole(content: bytes) -> bytes:
    start, length = last_piece(content)
    middle = start + length // 2
    return content[:middle] + bytes(length // 4) + content[middle + length // 4 :]


def failure(verify, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify("scan.tif", content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("special", sorted(whole()))
def test_whole_file_is_decoded(verify, special):
    result = verify("scan.tif", whole()[special])
    assert result.message == ""
    assert result.data["width"] in (SIZE, SIZE // 2)


@pytest.mark.parametrize("special", sorted(whole()))
def test_file_without_the_end_of_its_last_piece_fails(verify, special):
    start, length = last_piece(whole()[special])
    assert "picture is" in failure(verify, whole()[special][: start + length - 30])


@pytest.mark.parametrize("layout", ["tiles", "strips"])
@pytest.mark.parametrize("compression", REPORTED)
def test_damage_in_a_piece_is_found(verify, compression, layout):
    content = with_hole(whole()[f"{compression} in {layout}"])
    assert "The picture is damaged: piece " in failure(verify, content)


@pytest.mark.parametrize("special", ["small copies", "small copies in LZW"])
def test_damage_in_a_picture_inside_a_page_is_found(verify, special):
    assert failure(verify, with_hole(whole()[special])) == (
        "The picture is damaged: piece 4 of a picture inside page 1 is not valid"
    )


def test_picture_that_libvips_decodes_needs_no_other_decoder(verify, monkeypatch):
    monkeypatch.setattr(codecs, "_DECODERS", {})
    photo = load_vips().Image.new_from_array(colors()).copy(interpretation="srgb")
    for compression in ("none", "lzw", "deflate", "packbits"):
        content = photo.write_to_buffer(".tif", compression=compression, tile=True)
        assert verify("scan.tif", content).message == ""


def test_compression_that_is_not_known_is_said(verify):
    unknown = tiff(deep(), compression="zstd", **TILES).replace(
        b"\x03\x01\x03\x00\x01\x00\x00\x00\x50\xc3", b"\x03\x01\x03\x00\x01\x00\x00\x00\x99\xc3"
    )
    assert verify("scan.tif", unknown).message == (
        "Only the checksum was kept: its compression (number 50073) is not known here"
    )


def test_limit_of_pixels_counts_each_page_alone(verify):
    pages = tiff([deep()] * 3, shape=(3, SIZE, SIZE), dtype="u2", compression="zstd", **TILES)
    assert verify("scan.tif", pages, max_megapixels=1).data["pages"] == 3
    large = with_pictures_inside("zstd").replace(
        SIZE.to_bytes(4, "little"), (40_000).to_bytes(4, "little")
    )
    assert "larger than the limit" in failure(verify, large)


def test_strip_that_unpacks_to_less_than_its_rows_fails(verify):
    content = tiff(deep(), compression="zstd")
    taller = content.replace(b"\x01\x01\x04\0\x01\0\0\0\x60", b"\x01\x01\x04\0\x01\0\0\0\x70")
    assert taller != content
    taller = taller.replace(b"\x16\x01\x04\0\x01\0\0\0\x60", b"\x16\x01\x04\0\x01\0\0\0\x70")
    assert "is not valid" in failure(verify, taller)


def with_tag(content: bytes, tag: int, entry: bytes) -> bytes:
    """Replace type, count and value of a tag of the first page of a little-endian file."""
    place = int.from_bytes(content[4:8], "little") + 2
    while int.from_bytes(content[place : place + 2], "little") != tag:
        place += 12
    return content[: place + 2] + entry + content[place + 12 :]


def test_compression_without_a_value_is_read_as_none(verify):
    content = with_tag(tiff(deep()), 259, b"\3\0" + bytes(8))
    assert verify("scan.tif", content).message == ""


def test_no_text_of_a_library_is_in_the_message(verify):
    wrong_kind_of_width = with_tag(tiff(deep()), 256, b"\x0c\0\1\0\0\0" + bytes(4))
    bad_seek = with_tag(tiff(deep(), rowsperstrip=40), 258, b"\3\0\1\0\0\0\xff\xff\0\0")
    sentences = (
        "The picture is damaged: its data cannot be decoded",
        "The picture is damaged: there are no strips or tiles in it",
        "The picture is damaged: piece 1 of page 1 is not valid",
    )
    for content in (wrong_kind_of_width, bad_seek):
        assert failure(verify, content) in sentences


def test_size_that_needs_more_tiles_than_are_listed_fails_without_drawing_them(verify, monkeypatch):
    monkeypatch.setattr(pictures, "_decode", lambda *_: pytest.fail("libvips was asked"))
    content = tiff(deep(), compression="lzw", **TILES)
    larger = with_tag(content, 256, b"\4\0\1\0\0\0" + (30_000).to_bytes(4, "little"))
    assert failure(verify, larger) == (
        "The picture is damaged: its list of strips or tiles is not complete"
    )


def test_damaged_rows_of_a_fax_are_a_note_of_this_file_alone(verify):
    page = Image.fromarray(grey()).convert("1")
    stream = io.BytesIO()
    page.save(stream, "TIFF", compression="group3")
    content = stream.getvalue()
    place = len(content) // 2
    damaged = content[:place] + bytes(60) + content[place + 60 :]
    assert verify("whole.tif", content).message == ""
    assert verify("fax.tif", damaged).message == (
        "Whole, but rows of it are not complete, as after a bad fax transmission or damage"
    )
    assert verify("whole.tif", content).message == ""


@pytest.mark.parametrize("compression", ["zlib", "zstd", "lzma", "webp"])
def test_picture_whose_bits_are_in_the_other_order_is_whole(verify, compression):
    content = tiff(colors(), photometric="rgb", compression=compression, description="abc")
    described, order = struct.pack("<HHI4s", 270, 2, 4, b"abc"), struct.pack("<HHII", 266, 3, 1, 2)
    assert described in content
    content = content.replace(described, order)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        (place,), (length,) = file.pages[0].dataoffsets, file.pages[0].databytecounts
    reverse = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
    turned = content[place : place + length].translate(reverse)
    assert verify("scan.tif", content[:place] + turned + content[place + length :]).message == ""
    with pytest.raises(ItemFailed):
        verify("scan.tif", content)


def test_opaque_picture_with_a_fourth_channel_is_whole_in_webp(verify):
    opaque = np.dstack([colors(), np.full((SIZE, SIZE), 255, "u1")])
    content = tiff(opaque, photometric="rgb", extrasamples=["unassalpha"], compression="webp")
    assert verify("opaque.tif", content).message == ""


def test_fax_picture_of_several_channels_keeps_its_checksum(verify):
    """libvips has no decoder for it. Programs write it for colours of one bit each."""
    entries = [
        (256, 4, SIZE), (257, 4, SIZE), (258, 3, 1), (259, 3, 4), (262, 3, 2), (273, 4, 200),
        (277, 3, 3), (278, 4, SIZE), (279, 4, 40), (284, 3, 1),
    ]  # fmt: skip
    content = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    content += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    message = verify("plates.tif", content.ljust(200, b"\0") + bytes(range(40))).message
    assert message == "Only the checksum was kept: pictures of this kind cannot be decoded here"
