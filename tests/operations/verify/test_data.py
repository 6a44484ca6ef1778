"""Databases, fonts, arrays and tables: whole ones pass, damaged ones fail, odd ones are noted."""

import io
import sqlite3
import struct

import numpy as np
import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify.data.glyphs import outlines_are_odd
from tests.operations.verify import data_samples as samples
from tests.operations.verify.samples import flip

WHOLE = {
    "catalog.lrcat": samples.database,
    "open.sqlite": lambda: samples.database(journal="wal"),
    "text.ttf": samples.font,
    "apple.ttf": lambda: samples.font(b"true"),
    "text.otf": lambda: samples.font(b"OTTO"),
    "texts.ttc": samples.collection,
    "text.woff": samples.woff,
    "text.woff2": samples.woff2,
    "values.npy": samples.array,
    "new.npy": lambda: samples.array(version=(3, 0)),
    "picture.fits": samples.fits,
    "plain.fits": lambda: samples.fits(summed=False),
    "table.parquet": samples.parquet,
    "values.h5": samples.hdf5,
    "old.hdf5": lambda: samples.hdf5(old=True),
    "matlab.mat": lambda: b"MATLAB 7.3 MAT-file".ljust(512) + _moved_hdf5(),
}


HDF5 = ("values.h5", "old.hdf5", "matlab.mat")


def _moved_hdf5() -> bytes:
    content = bytearray(samples.hdf5(old=True))
    for at in (24, 40):  # where it starts, where it ends
        content[at : at + 8] = struct.pack("<Q", struct.unpack_from("<Q", content, at)[0] + 512)
    return bytes(content)


def failure(verify, name: str, content: bytes, **options: object) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content, **options)
    assert caught.value.finding
    return caught.value.message


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.usefixtures("either_way")
def test_whole_file_passes_and_says_if_only_its_structure_was_checked(verify, name):
    note = "Whole, but only its structure was checked: the data in it is not looked into"
    expected = note if name in HDF5 else ""
    assert verify(name, WHOLE[name]()).message == expected


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.usefixtures("either_way")
def test_cut_file_fails(verify, name):
    content = WHOLE[name]()
    for share in (0.99, 0.9, 0.6, 0.3):
        cut = content[: int(len(content) * share)]
        if name == "matlab.mat" and share < 0.5:
            continue  # without the mark behind its text
        if name.endswith("fits") and share > 0.9:
            assert verify(name, cut).message == "Whole, but its last block is not complete"
        else:
            assert "cut off" in failure(verify, name, cut)


@pytest.mark.parametrize(
    "name", ["text.ttf", "text.otf", "texts.ttc", "text.woff", "table.parquet", "picture.fits"]
)
def test_one_wrong_bit_in_the_data_fails(verify, name):
    content = WHOLE[name]()
    place = 70 if name == "table.parquet" else len(content) // 3
    assert "checksum" in failure(verify, name, flip(content, place)) or name == "text.woff"


@pytest.mark.parametrize("name", ["catalog.lrcat", "text.woff2", "table.parquet"])
def test_hole_of_zeros_fails(verify, name):
    content = WHOLE[name]()
    start = len(content) // 3
    hole = content[:start] + bytes(len(content) // 4) + content[start + len(content) // 4 :]
    assert "damaged" in failure(verify, name, hole)


def test_outlines_of_woff2_that_fit_each_other_are_whole(verify):
    assert verify("x.woff2", samples.woff2_of_outlines(samples.outlines())).message == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"contours": (1, 1)},
        {"contours": (1, -2)},
        {"contours": (3, -1)},
        {"points": b"\3\3\5"},
        {"points": b"\3\3\xfd\0"},
        {"flags": bytes([0, 0, 84, 0, 120, 120, 120, 0, 124, 0])},
        {"places": bytes(4) + b"\xfd" + bytes(14)},
        {"boxes": b"\x80\0\0\0" + bytes(7)},
        {"boxes": b"\0\0"},
    ],
)
def test_outlines_of_woff2_that_do_not_fit_each_other_are_a_warning(verify, wrong):
    message = verify("x.woff2", samples.woff2_of_outlines(samples.outlines(**wrong))).message
    assert message == "Whole, but outlines in it are not valid, as after damage"


def test_pages_of_a_database_that_do_not_fit_together_fail(verify):
    content = samples.database()
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    pages[1], pages[14] = pages[14], pages[1]
    assert failure(verify, "photos.sqlite", b"".join(pages)).startswith(
        "The database is damaged: its pag"
    )


def test_database_with_unfinished_changes_beside_it_is_noted_and_not_accused(verify, library):
    (library / "photos.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(28))
    whole = verify("photos.db", samples.database(journal="wal"))
    assert whole.message == "Whole, but its last changes, in its “-wal” file, were not looked into"
    part = verify("photos.db", samples.database(journal="wal")[:-4096])
    assert part.message == "Only the checksum was kept: its last changes are in its “-wal” file"


def test_rows_against_the_rules_of_their_table_are_noted(verify, tmp_path):
    path = tmp_path / "rules.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a INTEGER, b)")
        connection.execute("INSERT INTO t VALUES (1, NULL)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a, b NOT NULL)'")
    message = verify("rules.db", path.read_bytes()).message
    assert message == "Whole, but some of its rows do not keep the rules of their table"


