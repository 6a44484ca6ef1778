"""Pictures: the message of each kind of damage, and odd but intact pictures."""

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify.libvips import load_vips
from tests.operations.verify.samples import flip, samples

CUT_OFF = "The picture is cut off: its data ends before its last row"


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize(
    "name",
    [
        "photo.jpg",
        "progressive.jpg",
        "drawing.png",
        "interlaced.png",
        "still.gif",
        "moving.gif",
        "deflated.tif",
    ],
)
def test_cut_picture_is_reported_as_cut_off(verify, name):
    content = samples()[name]
    message = fails(verify, name, content[: len(content) * 2 // 3])
    assert message.startswith("The picture is cut off: its ")


@pytest.mark.parametrize("name", ["lossy.webp", "moving.webp"])
def test_cut_webp_is_reported_with_both_sizes(verify, name):
    content = samples()[name]
    assert fails(verify, name, content[:1000]) == (
        f"The file is cut off: it should have {len(content):,} bytes and has 1,000"
    )


def test_png_fails_for_one_wrong_bit_anywhere(verify):
    content = samples()["drawing.png"]
    for place in (8, 12, 20, 30, *range(41, len(content), 1999), len(content) - 1):
        assert fails(verify, "x.png", flip(content, place))


@pytest.mark.parametrize(
    ("part", "called"), [(b"IHDR", "header"), (b"IDAT", "image data"), (b"IEND", "end mark")]
)
def test_damaged_part_of_a_png_is_named(verify, part, called):
    content = samples()["drawing.png"]
    end = content.index(part) + 4
    length = int.from_bytes(content[end - 8 : end - 4], "big")
    assert fails(verify, "x.png", flip(content, end + length)) == (
        f"The picture is damaged: the checksum of its {called} does not match"
    )


def test_png_without_its_end_mark_is_cut_off(verify):
    assert fails(verify, "x.png", samples()["drawing.png"][:-12]) == (
        f"{CUT_OFF} (the end mark is missing)"
    )


def test_data_after_the_end_of_a_picture_is_not_damage(verify):
    for name in ("drawing.png", "photo.jpg", "moving.gif"):
        assert verify(name, samples()[name] + b"appended by a phone").message == ""


def test_one_image_without_the_end_mark_of_gif_is_whole(verify):
    result = verify("x.gif", samples()["still.gif"].removesuffix(b";"))
    assert result.message == "Whole, but its end mark is missing"


def test_animation_without_its_end_mark_is_cut_off(verify):
    message = fails(verify, "x.gif", samples()["moving.gif"].removesuffix(b";"))
    assert message == f"{CUT_OFF} (the end mark is missing)"


def test_damage_in_a_tile_that_no_row_at_the_end_needs_is_found(verify):
    content = samples()["tiles.tif"]
    place = len(content) // 4
    broken = content[:place] + bytes(400) + content[place + 400 :]
    assert "picture is" in fails(verify, "x.tif", broken)


def test_damage_in_the_last_page_is_found(verify):
    content = samples()["pages.tif"]
    verify("whole.tif", content)
    vips = load_vips()
    one_page = vips.Image.tiffload_buffer(content, page=0).write_to_buffer(
        ".tif", compression="deflate"
    )
    place = int(len(one_page) * 2.4)
    broken = content[:place] + bytes(400) + content[place + 400 :]
    vips.Image.tiffload_buffer(broken, page=0).avg()
    assert "picture is" in fails(verify, "x.tif", broken)


def test_bytes_before_a_marker_of_jpeg_are_harmless(verify):
    content = samples()["photo.jpg"]
    padded = content.removesuffix(b"\xff\xd9") + bytes(7) + b"\xff\xd9"
    assert verify("x.jpg", padded).message == ""


def test_wrong_huffman_code_is_reported(verify):
    content = samples()["progressive.jpg"]
    wrong = content[: len(content) // 2] + b"\xff\x00" * 200 + content[len(content) // 2 + 400 :]
    assert fails(verify, "x.jpg", wrong).startswith("The picture is damaged: ")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_large_picture_is_decoded_from_disk(verify, library, suffix):
    vips = load_vips()
    noise = vips.Image.gaussnoise(2500, 2000, mean=128, sigma=60, seed=3).cast("uchar")
    content = noise.write_to_buffer(suffix)
    assert len(content) > 2 * 1024 * 1024
    result = verify(f"large{suffix}", content)
    assert (result.data["width"], result.data["height"]) == (2500, 2000)
    assert "picture is" in fails(verify, f"large{suffix}", content[: len(content) // 2])


def test_list_of_pages_beyond_every_file_is_reported_as_cut_off(verify):
    beyond = (2**64 - 1).to_bytes(8, "big")
    big_tiff = b"MM\0+\0\x08\0\0" + beyond
    assert "its list of pages is not complete" in fails(verify, "scan.tif", big_tiff)


@pytest.mark.parametrize("name", ["still.gif", "moving.gif"])
def test_zeros_in_a_gif_fail_although_they_end_a_block(verify, name):
    content = samples()[name]
    place = len(content) // 2
    message = fails(verify, name, content[:place] + bytes(64) + content[place + 64 :])
    assert message.startswith("The picture is ")


def test_zeros_between_blocks_of_a_gif_are_no_damage(verify):
    content = samples()["still.gif"]
    assert verify("x.gif", content[:-1] + b"\0\0;").message == ""


def test_data_of_no_block_in_a_gif_is_a_note(verify):
    content = samples()["still.gif"]
    assert verify("x.gif", content[:-1] + b"\x07rest").message == (
        "Whole, but data that is no picture follows its last one"
    )


def test_gif_with_its_end_mark_and_without_its_last_rows_is_damaged_and_not_cut_off(verify):
    content = samples()["still.gif"]
    first = content.index(b"!\xf9\x04") + 8 + 11
    short = content[: first + 1 + content[first]] + b"\0;"
    message = "The picture is damaged: its data ends before its last row"
    assert fails(verify, "x.gif", short) == message


def test_zeros_over_the_start_of_a_frame_of_a_gif_fail(verify):
    content = samples()["moving.gif"]
    frame = content.rindex(b"!\xf9\x04")
    wiped = content[:frame] + bytes(12) + content[frame + 12 :]
    assert fails(verify, "x.gif", wiped).startswith("The picture is damaged: no part of it can")


def test_data_of_no_block_before_the_end_mark_of_a_gif_fails(verify):
    content = samples()["moving.gif"]
    frame = content.rindex(b"!\xf9\x04")
    wrong = content[:frame] + b"\x07" + content[frame + 1 :]
    assert fails(verify, "x.gif", wrong) == (
        f"The picture is damaged: no part of it can start at byte {frame:,}"
    )


def test_gif_with_a_frame_far_larger_than_the_picture_fails(verify):
    content = bytearray(samples()["still.gif"])
    frame = content.index(b",", 13 + 3 * 2 ** ((content[10] & 7) + 1))
    content[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    assert fails(verify, "x.gif", bytes(content)).startswith("The picture is ")
