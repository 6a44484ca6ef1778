import errno
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.operations import Item, ItemFailed, describe_failure
from jobs.operations.results import MESSAGE_LIMIT


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def no_space() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/library/a.jpg")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ItemFailed("Exactly this"), "Exactly this"),
        (ValueError("boom"), "boom"),
        (ValueError(), "ValueError"),
        (KeyError("size"), "KeyError: 'size'"),
        (MemoryError(), "It needed more memory than a worker may use"),
        (RecursionError("maximum"), "The operation called itself too often (RecursionError)"),
        (SystemExit(1), "The operation tried to exit (SystemExit: 1)"),
        (KeyboardInterrupt(), "The operation was interrupted (KeyboardInterrupt)"),
        (Mute(), "Mute"),
        (OSError("no errno"), "no errno"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why"), None),
    ],
)
def test_every_error_is_a_sentence(error, sentence):
    message = describe_failure(error)
    assert message == sentence if sentence else message.startswith("'utf-8' codec can't decode")


def test_message_of_a_disk_error_hides_the_path():
    assert describe_failure(no_space()) == "No space left on device: a.jpg"


def test_message_leaves_out_the_name_of_the_item():
    assert describe_failure(no_space(), item=Item("b/a.jpg")) == "No space left on device"


def test_file_name_in_bytes_is_shown_too():
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", b"/x/caf\xe9")
    assert describe_failure(error) == "No such file or directory: caf�"


def test_long_message_is_cut():
    message = describe_failure(ValueError("x" * 100_000_000))
    assert len(message) == MESSAGE_LIMIT
    assert message.endswith("…")


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(), max_size=50))
def test_every_message_can_be_stored_and_shown(text):
    message = describe_failure(ValueError(text))
    message.encode()
    assert not set(message) & set("\0\x1b\r\n\x7f")
