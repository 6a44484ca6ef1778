"""JPEG: pictures and films that phones and cameras append, and kinds that photos do not use."""

import io
import struct

import imagecodecs
import pytest
from PIL import Image

from jobs.operations import ItemFailed
from jobs.operations.verify import limits
from tests.operations.verify.media_samples import media
from tests.operations.verify.samples import samples
from tests.operations.verify.tiff_samples import colors, deep, grey

FILM_CUT_OFF = "The picture is whole, but the film appended to it is cut off"
PICTURE_CUT_OFF = "The picture is whole, but another one appended to it is cut off"


def jpeg(pixels) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()


def indexed(first: bytes, *others: bytes) -> bytes:
    """Append pictures, and list them in an index (MPF) as cameras do."""
    count = 1 + len(others)
    entries_at, length = 8 + 2 + 3 * 12 + 4, 4 + 8 + 2 + 3 * 12 + 4 + 16 * count
    places = [0]
    for before in (first[:2] + bytes(4 + length) + first[2:], *others[:-1]):
        places.append(places[-1] + len(before) - (10 if len(places) == 1 else 0))
    entries = b"".join(struct.pack(">4xI I HH", 0, place, 0, 0) for place in places)
    tags = struct.pack(">HHI4sHHIIHHII", 0xB000, 7, 4, b"0100", 0xB001, 4, 1, count,
                       0xB002, 7, 16 * count, entries_at)  # fmt: skip
    index = b"MPF\0MM\0*" + struct.pack(">IH", 8, 3) + tags + bytes(4) + entries
    assert len(index) == length
    part = b"\xff\xe2" + struct.pack(">H", 2 + length) + index
    return first[:2] + part + first[2:] + b"".join(others)


def samsung(photo: bytes, motion: bytes) -> bytes:
    """Append a film as phones of Samsung do, with a directory behind it."""
    block = b"\0\0\x30\x0a" + struct.pack("<I", 16) + b"MotionPhoto_Data" + motion
    directory = b"SEFH" + struct.pack("<IIIII", 107, 1, 0x0A300000, len(block), len(block))
    return photo + block + directory + struct.pack("<I", len(directory)) + b"SEFT"


def failure(verify, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify("photo.jpg", content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("gap", [b"", bytes(500)])
def test_pictures_that_follow_each_other_are_checked(verify, gap):
    content = samples()["photo.jpg"] + gap + jpeg(grey())
    assert verify("photo.jpg", content).message == ""
    assert failure(verify, content[:-400]) == PICTURE_CUT_OFF


def test_every_picture_of_an_index_is_checked(verify):
    content = indexed(samples()["photo.jpg"], jpeg(grey()) + b"a maker's", jpeg(colors()))
    assert verify("photo.jpg", content).message == ""
    assert failure(verify, content[:-400]) == PICTURE_CUT_OFF
    place = content.index(jpeg(grey())) + len(jpeg(grey())) // 2
    hole = content[:place] + bytes(400) + content[place + 400 :]
    assert failure(verify, hole).startswith("The picture is whole, but another one appended to it")


def test_pictures_of_an_index_that_a_program_took_away_are_a_note(verify):
    content = indexed(samples()["photo.jpg"], jpeg(grey()))
    alone = content[: -len(jpeg(grey()))]
    assert verify("photo.jpg", alone).message == (
        "Whole, but a picture that its index names is not there"
    )


@pytest.mark.parametrize("append", [bytes.__add__, samsung])
def test_film_of_a_motion_photo_is_walked_and_decoded(verify, append):
    motion = media("film.mov")
    content = append(samples()["photo.jpg"], motion)
    assert verify("photo.jpg", content).message == ""
    assert failure(verify, content[: -len(motion) // 3]) == FILM_CUT_OFF
    middle = content.index(b"mdat") + 600
    hole = content[:middle] + bytes(1500) + content[middle + 1500 :]
    assert failure(verify, hole) == (
        "The picture is whole, but the film appended to it is damaged at 0:00"
    )


def test_film_that_is_not_decoded_leaves_the_photo_at_its_structure(verify, monkeypatch):
    content = samples()["photo.jpg"] + media("film.mp4")
    assert verify("photo.jpg", content).data["checked"] == "content"
    at_once = limits.Limits(decoding_seconds=-1)
    monkeypatch.setattr(limits.Limits, "of", lambda parameters: at_once)
    result = verify("photo.jpg", content)
    assert result.message == "Whole, but only the first 0:00 of the film in it were decoded"
    assert result.data["checked"] == "structure"


@pytest.mark.parametrize(
    "trailer",
    [b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1500000000000SEFH" + bytes(28) + b"SEFT", b"\xff" * 40],
)
def test_bytes_of_a_maker_behind_the_end_mark_are_no_damage(verify, trailer):
    assert verify("photo.jpg", samples()["photo.jpg"] + trailer).message == ""


RARE = {
    "12 bits": lambda: imagecodecs.jpeg8_encode(deep(12), bitspersample=12),
    "lossless": lambda: imagecodecs.jpeg8_encode(grey(), lossless=True),
    "lossless in colours": lambda: imagecodecs.jpeg8_encode(colors(), lossless=True),
    "16 bits": lambda: imagecodecs.ljpeg_encode(deep(), bitspersample=16),
    "JPEG-LS": lambda: imagecodecs.jpegls_encode(grey()),
}


@pytest.mark.parametrize("kind", RARE)
def test_kind_of_jpeg_that_photos_do_not_use_is_decoded(verify, kind):
    content = bytes(RARE[kind]())
    result = verify("scan.jpg", content)
    assert result.message == ""
    assert result.data["width"] == 96
    for end in (-1, -60, len(content) // 2):
        assert "cut off" in failure(verify, content[:end])
