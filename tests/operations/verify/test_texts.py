"""Plain text: a block of zeros in it is named with its place."""

import pytest

from jobs.operations import ItemFailed
from tests.operations.verify.samples import TEXT

NOTHING = "Only the checksum was kept: text has nothing in it by which damage could be found"
LINES = (TEXT * 200).encode()


def zeroed(place: int, count: int) -> bytes:
    return LINES[:place] + bytes(count) + LINES[place + count :]


@pytest.mark.parametrize("place", [1000, 20_000, 1024 * 1024 - 100, len(LINES) - 512])
@pytest.mark.usefixtures("either_way")
def test_block_of_zeros_in_a_text_is_a_warning_with_its_place(verify, place):
    result = verify("notes.txt", zeroed(place, 512))
    assert result.message == (
        "Only the checksum was kept: the text has a block of zeros "
        f"from byte {place:,} on, as after a crash"
    )
    assert result.data["kind"] == "text"


@pytest.mark.parametrize("name", ["page.html", "code.py"])
def test_block_of_zeros_is_found_in_web_pages_and_code(verify, name):
    start = b"<?xml version='1.0'?><html><br>"
    assert "zeros from byte 20,031 on" in verify(name, start + zeroed(20_000, 600)).message


def test_fewer_zeros_than_a_block_and_utf_16_are_no_damage(verify):
    assert verify("notes.txt", zeroed(20_000, 511)).message == NOTHING
    assert verify("notes.txt", b"\xff\xfe" + zeroed(20_000, 512)).message == NOTHING


def test_log_that_begins_with_zeros_is_a_warning(verify):
    message = verify("x.log", bytes(9000) + LINES).message
    assert message.startswith("Only the checksum was kept: the text has a block of zeros from byte")


def test_zeros_at_the_end_of_json_lines_fail(verify):
    with pytest.raises(ItemFailed, match="Not valid JSON"):
        verify("x.jsonl", b'{"a": 1}\n' * 9 + bytes(700))
