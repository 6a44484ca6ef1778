"""The order in which the tests themselves run."""

from types import SimpleNamespace

import pytest

from tests.support.ordering import longest_units_first, unit_of


def a_test(module, name, slow=None):
    marks = {} if slow is None else {"slow": pytest.mark.slow(*slow).mark}
    return SimpleNamespace(nodeid=f"{module}::{name}", get_closest_marker=marks.get)


def test_units_with_slow_tests_come_first_and_stay_together():
    items = [
        a_test("a.py", "1"),
        a_test("b.py", "1", slow=(9,)),
        a_test("b.py", "2"),
        a_test("c.py", "1", slow=()),
        a_test("c.py", "2", slow=()),
    ]
    names = [item.nodeid for item in longest_units_first(items)]
    assert names == ["c.py::1", "c.py::2", "b.py::1", "b.py::2", "a.py::1"]


def test_modules_that_share_a_browser_are_one_unit_with_the_time_of_all():
    items = [
        a_test("a.py", "1", slow=(9,)),
        a_test("tests/browser/test_a.py", "1", slow=(5,)),
        a_test("tests/browser/test_b.py", "1", slow=(5,)),
    ]
    assert [unit_of(item.nodeid.partition("::")[0]) for item in longest_units_first(items)] == [
        "tests/browser/",
        "tests/browser/",
        "a.py",
    ]
