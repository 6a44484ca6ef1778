"""lzip, LZMA, LZ4, Brotli, .Z, bgzip and Zstandard: parts, checksums, ends and dictionaries."""

import gzip
import io
import lzma
import struct
import tarfile
import zlib

import brotli
import lz4.block
import lz4.frame
import pytest
import zstandard

from jobs.operations import ItemFailed
from jobs.operations.verify import limits
from jobs.operations.verify.packed import streams
from tests.operations.verify import archive_samples as made
from tests.operations.verify.samples import TEXT, flip, make_tar

WHOLE = TEXT.encode()


def lzip(content: bytes) -> bytes:
    packed = lzma.compress(
        content, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    )
    header = b"LZIP\x01\x10"
    sizes = struct.pack("<QQ", len(content), len(header) + len(packed) + 20)
    return header + packed + struct.pack("<I", zlib.crc32(content)) + sizes


def old_lz4(content: bytes) -> bytes:
    block = lz4.block.compress(content, store_size=False)
    return b"\x02\x21\x4c\x18" + struct.pack("<I", len(block)) + block


def lz4_frame(content: bytes) -> bytes:
    return lz4.frame.compress(content, content_checksum=True)


def bgzip(content: bytes) -> bytes:
    def block(data: bytes) -> bytes:
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(data) + packer.flush()
        size = struct.pack("<H", len(packed) + 25)
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + size
        return head + packed + struct.pack("<II", zlib.crc32(data), len(data))

    half = len(content) // 2
    end = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
    return block(content[:half]) + block(content[half:]) + end


PACKERS = {
    "x.lz": lzip,
    "x.lzma": lambda content: lzma.compress(content, lzma.FORMAT_ALONE),
    "x.lz4": lz4_frame,
    "old.lz4": old_lz4,
    "x.br": lambda content: brotli.compress(content, quality=5),
    "blocks.gz": bgzip,
}
KINDS = {"x.lz": "lzip", "x.lzma": "lzma", "x.br": "brotli", "blocks.gz": "gzip"}
CHECKED = ("x.lz", "x.lz4", "blocks.gz")


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("name", PACKERS)
class TestPacked:
    @pytest.mark.usefixtures("either_way")
    def test_whole_file_is_unpacked(self, verify, name):
        content = bytes(range(256)) * 3000 + WHOLE
        result = verify(name, PACKERS[name](content))
        assert result.message == ""
        assert result.data["kind"] == KINDS.get(name, "lz4")
        assert (result.data["unpacked_bytes"], result.data["checked"]) == (len(content), "content")

    @pytest.mark.parametrize("missing", [1, 3, 100, 200])
    def test_missing_end_is_reported(self, verify, name, missing):
        message = fails(verify, name, PACKERS[name](WHOLE)[:-missing])
        assert "cut off" in message

    def test_damage_is_found(self, verify, name):
        content = PACKERS[name](WHOLE)
        place = len(content) // 2
        damaged = content[:place] + bytes(200) + content[place + 200 :]
        assert "is damaged" in fails(verify, name, damaged)

    def test_damage_in_a_tar_inside_is_found(self, verify, name):
        tar = make_tar({"first.txt": WHOLE, "second.txt": WHOLE}, tarfile.USTAR_FORMAT)
        assert verify(name, PACKERS[name](tar)).data["members"] == 2
        message = fails(verify, name, PACKERS[name](flip(tar, tar.index(b"second.txt"))))
        assert "after the member “first.txt”" in message

    def test_bomb_fails_quickly(self, verify, name, monkeypatch):
        monkeypatch.setattr(limits, "RATIO_GRACE_BYTES", 1024 * 1024)
        content = PACKERS[name](bytes(8 * 1024 * 1024))
        with pytest.raises(ItemFailed, match="It unpacks to more than 50 times its size"):
            verify(name, content, max_ratio=50)


