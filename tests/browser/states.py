"""The states of the page, for tests that check each of them.

A walk brings the page from state to state and yields the name of each. A state lasts until the
test resumes the walk. Answers that no server gives on demand are faked in the browser.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.browser.pages import BatchPage
from tests.support.http import Client

Walk = Callable[[BatchPage, Client], Iterator[str]]

FEW_FILES = "/?search=scans/"
"""Three rows instead of all: these walks are about other parts of the page."""
STATUS = "**/api/jobs/*after=*"
SIGNED_OUT: dict[str, Any] = {
    "status": 401,
    "headers": {"Batchsite-API": "1"},
    "json": {"error": "Log in first."},
}
"""The API's own answer to somebody who is signed out."""
CHANGES = {
    "count": 5,
    "changed": 1,
    "vanished": 1,
    "examples": ["photos/001.jpg", "photos/002.jpg"],
    "checked": 5,
    "complete": True,
}


def files(batch: BatchPage, api: Client) -> Iterator[str]:
    """The list and its filters, and a job that cannot start."""
    page = batch.page
    batch.open()
    yield "first visit"
    page.click("#fileList tr:nth-child(2) input")
    yield "a file selected"
    batch.search("no such name")
    yield "nothing found"
    batch.search("scans/")
    batch.choose(-1)
    page.click("#processAllBtn")
    batch.wait_message("The job was not started")
    yield "a parameter refused"
    nothing = {"count": 0, "page": 1, "pages": 1, "files": []}
    page.route("**/api/files?*", lambda route: route.fulfill(json=nothing))
    batch.open()
    page.evaluate("document.getElementById('pageSize').dispatchEvent(new Event('change'))")
    page.wait_for_selector("#fileList :text('No files yet')")
    yield "no files yet"


def job(batch: BatchPage, api: Client) -> Iterator[str]:
    """A job in its dialog, from start to end, and then its page."""
    page = batch.page
    batch.open(FEW_FILES)
    batch.start(seconds=3)
    page.wait_for_selector("#progressCurrent .current-item")
    yield "processing"
    page.click("#progressCancelBtn")
    page.wait_for_selector("#confirmDialog[open]")
    yield "asking"
    page.click("#confirmNoBtn")
    page.click("#progressPauseBtn")
    page.wait_for_selector("#progressContinueBtn:visible")
    yield "paused"
    page.click("#progressMinimizeBtn")
    page.wait_for_selector("#progressIndicator button")
    yield "minimised"
    page.click("#progressIndicator button")
    batch.cancel()
    batch.wait_message("Job was cancelled")
    yield "cancelled"
    page.route("**/changes?*", lambda route: route.fulfill(json=CHANGES))
    page.click("#resumeJobBtn")
    page.wait_for_selector("#confirmOption:visible")
    yield "asking to resume, with files that have changed"
    page.click("#confirmNoBtn")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    yield "finished with failures"
    page.goto(f"/jobs/{batch.job_id}")
    page.wait_for_selector("#failures li")
    yield "a finished job's page"


def trouble(batch: BatchPage, api: Client) -> Iterator[str]:
    """A server that fails."""
    page = batch.page
    page.clock.install()
    batch.open(FEW_FILES)
    batch.start(seconds=5)
    held: list[Any] = []
    page.route("**/cancel", lambda route: held.append(route))
    batch.cancel()
    page.wait_for_function("() => progressTitle.textContent.startsWith('Cancelling…')")
    yield "cancelling"
    held[0].fulfill(status=500, json={"error": "Something went wrong."})
    batch.wait_message("Failed to cancel job")
    yield "a cancel that failed"
    page.route("**/api/**", lambda route: route.fulfill(**SIGNED_OUT))
    page.clock.run_for(2_000)
    batch.wait_message("You are signed out")
    yield "signed out"
    page.unroute("**/api/**")
    page.route("**/api/**", lambda route: route.abort())
    page.clock.run_for(10_000)
    page.wait_for_selector("#progressTrouble:text('not responding')")
    yield "no response"
    page.clock.fast_forward("05:00")
    page.clock.run_for(10_000)
    batch.wait_message("Lost connection to server")
    yield "lost connection"
    page.unroute("**/api/**")
    failed = _failed(api, batch.job_id)
    page.route(STATUS, lambda route: route.fulfill(json=failed))
    page.clock.run_for(10_000)
    batch.wait_finished()
    yield "failed"


def several(batch: BatchPage, api: Client) -> Iterator[str]:
    """Two jobs at once."""
    page = batch.page
    batch.open(FEW_FILES)
    for _ in range(2):
        _started(api, seconds=3)
    batch.poll_now()
    page.wait_for_selector("#progressIndicator button >> nth=1")
    yield "two jobs in the indicator"
    page.click("#cancelAllBtn")
    page.wait_for_selector("#confirmDialog[open]")
    yield "asking to cancel all"
    page.click("#confirmNoBtn")
    page.click("#progressIndicator button")
    page.wait_for_selector("#progressSwitcher:visible")
    yield "two jobs to switch between"
    page.click("#progressMinimizeBtn")
    page.click("#cancelAllBtn")
    page.click("#confirmYesBtn")
    page.locator("#messages .message", has_text="Job was cancelled").nth(1).wait_for()
    yield "all cancelled"


def job_page(batch: BatchPage, api: Client) -> Iterator[str]:
    """The page of one job."""
    page = batch.page
    job_id = _started(api, seconds=3)
    page.goto(f"/jobs/{job_id}")
    page.wait_for_selector("#cancelJobBtn:visible")
    yield "a running job's page"
    page.click("#cancelJobBtn")
    page.click("#confirmYesBtn")
    batch.wait_message("Job was cancelled")
    page.wait_for_selector("#resumeJobBtn:visible")
    yield "a cancelled job's page"
    page.goto(f"/jobs/{_started(api, failure_limit=0, search='scans/')}")
    page.wait_for_selector("#jobError:visible")
    page.wait_for_selector("#failures li")
    yield "a failed job's page"
    page.goto("/jobs/00000000-0000-4000-8000-000000000000")
    yield "no such job"


def help_and_keys(batch: BatchPage, api: Client) -> Iterator[str]:
    """The documentation, and the list of keys."""
    page = batch.page
    page.goto("/help/")
    yield "the list of the documentation"
    page.goto("/help/howto/commands.md")
    yield "a page of the documentation"
    page.click("#keysBtn")
    yield "the keys"
    page.click("#keysCloseBtn")
    batch.open(FEW_FILES)
    page.click("#notifyBtn")
    yield "the choice of notifications"


WALKS: tuple[Walk, ...] = (files, job, trouble, several, job_page, help_and_keys)


def _started(api: Client, *, seconds: float = 0, **order: Any) -> str:
    order = {"operation": "slow", "parameters": {"seconds": seconds}, **order}
    answer = api.post("/api/jobs", order if "search" in order else order | {"all": True})
    assert answer.status == 201, answer.body
    return str(answer.body["job_id"])


def _failed(api: Client, job_id: str | None) -> dict[str, Any]:
    """The status that the server would return if this job had failed."""
    status = api.get(f"/api/jobs/{job_id}").body
    end = {"status": "failed", "error": "The disk is full.", "items": [], "cursor": ""}
    progress = status["progress"] | {"in_flight": 0, "pending": 0, "skipped": 40}
    return {**status, **end, "progress": progress}
