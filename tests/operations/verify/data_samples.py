"""Whole databases, fonts, arrays and tables, and the OLE files of old Office."""

import base64
import functools
import io
import sqlite3
import struct
import zlib

import imagecodecs
import numpy as np

# One column of 60 numbers in one page, packed with Zstandard, with the checksum of the page.
_PARQUET = (
    r"c-jG$0crkFK~gal02S;572*RGy6K3q1soN46#x|m6$Tst001bpFa03)MF#+44>>q6by@?!N7z37v@?(<l=r@eh;X"
    r"W^<6=3OSm?WtVN1NpS?n^*^mtE5Yg|euSGU}I%dL!C%AEp(H>f|>z*NjR48S@3Y5G&i*tVdqG$3;tHeVz0+tBeTb"
    r"kOxMM|=7mi)|}4XyCJyNqVEI!IGK1pn|XP{*D%=6b^SEwZoaj7l~!b`t}k+o?~rEvh)>_?M=L<9<l2ybvJbJT^-!"
    r"Pimor>ABxFSVD*&I?q+iiVdJ{u^c7JZ#<)BL)0PM34IJ5GFzm_NwFYP#(>a8V11NDU2_o)Bg{`agB<k5tei;B21Q"
    r"{$f02l^yV`yb<VHE-Z6#^v!7y)4b7I+yP85|}692Ei?B?bT)7y)4w3>J76q68M01SSYc92Ec+02KlNJShelCIEN<"
    r"000)E1QvKE2o{(G04N}EVRCVGWppiLaBwYQa&m8XAa-SPb7^mGATl;CFfK6}92@`u0Db@f08l|vG3^eTJ^"
)
_HDF5 = (
    r"c-rgqaB<`1lHy|K;9!7(|4^_Q$~S=0Q$xeL{XJZQm>4RUgpd`&02dPjBLjn|5CaRQ9FH;s12Y2?0}n_tkwE}x9mG"
    r"ZlpdbTC9|TA<-~(^xthWFFv8yq*"
)
_HDF5_OLD = (
    r"c-rgqaB<`1lHy_j0S*oZ76t(ZWbhvf3Yby(F!=;1%?PDCp!5nRm^d?7P68?}05x9$YF+?TJS51~71?}rdq%;?1|F"
    r"`C;G_}(<#Ryk6HKV;VCgV`O7;pu(<^$q=3y{^+Q$TBb1)>r(l-apZ4M~zfzbe|Z7PE"
)


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


@functools.cache
def database(*, journal: str = "delete") -> bytes:
    """Two tables, an index in an order of their program's own, and a text search."""
    with sqlite3.connect(":memory:") as connection:
        connection.create_collation("OWN", lambda one, other: (one > other) - (one < other))
        connection.create_function("own", 1, str, deterministic=True)
        connection.executescript(
            "CREATE TABLE photo (id INTEGER PRIMARY KEY, name TEXT COLLATE OWN NOT NULL);"
            "CREATE INDEX by_name ON photo (name);"
            "CREATE INDEX by_own ON photo (own(name));"
            "CREATE TABLE word (word TEXT PRIMARY KEY, places) WITHOUT ROWID;"
            "CREATE VIRTUAL TABLE search USING fts5 (text);"
        )
        rows = [(number, f"IMG_{number * 7919 % 1000:04}.JPG") for number in range(900)]
        connection.executemany("INSERT INTO photo VALUES (?, ?)", rows)
        connection.executemany("INSERT INTO word VALUES (?, ?)", [(str(row), "x") for row in rows])
        connection.commit()
        content = connection.serialize()
    mode = 2 if journal == "wal" else 1
    return content[:18] + bytes([mode, mode]) + content[20:]


def font_sum(table: bytes) -> int:
    table += bytes(-len(table) % 4)
    return sum(struct.unpack(f">{len(table) // 4}I", table)) & 0xFFFFFFFF


def tables() -> dict[bytes, bytes]:
    shapes = np.random.default_rng(5).integers(0, 256, 9001, np.uint8).tobytes()
    return {
        b"OS/2": bytes(range(96)),
        b"glyf": shapes,
        b"head": b"\0\1\0\0" + bytes(4) + bytes(4) + b"\x5f\x0f\x3c\xf5" + bytes(38),
        b"name": b"A font for tests" * 4,
    }


def font(mark: bytes = b"\0\1\0\0", *, start: int = 0) -> bytes:
    """`start` is where the font will be in its file."""
    place = 12 + 16 * len(tables())
    entries, body = b"", b""
    for name, table in tables().items():
        entries += struct.pack(
            ">4sIII", name, font_sum(table), start + place + len(body), len(table)
        )
        body += table + bytes(-len(table) % 4)
    whole = mark + struct.pack(">HHHH", len(tables()), 64, 2, 0) + entries + body
    at = whole.index(tables()[b"head"]) + 8
    adjustment = (0xB1B0AFBA - font_sum(whole)) & 0xFFFFFFFF
    return whole[:at] + struct.pack(">I", adjustment) + whole[at + 4 :]


def collection() -> bytes:
    return struct.pack(">4sIII", b"ttcf", 0x10000, 1, 16) + font(start=16)


