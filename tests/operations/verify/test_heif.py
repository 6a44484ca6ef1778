"""HEIC, HIF and AVIF: structure, every picture, every frame of a sequence."""

import functools
import io
import itertools

import av
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify.heifs import check
from jobs.operations.verify.limits import CannotCheck, Limits
from tests.operations.verify.tiff_samples import colors, grey


@functools.cache
def heic(count: int = 1) -> bytes:
    stream = io.BytesIO()
    pictures = pillow_heif.from_pillow(Image.fromarray(colors()))
    for picture in range(1, count):
        pictures.add_from_pillow(Image.fromarray(grey()[picture:].copy()))
    pictures.save(stream, quality=60)
    return stream.getvalue()


@functools.cache
def avif(frames: int = 1) -> bytes:
    stream = io.BytesIO()
    picture = Image.fromarray(colors())
    turned = [picture.rotate(15 * frame) for frame in range(1, frames)]
    picture.save(stream, "AVIF", save_all=frames > 1, append_images=turned, speed=10)
    return stream.getvalue()


@functools.cache
def heic_sequence() -> bytes:
    """Four pictures of 96 x 96 pixels as a film."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4", options={"brand": "msf1"}) as container:
        film = container.add_stream("libx265", rate=10, options={"x265-params": "log-level=0"})
        film.width, film.height, film.pix_fmt = 96, 96, "yuv420p"
        for turn in range(4):
            picture = np.roll(colors(), 9 * turn, axis=0)
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(film.encode(None))
    return stream.getvalue()


def failure(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.usefixtures("either_way")
def test_whole_heic_is_decoded(verify):
    result = verify("photo.heic", heic())
    assert result.message == ""
    assert result.data.items() >= {"kind": "heic", "width": 96, "height": 96}.items()
    assert "pages" not in result.data


def test_every_picture_of_a_heic_is_counted(verify):
    content = heic(2)
    assert verify("photo.HIF", content).data["pages"] == 2


@pytest.mark.parametrize("name", ["photo.heic", "photo.avif", "moving.avif"])
def test_picture_cut_anywhere_fails(verify, name):
    content = {"photo.heic": heic(), "photo.avif": avif(), "moving.avif": avif(3)}[name]
    for end in (-1, -40, len(content) * 9 // 10, len(content) // 2, 100, 30):
        assert "cut off" in failure(verify, name, content[:end])


def test_extent_beyond_the_end_of_the_file_is_cut_off(verify):
    content = heic()
    shorter = content[:-200]
    place = shorter.index(b"mdat") - 4
    length = int.from_bytes(content[place : place + 4], "big") - 200
    consistent = shorter[:place] + length.to_bytes(4, "big") + shorter[place + 4 :]
    assert failure(verify, "photo.heic", consistent) == (
        f"The picture is cut off: its data ends at byte {len(content):,}, and the file has "
        f"{len(shorter):,}"
    )


def test_damaged_beginning_of_the_picture_fails(verify):
    content = heic()
    place = content.index(b"mdat") + 4
    damaged = content[:place] + bytes(200) + content[place + 200 :]
    assert failure(verify, "photo.heic", damaged) == (
        "The picture is damaged: its data cannot be decoded"
    )


def test_every_frame_of_a_sequence_is_decoded(verify):
    content = avif(3)
    result = verify("moving.avifs", content)
    assert (result.message, result.data["pages"]) == ("", 3)
    place = len(content) * 3 // 4
    hole = content[:place] + bytes(600) + content[place + 600 :]
    assert "picture is" in failure(verify, "moving.avif", hole)


def test_every_picture_of_a_heic_sequence_is_decoded(verify):
    content = heic_sequence()
    result = verify("burst.heic", content)
    assert (result.message, result.data["checked"]) == ("", "content")
    assert result.data.items() >= {"kind": "heic", "width": 96, "height": 96, "pages": 4}.items()
    place = content.index(b"mdat") + 4
    hole = content[: place + 190] + bytes(60) + content[place + 250 :]
    assert "cannot be decoded as a whole" in failure(verify, "burst.heic", hole)


@pytest.mark.parametrize("name", ["burst.heic", "moving.avif"])
def test_pixels_of_the_frames_of_a_sequence_are_limited(monkeypatch, verify, name):
    content = {"burst.heic": heic_sequence(), "moving.avif": avif(3)}[name]
    monkeypatch.setattr(Limits, "of", lambda _: Limits(pixels=96 * 96 - 1))
    assert "larger than the limit: 96 x 96 pixels" in failure(verify, name, content)


def test_avif_sequence_that_takes_too_long_is_decoded_in_part_with_a_note(monkeypatch, verify):
    passed = itertools.count(step=301)
    monkeypatch.setattr(check, "monotonic", lambda: next(passed))
    result = verify("moving.avif", avif(3))
    assert result.message == "Whole, but only its first 2 frames were decoded"
    assert result.data["checked"] == "structure"


def test_pixels_are_limited_for_each_picture_alone(verify):
    content = heic(3)
    assert verify("photo.heic", content, max_megapixels=1).message == ""
    wide = content.replace(b"ispe" + bytes(4) + (96).to_bytes(4, "big"),
                           b"ispe" + bytes(4) + (60_000).to_bytes(4, "big"))  # fmt: skip
    assert wide != content
    assert "picture is" in failure(verify, "photo.heic", wide)


def test_missing_package_is_said(verify, monkeypatch):
    def missing():
        raise CannotCheck("it needs the package “pillow-heif”, which is not installed")

    monkeypatch.setattr(check, "load_libheif", missing)
    assert verify("photo.heic", heic()).message == (
        "Whole, but only its structure was checked: "
        "it needs the package “pillow-heif”, which is not installed"
    )
