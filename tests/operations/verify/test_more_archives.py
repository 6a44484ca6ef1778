"""7-Zip, RAR, cabinets, ar, cpio, packages and disk images: what is whole and what is not."""

import gzip
import lzma
import zlib

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify import limits
from jobs.operations.verify.packed import libarchive
from jobs.operations.verify.packed.blake2sp import Blake2sp
from tests.operations.verify import archive_samples as made
from tests.operations.verify.samples import TEXT, flip, make_tar

WHOLE = TEXT.encode()
VOLUME = "Whole, but only its structure was checked: it is one of several volumes of an archive"
METHOD = (
    "Whole, but only its structure was checked: it is packed by a method that cannot be unpacked "
    "here"
)


def deb() -> bytes:
    tar = make_tar({"./control": b"Package: a\n"})
    return made.ar(
        {
            "debian-binary": b"2.0\n",
            "control.tar.gz": gzip.compress(tar, mtime=0),
            "data.tar.xz": lzma.compress(make_tar({"./usr/a.txt": WHOLE})),
        }
    )


ARCHIVES = {
    "x.7z": (made.seven_zip, {"kind": "7z", "members": 1, "unpacked_bytes": 63}, "content"),
    "x.cb7": (made.seven_zip, {"kind": "7z"}, "content"),
    "packed.rar": (lambda: made.rar("solid 5"), {"members": 2, "unpacked_bytes": 4096}, "content"),
    "old.cbr": (lambda: made.rar("4"), {"members": 3, "unpacked_bytes": 6}, "content"),
    "stored.rar": (
        lambda: made.rar5({"a": WHOLE, "b": b""}),
        {"members": 2, "unpacked_bytes": len(WHOLE)},
        "content",
    ),
    "stored4.rar": (
        lambda: made.rar4({"a": WHOLE, "b": b""}),
        {"members": 2, "unpacked_bytes": len(WHOLE)},
        "content",
    ),
    "x.cab": (made.cabinet, {"kind": "cab", "members": 1, "unpacked_bytes": 63}, "content"),
    "x.deb": (deb, {"kind": "deb", "members": 3}, "content"),
    "x.rpm": (lambda: made.rpm(WHOLE), {"kind": "rpm"}, "content"),
    "x.a": (lambda: made.ar({"a.o": WHOLE, "b.o": b"odd"}), {"members": 2}, "structure"),
    "x.cpio": (lambda: made.cpio({"a": WHOLE}), {"kind": "cpio", "members": 1}, "structure"),
    "x.iso": (made.iso, {"kind": "iso", "members": 2}, "structure"),
}  # fmt: skip


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("name", ARCHIVES)
def test_whole_archive_passes_with_its_facts(verify, name):
    make, facts, depth = ARCHIVES[name]
    result = verify(name, make())
    assert result.message == ""
    assert {**result.data, **facts} == result.data
    assert result.data["checked"] == depth


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("kept", [0.99, 0.9, 0.5])
def test_cut_archive_fails(verify, name, kept):
    content = ARCHIVES[name][0]()
    if name == "x.iso":
        content = made.iso(WHOLE * 8, padding=0).rstrip(b"\0")
    message = fails(verify, name, content[: min(len(content) - 1, int(len(content) * kept))])
    assert "cut off" in message or "damaged" in message.lower()


