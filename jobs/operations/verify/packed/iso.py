"""Checks ISO 9660 images: descriptors, the declared length, and every folder and file in place.

Files in an image have no checksums. ECMA-119 describes the format; sections are named below.
"""

from collections.abc import Iterator

from jobs.operations.verify.content import Content
from jobs.operations.verify.limits import CannotCheck, Checked, Meter, broken, shown
from jobs.operations.verify.packed.rock_ridge import are_valid, has_fields

FIRST_SECTOR = 0x8000
MARK = b"CD001"
_SECTOR = 2048
_PRIMARY, _SUPPLEMENTARY, _END = 1, 2, 255
_MOST_DESCRIPTORS = 64
_MOST_RECORDS = 5_000_000
_FOLDER = 0x2
_LARGEST_FOLDER = 64 * 1024**2


def is_iso(content: Content) -> bool:
    """Return True for an image with an ISO 9660 file system, which begins after 32 KB."""
    return content.read_at(FIRST_SECTOR + 1, len(MARK)) == MARK


def check_iso(content: Content, meter: Meter) -> Checked:
    """Walk all folders. Raises ItemFailed if something lies behind the end or is not valid."""
    image = _Image(content, meter)
    declared = 0
    for descriptor in _descriptors(content):
        if descriptor[0] not in (_PRIMARY, _SUPPLEMENTARY):
            continue
        image.block = _both(descriptor, 128, 2)
        declared = max(declared, _both(descriptor, 80, 4) * image.block)
        if image.block not in (512, 1024, 2048):
            raise _damaged("a size is not valid")
        image.has_fields = False
        folders = image.walk(_both(descriptor, 158, 4), _both(descriptor, 166, 4))
        image.check_table(descriptor, folders)
    note = ""
    if declared > content.size:
        note = "it is shorter than it declares, with all its files in place"
    return Checked({"members": image.members}, note, depth="structure")


def _descriptors(content: Content) -> Iterator[bytes]:
    """Yield the volume descriptors (8.1) up to the one that ends them."""
    for number in range(_MOST_DESCRIPTORS):
        descriptor = content.read_at(FIRST_SECTOR + number * _SECTOR, _SECTOR)
        if len(descriptor) < _SECTOR:
            raise broken("The disk image is cut off in its first blocks")
        if descriptor[1:6] != MARK:
            raise _damaged("a descriptor of its volume is missing")
        if descriptor[0] == _END:
            return
        yield descriptor
    raise _damaged("the end of its descriptors is missing")


class _Image:
    """Walks the folders of one tree after the other. Trees share their files."""

    def __init__(self, content: Content, meter: Meter) -> None:
        self.block = _SECTOR
        self.members = 0
        self.has_fields = False
        self._content = content
        self._meter = meter

    def walk(self, place: int, length: int) -> set[int]:
        """Check a root folder and all below it. Returns the places of the folders."""
        members = 0
        waiting = [(place, length, "")]
        seen: set[int] = set()
        while waiting:
            place, length, path = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            for flags, *extent, name in self._records(place, length, path):
                members += 1
                if members > _MOST_RECORDS:
                    raise CannotCheck("it has more files than are looked at")
                shown_path = f"{path}/{name}" if path else name
                if flags & _FOLDER:
                    waiting.append((extent[0], extent[1], shown_path))
                else:
                    self._check_inside(extent[0], extent[1], shown_path)
        self.members = max(self.members, members)
        return seen

    def check_table(self, descriptor: bytes, folders: set[int]) -> None:
        """Compare the table of folders (9.4) with those that were found on the way."""
        length = _both(descriptor, 132, 4)
        place = int.from_bytes(descriptor[140:144], "little") * self.block
        if not 10 <= length <= _LARGEST_FOLDER:
            raise _damaged("its table of folders is not valid")
        if place + length > self._content.size:
            raise broken("The disk image is cut off: its table of folders lies behind its end")
        self._meter.visit(length)
        table = self._content.read_at(place, length)
        at = 0
        while at + 8 <= len(table):
            start = int.from_bytes(table[at + 2 : at + 6], "little") + table[at + 1]
            if start not in folders or not table[at]:
                raise _damaged("its table of folders names one that is not there")
            at += 8 + table[at] + table[at] % 2

    def _records(self, place: int, length: int, path: str) -> Iterator[tuple[int, int, int, str]]:
        """Yield flags, place, length and name of what is in a folder (9.1)."""
        self._check_inside(place, length, path or "/")
        if length > _LARGEST_FOLDER:
            raise _damaged(f"the folder {shown(path or '/')} is not valid")
        self._meter.visit(length)
        data = self._content.read_at(place * self.block, length)
        at = number = 0
        while at < len(data):
            size = data[at]
            if not size:  # the rest of the sector is empty
                at += _SECTOR - at % _SECTOR
                continue
            record = data[at : at + size]
            if size < 34 or len(record) < size or 33 + record[32] > size:
                raise _damaged(f"the folder {shown(path or '/')} is not valid")
            at += size
            number += 1
            if number <= 2 and record[32:34] != bytes([1, number - 1]):
                raise _damaged(f"the folder {shown(path or '/')} is not valid")
            if number == 1 and not path:
                self.has_fields = has_fields(record)
            if self.has_fields and not are_valid(record, self._read):
                raise _damaged(f"the names in the folder {shown(path or '/')} are not valid")
            start, extent = _both(record, 2, 4) + record[1], _both(record, 10, 4)
            if number > 2:  # the first two are the folder itself and the one above it
                yield record[25], start, extent, _name(record)
        if number < 2:
            raise _damaged(f"the folder {shown(path or '/')} is not valid")

    def _read(self, block: int, place: int, length: int) -> bytes:
        length = min(length, _SECTOR)
        self._meter.visit(length)
        return self._content.read_at(block * self.block + place, length)

    def _check_inside(self, place: int, length: int, path: str) -> None:
        if length and place * self.block + length > self._content.size:
            raise broken(f"The disk image is cut off: {shown(path)} lies behind its end")


def _both(data: bytes, at: int, width: int) -> int:
    """Return a number that is written twice, in both byte orders (7.2.3, 7.3.3)."""
    little = int.from_bytes(data[at : at + width], "little")
    # Some programs leave the second one empty.
    if int.from_bytes(data[at + width : at + 2 * width], "big") not in (0, little):
        raise _damaged("a number that is written twice differs")
    return little


def _name(record: bytes) -> str:
    name = record[33 : 33 + record[32]]
    wide = len(name) > 1 and not name[0]
    return name.decode("utf-16-be" if wide else "utf-8", "replace").partition(";")[0]


def _damaged(what: str) -> Exception:
    return broken(f"The disk image is damaged: {what}")
