"""A file is read once, whatever its check looks at, and its checksum is right in any case."""

import errno
import hashlib
import os
import random
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from jobs.operations import Item
from jobs.operations.results import ItemFailed
from jobs.operations.verify import hashed
from jobs.operations.verify.content import Content
from tests.operations.verify.samples import samples

MOST_BYTES_MORE = 64 * 1024
"""For the head, and for what the process reads beside."""
LARGE_BYTES = 3_000_000


def bytes_read(verify: Callable[[], object]) -> int:
    """Return how many bytes all reads of this process returned meanwhile."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        pytest.skip("only Linux counts what a process reads")
    before = counters.read_text()
    verify()
    after = counters.read_text()
    return int(after.split()[1]) - int(before.split()[1])


def large(name: str) -> bytes:
    """Return a file of this name of three megabytes: a sample with bytes that nobody reads."""
    return samples()[name].ljust(LARGE_BYTES, b"\0")


@pytest.mark.parametrize("name", ["photo.jpg", "lossy.webp", "report.pdf", "members.zip"])
def test_file_whose_check_looks_everywhere_is_read_once(verify, library, name):
    (library / name).write_bytes(large(name))

    def outcome() -> None:
        with suppress(ItemFailed):
            verify(name)

    outcome()  # loads the libraries
    assert bytes_read(outcome) <= LARGE_BYTES + MOST_BYTES_MORE


@pytest.mark.parametrize("name", ["a.png", "a.log"])
def test_file_too_large_for_memory_is_read_once_from_start_to_end(
    verify, library, name, monkeypatch
):
    monkeypatch.setattr("jobs.operations.verify.content.IN_MEMORY_BYTES", 0)
    picture = samples()["drawing.png"]
    # A text of its own before the end mark makes the picture large.
    filler = LARGE_BYTES.to_bytes(4, "big") + b"teXt" + bytes(LARGE_BYTES)
    filler += zlib.crc32(filler[4:]).to_bytes(4, "big")
    content = picture[:-12] + filler + picture[-12:] if name == "a.png" else b"x" * LARGE_BYTES
    verify(name, content)
    assert bytes_read(lambda: verify(name)) <= len(content) + 256 * 1024 + MOST_BYTES_MORE


def test_checksum_is_right_whatever_was_read_before(library):
    content = random.Random(1).randbytes(300_000)
    (library / "a.bin").write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    chosen = random.Random(2)
    for _ in range(40):
        fd = os.open(library / "a.bin", os.O_RDONLY)
        file = hashed.HashedFile(fd)
        for _ in range(chosen.randrange(12)):
            place, count = chosen.randrange(300_000), chosen.randrange(90_000)
            with file.open(len(content)) as stream:
                stream.seek(place)
                assert stream.read(count) == content[place : place + count]
            assert file.read_at(place, count) == content[place : place + count]
        assert file.sha256() == expected == file.sha256()
        os.close(fd)


def test_read_that_failed_once_fails_the_file_as_unreadable_and_not_as_damaged(
    verify, library, monkeypatch
):
    monkeypatch.setattr("jobs.operations.verify.content.IN_MEMORY_BYTES", 0)
    content = samples()["report.pdf"]
    verify("a.pdf", content)
    read = os.preadv
    calls = iter([False, True])

    def failing(fd: int, buffers: list[memoryview], place: int) -> int:
        if next(calls, False):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(fd, buffers, place)

    monkeypatch.setattr(hashed.os, "preadv", failing)
    with pytest.raises(ItemFailed) as caught:
        verify("a.pdf")
    assert caught.value.message == "The file cannot be read: Input/output error"
    assert not caught.value.finding


def test_whole_content_stays_for_the_streams_that_are_opened_later(library, monkeypatch):
    monkeypatch.setattr("jobs.operations.verify.content.IN_MEMORY_BYTES", 0)
    (library / "a.bin").write_bytes(b"content")
    with Content(Item("a.bin", root=library)) as content:
        assert content.data is None
        assert content.whole() == b"content"
        assert content.data == b"content" == content.open().read()
        assert content.tail(3) == b"ent"