def test_database_whose_links_go_elsewhere_is_read_from_the_open_file_only(verify, tmp_path):
    """A schema that asks for another file does not get it."""
    other = tmp_path / "other.db"
    with sqlite3.connect(tmp_path / "asks.db") as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute(f"CREATE VIEW v AS SELECT load_extension('{other}') AS a")
        connection.execute("CREATE TABLE w (a CHECK (load_extension('x') IS NULL))")
    assert verify("asks.db", (tmp_path / "asks.db").read_bytes()).message == ""
    assert not other.exists()


def test_database_that_takes_too_long_is_not_accused(verify, monkeypatch):
    from jobs.operations.verify.data import sqlite

    clock = iter(range(0, 10**9, 10**4))
    monkeypatch.setattr(sqlite, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sqlite, "_INSTRUCTIONS", 1)
    message = verify("slow.db", samples.database()).message
    assert message == "Only the checksum was kept: reading all of its pages takes too long"


@pytest.mark.parametrize("change", ["table", "file", "OS/2"])
def test_font_with_a_checksum_that_a_program_left_is_not_accused(verify, change):
    content = samples.font()
    if change == "table":  # the checksum in the list, and the one of the file made to fit
        content = flip(content, 12 + 16 + 7)
        at = content.index(samples.tables()[b"head"][:8]) + 8
        content = content[:at] + bytes(4) + content[at + 4 :]
        total = (0xB1B0AFBA - samples.font_sum(content)) & 0xFFFFFFFF
        content = content[:at] + struct.pack(">I", total) + content[at + 4 :]
    elif change == "file":
        content = flip(content, content.index(samples.tables()[b"head"][:8]) + 8)
    else:
        content = flip(content, content.index(samples.tables()[b"OS/2"]) + 8)
    note = "Whole, but checksums in it are wrong, as in fonts that a program has changed"
    assert verify("edited.ttf", content).message == (note if change == "OS/2" else "")


def test_array_with_another_after_it_is_walked_to_the_last(verify):
    twice = samples.array() * 2
    assert verify("twice.npy", twice).message == ""
    assert "cut off" in failure(verify, "twice.npy", twice[:-1])
    assert verify("more.npy", twice + b"notes").message == "Whole, but other data follows its end"


def test_array_of_objects_is_not_loaded(verify):
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    message = verify("objects.npy", stream.getvalue()).message
    assert message == (
        "Only the checksum was kept: it holds objects of Python, which are not loaded"
    )


def test_array_header_of_python_2_is_read(verify):
    content = samples.array().replace(b"(3000,), ", b"(3000L,),")
    assert verify("old.npy", content).message == ""


def test_first_file_of_a_set_of_hdf5_files_is_not_accused(verify):
    content = bytearray(samples.hdf5(old=True))
    content[40:48] = struct.pack("<Q", 10**6)
    message = verify("measured00000.h5", bytes(content)).message
    assert message == "Only the checksum was kept: it seems to be one of several files of a set"
    assert "cut off" in failure(verify, "measured.h5", bytes(content))


def test_header_of_a_fits_file_changed_without_its_checksum_is_noted(verify):
    content = samples.fits()
    at = content.index(b"END")
    card = b"CHECKSUM= 'abcdefghijklmnop'".ljust(80)
    content = content[:at] + card + content[at : at + 80] + content[at + 160 :]
    message = verify("edited.fits", content).message
    assert message == "Whole, but a header in it was changed without its checksum"


@pytest.mark.parametrize("name", ["photos.sqlite", "letter.doc", "picture.fits", "values.hdf5"])
def test_file_that_begins_with_zeros_fails_by_its_name(verify, name):
    message = failure(verify, name, bytes(9000))
    assert message.endswith("the content is nothing but zeros at its beginning")


def test_encrypted_database_is_not_accused(verify):
    content = np.random.default_rng(1).integers(0, 256, 8192, np.uint8).tobytes()
    message = verify("signal.sqlite", content).message
    assert message == "Only the checksum was kept: this kind of content is not looked into"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("id3.rst", b"ID3\n===\n\nHow tags are written.\n", "text"),
        ("glyphs.bin", b"\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" * 3, "binary"),
    ],
)
def test_content_that_only_starts_like_a_kind_is_not_accused(verify, name, content, kind):
    assert verify(name, content).data["kind"] == kind


def test_part_of_a_fits_file_behind_a_lost_header_is_noted(verify):
    content = samples.fits()
    assert verify("padded.fits", content + bytes(2880)).message == ""
    message = verify("damaged.fits", content + bytes(2880) + b"data of a part").message
    assert message.startswith("Whole, but other data follows its end")


def test_outlines_that_changed_places_are_noted():
    head = bytes(50) + b"\0\1" + bytes(2)
    glyphs = [struct.pack(">5h", 1, -5, -9, 40, 80) + bytes(10), struct.pack(">5h", -1, 0, 0, 9, 9)]
    loca = struct.pack(">4I", 0, 20, 20, 30)
    table = b"".join(glyphs)
    assert not outlines_are_odd(head, loca, table)
    assert outlines_are_odd(head, loca, table[2:] + table[:2])
    assert outlines_are_odd(head, struct.pack(">3I", 0, 20, 31), table)
    assert outlines_are_odd(head, struct.pack(">3I", 20, 0, 30), table)
