import datetime as dt
import decimal
import json
import math
import re
import uuid
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobs.operations import ItemFailed, Result, as_stored, encode_result
from jobs.operations.results import RESULT_LIMIT_BYTES, StoredResult


def test_none_dict_and_result_are_accepted():
    assert as_stored(None) == StoredResult()
    assert as_stored({"bytes": 5}) == StoredResult('{"bytes": 5}')
    assert as_stored({}) == StoredResult("{}")
    result = Result({"a": 1}, "no\0te", {"sha256": "x"})
    assert as_stored(result) == StoredResult('{"a": 1}', "no\ufffdte", '{"sha256": "x"}')


@pytest.mark.parametrize("returned", [5, "text", [1], True, object()])
def test_return_value_of_another_type_fails_the_item(returned):
    with pytest.raises(ItemFailed, match="must return a dict or nothing"):
        as_stored(returned)


def kept_of(data):
    return json.loads(encode_result(data))


def test_dates_decimals_and_ids_become_text():
    kept = kept_of(
        {
            "at": dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
            "price": decimal.Decimal("1.50"),
            "id": uuid.UUID(int=1),
        }
    )
    assert kept == {
        "at": "2024-01-02T00:00:00Z",
        "price": "1.50",
        "id": "00000000-0000-0000-0000-000000000001",
    }


@pytest.mark.parametrize("value", [Path("/x"), math.nan, math.inf, {1, 2}, b"bytes"])
def test_result_that_is_not_json_fails_the_item(value):
    with pytest.raises(ItemFailed, match="cannot be stored as JSON"):
        encode_result({"value": value})


def test_result_that_contains_itself_fails_the_item():
    data: dict[str, object] = {}
    data["self"] = data
    with pytest.raises(ItemFailed, match="cannot be stored as JSON"):
        encode_result(data)


def test_error_for_a_large_result_has_its_size_and_the_limit():
    with pytest.raises(ItemFailed) as caught:
        encode_result({"text": "x" * 100 * 1024 * 1024})
    assert caught.value.message == "The result is too large: 100 MB, the limit is 64 KB"


@pytest.mark.parametrize("character", ["x", "é", "🎉"])
def test_result_limit_counts_bytes(character):
    count = (RESULT_LIMIT_BYTES - len('{"t": ""}')) // len(character.encode())
    assert kept_of({"t": character * count}) == {"t": character * count}
    with pytest.raises(ItemFailed, match="too large: 65 KB"):
        encode_result({"t": character * (count + 1)})


def test_characters_that_no_database_stores_are_replaced():
    kept = kept_of({"a\0": ["\ud800", {"b": "x\0y"}], "c": "é\x1b"})
    assert kept == {"a�": ["�", {"b": "x�y"}], "c": "é�"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), values))
@example({"\\u0000": None})
@example({"\0": ["\\\0"]})
def test_any_result_is_rejected_or_can_be_stored(data):
    try:
        stored = encode_result(data)
    except ItemFailed:
        return
    assert isinstance(json.loads(stored), dict)
    stored.encode()
    # Written as an escape; behind an even number of backslashes it is only text that looks so.
    assert re.search(r"(?<!\\)(\\\\)*\\u0000", stored) is None


def test_warning_comes_before_the_message_and_is_stored_with_it():
    assert as_stored(Result(warning="Look at it.", message="Rotated")).message == (
        "Look at it. Rotated"
    )
    assert as_stored(Result(warning="Look at it")).message == "Look at it"
