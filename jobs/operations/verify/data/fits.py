"""Checks FITS files of telescopes: every block is there, and the checksums of those that have one.

A file is a row of units. Each is a header of 80 byte cards and data, both in blocks of 2,880 bytes.
"""

import re
from typing import IO

import numpy as np

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import Checked, broken

_BLOCK = 2880
_CARD = 80
_READ_BYTES = _BLOCK * 364
_MOST_BLOCKS = 36_000
_NUMBER = re.compile(r"\s*([+-]?\d{1,18})\s*(?:/|$)")
_TEXT = re.compile(r"\s*'((?:[^']|'')*)'")
_ALL_ONES = 0xFFFFFFFF


def check_fits(content: Content) -> Checked:
    """Walk from unit to unit. Raises ItemFailed if one is cut off or its checksum is wrong."""
    units = summed = edited = 0
    with content.open() as stream:
        while True:
            start = stream.tell()
            first = stream.read(_CARD)
            if units and not first.startswith(b"XTENSION"):
                break
            stream.seek(start)
            cards = _header(stream, units + 1)
            has_sum, changed = _check_unit(stream, start, cards, content.size, units + 1)
            summed += has_sum
            edited += changed
            units += 1
        stream.seek(start)
        note = "other data follows its end" if _has_more(stream) else ""
    if edited:
        note = "a header in it was changed without its checksum"
    elif content.size % _BLOCK and not note:
        note = "its last block is not complete"
    facts = {"pages": units} if units > 1 else {}
    return Checked(facts, note, depth="content" if summed == units else "structure")


def _has_more(stream: IO[bytes]) -> bool:
    """Return True if anything but zeros follows: a part whose header was lost, too."""
    return any(piece.strip(b"\0") for piece in iter(lambda: stream.read(_READ_BYTES), b""))


def _header(stream: IO[bytes], unit: int) -> dict[str, str]:
    """Read the cards up to END. Of several with the same name the first counts."""
    cards: dict[str, str] = {}
    for _ in range(_MOST_BLOCKS):
        block = stream.read(_BLOCK)
        for at in range(0, len(block), _CARD):
            card = block[at : at + _CARD].decode("latin-1")
            name = card[:8].rstrip()
            if name == "END":
                return cards
            if card[8:9] == "=":
                cards.setdefault(name, card[9:].lstrip("="))
        if len(block) < _BLOCK:
            raise broken(f"The file is cut off: the header of part {unit:,} has no end")
    raise broken(f"The file is damaged: the header of part {unit:,} has no end")


def _check_unit(
    stream: IO[bytes], start: int, cards: dict[str, str], size: int, unit: int
) -> tuple[bool, bool]:
    """Go behind the data of a unit.

    Returns whether its data had a checksum, and whether its header does not match its own.
    """
    place = start + -(-(stream.tell() - start) // _BLOCK) * _BLOCK
    length = _data_bytes(cards, unit)
    end = place + length
    if end > size:
        raise broken(f"The file is cut off: it should have {end:,} bytes and has {size:,}")
    padded = place + -(-length // _BLOCK) * _BLOCK
    stream.seek(place)
    declared = _text(cards.get("DATASUM"))
    whole = _text(cards.get("CHECKSUM"))
    if not declared.isdigit():
        stream.seek(padded)
        return False, False
    data = _sum(stream, length, 0)
    if data != int(declared) and not (data in (0, _ALL_ONES) and int(declared) in (0, _ALL_ONES)):
        raise broken(f"The file is damaged: the checksum of the data of part {unit:,} is wrong")
    changed = False
    if len(whole) == 16 and whole.strip("0"):
        stream.seek(start)
        changed = _sum(stream, place - start, data) not in (0, _ALL_ONES)
    stream.seek(padded)
    return True, changed


def _data_bytes(cards: dict[str, str], unit: int) -> int:
    axes = [_number(cards, f"NAXIS{axis}", unit) for axis in range(1, _axes(cards, unit) + 1)]
    if not axes:
        return 0
    groups = "GROUPS" in cards and cards["GROUPS"].lstrip().startswith("T") and axes[0] == 0
    count = 1
    for length in axes[1:] if groups else axes:
        count *= length
    values = _number(cards, "GCOUNT", unit, 1) * (_number(cards, "PCOUNT", unit, 0) + count)
    return abs(_number(cards, "BITPIX", unit)) // 8 * values


def _axes(cards: dict[str, str], unit: int) -> int:
    axes = _number(cards, "NAXIS", unit)
    if not 0 <= axes <= 999:
        raise _not_valid(unit)
    return axes


def _number(cards: dict[str, str], name: str, unit: int, default: int | None = None) -> int:
    if name not in cards and default is not None:
        return default
    found = _NUMBER.match(cards.get(name, ""))
    if found is None or (int(found[1]) < 0 and name != "BITPIX"):
        raise _not_valid(unit)
    return int(found[1])


def _text(value: str | None) -> str:
    found = _TEXT.match(value or "")
    return found[1].strip() if found else ""


def _sum(stream: IO[bytes], length: int, total: int) -> int:
    """Return the sum of words of four bytes in ones' complement, added to `total`."""
    while length > 0:
        piece = stream.read(min(length, _READ_BYTES))
        if not piece:
            break
        length -= len(piece)
        piece += bytes(-len(piece) % 4)
        total += int(np.frombuffer(piece, ">u4").sum(dtype=np.uint64))
        while total > _ALL_ONES:
            total = (total & _ALL_ONES) + (total >> 32)
    return total


def _not_valid(unit: int) -> Exception:
    return broken(f"The file is damaged: the header of part {unit:,} is not valid")
