"""The name of a job says what was chosen."""

import pytest

from jobs.models import Job
from jobs.progress.names import common_folder, job_name


@pytest.mark.parametrize(
    ("selection", "count", "name"),
    [
        ({"all": True}, 20678, "Verify files · all 20,678 files"),
        ({"unprocessed": True}, 3, "Verify files · unprocessed · 3 files"),
        ({"search": "scans/"}, 106, "Verify files · “scans/” · 106 files"),
        ({"search": "x" * 80}, 1, f"Verify files · “{'x' * 59}…” · 1 file"),
        ({"files": 70, "folder": "Fotos/2021"}, 70, "Verify files · Fotos/2021 · 70 files"),
        ({"files": 2, "folder": ""}, 2, "Verify files · 2 files"),
        ({"files": 2}, 2, "Verify files · 2 files"),
        ({"own": True}, 1, "Verify files · 1 item"),
        ({}, 0, "Verify files · 0 files"),
    ],
)
def test_name_has_the_operation_what_was_chosen_and_how_many(selection, count, name):
    job = Job(label="Verify files", selection=selection, total_items=count)
    assert job_name(job) == name


@pytest.mark.parametrize(
    ("keys", "folder"),
    [
        (["a/b/1", "a/b/2", "a/b/c/3"], "a/b"),
        (["a/b/1"], "a/b"),
        (["a/b1", "a/b2"], "a"),
        (["ab/1", "abc/2"], ""),
        (["1", "a/2"], ""),
        (["one"], ""),
        ([], ""),
    ],
)
def test_folder_of_files_is_the_deepest_that_holds_all(keys, folder):
    assert common_folder(keys) == folder