@pytest.mark.parametrize("name", [name for name in ARCHIVES if ARCHIVES[name][2] == "content"])
def test_flipped_bit_in_an_archive_is_found(verify, name):
    content = ARCHIVES[name][0]()
    assert "damaged" in fails(verify, name, flip(content, len(content) * 5 // 6, 4)).lower()


class TestSevenZip:
    def test_wrong_checksum_names_the_member(self, verify):
        content = made.seven_zip("copy")
        assert fails(verify, "x.7z", flip(content, content.index(b"line 5"))) == (
            "Damaged: member “a.txt” cannot be unpacked as a whole"
        )

    def test_damaged_list_is_reported(self, verify):
        content = made.seven_zip("copy")
        assert fails(verify, "x.7z", flip(content, content.index(b"a\0.\0t\0"))) == (
            "The archive is damaged: the checksum of its list of members does not match"
        )

    @pytest.mark.parametrize("kind", ["encrypted", "encrypted list"])
    def test_password_is_reported(self, verify, kind):
        message = fails(verify, "x.7z", made.seven_zip(kind))
        assert message == "Protected by a password: its members cannot be checked"

    def test_unknown_method_leaves_the_structure(self, verify):
        content = bytearray(made.seven_zip("copy"))
        place = content.index(b"\x07\x0b\x01\x00\x01\x01\x00") + 6
        content[place : place + 1] = b"\x0f"
        header = content[95:]
        content[28:32] = zlib.crc32(header).to_bytes(4, "little")
        content[8:12] = zlib.crc32(content[12:32]).to_bytes(4, "little")
        result = verify("x.7z", bytes(content))
        assert (result.message, result.data["checked"]) == (METHOD, "structure")


class TestRar:
    @pytest.mark.parametrize("make", [made.rar4, made.rar5])
    def test_wrong_checksum_names_the_member(self, verify, make):
        content = make({"first.txt": WHOLE, "second.txt": WHOLE[::-1]})
        place = content.index(WHOLE[::-1]) + 100
        assert fails(verify, "x.rar", flip(content, place)) == (
            "Damaged: the checksum of member “second.txt” does not match"
        )

    @pytest.mark.parametrize("make", [made.rar4, made.rar5])
    def test_damaged_header_is_reported_with_the_member_before_it(self, verify, make):
        content = make({"first.txt": WHOLE, "second.txt": WHOLE})
        assert fails(verify, "x.rar", flip(content, content.index(b"second.txt"))) == (
            "The RAR archive is damaged: a header is not valid after the member “first.txt”"
        )

    def test_missing_end_mark_is_a_note(self, verify):
        content = made.rar5({"a.txt": WHOLE})
        assert verify("x.rar", content[:-8]).message == "Whole, but its end mark is missing"

    def test_end_mark_of_an_old_version_is_not_missed(self, verify):
        assert verify("x.rar", made.rar4({"a.txt": WHOLE})[:-7]).message == ""

    def test_other_data_after_the_end_mark_is_a_note(self, verify):
        content = made.rar5({"a.txt": WHOLE})
        assert verify("x.rar", content + b"signature").message == (
            "Whole, but other data follows its end"
        )

    def test_volume_is_checked_as_far_as_it_goes(self, verify):
        content = made.rar5({"film.mkv": WHOLE}, split=True)
        result = verify("x.part1.rar", content)
        assert (result.message, result.data["checked"]) == (VOLUME, "structure")
        message = fails(verify, "x.part1.rar", flip(content, content.index(WHOLE) + 9))
        assert message == "Damaged: the checksum of member “film.mkv” does not match"

    def test_encrypted_member_is_named(self, verify):
        assert fails(verify, "x.rar", made.rar5({"a": WHOLE}, extra=b"\x02\x01\x00")) == (
            "Protected by a password: 1 of 1 members cannot be checked, the first is “a”"
        )

    def test_encrypted_headers_are_reported(self, verify):
        assert fails(verify, "x.rar", made.rar5_locked()) == (
            "Protected by a password: its list of members cannot be read"
        )

    def test_content_of_an_old_version_is_not_taken_for_damage(self, verify):
        result = verify("x.rar", made.rar4({"a": WHOLE}, version=20, method=0x33))
        assert (result.message, result.data["checked"]) == (METHOD, "structure")

    def test_blake2_checksum_is_compared(self, verify):
        total = Blake2sp()
        for start in range(0, len(WHOLE), 1000):
            total.update(WHOLE[start : start + 1000])
        extra = b"\x22\x02\x00" + total.digest()
        assert verify("x.rar", made.rar5({"a": WHOLE}, extra=extra)).message == ""
        wrong = b"\x22\x02\x00" + flip(total.digest(), 5)
        assert "checksum of member “a”" in fails(
            verify, "y.rar", made.rar5({"a": WHOLE}, extra=wrong)
        )

    def test_comic_may_be_named_for_another_archive(self, verify):
        assert verify("x.cbz", made.rar5({"1.jpg": WHOLE})).message == ""


def test_bomb_fails_within_the_limit(verify, monkeypatch):
    monkeypatch.setattr(limits, "RATIO_GRACE_BYTES", 1000)
    content = made.rar("solid 5")
    with pytest.raises(ItemFailed, match="It unpacks to more than 10 times its size"):
        verify("x.rar", content, max_ratio=10)


def test_without_the_library_only_the_structure_is_checked(verify, monkeypatch):
    monkeypatch.setattr(libarchive, "_places", list)
    libarchive.load_libarchive.cache_clear()
    try:
        missing = "it needs the package “archi”, which is not installed"
        for name, content in (("x.7z", made.seven_zip()), ("x.rar", made.rar("solid 5"))):
            result = verify(name, content)
            assert result.message == f"Whole, but only its structure was checked: {missing}"
        assert verify("y.rar", made.rar5({"a": WHOLE})).data["checked"] == "content"
        assert "does not match" in fails(verify, "z.rar", flip(made.rar5({"a": WHOLE}), 500))
    finally:
        libarchive.load_libarchive.cache_clear()


class TestDiskImage:
    def test_file_behind_the_end_is_named(self, verify):
        content = made.iso(padding=0)[: -2048 + 10]
        assert fails(verify, "x.iso", content) == (
            "The disk image is cut off: “FOLDER/A.TXT” lies behind its end"
        )

    def test_missing_padding_is_a_note(self, verify):
        assert verify("x.iso", made.iso(padding=8192)[:-4096]).message == (
            "Whole, but it is shorter than it declares, with all its files in place"
        )

    def test_boot_sectors_and_a_second_partition_are_no_damage(self, verify):
        content = b"\x33\xed" + b"\x90" * 510 + made.iso()[512:] + bytes(3000)
        assert verify("x.img", content).data["kind"] == "iso"

    def test_damaged_folder_is_named(self, verify):
        content = made.iso()
        place = content.index(b"A.TXT") - 33
        assert "“FOLDER” is not valid" in fails(verify, "x.iso", flip(content, place, 5))

    def test_lost_folder_is_missed_in_the_table(self, verify):
        content = made.iso()
        place = content.index(b"FOLDER") - 33
        lost = content[:place] + bytes(50) + content[place + 50 :]
        assert fails(verify, "x.iso", lost) == (
            "The disk image is damaged: its table of folders names one that is not there"
        )

    def test_folder_without_its_first_records_is_damaged(self, verify):
        content = made.iso()
        place = content.index(b"A.TXT") - 33 - 2 * 34
        swapped = content[:place] + made.LINES * 20 + content[place + len(made.LINES) * 20 :]
        assert "“FOLDER” is not valid" in fails(verify, "x.iso", swapped)

    def test_continued_fields_of_rock_ridge_are_looked_for(self, verify):
        content = made.iso(rock_ridge=True)
        assert verify("x.iso", content).data["members"] == 2
        place = content.index(b"ER\x08\x01")
        lost = content[:place] + bytes(8) + content[place + 8 :]
        assert "the names in the folder “/” are not valid" in fails(verify, "x.iso", lost)

    def test_folder_that_contains_itself_ends(self, verify):
        content = made.iso()
        place = content.index(b"A.TXT") - 33
        looped = bytearray(content)
        looped[place + 2 : place + 10] = (19).to_bytes(4, "little") + (19).to_bytes(4, "big")
        looped[place + 10 : place + 18] = (2048).to_bytes(4, "little") + (2048).to_bytes(4, "big")
        looped[place + 25] = 2
        assert verify("x.iso", bytes(looped)).data["members"] == 2


def test_dated_lines_of_text_are_no_cpio_archive(verify):
    content = b"070701 12:00:00 mysqld started\n" * 50
    assert verify("mysqld.log", content).data["kind"] == "text"


def test_damage_in_a_package_names_the_member_before_it(verify):
    content = deb()
    place = content.index(b"data.tar.xz") + 58
    message = fails(verify, "x.deb", flip(content, place))
    assert message == (
        "The ar archive is damaged: a header is not valid after the member “control.tar.gz”"
    )


def test_thousands_of_members_are_counted(verify):
    content = made.rar5({f"{number}.txt": b"x" for number in range(3000)})
    assert verify("x.rar", content).data["members"] == 3000
