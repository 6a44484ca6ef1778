"""Checks ar archives, Debian and RPM packages, Windows cabinets and cpio archives."""

import hashlib
from collections.abc import Iterator

from jobs.operations.verify.archives import PACKED, Unpacked
from jobs.operations.verify.content import Content
from jobs.operations.verify.declared import check_end
from jobs.operations.verify.kinds import MAGIC
from jobs.operations.verify.limits import Checked, Limits, Meter, broken, shown, structure_only
from jobs.operations.verify.packed.libarchive import Members, Unsupported
from jobs.operations.verify.tars import check_tar

_PIECE_BYTES = 256 * 1024
_AR_START, _AR_HEADER_BYTES, _AR_END = 8, 60, b"`\n"
_RPM_LEAD_BYTES, _RPM_START = 96, b"\x8e\xad\xe8\x01"
_RPM_SIZE, _RPM_MD5 = 1000, 1004
_METHOD = "it is packed by a method that cannot be unpacked here"


class _Part:
    """A part of a file, to be read from its start to its end."""

    def __init__(self, content: Content, place: int, length: int) -> None:
        self._content, self._place, self._end = content, place, place + length

    def read(self, count: int) -> bytes:
        piece = self._content.read_at(self._place, min(count, self._end - self._place))
        self._place += len(piece)
        return piece


def check_ar(content: Content, limits: Limits) -> Checked:
    """Walk all members, which have no checksums; unpack those of a Debian package."""
    members = [*_ar_members(content)]
    facts = {"members": len(members)}
    if not members or members[0][0] != "debian-binary":
        return Checked(facts, depth="structure")
    meter = Meter(limits, content.size)
    for name, place, length in members:
        if name.partition(".")[0] in ("control", "data"):
            _check_tar_in(content, place, length, meter)
    return Checked({**facts, "kind": "deb", "unpacked_bytes": meter.unpacked})


def _ar_members(content: Content) -> Iterator[tuple[str, int, int]]:
    """Yield name, place and length of each member."""
    place, last = _AR_START, ""
    while place < content.size:
        header = content.read_at(place, _AR_HEADER_BYTES)
        after = f" after the member {shown(last)}" if last else ""
        if len(header) < _AR_HEADER_BYTES:
            if not header.strip(b"\n\0"):
                return
            raise broken(f"The ar archive is cut off{after}")
        digits = header[48:58].strip()
        if header[58:] != _AR_END or not digits.isdigit():
            raise broken(f"The ar archive is damaged: a header is not valid{after}")
        place += _AR_HEADER_BYTES
        length = int(digits)
        last = header[:16].decode(errors="replace").strip().rstrip("/")
        if place + length > content.size:
            raise broken(f"The ar archive is cut off in the member {shown(last)}")
        yield last, place, length
        place += length + length % 2


def _check_tar_in(content: Content, place: int, length: int, meter: Meter) -> None:
    head = content.read_at(place, 8)
    part = _Part(content, place, length)
    kind = next((kind for kind in PACKED & MAGIC.keys() if head.startswith(MAGIC[kind])), "")
    if kind:
        pieces = iter(Unpacked(part, kind, meter))
    else:
        pieces = iter(lambda: part.read(_PIECE_BYTES), b"")
    check_tar(pieces)
    for _ in pieces:
        pass  # the checksum comes last


def check_cabinet(content: Content, limits: Limits) -> Checked:
    """Unpack every member; each block has a checksum."""
    check_end(int.from_bytes(content.head[8:12], "little"), content.size)
    return _check_members(content, "cabinet", ("cab",), limits, "content")


def check_cpio(content: Content, limits: Limits) -> Checked:
    """Walk all members to the end mark. Only one variant of the format has checksums."""
    return _check_members(content, "cpio archive", ("cpio",), limits, "structure")


def _check_members(
    content: Content, label: str, formats: tuple[str, ...], limits: Limits, depth: str
) -> Checked:
    meter = Meter(limits, content.size)
    members = Members(content, label, formats)
    try:
        members.check(meter)
    except Unsupported:
        return structure_only(_METHOD)
    return Checked({"members": members.count, "unpacked_bytes": meter.unpacked}, depth=depth)


def check_rpm(content: Content) -> Checked:
    """Compare length and MD5 of all that follows the signature with what that says."""
    start, count, length = _rpm_header(content, _RPM_LEAD_BYTES)
    index = content.read_at(start, 16 * count)
    body = start + 16 * count + length
    body += -(body - _RPM_LEAD_BYTES) % 8
    store = content.read_at(start + 16 * count, length)
    size, md5 = 0, b""
    for at in range(0, len(index), 16):
        tag, _, place, _ = (
            int.from_bytes(index[at + step : at + step + 4], "big") for step in (0, 4, 8, 12)
        )
        if tag == _RPM_SIZE:
            size = int.from_bytes(store[place : place + 4], "big")
        elif tag == _RPM_MD5:
            md5 = store[place : place + 16]
    check_end(body + size, content.size)
    _rpm_header(content, body)
    if not size or len(md5) < 16:
        return structure_only("it has no checksum that is known here")
    found = hashlib.md5(usedforsecurity=False)
    part = _Part(content, body, size)
    while piece := part.read(_PIECE_BYTES):
        found.update(piece)
    if found.digest() != md5:
        raise broken("The RPM package is damaged: the checksum of its content does not match")
    return Checked({})


def _rpm_header(content: Content, place: int) -> tuple[int, int, int]:
    """Return where the index of a header starts, its entries, and the bytes of their values."""
    header = content.read_at(place, 16)
    if header[:4] != _RPM_START or len(header) < 16:
        raise broken("The RPM package is damaged: a header is not valid")
    count, length = (int.from_bytes(header[at : at + 4], "big") for at in (8, 12))
    check_end(place + 16 + 16 * count + length, content.size)
    return place + 16, count, length
