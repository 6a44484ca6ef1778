"""Checks that apply to every kind of file."""

import hashlib
import os
import threading

import pytest

from jobs.operations import Item, ItemFailed, get
from jobs.operations.verify.operation import SILENT
from tests.operations.verify.samples import TEXT, flip, samples


@pytest.mark.parametrize(
    "name", ["py.typed", "empty.txt", "empty", "empty.jsonl", "empty.ts", "empty.db", ".mp3"]
)
def test_empty_file_that_may_be_empty_is_a_warning(verify, name):
    result = verify(name, b"")
    assert (result.data["kind"], result.message) == ("empty", "The file is empty")


@pytest.mark.parametrize(
    "name", ["empty.jpg", "empty.MP3", "empty.mov", "empty.xls", "empty.geojson", "empty.gpx"]
)
def test_empty_file_of_a_kind_with_content_fails(verify, name):
    with pytest.raises(ItemFailed, match=r"^The file is empty$") as caught:
        verify(name, b"")
    assert caught.value.finding


def test_missing_file_fails_but_not_as_a_finding(verify):
    with pytest.raises(ItemFailed, match="no longer there") as caught:
        verify("gone.jpg")
    assert not caught.value.finding


def test_large_file_is_hashed_in_pieces(verify, library):
    content = os.urandom(1_000_003) * 5
    assert verify("large.bin", content).data["sha256"] == hashlib.sha256(content).hexdigest()


def test_file_that_grows_while_it_is_read_fails(verify, library):
    path = library / "growing.bin"
    path.write_bytes(bytes(64 * 1024 * 1024))
    stop = threading.Event()

    def grow() -> None:
        with open(path, "ab", buffering=0) as stream:
            while not stop.is_set():
                stream.write(b"x")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with pytest.raises(ItemFailed, match="The file changed while it was read") as caught:
            verify("growing.bin")
    finally:
        stop.set()
        writer.join()
    assert caught.value.finding


def test_nothing_is_written_into_the_library(verify, library):
    for name, content in samples().items():
        (library / name).write_bytes(content)
    before = {path.name: path.stat().st_mtime_ns for path in library.iterdir()}
    for name in samples():
        verify(name)
    assert {path.name: path.stat().st_mtime_ns for path in library.iterdir()} == before


def test_checksum_size_time_and_depth_are_remembered(verify, library):
    result = verify("notes.txt", TEXT.encode())
    status = (library / "notes.txt").stat()
    assert result.remember == {
        "sha256": result.data["sha256"],
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "checked": "checksum",
    }
    assert get("verify").remembers


def test_unchanged_file_succeeds_again(verify):
    remembered = verify("notes.txt", TEXT.encode()).remember
    assert verify("notes.txt", previous=remembered).remember == remembered


def test_edited_file_succeeds_and_is_remembered_again(verify, library):
    remembered = verify("notes.txt", TEXT.encode()).remember
    (library / "notes.txt").write_text(TEXT.replace("Line 1 ", "Line X "))
    os.utime(library / "notes.txt", ns=(1, remembered["mtime_ns"] + 1))
    again = verify("notes.txt", previous=remembered)
    assert again.remember["sha256"] != remembered["sha256"]


def corrupt(library, name: str, place: int) -> None:
    """Flips one bit without any other trace, like a failing disk."""
    path = library / name
    status = path.stat()
    path.write_bytes(flip(path.read_bytes(), place))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.usefixtures("either_way")
def test_silent_corruption_is_reported_even_of_a_text(verify, library):
    remembered = verify("notes.txt", TEXT.encode()).remember
    corrupt(library, "notes.txt", 100)
    with pytest.raises(ItemFailed) as caught:
        verify("notes.txt", previous=remembered)
    assert caught.value.message == SILENT
    assert caught.value.finding
    assert caught.value.data["kind"] == "text"
    assert caught.value.data["sha256"] != remembered["sha256"]


def test_silent_corruption_is_reported_with_its_damage(verify, library):
    remembered = verify("drawing.png", samples()["drawing.png"]).remember
    corrupt(library, "drawing.png", 5000)
    with pytest.raises(ItemFailed) as caught:
        verify("drawing.png", previous=remembered)
    assert caught.value.message.startswith(SILENT)
    assert "the checksum of its image data does not match" in caught.value.message


@pytest.mark.parametrize("previous", [None, {}, {"sha256": "other"}, {"size": 1}])
def test_incomplete_memory_does_not_fail_the_item(verify, previous):
    verify("notes.txt", TEXT.encode(), previous=previous)


@pytest.mark.parametrize(
    ("source", "name", "said"),
    [
        ("drawing.png", "x.jpg", "the name says JPEG picture and the content is PNG picture"),
        ("photo.jpg", "x.PNG", "the name says PNG picture and the content is JPEG picture"),
        ("members.zip", "x.docx", "the name says Word document and the content is ZIP archive"),
        ("letter.docx", "x.xlsx", "says Excel workbook and the content is Word document"),
        ("log.gz", "x.xz", "the name says xz file and the content is gzip file"),
        ("report.pdf", "x.svg", "the name says SVG picture and the content is PDF"),
        ("feed.xml", "x.svg", "the name says SVG picture and the content is XML"),
        ("backup.tar", "x.zip", "the name says ZIP archive and the content is TAR archive"),
    ],
)
def test_whole_file_with_a_wrong_name_succeeds_with_a_message(verify, source, name, said):
    result = verify(name, samples()[source])
    assert result.message.startswith("Whole, but ")
    assert said in result.message


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("photo.jpg", "x.JPEG"),
        ("photo.jpg", "photo"),
        ("photo.jpg", "photo.backup"),
        ("letter.docx", "x.zip"),
        ("tool.jar", "x.zip"),
        ("drawing.png", ".jpg"),
        ("notes.txt", "notes.md"),
    ],
)
def test_name_that_promises_nothing_else_is_not_reported(verify, source, name):
    assert "the name says" not in verify(name, samples()[source]).message


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<html>404</html>", "x.jpg", "the name says JPEG picture, the content is plain text"),
        (bytes(5000), "x.jpg", "the content is nothing but zeros at its beginning"),
        (bytes(9000) + b"text", "x.py", "the name says text, the content is nothing but zeros at"),
        (bytes(300), "00001.txt", "the content is nothing but zeros at its beginning"),
        (bytes(5000), "x.geojson", "the content is nothing but zeros at its beginning"),
        (b"\x80\x00\x01" * 99, "x.pdf", "the name says PDF, the content is nothing that is known"),
        (b"\x80\x00\x01" * 99, "x.zip", "the name says ZIP archive"),
    ],
)
def test_content_that_contradicts_the_name_fails(verify, content, name, said):
    with pytest.raises(ItemFailed, match="Damaged, or not what its name says") as caught:
        verify(name, content)
    assert said in caught.value.message


def test_result_has_the_kind_of_unknown_content(verify):
    result = verify("x.bin", b"\x80\x00\x01" * 99)
    assert result.data["kind"] == "binary"
    assert result.message == "Only the checksum was kept: this kind of content is not looked into"


def test_file_with_an_odd_name_is_checked(library):
    raw = os.fsencode(library) + b"/-odd \xff\n name.jpg"
    with open(raw, "wb") as stream:
        stream.write(samples()["photo.jpg"])
    result = get("verify").process(Item("-odd \\xff\n name.jpg", root=library), {})
    assert result.data["kind"] == "jpeg"
