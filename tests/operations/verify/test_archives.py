"""ZIP, TAR and compressed files: the message of each kind of damage, and odd but intact files."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

import pytest
import zstandard

from jobs.operations import ItemFailed
from jobs.operations.verify.packed import streams
from tests.operations.verify.samples import TEXT, flip, make_tar, samples
from tests.support.sample.zips import make_protected_zip, make_zip

WHOLE = TEXT.encode()


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


def stored(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


class TestZip:
    def test_flipped_bit_names_the_member(self, verify):
        content = stored("letters/träge.txt", WHOLE)
        message = fails(verify, "x.zip", flip(content, 500))
        assert message == "Damaged: the checksum of member “letters/träge.txt” does not match"

    def test_flipped_bit_in_packed_content_names_the_member(self, verify):
        content = samples()["letter.docx"]
        message = fails(verify, "x.docx", flip(content, content.index(b"document.xml") + 60, 3))
        assert "member “word/document.xml”" in message

    def test_cut_archive_misses_its_list(self, verify):
        assert fails(verify, "x.zip", samples()["members.zip"][:-5]) == (
            "The archive is cut off or damaged: the list of members at its end is missing"
        )

    def test_damaged_list_is_reported(self, verify):
        content = samples()["members.zip"]
        assert "damaged" in fails(verify, "x.zip", flip(content, content.rindex(b"PK\x01\x02"), 2))

    def test_damaged_header_names_the_member(self, verify):
        content = make_zip({"a.txt": TEXT, "b.txt": TEXT})
        second = content.index(b"PK\x03\x04", 4)
        assert fails(verify, "x.zip", flip(content, second)) == (
            "Damaged: the header of member “b.txt” is not valid"
        )

    def test_password_is_reported_with_the_first_member(self, verify):
        content = make_protected_zip("diary.txt", b"secret words", "pass")
        assert fails(verify, "x.zip", content) == (
            "Protected by a password: 1 of 1 members cannot be checked, the first is “diary.txt”"
        )

    def test_protected_sample_needs_a_password(self):
        content = make_protected_zip("diary.txt", b"secret words", "pass")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.read("diary.txt", pwd=b"pass") == b"secret words"

    def test_unknown_compression_method_is_not_damage(self, verify):
        content = bytearray(stored("a.bin", b"x" * 100))
        for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            place = content.index(mark) + offset
            content[place : place + 2] = (97).to_bytes(2, "little")
        assert verify("x.zip", bytes(content)).message == (
            "Whole, but 1 of 1 members uses an unknown compression method, so it was not read"
        )

    def test_empty_archive_is_whole(self, verify):
        assert verify("x.zip", make_zip({})).data["members"] == 0

    def test_program_may_precede_the_archive(self, verify):
        result = verify("x.jar", b"#!/bin/sh\nexec java -jar $0\n" + samples()["tool.jar"])
        assert (result.data["kind"], result.message) == ("jar", "")

    def test_long_member_name_does_not_fill_the_message(self, verify):
        message = fails(verify, "x.zip", flip(stored("n" * 5000, WHOLE), 5500))
        assert len(message) < 250


class TestTar:
    @pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_every_format_of_tar_is_walked(self, verify, kind):
        content = make_tar({f"folder/{number}.txt": WHOLE for number in range(5)}, kind)
        assert verify("x.tar", content).data["members"] == 5

    @pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_long_names_are_not_counted_as_members(self, verify, kind):
        content = make_tar({"long/" * 60 + "name.txt": WHOLE, "b": b"x"}, kind)
        assert verify("x.tar", content).data["members"] == 2

    def test_links_folders_and_devices_have_no_content(self, verify):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for number, kind in enumerate(
                [tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE]
            ):
                member = tarfile.TarInfo(f"member-{number}")
                member.type = kind
                archive.addfile(member)
        assert verify("x.tar", buffer.getvalue()).data["members"] == 4

    def test_size_in_a_pax_header_counts(self, verify):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
            member = tarfile.TarInfo("a")
            member.size = len(WHOLE)
            member.pax_headers = {"size": str(len(WHOLE)), "comment": "x" * 700}
            archive.addfile(member, io.BytesIO(WHOLE))
            archive.addfile(tarfile.TarInfo("b"))
        assert verify("x.tar", buffer.getvalue()).data["members"] == 2

    def test_damaged_header_is_reported_with_the_member_before_it(self, verify):
        content = make_tar({"first.txt": WHOLE, "second.txt": WHOLE}, tarfile.USTAR_FORMAT)
        place = content.index(b"second.txt")
        assert fails(verify, "x.tar", flip(content, place)) == (
            "The TAR archive is damaged: a header is not valid after the member “first.txt”"
        )

    def test_cut_names_the_member(self, verify):
        content = make_tar({"first.txt": WHOLE, "second.txt": WHOLE}, tarfile.USTAR_FORMAT)
        assert fails(verify, "x.tar", content[:3000]) == (
            "The TAR archive is cut off in the member “first.txt”"
        )

    def test_missing_end_mark_is_a_note(self, verify):
        content = make_tar({"first.txt": b"x"}, tarfile.USTAR_FORMAT)
        assert verify("x.tar", content[:1024]).message == (
            "Whole, but its end mark is missing after the member “first.txt”"
        )

    def test_archive_after_the_end_mark_of_another_is_read(self, verify):
        one = make_tar({"first.txt": b"x" * 600})
        assert verify("x.tar", one + one).data["members"] == 2
        assert "cut off in the member “first.txt”" in fails(verify, "x.tar", one + one[:1024])

    def test_other_data_after_the_end_mark_is_a_note(self, verify):
        assert verify("x.tar", make_tar({"a": b""}) + b"signature").message == (
            "Whole, but other data follows its end"
        )

    def test_empty_archive_is_whole(self, verify):
        assert verify("x.tar", make_tar({})).data == verify("x.tar").data
        assert verify("x.tar").data["members"] == 0


PACKERS = {
    "gzip": ("x.gz", gzip.compress),
    "bzip2": ("x.bz2", bz2.compress),
    "xz": ("x.xz", lzma.compress),
    "zstd": ("x.zst", zstandard.ZstdCompressor(write_checksum=True).compress),
}


@pytest.mark.parametrize("packer", sorted(PACKERS))
class TestPacked:
    def test_missing_end_is_reported(self, verify, packer):
        name, pack = PACKERS[packer]
        assert fails(verify, name, pack(WHOLE)[:-3]).endswith("is cut off: its end is missing")

    def test_consecutive_parts_are_one_file(self, verify, packer):
        name, pack = PACKERS[packer]
        result = verify(name, pack(WHOLE) + pack(b"") + pack(WHOLE))
        assert result.data["unpacked_bytes"] == 2 * len(WHOLE)

    def test_damage_in_a_later_part_is_found(self, verify, packer):
        name, pack = PACKERS[packer]
        first = pack(WHOLE)
        assert "damaged" in fails(verify, name, first + flip(pack(WHOLE), len(first) // 2))

    def test_other_data_after_the_end_is_reported(self, verify, packer):
        name, pack = PACKERS[packer]
        result = verify(name, pack(WHOLE) + b"a signature")
        assert result.message == "Whole, but other data follows its end"

    def test_zeros_after_the_end_are_padding(self, verify, packer):
        name, pack = PACKERS[packer]
        assert verify(name, pack(WHOLE) + bytes(1000)).message == ""

    def test_damage_in_a_tar_inside_is_found(self, verify, packer):
        name, pack = PACKERS[packer]
        tar = make_tar({"first.txt": WHOLE, "second.txt": WHOLE}, tarfile.USTAR_FORMAT)
        message = fails(verify, name, pack(flip(tar, tar.index(b"second.txt"))))
        assert "after the member “first.txt”" in message

    def test_megabytes_are_unpacked_in_pieces(self, verify, packer):
        name, pack = PACKERS[packer]
        content = bytes(range(256)) * 20_000
        assert verify(name, pack(content)).data["unpacked_bytes"] == len(content)


def test_wrong_checksum_of_a_gzip_file_is_reported(verify):
    content = gzip.compress(WHOLE, mtime=0)
    assert fails(verify, "x.gz", flip(content, len(content) - 6)) == (
        "The gzip file is damaged: the checksum of its content does not match"
    )


def test_xz_that_needs_gigabytes_of_memory_is_not_unpacked(verify, monkeypatch):
    monkeypatch.setattr(streams, "MEMORY_BYTES", 1024 * 1024)
    result = verify("x.xz", lzma.compress(WHOLE, preset=9))
    assert result.message == (
        "Only the checksum was kept: unpacking it needs more memory than is allowed"
    )


@pytest.mark.parametrize("own", [b"d\\a.txt", b"d/\xe4.txt"])
def test_member_whose_own_header_spells_its_name_otherwise_is_whole(verify, own):
    listed = "d/a.txt" if own.isascii() else "d/ä.txt"
    content = make_zip({listed: TEXT})
    spelled = listed.encode()
    first = content.index(spelled)
    length = len(own).to_bytes(2, "little")
    other = content[: first - 4] + length + content[first - 2 : first] + own
    moved = other[:6] + bytes(2) + other[8:] + content[first + len(spelled) :]
    shift = len(spelled) - len(own)
    # The list of members stands where the shorter name has moved it.
    end = moved.rindex(b"PK\x05\x06") + 16
    start = int.from_bytes(moved[end : end + 4], "little") - shift
    moved = moved[:end] + start.to_bytes(4, "little") + moved[end + 4 :]
    assert verify("x.zip", moved).message == ""
    wrong = moved.replace(own, own.replace(b".txt", b".bmp"), 1)
    assert "the header of member" in fails(verify, "y.zip", wrong)


def test_volume_of_an_archive_is_not_taken_for_a_cut_one(verify):
    header = b"7z\xbc\xaf\x27\x1c\x00\x04"
    place = (5000).to_bytes(8, "little") + (60).to_bytes(8, "little") + bytes(4)
    content = header + zlib.crc32(place).to_bytes(4, "little") + place + bytes(500)
    assert verify("x.7z.001", content).message == (
        "Only the checksum was kept: it is one of several volumes of an archive"
    )
    assert "cut off" in fails(verify, "x.7z", content)
