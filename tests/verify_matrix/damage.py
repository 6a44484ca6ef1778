"""Damages a file in six ways: always the same for the same file.

A cut removes the end. The others hit the middle of the file, where the content of every kind made
here lies, and not its header, which every program checks. They move on until they change something:
zeros over zeros are no damage.
"""

from collections.abc import Callable

BLOCK = 4096
STEP = 512


def damages(whole: bytes) -> dict[str, bytes]:
    """Return the damaged contents by the name of the damage; each differs from `whole`.

    Raises ValueError for a file that is too short or too uniform to be damaged so.
    """
    return {name: damage(whole) for name, damage in DAMAGES.items()}


def _cut(percent: int) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: len(whole) - max(1, len(whole) * percent // 100)]


def _zeros(whole: bytes) -> bytes:
    length = min(BLOCK, len(whole) // 8)
    for place in range(len(whole) // 2, len(whole) - length, STEP):
        if any(whole[place : place + length]):
            return whole[:place] + bytes(length) + whole[place + length :]
    raise ValueError("its second half is nothing but zeros")


def _bit(whole: bytes) -> bytes:
    for place in range(len(whole) * 11 // 20, len(whole)):
        if any(whole[place - 32 : place + 32]):
            return whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
    raise ValueError("its second half is nothing but zeros")


def _swapped(whole: bytes) -> bytes:
    length = min(BLOCK, len(whole) // 8)
    first = len(whole) // 2 - length
    for second in range(first + length, len(whole) - length, STEP):
        one, two = whole[first : first + length], whole[second : second + length]
        if one != two:
            between = whole[first + length : second]
            return whole[:first] + two + between + one + whole[second + length :]
    raise ValueError("its second half repeats one block")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut 1 %": _cut(1),
    "cut 10 %": _cut(10),
    "cut 50 %": _cut(50),
    "zeros": _zeros,
    "bit": _bit,
    "swapped": _swapped,
}
"""What each damage does. Zeros and swapped blocks have 4 KiB, or an eighth of a smaller file."""
