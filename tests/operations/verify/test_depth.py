"""How deep each check goes: content, structure, or nothing but the checksum."""

import io
import zipfile

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify import limits
from tests.operations.verify.media_samples import media
from tests.operations.verify.samples import TEXT, samples
from tests.operations.verify.test_stills import photoshop, saved
from tests.operations.verify.tiff_samples import lossless_jpeg_dng

WASM = b"\x00asm" + bytes(range(200))
UNKNOWN = b"\x80\x00\x01" * 99
LAYERS = b"\0" * 20


def icon(form: str) -> bytes:
    return saved("ICO", "RGBA", sizes=[(16, 16), (48, 48)], bitmap_format=form)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tone.wav", samples()["tone.wav"]),
        ("song.aiff", media("song.aiff")),
        ("song.w64", media("song.w64")),
        ("colours.bmp", saved("BMP")),
        ("icon.ico", icon("bmp")),
        ("plain.psd", photoshop(0)),
        ("layers.psd", photoshop(1, LAYERS)),
        ("backup.tar", samples()["backup.tar"]),
    ],
)
def test_kind_without_checksums_in_its_content_is_checked_by_structure(verify, name, content):
    result = verify(name, content)
    assert result.data["checked"] == "structure"
    assert not result.message.startswith("Only")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("icon.ico", icon("png")),
        ("packed.psd", photoshop(1)),
        ("song.flac", media("song.flac")),
        ("photo.dng", lossless_jpeg_dng()),
        ("backup.tar.gz", samples()["backup.tar.gz"]),
    ],
)
def test_kind_that_is_decoded_to_its_end_is_checked_by_content(verify, name, content):
    result = verify(name, content)
    assert (result.data["checked"], result.message) == ("content", "")


@pytest.mark.parametrize(
    ("name", "content"), [("x.wasm", WASM), ("x.bin", UNKNOWN), ("x.txt", TEXT.encode())]
)
def test_file_that_was_not_looked_into_is_a_warning_with_its_reason(verify, name, content):
    result = verify(name, content)
    assert result.data["checked"] == "checksum"
    assert result.message.startswith("Only the checksum was kept: ")


def test_reason_stays_when_the_name_of_a_file_that_was_not_looked_into_is_wrong(verify):
    result = verify("x.zip", WASM)
    assert result.message == (
        "Only the checksum was kept: WebAssembly content is not looked into. "
        "The name says ZIP archive and the content is WebAssembly"
    )
    assert result.data["checked"] == "checksum"


def test_note_stays_when_the_name_of_a_whole_file_is_wrong(verify):
    joined = samples()["log.gz"] + b"other data behind it"
    assert verify("x.xz", joined).message == (
        "Whole, but the name says xz file and the content is gzip file; other data follows its end"
    )


def test_member_that_was_not_read_leaves_an_archive_at_its_structure(verify):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", TEXT)
    content = bytearray(buffer.getvalue())
    for header, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(header) + place] = 97
    assert verify("x.zip", bytes(content)).data["checked"] == "structure"


def test_film_whose_decoding_was_stopped_is_checked_by_structure(verify, monkeypatch):
    at_once = limits.Limits(decoding_seconds=-1)
    monkeypatch.setattr(limits.Limits, "of", lambda parameters: at_once)
    result = verify("film.mp4", media("film.mp4"))
    assert result.data["checked"] == "structure"
    assert "only its first 0:00 were decoded" in result.message


@pytest.mark.parametrize(
    ("name", "content", "depth"),
    [
        ("log.gz", samples()["log.gz"][:-9], "content"),
        ("tone.wav", samples()["tone.wav"][:-9], "structure"),
        ("x.jpg", UNKNOWN, "structure"),
        ("empty.jpg", b"", "content"),
    ],
)
def test_failure_has_the_depth_at_which_the_damage_was_found(verify, name, content, depth):
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.data["checked"] == depth


def test_silently_changed_file_has_the_depth_of_its_check(verify, library):
    remembered = verify("notes.txt", TEXT.encode()).remember
    with pytest.raises(ItemFailed) as caught:
        verify("notes.txt", previous={**remembered, "sha256": "other"})
    assert caught.value.data["checked"] == "checksum"