@pytest.mark.parametrize("name", CHECKED)
def test_flipped_bit_is_found_by_the_checksum(verify, name):
    content = PACKERS[name](WHOLE)
    for place in range(40, len(content) - 30, len(content) // 20):
        assert "damaged" in fails(verify, name, flip(content, place))


@pytest.mark.parametrize("name", ["x.lz", "x.lz4", "old.lz4"])
def test_consecutive_parts_are_one_file(verify, name):
    result = verify(name, PACKERS[name](WHOLE) + PACKERS[name](WHOLE))
    assert (result.data["unpacked_bytes"], result.message) == (2 * len(WHOLE), "")


@pytest.mark.parametrize("name", ["x.lz", "x.lz4", "old.lz4"])
def test_other_data_after_the_end_is_a_note(verify, name):
    other = b"\xff" * 30
    result = verify(name, PACKERS[name](WHOLE) + other)
    assert result.message == "Whole, but other data follows its end"


def test_skippable_frame_of_lz4_holds_no_content(verify):
    content = b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + lz4_frame(WHOLE)
    assert verify("x.lz4", content).data["unpacked_bytes"] == len(WHOLE)


def test_wrong_checksum_of_lzip_is_reported(verify):
    content = lzip(WHOLE)
    assert fails(verify, "x.lz", flip(content, len(content) - 20)) == (
        "The lzip file is damaged: the checksum of its content does not match"
    )


def test_compressed_by_lzw_is_unpacked_with_a_note(verify):
    result = verify("x.Z", made.COMPRESSED)
    assert result.data["unpacked_bytes"] == len(made.LINES)
    assert result.message == "Whole, but nothing in it marks its end, so it may be cut off"


def test_last_block_of_bgzip_may_not_be_missing(verify):
    content = bgzip(WHOLE)
    assert fails(verify, "x.vcf.gz", content[:-28]) == (
        "The gzip file is cut off: the last block, which bgzip writes, is missing"
    )
    assert verify("x.vcf.gz", content + bytes(50)).message == ""
    assert verify("x.gz", gzip.compress(WHOLE)).message == ""


def test_zstd_that_needs_a_dictionary_is_not_damaged(verify):
    parts = [WHOLE[at : at + 200] for at in range(0, len(WHOLE), 200)]
    dictionary = zstandard.train_dictionary(1024, parts * 3)
    packed = zstandard.ZstdCompressor(dict_data=dictionary).compress(WHOLE)
    result = verify("x.zst", packed)
    assert result.message == (
        "Only the checksum was kept: it was packed with a dictionary, which is needed to unpack it"
    )
    assert result.data["checked"] == "checksum"


def test_zstd_with_a_window_of_gigabytes_is_not_damaged(verify):
    settings = zstandard.ZstdCompressionParameters(window_log=31, write_content_size=False)
    target = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=settings).stream_writer(
        target, closefd=False
    ) as writer:
        writer.write(WHOLE)
    assert verify("x.zst", target.getvalue()).message == (
        "Only the checksum was kept: unpacking it needs more memory than is allowed"
    )


def test_frame_of_pzstd_in_front_holds_no_content(verify):
    packed = zstandard.ZstdCompressor(write_content_size=False).compress(WHOLE)
    content = b"\x50\x2a\x4d\x18\x04\0\0\0" + struct.pack("<I", len(packed)) + packed
    assert verify("x.zst", content).data["unpacked_bytes"] == len(WHOLE)


@pytest.mark.parametrize("name", ["x.lz4", "x.br"])
def test_missing_package_leaves_the_checksum(verify, name, monkeypatch):
    package = "lz4" if name == "x.lz4" else "brotli"

    def missing(module: str) -> None:
        raise ImportError(module)

    monkeypatch.setattr(streams, "import_module", missing)
    assert verify(name, PACKERS[name](WHOLE)).message == (
        f"Only the checksum was kept: it needs the package “{package}”, which is not installed"
    )


@pytest.mark.parametrize("name", ["x.lz", "x.lz4", "x.lzma"])
def test_text_under_the_name_of_a_packed_file_fails(verify, name):
    assert "not what its name says" in fails(verify, name, WHOLE)
