"""In which order the tests themselves are run by several processes."""

import pytest

from tests.support.shares import shared_out


class Item:
    """What the order depends on; `slow` is the seconds, or None."""

    def __init__(self, nodeid, slow=None):
        self.nodeid = nodeid
        self.path = nodeid.split("::")[0]
        self.marks = {} if slow is None else {"slow": pytest.mark.slow(slow).mark}

    def get_closest_marker(self, name):
        return self.marks.get(name)


def order(items, processes):
    return [item.nodeid for item in shared_out(items, processes)]


def test_every_share_begins_with_a_long_test_and_nothing_is_lost():
    quick = [Item(f"a.py::{number}") for number in range(7)]
    long = [Item("b.py::x", 9), Item("c.py::y", 30)]
    found = order([*quick[:3], *long, *quick[3:]], 2)
    assert found == ["c.py::y", *(f"a.py::{n}" for n in range(3)),
                     "b.py::x", *(f"a.py::{n}" for n in range(3, 7))]  # fmt: skip


def test_long_tests_of_a_module_stay_together():
    items = [Item("a.py::1", 5), Item("c.py::1", 8), Item("a.py::2", 5), Item("d.py::1")]
    assert order(items, 2) == ["a.py::1", "a.py::2", "c.py::1", "d.py::1"]


@pytest.mark.parametrize("processes", [1, 2, 5, 40])
def test_with_any_number_of_processes_all_tests_are_there_once(processes):
    items = [Item(f"{n % 4}.py::{n}", n if n % 3 == 0 else None) for n in range(23)]
    found = order(items, processes)
    assert sorted(found) == sorted(item.nodeid for item in items)
