"""An operation's own numbers: what an item may return, and how they are summed up."""

import math
from fractions import Fraction

import pytest

from jobs.operations import ItemFailed, Result, as_stored
from jobs.operations.totals import (
    LARGEST,
    MOST_NAMES,
    OTHERS,
    add_totals,
    check_totals,
    decode_totals,
    encode_totals,
)


def test_numbers_become_plain_numbers():
    checked = check_totals({"count": 2, "seconds": 0.5, "share": Fraction(1, 4)})
    assert checked == {"count": 2, "seconds": 0.5, "share": 0.25}
    assert [type(number) for number in checked.values()] == [int, float, float]


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        ({"x": "5"}, "The total “x” is not a number"),
        ({"x": True}, "The total “x” is not a number"),
        ({"x": None}, "The total “x” is not a number"),
        ({"x": math.nan}, "The total “x” is not finite"),
        ({"x": -math.inf}, "The total “x” is not finite"),
        ({"x": 10**17}, "The total “x” is larger than 9,007,199,254,740,992"),
        ({"": 1}, "The name of a total must be text of 1 to 60 printable characters"),
        ({"x" * 61: 1}, "The name of a total must be text"),
        ({"a\0b": 1}, "The name of a total must be text"),
        ({"\ud800": 1}, "The name of a total must be text"),
        ({5: 1}, "The name of a total must be text"),
        ([5], "not a dict of numbers"),
        ({str(number): 1 for number in range(65)}, "totals of 65 names; at most 64 are kept"),
    ],
)
def test_item_with_totals_that_cannot_be_summed_up_fails_with_a_sentence(totals, said):
    with pytest.raises(ItemFailed) as caught:
        as_stored(Result(totals=totals))
    assert said in caught.value.message


def test_result_without_totals_has_none():
    assert as_stored({"a": 1}).totals is None
    assert as_stored(Result(totals={})).totals is None
    assert as_stored(Result(totals={"bytes": 5})).totals == {"bytes": 5}


def test_sums_leave_what_was_added_as_it_was():
    first = {"a": 1}
    assert add_totals(first, [{"a": 2, "b": 0.5}, {"b": 1}]) == {"a": 3, "b": 1.5}
    assert first == {"a": 1}


def test_names_beyond_the_limit_are_summed_up_under_one_name():
    sums = add_totals({}, ({f"name {number}": 1} for number in range(1000)))
    assert len(sums) == MOST_NAMES
    assert sums[OTHERS] == 1000 - (MOST_NAMES - 1)
    again = add_totals(sums, [{"name 3": 1, "name 999": 1, "another": 1}])
    assert len(again) == MOST_NAMES
    assert (again["name 3"], again[OTHERS]) == (2, sums[OTHERS] + 2)
    assert add_totals({}, [sums, again])[OTHERS] == sums[OTHERS] * 2 + 2


def test_large_sums_stay_finite_and_can_be_stored():
    sums = add_totals({}, [{"bytes": LARGEST}] * 100_000)
    assert sums == {"bytes": pytest.approx(LARGEST * 100_000)}
    assert decode_totals(encode_totals(sums)) == sums


def test_nothing_is_stored_without_totals():
    assert encode_totals({}) == ""
    assert decode_totals("") == {}
