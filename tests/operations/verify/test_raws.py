"""Raw files of cameras. Those built like a DNG are made here; of the others, what starts them."""

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify import raws
from jobs.operations.verify.kinds import detect
from jobs.operations.verify.limits import CannotCheck
from tests.operations.verify.tiff_samples import SIZE, TILES, deep, dng, lossless_jpeg_dng, tiff

WHOLE = {
    "plain": dng(),
    "deflated": dng(compression="adobe_deflate", predictor=True, **TILES),
    "lossless JPEG": lossless_jpeg_dng(),
    "JPEG XL": dng(compression=52546, **TILES),
}


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


CANON = box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", bytes(40)) + box(b"mdat", bytes(900))
FUJIFILM = (
    b"FUJIFILMCCD-RAW ".ljust(84, b"0")
    + b"".join(
        place.to_bytes(4, "big") + length.to_bytes(4, "big")
        for place, length in ((148, 200), (348, 100), (448, 552))
    )
).ljust(1000, b"\0")


def failure(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("packing", sorted(WHOLE))
@pytest.mark.usefixtures("either_way")
def test_raw_picture_is_unpacked(verify, packing):
    result = verify("photo.dng", WHOLE[packing])
    assert result.message == ""
    assert result.data.items() >= {"kind": "dng", "width": SIZE, "height": SIZE}.items()


@pytest.mark.parametrize("packing", sorted(WHOLE))
@pytest.mark.parametrize("name", ["photo.dng", "photo.nef"])
def test_cut_raw_picture_fails(verify, name, packing):
    content = WHOLE[packing]
    for end in (-40, len(content) * 9 // 10, len(content) // 2):
        assert "picture is cut off" in failure(verify, name, content[:end])


@pytest.mark.parametrize("packing", ["deflated", "JPEG XL"])
def test_one_wrong_bit_in_a_raw_picture_under_a_checksum_fails(verify, packing):
    content = WHOLE[packing]
    place = len(content) - 900
    flipped = content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]
    assert "is not valid" in failure(verify, "photo.dng", flipped)


def test_plain_raw_picture_of_a_camera_is_unpacked_by_libraw(verify):
    for name in ("photo.nef", "photo.ARW", "photo.pef"):
        result = verify(name, WHOLE["plain"])
        assert result.message == ""
        assert result.data["kind"] == name[-3:].lower()


def test_tiff_under_the_name_of_a_raw_file_is_not_called_damaged(verify):
    assert verify("photo.nef", tiff(deep(), compression="zstd")).message == (
        "Whole, but only its structure was checked: LibRaw does not know raw files of this kind"
    )


@pytest.mark.parametrize(("name", "content"), [("photo.cr3", CANON), ("photo.raf", FUJIFILM)])
def test_lengths_of_a_raw_file_are_checked_where_libraw_does_not_know_it(verify, name, content):
    assert verify(name, content).message == (
        "Whole, but only its structure was checked: LibRaw does not know raw files of this kind"
    )
    assert "cut off" in failure(verify, name, content[:-200])


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"II*\0\x10\0\0\0CR\2\0", "cr2"),
        (CANON, "cr3"),
        (FUJIFILM, "raf"),
        (b"IIU\0\x18\0\0\0", "rw2"),
        (b"IIRO\x08\0\0\0", "orf"),
    ],
)
def test_kind_of_a_raw_file_is_known_by_its_content(head, kind):
    assert detect(head.ljust(600, b"\0"), f"photo.{kind}") == kind
    assert detect(head.ljust(600, b"\0"), "photo") == kind


def test_other_content_under_the_name_of_a_raw_file_fails(verify):
    assert failure(verify, "photo.cr2", bytes(5000)).endswith("zeros at its beginning")


def test_missing_package_is_said(verify, monkeypatch):
    def missing():
        raise CannotCheck("raw files need the package “rawpy”, which is not installed")

    monkeypatch.setattr(raws, "load_rawpy", missing)
    assert verify("photo.nef", WHOLE["plain"]).message == (
        "Whole, but only its structure was checked: "
        "raw files need the package “rawpy”, which is not installed"
    )
