"""What becomes of an item's outcome before it is stored."""

import json

import pytest

from jobs.backends import ClaimedItem
from jobs.operations import ItemFailed, ItemUnsuitable, Operation, Result
from jobs.worker.performer import Performer


class Talkative(Operation):
    """Does what the parameter says with the path of its file."""

    name = "talkative"

    def process(self, item, parameters):
        path, how = item.path, parameters["how"]
        if how == "exception":
            raise RuntimeError(f"cannot parse {path}:\n  line 3")
        if how == "failure":
            raise ItemFailed(f"{path} is bad", data={"at": str(path)})
        if how == "touch":
            item.output_path().write_text("x")
        if how == "look":
            assert item.output_dir.is_dir()
        return Result({"at": str(path)}, f"Read\n{path}", remember={"at": str(path)})


@pytest.fixture
def perform(tmp_path, settings):
    settings.LIBRARY_ROOT = tmp_path / "library"
    settings.DATA_DIR = tmp_path / "data"
    (tmp_path / "library" / "b").mkdir(parents=True)
    (tmp_path / "library" / "b" / "a\nb.txt").write_text("x")

    def performed(how: str):
        performer = Performer(Talkative(), {"how": how}, "job")
        return performer.perform(ClaimedItem(1, 1, "b/a\nb.txt", 0, None), 0.0)

    return performed


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("exception", "cannot parse b/a b.txt: line 3"),
        ("failure", "b/a b.txt is bad"),
        ("success", "Read b/a b.txt"),
    ],
)
def test_message_has_the_key_in_one_line_and_not_the_path(perform, how, message):
    finished = perform(how)
    assert finished.message == message
    if finished.result:
        assert json.loads(finished.result) == {"at": "b/a\nb.txt"}


class ForPictures(Operation):
    name = "for-pictures"
    kinds = ("image", "pdf")

    def process(self, item, parameters):
        if item.key == "unknown.bak":
            raise ItemUnsuitable("This is not a picture but text")
        return {"seen": item.key}


@pytest.mark.parametrize(
    ("key", "message", "result"),
    [
        ("a.png", "", {"seen": "a.png"}),
        ("a.pdf", "", {"seen": "a.pdf"}),
        (
            "a.txt",
            "Not processed: this operation is for pictures and PDFs, not for text files",
            None,
        ),
        ("picture.bak", "", {"seen": "picture.bak"}),
        ("unknown.bak", "This is not a picture but text", None),
    ],
)
def test_file_that_the_operation_is_not_for_succeeds_with_a_warning(key, message, result):
    performer = Performer(ForPictures(), {}, "job")
    finished = performer.perform(ClaimedItem(1, 1, key, 0, file_id=7), 0.0)
    assert (finished.status, finished.message) == ("succeeded", message)
    assert json.loads(finished.result or "null") == result
    assert finished.error is None


def test_item_of_an_own_list_has_no_kind():
    performer = Performer(ForPictures(), {}, "job")
    finished = performer.perform(ClaimedItem(1, 1, "a.txt", 0, file_id=None), 0.0)
    assert json.loads(finished.result) == {"seen": "a.txt"}


def test_equal_errors_of_different_files_are_equal(perform):
    assert perform("exception").error == "cannot parse …: line 3"


def test_what_is_remembered_is_kept_as_it_is(perform, tmp_path):
    remembered = json.loads(perform("success").remember)
    assert remembered == {"at": f"{tmp_path}/library/b/a\nb.txt"}


@pytest.mark.parametrize(("how", "left"), [("touch", ["a\nb.txt.out"]), ("look", [])])
def test_output_folder_stays_only_if_something_is_in_it(perform, tmp_path, how, left):
    perform(how)
    folder = tmp_path / "data" / "outputs" / "talkative" / "job" / "b"
    assert [each.name for each in folder.iterdir()] == left
