"""The order in which the tests themselves run."""

from types import SimpleNamespace

import pytest

from tests.support.ordering import longest_modules_first


def a_test(module, name, slow=None):
    marks = {} if slow is None else {"slow": pytest.mark.slow(*slow).mark}
    return SimpleNamespace(path=module, name=name, get_closest_marker=marks.get)


def test_modules_with_slow_tests_come_first_and_stay_together():
    items = [
        a_test("a.py", "1"),
        a_test("b.py", "1", slow=(9,)),
        a_test("b.py", "2"),
        a_test("c.py", "1", slow=()),
        a_test("c.py", "2", slow=()),
    ]
    names = [f"{item.path}::{item.name}" for item in longest_modules_first(items)]
    assert names == ["c.py::1", "c.py::2", "b.py::1", "b.py::2", "a.py::1"]
