"""JPEG: warnings of the decoder that mean nothing, and damage behind them."""

import io
import tracemalloc

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify.jpeg import check_jpeg, walk
from jobs.operations.verify.limits import Limits
from tests.operations.verify.samples import samples

EOI = b"\xff\xd9"
SOS = 0xDA


def photo() -> bytes:
    return samples()["photo.jpg"]


def progressive() -> bytes:
    return samples()["progressive.jpg"]


def with_stray_bytes(content: bytes, marker: int, stray: bytes) -> bytes:
    place = next(part.start for part in walk(content) if part.marker == marker)
    return content[:place] + stray + content[place:]


def failure(content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        check_jpeg(content, Limits())
    return caught.value.message


@pytest.mark.parametrize("stray", [b"\0", bytes(4), b"\x12\x34", bytes(900)])
@pytest.mark.parametrize("marker", [0xDB, 0xC4, SOS, 0xD9])
def test_stray_bytes_before_a_marker_are_no_damage(marker, stray):
    assert check_jpeg(with_stray_bytes(photo(), marker, stray), Limits()).note == ""


def test_cut_is_found_behind_a_harmless_warning():
    odd = with_stray_bytes(photo(), 0xDB, bytes(4))
    assert "cut off" in failure(odd[: len(odd) // 2])


def test_damage_is_found_behind_stray_bytes_between_two_scans():
    content = progressive()
    scans = [part for part in walk(content) if part.marker == SOS]
    assert len(scans) > 3
    padded = content[: scans[0].end] + bytes(6) + content[scans[0].end :]
    assert check_jpeg(padded, Limits()).note == ""
    middle = (scans[3].start + scans[3].end) // 2 + 6
    zeros = padded[:middle] + bytes(60) + padded[middle + 60 :]
    assert "picture is" in failure(zeros)


def test_many_bytes_left_over_by_a_decoder_that_lost_its_place_are_damage():
    content = photo()
    middle = len(content) // 2
    zeros = content[:middle] + bytes(1000) + content[middle + 1000 :]
    assert failure(zeros).startswith("The picture is ")


def test_missing_end_mark_with_all_rows_is_a_note():
    for content in (photo(), progressive()):
        assert check_jpeg(content.removesuffix(EOI), Limits()).note == "its end mark is missing"


def test_progressive_picture_without_its_last_scans_is_cut_off():
    content = progressive()
    scans = [part for part in walk(content) if part.marker == SOS]
    assert (
        failure(content[: scans[2].end]) == "The picture is cut off: its last details are missing"
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_colour_model_is_decoded(mode):
    stream = io.BytesIO()
    Image.effect_noise((64, 48), 40).convert(mode).save(stream, "JPEG")
    assert check_jpeg(stream.getvalue(), Limits()).facts == {"width": 64, "height": 48}


def test_unusual_sampling_of_colours_is_decoded_and_its_cut_is_found():
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (128, 128, 128)).save(stream, "JPEG", subsampling=0)
    parts = list(walk(stream.getvalue()))
    content = bytearray(stream.getvalue()[: parts[-2].end - 2])
    frame = next(part.start for part in parts if part.marker == 0xC0)
    for component in range(3):
        content[frame + 11 + 3 * component] = 0x31  # three blocks of each colour in an MCU
    grey = int("001010" * 3 + "0000" * 6 + "1" * 6, 2).to_bytes(6, "big")
    whole = bytes(content) + grey + EOI
    assert check_jpeg(whole, Limits()).facts == {"width": 8, "height": 8}
    too_few = "its data ends before its last row"
    assert failure(bytes(content) + grey[:3] + EOI) == f"The picture is damaged: {too_few}"
    assert failure(bytes(content) + grey[:3]) == f"The picture is cut off: {too_few}"


def test_photo_is_read_in_full_and_drawn_small():
    out = io.BytesIO()
    Image.new("L", (3000, 2000)).save(out, "JPEG")
    tracemalloc.start()
    try:
        assert check_jpeg(out.getvalue(), Limits()).facts == {"width": 3000, "height": 2000}
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3000 * 2000 // 8


def test_lossless_picture_is_drawn_in_full_since_a_smaller_buffer_would_overflow():
    content = bytes(imagecodecs.jpeg8_encode(np.zeros((800, 800), "u1"), lossless=True))
    tracemalloc.start()
    try:
        assert check_jpeg(content, Limits()).facts == {"width": 800, "height": 800}
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most >= 800 * 800


def test_parts_of_a_colour_profile_that_do_not_fit_are_no_damage_of_the_picture(verify):
    content = samples()["photo.jpg"]
    part = b"ICC_PROFILE\0\2\3half of it"
    segment = b"\xff\xe2" + (2 + len(part)).to_bytes(2, "big") + part
    assert verify("photo.jpg", content[:2] + segment + content[2:]).message == ""
    with pytest.raises(ItemFailed):
        verify("photo.jpg", content[:2] + segment + content[2 : len(content) // 2])
