"""A wrong path of a test on the command line is an error with a sentence."""

from pathlib import Path

import pytest

from tests.support.arguments import check_arguments


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("tests/nothing.py", "There is no test file or folder tests/nothing.py in "),
        ("tests/nothing.py::test_x", "There is no test file or folder tests/nothing.py in "),
        ("test_a.py::test_y", "There is no test test_y in test_a.py"),
        ("test_a.py::test_y[1]", "There is no test test_y in test_a.py"),
        ("test_a.py::TestB::test_y", "There is no test test_y in test_a.py"),
    ],
)
def test_a_path_or_name_that_names_nothing_is_refused(tmp_path, argument, sentence):
    (tmp_path / "test_a.py").write_text("class TestB:\n    def test_x(self): ...\n")
    with pytest.raises(pytest.UsageError) as caught:
        check_arguments([argument], tmp_path)
    assert sentence in str(caught.value)


def test_existing_tests_and_folders_are_accepted():
    here = Path(__file__)
    name = f"{here.name}::test_existing_tests_and_folders_are_accepted"
    check_arguments([here.name, name, str(here), "."], here.parent)
