"""Damages a file in six ways: always the same for the same file.

A cut removes the end. The others hit the middle of the file, where the content of every kind made
here lies, and not its header, which every program checks. They move on until they change something:
zeros over zeros are no damage.
"""

from collections.abc import Callable, Iterator

BLOCK = 4096
STEP = 512


def damages(whole: bytes) -> dict[str, bytes]:
    """Return the damaged contents by the name of the damage; each differs from `whole`.

    Raises ValueError for a file that is too short or too uniform to be damaged so.
    """
    return {name: damage(whole) for name, damage in DAMAGES.items()}


def _cut(percent: int) -> Callable[[bytes], bytes]:
    return lambda whole: whole[: len(whole) - max(1, len(whole) * percent // 100)]


def _places(whole: bytes, length: int, share: float = 0.5) -> Iterator[int]:
    """Yield places from the middle on, then from the first quarter on: some kinds end in zeros."""
    middle = int(len(whole) * share)
    yield from range(middle, len(whole) - length, STEP)
    yield from range(len(whole) // 4, middle - length, STEP)


def _zeros(whole: bytes) -> bytes:
    length = min(BLOCK, len(whole) // 8)
    for place in _places(whole, length):
        if any(whole[place : place + length]):
            return whole[:place] + bytes(length) + whole[place + length :]
    raise ValueError("it is nothing but zeros")


def _bit(whole: bytes) -> bytes:
    for place in _places(whole, 32, share=0.55):
        if any(whole[place - 32 : place + 32]):
            return whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
    raise ValueError("it is nothing but zeros")


def _swapped(whole: bytes) -> bytes:
    length = min(BLOCK, len(whole) // 8)
    for first in _places(whole, 2 * length):
        second = first + length
        one, two = whole[first:second], whole[second : second + length]
        if one != two:
            return whole[:first] + two + one + whole[second + length :]
    raise ValueError("it repeats one block")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut 1 %": _cut(1),
    "cut 10 %": _cut(10),
    "cut 50 %": _cut(50),
    "zeros": _zeros,
    "bit": _bit,
    "swapped": _swapped,
}
"""What each damage does. Zeros and swapped blocks have 4 KiB, or an eighth of a smaller file."""
