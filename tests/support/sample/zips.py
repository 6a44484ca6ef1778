"""ZIP files that come out the same every time, and a protected one."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping


def make_zip(members: Mapping[str, str | bytes]) -> bytes:
    """The members in this order, all of one date; the first is stored if named `mimetype`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            packed = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(member, content, compress_type=packed)
    return buffer.getvalue()


def make_protected_zip(name: str, content: bytes, password: str) -> bytes:
    """One stored member in the classic encryption, which every program can open."""
    checksum = zlib.crc32(content)
    start = b"sample salt" + bytes([checksum >> 24])
    hidden = _encrypt(start + content, password.encode())
    raw = name.encode()
    sizes = struct.pack("<IIIHH", checksum, len(hidden), len(content), len(raw), 0)
    common = struct.pack("<HHHHH", 20, 1, zipfile.ZIP_STORED, 0, 0x21) + sizes
    local = b"PK\x03\x04" + common + raw + hidden
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0)
    central += raw
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def _encrypt(data: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password:
        _turn(keys, byte)
    out = bytearray()
    for byte in data:
        mask = keys[2] | 2
        out.append(byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF))
        _turn(keys, byte)
    return bytes(out)


def _turn(keys: list[int], byte: int) -> None:
    keys[0] = _step(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _step(keys[2], keys[1] >> 24)


def _step(crc: int, byte: int) -> int:
    """One step of CRC-32 without the inversions around it."""
    return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
