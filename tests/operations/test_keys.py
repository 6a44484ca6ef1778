import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobs.operations.keys import bytes_from_key, key_from_bytes

# Any bytes, ordinary names, and a good share of what looks like an escape.
raw_names = st.one_of(
    st.binary(max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40).map(str.encode),
    st.lists(st.sampled_from([b"\\", b"x", b"5c", b"5C", b"ff", b"\xff", b"\xc3", b"a", b"/"])).map(
        b"".join
    ),
)


@settings(deadline=None, max_examples=50)
@given(raw_names)
@example(rb"\x5c")
@example(b"\\\xff")
@example(b"\\x4\xff")
@example("naïve ’n’ 100% 🎉".encode())
def test_key_converts_back_to_the_same_bytes(raw):
    assert bytes_from_key(key_from_bytes(raw)) == raw


@settings(deadline=None, max_examples=50)
@given(raw_names)
def test_key_is_text_that_every_database_stores(raw):
    key_from_bytes(raw).encode()  # raises for a lone surrogate


@settings(deadline=None, max_examples=50)
@given(raw_names, raw_names)
def test_two_paths_never_share_a_key(one, other):
    assert (key_from_bytes(one) == key_from_bytes(other)) == (one == other)


@pytest.mark.parametrize("name", ["plain.txt", "back\\slash", "日本語", "a\\xZZ", "two\nlines"])
def test_ordinary_name_is_its_own_key(name):
    assert key_from_bytes(name.encode()) == name


def test_undecodable_bytes_are_escaped_readably():
    assert key_from_bytes(b"caf\xe9.txt") == "caf\\xe9.txt"


@pytest.mark.parametrize("text", ["\\x41", "\\x2e\\x2e/etc/passwd", "\ud800", "\\x5c"])
def test_other_spellings_of_a_key_are_rejected(text):
    with pytest.raises(ValueError, match=r"key|surrogates"):
        bytes_from_key(text)
