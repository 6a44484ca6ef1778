"""GET /api/jobs/<id>/changes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs import services
from jobs.library.scan import scan_library
from jobs.models import Job
from tests.api.caller import Caller
from tests.support.worker import FakeWorker

Start = Callable[..., Job]
OLD = 1_700_000_000


@pytest.fixture
def folder(transactional_db: None, tmp_path: Path, settings: Any) -> Path:
    """Four indexed files that were written long ago."""
    settings.LIBRARY_ROOT = tmp_path
    for name in "abcd":
        file = tmp_path / f"{name}.txt"
        file.write_text(name)
        os.utime(file, (OLD, OLD))
    scan_library()
    return tmp_path


@pytest.fixture
def job(folder: Path) -> Job:
    """a succeeded, b failed; c and d were not processed."""
    job = services.start_job("slow", all=True)
    FakeWorker(job).run(None, "It is broken")
    services.cancel_job(job.pk, actor=services.Actor())
    return job


def asked(api: Caller, job: Job, purpose: str) -> dict[str, Any]:
    return api.get(f"/api/jobs/{job.pk}/changes?for={purpose}").body


def test_unchanged_files_are_counted(api: Caller, job: Job):
    nothing = {"changed": 0, "vanished": 0, "examples": [], "complete": True}
    assert asked(api, job, "resume") == {"count": 2, "checked": 2, **nothing}
    assert asked(api, job, "retry") == {"count": 1, "checked": 1, **nothing}


def test_changed_and_vanished_files_are_listed(api: Caller, job: Job, folder: Path):
    folder.joinpath("c.txt").write_text("something else")
    folder.joinpath("d.txt").unlink()
    found = asked(api, job, "resume")
    assert (found["changed"], found["vanished"], found["examples"]) == (1, 1, ["c.txt", "d.txt"])
    assert asked(api, job, "retry")["changed"] == 0


def test_changes_of_an_unreadable_library_are_an_error(api: Caller, job: Job, folder: Path):
    folder.rename(folder.with_name("elsewhere"))
    answer = api.get(f"/api/jobs/{job.pk}/changes?for=retry")
    assert (answer.status, "cannot be read" in answer.error) == (503, True)


@pytest.mark.parametrize("query", ["", "for=", "for=fun", "for=%00"])
def test_missing_or_wrong_purpose_is_named(api: Caller, job: Job, query: str):
    answer = api.get(f"/api/jobs/{job.pk}/changes?{query}")
    assert (answer.status, list(answer.body["fields"])) == (400, ["for"])


def test_an_unknown_job(api: Caller, db: None):
    assert api.get("/api/jobs/nothing/changes?for=resume").status == 404
