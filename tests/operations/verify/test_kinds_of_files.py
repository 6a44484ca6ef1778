"""Every kind of file: intact files succeed with facts, broken ones fail with a sentence."""

import hashlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from zstandard import ZstdDecompressor

from jobs.operations import ItemFailed, Result
from tests.operations.verify.samples import FACTS, TEXT, WITHOUT_END, flip, samples

NAMES = sorted(FACTS)
WITH_END = sorted(set(NAMES) - WITHOUT_END)
# Formats in which every bit of the content stands under a checksum. The others notice what
# they can: that of a photo is one wrong spot, which no program can tell from the subject.
UNDER_CHECKSUMS = [
    "drawing.png",
    "interlaced.png",
    "log.gz",
    "log.bz2",
    "log.xz",
    "backup.tar.gz",
    "backup.tar.xz",
]

relaxed = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_there_is_a_sample_for_each_expectation():
    assert set(samples()) == set(FACTS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("either_way")
def test_whole_file_succeeds_with_its_facts(verify, name):
    content = samples()[name]
    result = verify(name, content)
    assert result.data.items() >= FACTS[name].items()
    assert result.data["sha256"] == hashlib.sha256(content).hexdigest()
    assert bool(result.message) == (result.data["checked"] == "checksum")


@pytest.mark.parametrize("name", WITH_END)
@pytest.mark.usefixtures("either_way")
def test_half_a_file_fails_as_a_finding(verify, name):
    content = samples()[name]
    with pytest.raises(ItemFailed) as caught:
        verify(name, content[: len(content) // 2])
    assert caught.value.finding
    assert caught.value.data.keys() >= {"kind", "sha256"}
    assert any(
        words in caught.value.message for words in ("cut off", "damaged", "Damaged", "Not valid")
    )


@pytest.mark.parametrize("name", WITH_END)
@relaxed
@given(share=st.floats(0.001, 0.985))
def test_file_cut_anywhere_fails(verify, name, share):
    content = samples()[name]
    try:
        message = verify(name, content[: max(1, int(len(content) * share))]).message
    except ItemFailed:
        return
    # Cut exactly after its first frame, an animation is a whole picture without an end mark.
    assert (name, message) == ("moving.gif", "Whole, but its end mark is missing")


@pytest.mark.parametrize("name", UNDER_CHECKSUMS)
@relaxed
@given(share=st.floats(0.12, 0.95), bit=st.integers(0, 7))
def test_one_wrong_bit_under_a_checksum_fails(verify, name, share, bit):
    content = samples()[name]
    with pytest.raises(ItemFailed):
        verify(name, flip(content, int(len(content) * share), bit))


@relaxed
@given(share=st.floats(0.12, 0.95), bit=st.integers(0, 7))
@example(share=0.65625, bit=1)
def test_one_wrong_bit_in_zstandard_fails_unless_it_is_meaningless(verify, share, bit):
    content = samples()["log.zst"]
    wrong = flip(content, int(len(content) * share), bit)
    answer = _answer(verify, "log.zst", wrong)
    if isinstance(answer, Result):
        assert ZstdDecompressor().decompress(wrong) == TEXT.encode()


@pytest.mark.parametrize("name", NAMES)
@relaxed
@given(share=st.floats(0, 0.999), garbage=st.binary(min_size=1, max_size=40))
def test_any_content_gives_a_result_or_a_sentence(verify, name, share, garbage):
    content = samples()[name]
    place = int(len(content) * share)
    answer = _answer(verify, name, content[:place] + garbage + content[place + len(garbage) :])
    if isinstance(answer, ItemFailed):
        assert answer.finding
        assert answer.message[:1].isupper()
        assert "Traceback" not in answer.message
    else:
        assert answer.data["sha256"]


@relaxed
@given(content=st.binary(min_size=1, max_size=2000), name=st.sampled_from(NAMES))
def test_random_bytes_never_crash(verify, content, name):
    answer = _answer(verify, name, content)
    assert isinstance(answer, Result) or answer.finding


def _answer(verify, name: str, content: bytes) -> Result | ItemFailed:
    try:
        return verify(name, content)
    except ItemFailed as failure:
        return failure
