"""Makes small archives of kinds that no package of the tests writes.

Packed ones are kept as text: those of 7-Zip and gcab were made with the programs, those of RAR come
from the tests of the package rarfile (Marko Kreen, ISC licence).
"""

import base64
import hashlib
import struct
import zlib

_SEVENZIP = {
    "lzma2": (
        "N3q8ryccAATcuwUUJQAAAAAAAABSAAAAAAAAACcKfXDgAD4AHV0ANhpKHwigK2/+lMZB0wFZ1eBAkIK0owI5"
        "fZB9EwAAAQQGAAEJJQAHCwEAASEhAQAMPwAICgE9WopzAAAFARkMAAAAAAAAAAAAAAAAEQ0AYQAuAHQAeAB0"
        "AAAAFAoBAJPMG2ysgN0BFQYBACCApIEAAA=="
    ),
    "copy": (
        "N3q8ryccAAQbebkIPwAAAAAAAABCAAAAAAAAAI1Ud+ZsaW5lIDEKbGluZSAyCmxpbmUgMwpsaW5lIDQKbGlu"
        "ZSA1CmxpbmUgNgpsaW5lIDcKbGluZSA4CmxpbmUgOQoBBAYAAQk/AAcLAQABAQAMPwAICgE9WopzAAAFAREN"
        "AGEALgB0AHgAdAAAABQKAQCTzBtsrIDdARUGAQAggKSBAAA="
    ),
    "encrypted": (
        "N3q8ryccAAQhVuwFMAAAAAAAAABiAAAAAAAAAP2buqk0CgH8DEypX1LHJPuPqKjrIafWGGejfL6q3Z9rVreZ"
        "eatDdWg2m7M6ou8rrrJ7Q5MBBAYAAQkwAAcLAQACJAbxBwESUw8RX8SP2rykvx3N7AZG319FISEBAAEADCU/"
        "AAgKAT1ainMAAAUBGQEAEQ0AYQAuAHQAeAB0AAAAFAoBAJPMG2ysgN0BFQYBACCApIEAAA=="
    ),
    "encrypted list": (
        "N3q8ryccAATToGmnoAAAAAAAAAAuAAAAAAAAAJZrtIM1xvLXt+w+qIUZVhHdH2VbfxSu88APVQnshPKGCwH8"
        "Gj1Y/xEusmfA4F+UfAVGmQHobsHshE9ArJEZvfJA+mD+FyND0AscNt2d0mSHXTQfqgzyuFmPoo5nuUpAhAFo"
        "g/hG6dsQdjsMDPiKCRtZD4fasQ6lEkcrN41Cnp+LFqHsvO7h9seLQkGMkGg0o6/dRwncqHmBIiZchDDWdh6m"
        "nC2uFwYwAQlwAAcLAQABJAbxBwESUw8WgvRZ+cbooFhOBjfLuLUvDGIKAdrpdPAAAA=="
    ),
}
_RAR = {
    "solid 5": (
        "UmFyIRoHAQAJ78hvCwEFBwQGAQGAgIAA3vVwchwCAroABIAQtoMCoua3xYAbAQpzdGVzdDEudHh0waw3REQj"
        "+iP2l/1iU1G+TJGBQQKMwQN5XL9Ho6otoDaT3aBYAEACANRQBHb2xH8y6p8ypcTM14PfABDoLYkcAgKNAASA"
        "ELaDAqLmt8XAGwEKc3Rlc3QyLnR4dEUVCmABAAgD37f79vwdd1ZRAwUEAA=="
    ),
    "4": (
        "UmFyIRoHAM+QcwAADQAAAAAAAABc/3QgmDQAAgAAAAIAAAADU/xRZ5e2/lAdMA8ApIEAAHZlcnNpb25lZC50"
        "eHQ7MQCwgoY8MQrQ+HQgmDQAAgAAAAIAAAADkK98TJe2/lAdMA8ApIEAAHZlcnNpb25lZC50eHQ7MgCwh5M/"
        "MgoxKHQgkDIAAgAAAAIAAAAD0Z5nVZe2/lAdMA0ApIEAAHZlcnNpb25lZC50eHQAsIugQjMKxD17AEAHAA=="
    ),
}
_CABINET = (
    "TVNDRgAAAABsAAAAAAAAACwAAAAAAAAAAwEBAAEAAAAAAAAAQgAAAAEAAQA/AAAAAAAAAAAAfl3mSiAAYS50eHQAugHc"
    "7iIAPwBDS8vJzEtVMOTKAVFGEMoYQplAKFMIZQahzCGUBYSy5AIA"
)
COMPRESSED = base64.b64decode("H52QbNK4KQMihoKAA0HIOCiQ4AyGCWlAJFhjIggbFm9YxGExhwI=")
"""The lines of the archives below, packed by `compress`."""
LINES = b"".join(b"line %d\n" % number for number in range(1, 10))


def seven_zip(kind: str = "lzma2") -> bytes:
    """One member `a.txt` with nine lines."""
    return base64.b64decode(_SEVENZIP[kind])


def rar(kind: str) -> bytes:
    return base64.b64decode(_RAR[kind])


def cabinet() -> bytes:
    return base64.b64decode(_CABINET)


def _number(value: int) -> bytes:
    coded = b""
    while value > 0x7F:
        coded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return coded + bytes([value])


