"""What the tests of backends share: jobs over library files, and a worker."""

from collections.abc import Callable, Iterator

import pytest

from jobs.models import Job, LibraryFile
from tests.backends.contract import covered_by, record_calls
from tests.support.databases import package_database
from tests.support.factories import delete_jobs, make_files, make_items
from tests.support.worker import FakeWorker

MakeJob = Callable[..., Job]

module_database = package_database()


@pytest.fixture(autouse=True)
def _covered_methods_are_called(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A test that claims to cover a method must call it."""
    methods = covered_by(request.function)
    called = record_calls(monkeypatch, methods)
    yield
    missing = {method.__qualname__ for method in methods if method not in called}
    assert not missing, f"the test covers what it does not call: {missing}"


@pytest.fixture
def files(module_database: str) -> Iterator[list[LibraryFile]]:
    """Twenty library files, "file 00" to "file 19"."""
    yield make_files(*(f"file {number:02}" for number in range(20)))
    LibraryFile.objects.all().delete()


@pytest.fixture
def make_job(files: list[LibraryFile]) -> Iterator[MakeJob]:
    """Makes prepared jobs over the library files, in their order or, with -1, from the last."""
    made: list[Job] = []

    def make(step: int = 1, **fields: object) -> Job:
        values = {"operation": "act", "label": "Act", "prepared": True, **fields}
        job = Job.objects.create(total_items=len(files), **values)
        make_items(job, *files[::step])
        made.append(job)
        return job

    yield make
    delete_jobs(*made)


@pytest.fixture
def job(make_job: MakeJob) -> Job:
    return make_job()


@pytest.fixture
def worker(job: Job) -> Iterator[FakeWorker]:
    made = FakeWorker(job)
    yield made
    made.store.close()
