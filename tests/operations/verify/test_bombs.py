"""Small files that unpack to huge ones fail quickly, in little memory."""

import gzip
import io
import lzma
import struct
import zipfile
import zlib

import pikepdf
import pytest
import zstandard

from jobs.operations import ItemFailed
from jobs.operations.verify import limits
from tests.operations.verify.samples import samples

TRUST = "If you trust it, raise “Largest ratio” and try again"


@pytest.fixture
def small_grace(monkeypatch):
    """Lowers the grace, so that bombs of megabytes act like bombs of gigabytes."""
    monkeypatch.setattr(limits, "RATIO_GRACE_BYTES", 1024 * 1024)


def png(width: int, height: int, packed: bytes) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def zipped(content: bytes, copies: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(copies):
            archive.writestr(f"{number}.txt", content)
    return buffer.getvalue()


ZEROS = bytes(8 * 1024 * 1024)
BOMBS = {
    "x.gz": lambda: gzip.compress(ZEROS),
    "x.xz": lambda: lzma.compress(ZEROS),
    "x.zst": lambda: zstandard.ZstdCompressor().compress(ZEROS),
    "x.zip": lambda: zipped(ZEROS, 2),
}


@pytest.mark.parametrize("name", sorted(BOMBS))
@pytest.mark.usefixtures("small_grace")
def test_error_for_a_bomb_names_the_limit_to_raise(verify, name):
    with pytest.raises(ItemFailed) as caught:
        verify(name, BOMBS[name]())
    assert caught.value.message.startswith("It unpacks to more than 200 times its size")
    assert caught.value.message.endswith(TRUST)
    assert caught.value.finding


@pytest.mark.parametrize("name", sorted(BOMBS))
@pytest.mark.usefixtures("small_grace")
def test_raised_limit_lets_the_file_pass(verify, name):
    assert verify(name, BOMBS[name](), max_ratio=1_000_000).data["unpacked_bytes"] >= len(ZEROS)


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_small_content_is_not_a_bomb(verify, name):
    assert verify(name, BOMBS[name]()).message == ""


def test_error_names_the_largest_unpacked_size(verify, monkeypatch):
    monkeypatch.setattr(limits, "RATIO_GRACE_BYTES", 10**12)
    claimed = bytearray(zipped(b"x", 1))
    place = claimed.index(b"PK\x01\x02")
    claimed[place + 24 : place + 28] = (0xFFFFFF00).to_bytes(4, "little")
    with pytest.raises(ItemFailed, match="more than the limit of 3 GB"):
        verify("x.zip", bytes(claimed), max_unpacked_gb=3)


def test_picture_of_too_many_pixels_fails_before_it_is_decoded(verify):
    with pytest.raises(ItemFailed) as caught:
        verify("x.png", png(100_000, 100_000, zlib.compress(bytes(100_001))))
    assert caught.value.message.startswith(
        "The picture is larger than the limit: 100,000 x 100,000 pixels, "
        "the limit is 1,000 megapixels a page."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b'<!DOCTYPE l [<!ENTITY a0 "lol">'
            + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
            + b"]><l>&a11;</l>",
            "expands to far more than its size",
        ),
        (
            b'<!DOCTYPE a [<!ENTITY x "' + b"A" * 100_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>",
            "expands to far more than its size",
        ),
        (b"<a>" * 200_000, "The XML is cut off"),
    ],
)
def test_xml_made_to_fill_memory_fails(verify, content, said):
    with pytest.raises(ItemFailed, match=said):
        verify("x.xml", content)


def test_endlessly_nested_json_keeps_its_checksum(verify):
    assert "nested so deeply" in verify("x.json", b"[" * 3_000_000).message


def test_number_of_a_million_digits_is_valid_json(verify):
    assert verify("x.json", b"[" + b"7" * 1_000_000 + b"]").data["kind"] == "json"


def test_stream_bomb_in_a_pdf_fails(verify, monkeypatch):
    monkeypatch.setattr(limits, "RATIO_GRACE_BYTES", 1024 * 1024)
    document = pikepdf.open(io.BytesIO(samples()["report.pdf"]))
    part = pikepdf.Stream(document, b"")
    part.write(zlib.compress(ZEROS), filter=pikepdf.Name.FlateDecode)
    document.Root["/Part"] = document.make_indirect(part)
    stream = io.BytesIO()
    document.save(stream, compress_streams=False)
    with pytest.raises(ItemFailed, match="times its size"):
        verify("x.pdf", stream.getvalue())
