"""Errors of libraries: no text of theirs reaches a person, and none accuses a whole file."""

import errno
import struct

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify import inspect
from tests.operations.verify.samples import samples

TEXT = "libfoo: bad magic at 0x7ffe"


@pytest.fixture
def verify_with(verify, monkeypatch):
    """Verifies a picture whose check raises this error."""

    def verified(error):
        def fail(*_):
            raise error

        monkeypatch.setitem(inspect._CHECKS, "png", fail)
        return verify("drawing.png", samples()["drawing.png"])

    return verified


@pytest.mark.parametrize(
    "error",
    [
        ValueError(TEXT),
        KeyError(TEXT),
        RuntimeError(TEXT),
        AssertionError(TEXT),
        RecursionError(TEXT),
        struct.error(TEXT),
        OSError(TEXT),
        OSError(errno.EINVAL, TEXT),
        OSError(errno.EOVERFLOW, TEXT),
    ],
    ids=lambda error: type(error).__name__,
)
def test_unforeseen_error_of_a_library_leaves_the_checksum_and_goes_to_the_log(
    verify_with, caplog, error
):
    result = verify_with(error)
    assert result.message == (
        "Only the checksum was kept: its check failed for an unforeseen reason, which is in the log"
    )
    assert (result.data["kind"], result.data["checked"]) == ("png", "checksum")
    assert [record.exc_info[1] for record in caplog.records] == [error]


def test_missing_library_is_named(verify_with):
    assert verify_with(ModuleNotFoundError(TEXT, name="libfoo.core")).message == (
        "Only the checksum was kept: it needs the package “libfoo”, which is not installed"
    )


def test_error_of_the_disk_fails_the_file_and_is_no_finding(verify_with):
    with pytest.raises(
        ItemFailed, match=r"^The file cannot be read: Input/output error$"
    ) as caught:
        verify_with(OSError(errno.EIO, "Input/output error"))
    assert not caught.value.finding


def test_lack_of_memory_is_left_to_the_worker(verify_with):
    with pytest.raises(MemoryError):
        verify_with(MemoryError())