def woff() -> bytes:
    place = 44 + 20 * len(tables())
    entries, body = b"", b""
    for name, table in tables().items():
        packed = zlib.compress(table)
        packed = packed if len(packed) < len(table) else table
        entries += struct.pack(
            ">4sIIII", name, place + len(body), len(packed), len(table), font_sum(table)
        )
        body += packed + bytes(-len(packed) % 4)
    length = place + len(body)
    return (
        struct.pack(
            ">4sIIHHIHHIIIII", b"wOFF", 0x10000, length, len(tables()), 0, 0, 1, 0, 0, 0, 0, 0, 0
        )
        + entries
        + body
    )


def woff2() -> bytes:
    """Without transformed tables: the glyphs say so by number 3."""
    numbers = {b"head": 1, b"name": 5, b"OS/2": 6, b"glyf": 10 | 3 << 6}
    entries, body = b"", b""
    for name, table in tables().items():
        length = len(table)
        base128 = [length & 127]
        while length := length >> 7:
            base128.insert(0, length & 127 | 128)
        entries += bytes([numbers[name], *base128])
        body += table
    packed = bytes(imagecodecs.brotli_encode(body))
    count, length = len(tables()), 48 + len(entries) + len(packed)
    return (
        struct.pack(
            ">4sIIHHIIHHIIIII", b"wOF2", 0x10000, length, count, 0, 0, len(packed), *[0] * 7
        )
        + entries
        + packed
    )


def outlines(
    *,
    contours: tuple[int, ...] = (1, 2),
    points: bytes = b"\3\3\4",
    flags: bytes = bytes([0, 0, 84, 0, 120, 0, 0, 0, 124, 0]),
    places: bytes = bytes(4 + 1 + 13 + 1),
    boxes: bytes = b"\x80\0\0\0" + bytes(8),
) -> bytes:
    """The table “glyf” as WOFF2 transforms it, of two glyphs with ten points."""
    counts = struct.pack(f">{len(contours)}h", *contours)
    streams = (counts, points, flags, places, b"", boxes, b"")
    return struct.pack(">HHHH7I", 0, 0, len(contours), 0, *map(len, streams)) + b"".join(streams)


def woff2_of_outlines(table: bytes) -> bytes:
    packed = bytes(imagecodecs.brotli_encode(table))
    entry = bytes([10, 100, len(table)])
    length = 48 + len(entry) + len(packed)
    header = (b"wOF2", 0x10000, length, 1, 0, 0, len(packed), *[0] * 7)
    return struct.pack(">4sIIHHIIHHIIIII", *header) + entry + packed


def array(dtype: str = "<f8", version: tuple[int, int] = (1, 0)) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.arange(3000).astype(dtype), version)
    return stream.getvalue()


def _card(text: str) -> bytes:
    return text.ljust(80).encode()


def _ones(content: bytes) -> int:
    total = sum(struct.unpack(f">{len(content) // 4}I", content))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def fits(*, summed: bool = True) -> bytes:
    """A picture and an extension of it."""
    units = []
    for first in ("SIMPLE  =                    T", "XTENSION= 'IMAGE   '"):
        data = np.arange(4000, dtype=">i2").tobytes()
        data += bytes(-len(data) % 2880)
        cards = [
            first, "BITPIX  =                   16 / bits", "NAXIS   =                    2",
            "NAXIS1  =                  100", "NAXIS2  =                   40",
        ]  # fmt: skip
        if summed:
            cards.append(f"DATASUM = '{_ones(data)}'")
        header = b"".join(map(_card, [*cards, "END"]))
        units.append(header + b" " * (-len(header) % 2880) + data)
    return b"".join(units)


def parquet() -> bytes:
    return unpacked(_PARQUET)


def hdf5(*, old: bool = False) -> bytes:
    return unpacked(_HDF5_OLD if old else _HDF5)


_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR = 512


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams. Short ones share the sectors of the small streams."""
    sectors = [b""]  # the first is the table of all
    chain = [_TABLE]

    def add(content: bytes) -> int:
        if not content:
            return _END
        content += bytes(-len(content) % _SECTOR)
        first, count = len(sectors), len(content) // _SECTOR
        sectors.extend(content[at : at + _SECTOR] for at in range(0, len(content), _SECTOR))
        chain.extend([*range(first + 1, first + count), _END])
        return first

    small, entries = b"", []
    small_chain: list[int] = []
    for number, (name, content) in enumerate(streams.items(), 1):
        following = number + 1 if number < len(streams) else _FREE
        if len(content) >= 4096:
            first = add(content)
        else:
            first, count = len(small_chain), -(-len(content) // 64)
            small += content + bytes(-len(content) % 64)
            small_chain += [*range(first + 1, first + count), _END]
        entries.append(_entry(name, 2, following, _FREE, first, len(content)))
    root = _entry("Root Entry", 5, _FREE, 1, add(small), len(small))
    small_table = add(struct.pack(f"<{len(small_chain)}I", *small_chain).ljust(_SECTOR, b"\xff"))
    empty = bytes(68) + b"\xff" * 12 + bytes(48)
    directory = add(root + b"".join(entries) + empty * (-(len(entries) + 1) % 4))
    assert len(chain) <= _SECTOR // 4
    sectors[0] = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    header = struct.pack(
        "<8s16xHHHHH10xII4xIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6,
        1, directory, 4096, small_table, 1, _END, 0,
    ) + struct.pack("<I", 0) + b"\xff" * 4 * 108  # fmt: skip
    return header + b"".join(sectors)


def _entry(name: str, kind: int, right: int, child: int, first: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )
