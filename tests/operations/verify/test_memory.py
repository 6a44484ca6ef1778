"""The memory of a worker stays flat: no library keeps a part of each file that it has read."""

import psutil
import pytest

from tests.operations.verify.conftest import Verify
from tests.operations.verify.samples import samples

PASSES = 40
MOST_BYTES_A_FILE = 16 * 1024
"""The allocator itself keeps a little. A decoded row, table or log that is kept is larger."""


@pytest.mark.parametrize(
    "name",
    ["photo.jpg", "drawing.png", "tiles.tif", "moving.webp", "picture.avif", "report.pdf",
     "members.zip", "log.xz"],
)  # fmt: skip
def test_memory_stays_flat_when_a_kind_is_checked_again_and_again(
    verify: Verify, name: str
) -> None:
    verify(name, samples()[name])
    process = psutil.Process()
    for _ in range(PASSES // 4):
        verify(name)
    before = process.memory_info().rss
    for _ in range(PASSES):
        verify(name)
    assert process.memory_info().rss - before < PASSES * MOST_BYTES_A_FILE
