"""Finished jobs: in the dialog, on their own pages, and in the list of files."""

import json
from pathlib import Path
from typing import Any

from tests.browser.pages import BatchPage
from tests.browser.screenshots import Tour
from tests.browser.screenshots.scenery import not_there
from tests.support.http import Client
from tests.support.waiting import wait_until


def ended(page: Any, library: Path) -> Tour:
    batch = BatchPage(page)
    finished = _processed(batch, "2018/")
    yield page, "finished"
    open_job(page, f"{finished}?status=failed")
    page.wait_for_selector("#failures li")
    yield page, "job"
    page.click("#deleteJobBtn")
    page.wait_for_selector("#confirmDialog[open]")
    yield page, "asking-delete"

    page.route("**/api/jobs", _with_failure_limit)
    failed = _processed(batch, "2019/Broken")
    page.unroute("**/api/jobs")
    yield page, "failed"
    open_job(page, failed)
    page.wait_for_selector("#failures li")
    yield page, "job-failed"

    _processed(batch, "2018/Odd names")
    yield page, "names-progress"

    batch.open("/?search=2020/Data")
    with not_there(library / "2020"):
        page.click("#processMatchingBtn")
        page.wait_for_selector("#progressNotice:visible")
        page.wait_for_selector("#progressContinueBtn:visible")
        yield page, "stopped"
    batch.cancel()
    batch.wait_message("Job was cancelled")


def told(site: Any, page: Any) -> Tour:
    """A job that finished while no page was open."""
    api = Client(site.address)
    job = api.post("/api/jobs", {"operation": "verify", "search": "2021/Pictures"}).body["id"]
    wait_until(lambda: api.get(f"/api/jobs/{job}").body["status"] == "completed")
    BatchPage(page).open()
    page.wait_for_selector("#messages .message")
    yield page, "told"


def open_job(page: Any, job: str | None) -> None:
    """Open the page of the job with this id. A query may follow the id."""
    page.goto(f"/jobs/{job}")
    page.wait_for_selector('#itemList[aria-busy="false"]')
    page.wait_for_selector("#events li")


def _processed(batch: BatchPage, search: str) -> str | None:
    """Process the files whose path contains this. Returns the id of the finished job."""
    batch.open(f"/?search={search}")
    batch.page.click("#processMatchingBtn")
    batch.wait_finished()
    return batch.job_id


def _with_failure_limit(route: Any) -> None:
    if route.request.method != "POST":
        return route.continue_()
    return route.continue_(
        post_data=json.dumps(route.request.post_data_json | {"failure_limit": 5})
    )