def _block5(kind: int, flags: int, fields: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    has_data = bool(data) or kind == 2
    body = _number(kind) + _number(flags | bool(extra) | 2 * has_data)
    body += _number(len(extra)) if extra else b""
    body += _number(len(data)) if has_data else b""
    body += fields + extra
    header = _number(len(body)) + body
    return struct.pack("<I", zlib.crc32(header)) + header + data


def rar5(
    members: dict[str, bytes], *, split: bool = False, extra: bytes = b"", method: int = 0
) -> bytes:
    """Members that are not packed. `split`: the last one continues in another volume."""
    blocks = [b"Rar!\x1a\x07\x01\x00", _block5(1, 0, _number(1 if split else 0))]
    for name, data in members.items():
        encoded = name.encode()
        fields = _number(4) + _number(len(data)) + _number(0) + struct.pack("<I", zlib.crc32(data))
        fields += _number(method << 7) + _number(1) + _number(len(encoded)) + encoded
        blocks.append(_block5(2, 0x10 if split else 0, fields, data, extra))
    return b"".join(blocks) + _block5(5, 0, _number(1 if split else 0))


def rar5_locked() -> bytes:
    """Its headers are encrypted."""
    return b"Rar!\x1a\x07\x01\x00" + _block5(4, 0, bytes(20)) + bytes(200)


def _block4(kind: int, flags: int, fields: bytes, data: bytes = b"") -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body + data


def rar4(members: dict[str, bytes], *, version: int = 20, method: int = 0x30) -> bytes:
    """Members that are not packed, or claim to be packed by a version of RAR."""
    blocks = [b"Rar!\x1a\x07\x00", _block4(0x73, 0, bytes(6))]
    for name, data in members.items():
        fields = struct.pack("<IIBII", len(data), len(data), 3, zlib.crc32(data), 0)
        fields += struct.pack("<BBHI", version, method, len(name), 0o100644 << 16) + name.encode()
        blocks.append(_block4(0x74, 0x8000, fields, data))
    return b"".join(blocks) + _block4(0x7B, 0x4000, b"")


def ar(members: dict[str, bytes]) -> bytes:
    parts = [b"!<arch>\n"]
    for name, data in members.items():
        parts.append(b"%-16s%-12d%-6d%-6d%-8o%-10d`\n" % (name.encode(), 0, 0, 0, 420, len(data)))
        parts.append(data + b"\n" * (len(data) % 2))
    return b"".join(parts)


def cpio(members: dict[str, bytes]) -> bytes:
    """The format "newc", with its end mark."""
    archive = b""
    for name, data in [*members.items(), ("TRAILER!!!", b"")]:
        fields = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        archive += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        archive += bytes(-len(archive) % 4) + data
        archive += bytes(-len(archive) % 4)
    return archive


def rpm(content: bytes) -> bytes:
    """A lead, a signature with length and MD5, a header without entries, the content."""
    body = b"\x8e\xad\xe8\x01" + bytes(12) + content
    store = struct.pack(">I", len(body)) + hashlib.md5(body).digest()
    index = struct.pack(">8I", 1000, 4, 0, 1, 1004, 7, 4, 16)
    signature = b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", 2, len(store)) + index + store
    lead = b"\xed\xab\xee\xdb\x03\x00" + bytes(90)
    return lead + signature + bytes(-len(signature) % 8) + body


def iso(data: bytes = LINES, padding: int = 4096, *, rock_ridge: bool = False) -> bytes:
    """An image with one file in one folder in the root. `rock_ridge`: its fields continue."""

    def both(value: int, width: int = 4) -> bytes:
        return value.to_bytes(width, "little") + value.to_bytes(width, "big")

    def record(name: bytes, place: int, length: int, flags: int, added: bytes = b"") -> bytes:
        fields = b"\0" + both(place) + both(length) + bytes(7) + bytes([flags, 0, 0]) + both(1, 2)
        fields += bytes([len(name)]) + name + bytes((len(name) + 1) % 2)
        return bytes([len(fields) + 1 + len(added)]) + fields + added

    other = b"RR\x06\x01\x81\0" if rock_ridge else b""
    continued = b"ER\x08\x01\0\0\0\1"
    where = both(20) + both(1024) + both(len(continued))
    first = b"SP\x07\x01\xbe\xef\0" + b"CE\x1c\x01" + where + b"\0" if rock_ridge else b""

    def folder(here: int, above: int, inside: bytes) -> bytes:
        content = record(b"\0", here, 2048, 2, first if here == 18 else other)
        content += record(b"\1", above, 2048, 2, other) + inside
        return content + bytes(2048 - len(content))

    table = b"".join(
        struct.pack("<BBIH", length, 0, place, 1) + name
        for length, place, name in ((1, 18, b"\0\0"), (6, 19, b"FOLDER"))
    )
    blocks = 21 + (len(data) + 2047) // 2048 + (padding + 2047) // 2048
    primary = bytearray(2048)
    primary[:7] = b"\x01CD001\x01"
    primary[80:88] = both(blocks)
    primary[128:132] = both(2048, 2)
    primary[132:140] = both(len(table))
    primary[140:144] = (20).to_bytes(4, "little")
    primary[156:190] = record(b"\0", 18, 2048, 2)
    last = b"\xffCD001\x01" + bytes(2041)
    root = folder(18, 18, record(b"FOLDER", 19, 2048, 2, other))
    inner = folder(19, 18, record(b"A.TXT;1", 21, len(data), 0, other))
    return (
        bytes(0x8000)
        + bytes(primary)
        + last
        + root
        + inner
        + table
        + bytes(1024 - len(table))
        + continued
        + bytes(1024 - len(continued))
        + data
        + bytes(-len(data) % 2048)
    ) + bytes(padding)
