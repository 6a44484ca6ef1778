"""Sound and film: whole ones of every kind, and damage that is found in each."""

import io

import pytest

from jobs.operations import ItemFailed
from jobs.operations.verify.media.check import clock
from jobs.operations.verify.media.decoding import decode
from jobs.operations.verify.media.ogg import crc32
from tests.operations.verify.media_samples import NAMES, SECONDS, media

DECODED = tuple(name for name in NAMES if not name.endswith((".wav", ".aiff", ".w64")))
BROADCAST = ("film.ts", "film.mpg")
FORGIVING = "song.wma"  # its decoder plays zeros
CHECKSUMMED = ("song.ogg", "song.opus", "song.flac", "song.wv")


def fails(verify, name: str, content: bytes) -> str:
    with pytest.raises(ItemFailed) as caught:
        verify(name, content)
    assert caught.value.finding
    return caught.value.message


def zeros(content: bytes, count: int = 8192) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes(count) + content[place + count :]


@pytest.mark.parametrize("name", NAMES)
def test_whole_sound_or_film_succeeds_and_says_how_long_it_plays(verify, name, either_way):
    result = verify(name, media(name))
    assert result.message == ""
    if name in DECODED:
        assert abs(result.data["seconds"] - SECONDS) < 0.2


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BROADCAST])
def test_half_a_sound_or_film_fails(verify, name):
    content = media(name)
    fails(verify, name, content[: len(content) // 2])


@pytest.mark.parametrize("name", [name for name in DECODED if name not in (*BROADCAST, FORGIVING)])
def test_zeros_in_the_middle_of_a_sound_or_film_fail(verify, name):
    message = fails(verify, name, zeros(media(name)))
    assert "damaged" in message.lower()


@pytest.mark.parametrize("name", BROADCAST)
def test_errors_in_a_recorded_broadcast_are_a_note(verify, name):
    assert verify(name, zeros(media(name))).message.startswith(
        "Whole, but it has errors, the first at 0:0"
    )


@pytest.mark.parametrize("name", CHECKSUMMED)
def test_one_wrong_bit_fails_where_every_part_has_a_checksum(verify, name):
    content = bytearray(media(name))
    content[len(content) * 2 // 3] ^= 4
    fails(verify, name, bytes(content))


def test_time_of_the_first_damage_is_named(verify):
    content = media("song.aac")
    place = len(content) * 3 // 4
    broken = content[:place] + bytes(4096) + content[place + 4096 :]
    assert fails(verify, "song.aac", broken).startswith("Damaged at 0:01: ")


def test_time_is_written_as_players_show_it():
    assert [clock(seconds) for seconds in (0, 41.9, 65, 3723)] == [
        "0:00",
        "0:41",
        "1:05",
        "1:02:03",
    ]


def test_checksum_of_ogg_is_that_of_the_format():
    # The first page of a file has its checksum in bytes 22 to 26.
    page = media("song.opus")
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    assert crc32(page[:22] + bytes(4) + page[26:length]) == int.from_bytes(page[22:26], "little")


def test_flac_with_samples_that_do_not_match_their_md5_fails(verify):
    content = bytearray(media("song.flac"))
    content[26] ^= 1  # in the MD5
    assert fails(verify, "song.flac", bytes(content)) == (
        "The sound is damaged: its samples do not match its checksum (MD5)"
    )


def test_flac_without_an_md5_is_decoded(verify):
    content = bytearray(media("song.flac"))
    content[26:42] = bytes(16)
    assert verify("song.flac", bytes(content)).message == ""
    fails(verify, "song.flac", zeros(bytes(content)))


def test_bytes_after_the_last_frame_of_flac_are_harmless(verify):
    assert verify("song.flac", media("song.flac") + b"TAG" + bytes(125)).message == ""


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFEFEC])
def test_wav_from_a_pipe_with_an_open_size_is_whole(verify, size):
    content = bytearray(media("song.wav"))
    content[4:8] = size.to_bytes(4, "little")
    place = content.index(b"data") + 4
    content[place : place + 4] = size.to_bytes(4, "little")
    assert verify("song.wav", bytes(content)).message == ""


def test_rf64_takes_its_size_from_its_own_part(verify):
    wav = media("song.wav")
    place = wav.index(b"data")
    samples = len(wav) - place - 8
    sizes = (len(wav) + 28).to_bytes(8, "little") + samples.to_bytes(8, "little") + bytes(12)
    content = (
        b"RF64\xff\xff\xff\xffWAVEds64"
        + len(sizes).to_bytes(4, "little")
        + sizes
        + wav[12:place]
        + b"data\xff\xff\xff\xff"
        + wav[place + 8 :]
    )
    assert verify("song.wav", content).message == ""
    assert "cut off" in fails(verify, "song.wav", content[: len(content) // 2])


def test_bytes_of_a_maker_after_the_last_box_are_harmless(verify):
    assert verify("film.mp4", media("film.mp4") + b"\0\0\0").message == ""


def test_mp4_without_its_index_fails(verify):
    content = media("film.mp4")
    assert "its index (moov) is missing" in fails(
        verify, "film.mp4", content.replace(b"moov", b"free")
    )


def test_two_songs_in_one_mp3_are_whole(verify):
    message = verify("song.mp3", media("song.mp3") * 2).message
    assert message.startswith("Whole, but it ")


def test_mp3_of_fewer_frames_than_its_first_one_declares_is_cut_off(verify):
    content = media("song.mp3")
    assert fails(verify, "song.mp3", content[: len(content) // 2]).startswith(
        "The sound is cut off: it has "
    )


def test_tag_at_the_end_of_an_mp3_is_no_damage(verify):
    assert verify("song.mp3", media("song.mp3") + b"TAG" + bytes(125)).message == ""


def test_mp3_is_recognised_without_a_tag_at_its_start(verify):
    content = media("song.mp3")
    assert verify("song.mp3", content[content.index(b"\xff\xfb") :]).data["kind"] == "mp3"


def test_what_is_not_decoded_in_time_is_still_read_to_the_end():
    content = media("film.mkv")
    found = decode(io.BytesIO(content), "matroska", budget_seconds=0)
    assert found.decoded_to == 0.0
    assert found.damaged_at is None
    cut = decode(io.BytesIO(content[: len(content) * 2 // 3 + 1]), "matroska", budget_seconds=0)
    assert cut.damaged_at is not None


def test_same_damage_in_the_next_file_fails_as_well(verify):
    damaged = zeros(media("song.tta"), 64)
    assert fails(verify, "one.tta", damaged) == fails(verify, "two.tta", damaged)


def test_mp3_that_ends_inside_a_frame_succeeds_with_a_note(verify):
    note = "Whole, but its last frame is cut off, as after damage or a cut by a program"
    for missing in (1, 200):
        assert verify("song.mp3", media("song.mp3")[:-missing]).message == note


def test_mp3_with_other_data_behind_its_last_frame_succeeds_with_a_note(verify):
    result = verify("song.mp3", media("song.mp3") + b"noted by a program")
    assert result.message == "Whole, but other data follows its last frame"


def test_wavpack_without_its_last_block_fails(verify):
    content = media("song.wv")
    last = content.rindex(b"wvpk")
    assert last > 0
    assert "samples" in fails(verify, "song.wv", content[:last])
    assert "it should have" in fails(verify, "song.wv", content[: last + 100])


def test_empty_packet_at_the_end_of_an_ogg_is_no_damage(verify):
    content = media("song.ogg")
    last = content.rindex(b"OggS")
    page = bytearray(content[last:])
    page.insert(27 + page[26], 0)  # the length of one more packet
    page[26] += 1
    page[22:26] = bytes(4)
    page[22:26] = crc32(bytes(page)).to_bytes(4, "little")
    assert verify("song.ogg", content[:last] + page).message == ""


def test_avi_from_a_pipe_with_open_sizes_is_whole(verify):
    content = bytearray(media("film.avi"))
    content[4:8] = b"\xff" * 4
    at = content.index(b"movi") - 4
    content[at : at + 4] = b"\xff" * 4
    assert verify("film.avi", bytes(content)).message == ""
