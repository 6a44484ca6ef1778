"""ZIP members: every packing method, their own headers against the list, volumes, stray bytes."""

import bz2
import io
import lzma
import struct
import zipfile
import zlib

import pytest
import zstandard

from jobs.operations import ItemFailed
from tests.operations.verify.samples import TEXT, flip, samples
from tests.support.sample.zips import make_zip

WHOLE = TEXT.encode()
VOLUME = "Only the checksum was kept: it is one of several volumes of an archive"


def deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def huffman(content: bytes) -> bytes:
    """Deflate without matches, whose longest lengths Deflate64 writes in another way."""
    packer = zlib.compressobj(wbits=-15, strategy=zlib.Z_HUFFMAN_ONLY)
    return packer.compress(content) + packer.flush()


def zipped(content: bytes, number: int, packed: bytes, **own: int) -> bytes:
    """One member `a.txt`. `own` differs in its own header: `crc`, `size`, `method`, `flags`."""
    crc = zlib.crc32(content)

    def header(method: int, crc: int, size: int, flags: int) -> bytes:
        fields = struct.pack("<5H", 20, flags, method, 0, 0)
        return fields + struct.pack("<3I2H", crc, len(packed), size, 5, 0)

    local = {"method": number, "crc": crc, "size": len(content), "flags": 0, **own}
    listed = header(number, crc, len(content), local["flags"])
    first = b"PK\3\4" + header(**local) + b"a.txt" + packed
    entry = b"PK\1\2" + struct.pack("<H", 20) + listed + struct.pack("<3H2I", 0, 0, 0, 0, 0)
    entry += b"a.txt"
    end = struct.pack("<4H2IH", 0, 0, 1, 1, len(entry), len(first), 0)
    return first + entry + b"PK\5\6" + end


METHODS = {
    "stored": (0, lambda content: content),
    "deflate": (8, deflate),
    "deflate64": (9, huffman),
    "bzip2": (12, bz2.compress),
    "zstd, as first numbered": (20, zstandard.ZstdCompressor().compress),
    "zstd": (93, zstandard.ZstdCompressor().compress),
    "xz": (95, lzma.compress),
}


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("method", METHODS)
class TestMethods:
    @pytest.mark.parametrize("content", [WHOLE, b"", bytes(700_000)], ids=["text", "none", "zeros"])
    def test_whole_member_is_unpacked(self, verify, method, content):
        number, pack = METHODS[method]
        result = verify("x.zip", zipped(content, number, pack(content)))
        assert (result.message, result.data["unpacked_bytes"]) == ("", len(content))

    def test_damage_names_the_member(self, verify, method):
        number, pack = METHODS[method]
        packed = pack(WHOLE)
        place = len(packed) // 2
        damaged = packed[:place] + bytes(100) + packed[place + 100 :]
        message = fails(verify, "x.zip", zipped(WHOLE, number, damaged))
        assert message.startswith("Damaged: ")
        assert "member “a.txt”" in message

    def test_member_that_is_shorter_than_listed_is_damaged(self, verify, method):
        number, pack = METHODS[method]
        content = zipped(WHOLE, number, pack(WHOLE[:-1]))
        assert "member “a.txt”" in fails(verify, "x.zip", content)


def test_lzma_member_is_unpacked(verify, library):
    with zipfile.ZipFile(library / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", WHOLE)
    assert verify("x.zip").data["unpacked_bytes"] == len(WHOLE)


@pytest.mark.parametrize("own", [{"crc": 7}, {"size": 7}, {"method": 0}])
def test_own_header_that_differs_from_the_list_is_damaged(verify, own):
    assert fails(verify, "x.zip", zipped(WHOLE, 8, deflate(WHOLE), **own)) == (
        "Damaged: the header of member “a.txt” is not valid"
    )


@pytest.mark.parametrize(
    "own", [{"crc": 0, "size": 0}, {"size": 0xFFFFFFFF}, {"crc": 7, "size": 9, "flags": 8}]
)
def test_own_header_that_leaves_its_numbers_open_is_whole(verify, own):
    assert verify("x.zip", zipped(WHOLE, 8, deflate(WHOLE), **own)).message == ""


@pytest.mark.parametrize("flag", [0x20, 0x40])
def test_member_with_a_patch_or_strong_encryption_is_not_read(verify, flag):
    content = bytearray(make_stored())
    content[content.rindex(b"PK\1\2") + 8] |= flag
    result = verify("x.zip", bytes(content))
    assert "1 of 1 members uses an unknown compression method" in result.message


def test_first_volume_is_not_damaged(verify):
    content = b"PK\x07\x08" + zipped(WHOLE, 8, deflate(WHOLE))[:900]
    assert verify("x.z01", content).message == VOLUME


@pytest.mark.parametrize("name", ["x.zip.001", "x.z02"])
def test_volume_without_list_is_recognised_by_its_name(verify, name):
    assert verify(name, zipped(WHOLE, 8, deflate(WHOLE))[:900]).message == VOLUME


def test_last_volume_is_not_damaged(verify):
    content = bytearray(zipped(WHOLE, 8, deflate(WHOLE)))
    end = content.rindex(b"PK\5\6")
    content[end + 4 : end + 6] = (2).to_bytes(2, "little")
    assert verify("x.zip", bytes(content[500:])).message == VOLUME


def test_last_volume_of_a_large_archive_is_not_damaged(verify):
    content = zipped(WHOLE, 8, deflate(WHOLE))
    end = content.rindex(b"PK\5\6")
    locator = b"PK\x06\x07" + struct.pack("<IQI", 1, 40, 2)
    open_numbers = content[end : end + 4] + b"\xff" * 16 + bytes(2)
    assert verify("x.zip", content[500:end] + locator + open_numbers).message == VOLUME


@pytest.mark.parametrize("start", [b"\x7fELF" + bytes(500), b"MZ" + bytes(500), b"#!/bin/sh\n"])
def test_bytes_around_an_archive_are_no_damage(verify, start):
    content = start + samples()["members.zip"] + b"\r\n"
    result = verify("x.zip", content)
    assert (result.data["kind"], result.message) == ("zip", "")
    assert "does not match" in fails(
        verify, "y.zip", start + flip(make_stored(), make_stored().index(b"Line 5"))
    )


def make_stored() -> bytes:
    return zipped(WHOLE, 0, WHOLE)


def test_thousands_of_members_are_read(verify):
    content = make_zip({f"{number}.txt": "x" for number in range(2000)})
    assert verify("x.zip", content).data["members"] == 2000


def test_member_with_a_second_name_in_the_list_is_whole(verify):
    """Info-ZIP writes a name that the system cannot show as `xx`, and the real one beside it."""
    info = zipfile.ZipInfo("File x.txt")
    name = "File ö.txt".encode()
    second = b"\1" + struct.pack("<I", zlib.crc32(b"File \x94.txt")) + name
    info.extra = struct.pack("<HH", 0x7075, len(second)) + second
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, WHOLE)
    own, _, listed = buffer.getvalue().rpartition(b"File x.txt")
    assert verify("x.zip", own + b"File \x94.txt" + listed).message == ""
