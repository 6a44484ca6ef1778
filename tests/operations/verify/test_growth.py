"""Files made to keep a check busy: its time grows with their size and not with its square."""

import gzip
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from time import process_time

import pytest

from jobs.operations.results import ItemFailed
from jobs.operations.verify import jpeg, limits, pdf
from tests.operations.verify.conftest import Verify
from tests.operations.verify.samples import samples

GROWN = 4
"""A check whose time grows with the square takes 16 times as long for a file so much larger."""
MOST_TIMES = 9
FAIR_SECONDS = 0.25


def tiff_of_pages(pages: int, strip: bytes = b"\0", declared: int = 1) -> bytes:
    """All pages are one pixel and share one strip, of which each declares so many bytes."""
    head = b"II*\0" + struct.pack("<I", 8 + len(strip) + len(strip) % 2)
    content = head + strip + bytes(len(strip) % 2)
    tags = [
        (256, 4, 1, 1), (257, 4, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, declared),
    ]  # fmt: skip
    entries = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    place, directories = len(content), []
    for page in range(pages):
        place += len(entries) + 4
        directories.append(entries + struct.pack("<I", place if page < pages - 1 else 0))
    return content + b"".join(directories)


def zip_of_one_content(members: int) -> bytes:
    """All members are the same packed byte, after so many empty blocks."""
    packer = zlib.compressobj(wbits=-15)
    data = b"\0\0\0\xff\xff" * (members * 50) + packer.compress(b"x") + packer.flush()
    sizes = struct.pack("<3I", zlib.crc32(b"x"), len(data), 1)
    own = b"PK\3\4" + struct.pack("<5H", 20, 0, 8, 0, 0) + sizes + struct.pack("<2H", 1, 0) + b"a"
    listed = b"PK\1\2" + struct.pack("<6H", 20, 20, 0, 8, 0, 0) + sizes
    listed += struct.pack("<5H2I", 1, 0, 0, 0, 0, 0, 0) + b"a"
    at, length = len(own + data), members * len(listed)
    end = b"PK\5\6" + struct.pack("<4H2IH", 0, 0, members, members, length, at, 0)
    return own + data + listed * members + end


def xml_with_defaults(count: int) -> bytes:
    declared = b"".join(b"<!ATTLIST a b%d CDATA 'x'>" % number for number in range(count))
    return b"<!DOCTYPE a [" + declared + b"]><a>" + b"<a/>" * count + b"</a>"


# Name of the file, what makes it, and how large it is at first.
HOSTILE: dict[str, tuple[str, Callable[[int], bytes], int]] = {
    "pages of TIFF": ("x.tif", tiff_of_pages, 150),
    "pages of TIFF with a shared strip": (
        "x.tif",
        lambda pages: tiff_of_pages(pages, bytes(pages * 1000), pages * 1000),
        300,
    ),
    "comments of XML": ("x.xml", lambda count: b"<a>" + b"<!---->" * count + b"</a>", 50_000),
    "comments before XML": ("x.xml", lambda count: b"<!---->" * count + b"<a/>", 50_000),
    "defaults of XML": ("x.xml", xml_with_defaults, 6_000),
    "open comments of JSON": ("x.json", lambda count: b"[" + b"/*" * count, 12_000),
    "escaped quotes of JSON": ("x.json", lambda count: b'["' + rb"\"" * count, 3_000),
    "members of ZIP with a shared content": ("x.zip", zip_of_one_content, 800),
    "members of gzip": ("x.gz", lambda count: gzip.compress(b"") * count, 20_000),
    "boxes of MP4": (
        "x.mp4",
        lambda count: b"\0\0\0\x0cftypisom" + b"\0\0\0\x08free" * count,
        20_000,
    ),
    "bytes of JPEG between segments": (
        "x.jpg",
        lambda count: b"\xff\xd8" + b"\xff" * count + samples()["photo.jpg"][2:],
        20_000,
    ),
}


def seconds_to_verify(verify: Verify, name: str, content: bytes) -> float:
    """Processor time: the least of two tries."""
    taken = []
    for _ in range(2):
        began = process_time()
        with suppress(ItemFailed):
            verify(name, content)
        taken.append(process_time() - began)
    return min(taken)


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_size_of_a_file(verify, kind):
    name, make, size = HOSTILE[kind]
    small = seconds_to_verify(verify, name, make(size))
    large = seconds_to_verify(verify, name, make(size * GROWN))
    assert large < MOST_TIMES * small + FAIR_SECONDS, (small, large)


def test_pages_of_tiff_that_share_their_strip_are_all_decoded_if_it_is_small(verify):
    assert verify("x.tif", tiff_of_pages(12)).data["pages"] == 12


def test_parts_that_share_their_bytes_too_often_keep_only_the_checksum(verify, monkeypatch):
    monkeypatch.setattr(limits, "VISITS_GRACE_BYTES", 0)
    for name, content in (
        ("x.tif", tiff_of_pages(40, bytes(10_000), 10_000)),
        ("x.zip", zip_of_one_content(40)),
    ):
        result = verify(name, content)
        assert result.message.startswith("Only the checksum was kept: its parts overlap")


def test_limit_of_pixels_counts_one_page(verify, monkeypatch):
    one = limits.Limits(pixels=1)
    monkeypatch.setattr(limits.Limits, "of", lambda parameters: one)
    assert verify("x.tif", tiff_of_pages(12)).data["pages"] == 12


def test_tag_of_xml_too_long_for_memory_keeps_only_the_checksum(verify, monkeypatch):
    monkeypatch.setattr("jobs.operations.verify.structured.XML_TOKEN_BYTES", 2 * 1024**2)
    result = verify("x.xml", b"<a><!--" + b"x" * 4 * 1024**2 + b"--></a>")
    assert "a comment or tag of more than 2 MB" in result.message
    assert verify("y.xml", b"<a>" + b"x" * 4 * 1024**2 + b"</a>").message == ""


def test_pages_of_pdf_are_loaded_for_a_time_that_its_size_allows(verify, monkeypatch):
    assert verify("whole.pdf", samples()["report.pdf"]).message == ""
    monkeypatch.setattr(pdf, "_LOADING_SECONDS", -1.0)
    result = verify("x.pdf", samples()["report.pdf"])
    assert (result.data["pages"], result.message) == (
        3,
        "Whole, but only its first 0 pages were loaded",
    )


def test_jpeg_of_too_many_passes_for_its_size_keeps_only_the_checksum(verify, monkeypatch):
    assert verify("whole.jpg", samples()["progressive.jpg"]).message == ""
    monkeypatch.setattr(jpeg, "_MOST_SCANS", 3)
    assert verify("small.jpg", samples()["progressive.jpg"]).message == ""
    monkeypatch.setattr(jpeg, "_MOST_PASSED_PIXELS", 1000)
    message = verify("x.jpg", samples()["progressive.jpg"]).message
    assert message.endswith("passes over all its pixels takes too long")


@pytest.mark.parametrize("digits", [19, 30, 5_000])
def test_number_of_many_digits_is_damage(verify, digits):
    with pytest.raises(ItemFailed, match="its end mark is missing"):
        verify("x.pdf", b"%PDF-1.4\nstartxref\n" + b"9" * digits + b"\n%%EOF")
