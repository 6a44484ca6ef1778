"""PNG and APNG: rows, frames and parts."""

import io
import struct
import zlib

import pytest
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify.limits import Limits
from jobs.operations.verify.png import check_png
from tests.operations.verify.samples import samples

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WIDTH, HEIGHT = 40, 30


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def header(width: int = WIDTH, height: int = HEIGHT, depth: int = 8, color: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))


def rows(count: int = HEIGHT, width: int = WIDTH, filter_type: int = 0) -> bytes:
    return (bytes([filter_type]) + bytes(range(width)) * 3) * count


def picture(*chunks: bytes) -> bytes:
    return SIGNATURE + header() + b"".join(chunks) + chunk(b"IEND")


def check(content: bytes):
    return check_png(io.BytesIO(content), Limits())


def failure(content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        check(content)
    return caught.value.message


def frames(count: int) -> bytes:
    pictures = [Image.effect_noise((60, 50), 30 + step).convert("RGB") for step in range(count)]
    stream = io.BytesIO()
    pictures[0].save(stream, "PNG", save_all=True, append_images=pictures[1:])
    return stream.getvalue()


@pytest.mark.parametrize("name", ["drawing.png", "interlaced.png"])
def test_size_of_a_whole_picture_is_returned(name):
    facts = check(samples()[name]).facts
    assert facts["width"] > 0
    assert facts["height"] > 0


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("width", [1, 3, 7, 33])
def test_every_depth_and_width_is_unpacked_to_its_last_row(mode, width):
    stream = io.BytesIO()
    Image.new(mode, (width, 5)).save(stream, "PNG")
    assert check(stream.getvalue()).facts == {"width": width, "height": 5}


def test_rows_that_fill_one_piece_and_a_little_more_are_all_counted():
    # 1,049,088 bytes, as icons of 512 x 512 pixels have: the last ones come with the flush.
    stream = io.BytesIO()
    Image.new("RGBA", (512, 512), (9, 9, 9, 9)).save(stream, "PNG")
    assert check(stream.getvalue()).facts == {"width": 512, "height": 512}


def test_missing_rows_with_right_checksums_are_reported_as_cut_off():
    whole = picture(chunk(b"IDAT", zlib.compress(rows())))
    assert check(whole).note == ""
    message = failure(picture(chunk(b"IDAT", zlib.compress(rows(HEIGHT - 1)))))
    assert message == "The picture is cut off: its data ends before its last row"


def test_wrong_checksum_of_the_rows_is_damage():
    packed = bytearray(zlib.compress(rows()))
    packed[-1] ^= 1
    assert failure(picture(chunk(b"IDAT", bytes(packed)))) == (
        "The picture is damaged: its rows cannot be unpacked"
    )


def test_rows_without_their_checksum_are_a_note():
    packed = zlib.compress(rows())
    assert check(picture(chunk(b"IDAT", packed[:-4]))).note == (
        "its rows have no checksum at their end"
    )


def test_unknown_filter_of_a_row_is_damage():
    wrong = rows(HEIGHT - 1) + rows(1, filter_type=5)
    assert failure(picture(chunk(b"IDAT", zlib.compress(wrong)))) == (
        "The picture is damaged: a row of it has no valid filter"
    )


def test_more_rows_than_the_header_declares_are_harmless():
    assert check(picture(chunk(b"IDAT", zlib.compress(rows(HEIGHT + 2))))).note == ""


@pytest.mark.parametrize(
    "wrong",
    [
        header(width=0),
        header(depth=3),
        header(color=5),
        header(depth=16, color=3),
        chunk(b"IHDR", b"short"),
        header() + header(),
    ],
)
def test_header_that_no_picture_can_have_is_damage(wrong):
    assert failure(SIGNATURE + wrong + chunk(b"IEND")) == (
        "The picture is damaged: its header is not valid"
    )


def test_picture_with_a_palette_needs_it():
    content = (
        SIGNATURE
        + header(color=3)
        + chunk(b"IDAT", zlib.compress((b"\0" + bytes(WIDTH)) * HEIGHT))
        + chunk(b"IEND")
    )
    assert failure(content) == "The picture is damaged: its palette is missing"


def test_picture_of_an_iphone_app_without_the_frame_of_zlib_is_whole():
    bare = zlib.compressobj(wbits=-15)
    packed = bare.compress(rows()) + bare.flush()
    content = (
        SIGNATURE
        + chunk(b"CgBI", b"\x50\0\x20\6")
        + header()
        + chunk(b"IDAT", packed)
        + chunk(b"IEND")
    )
    assert check(content).note == ""


def test_every_frame_of_an_animation_is_unpacked():
    content = frames(3)
    assert check(content).facts == {"width": 60, "height": 50, "pages": 3}
    place = content.rindex(b"fdAT")
    length = int.from_bytes(content[place - 4 : place], "big")
    cut = content[place + 4 : place + 4 + length // 2]
    shorter = content[: place - 4] + chunk(b"fdAT", cut) + content[place + 8 + length :]
    assert failure(shorter) == "The picture is cut off: its data ends before its last row"


def test_limit_of_pixels_counts_one_frame():
    assert check_png(io.BytesIO(frames(3)), Limits(pixels=60 * 50)).facts["pages"] == 3
    with pytest.raises(ItemFailed, match="larger than the limit"):
        check_png(io.BytesIO(frames(3)), Limits(pixels=60 * 50 - 1))


def test_part_that_must_be_known_and_is_not_is_a_note():
    content = picture(chunk(b"ABCD", b"new"), chunk(b"IDAT", zlib.compress(rows())))
    assert check(content).note == "its part ABCD is not known here"
