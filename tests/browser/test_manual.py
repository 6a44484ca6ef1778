"""The manual tests and edge cases of the feature's document, under the same names."""

import re
from typing import Any

import pytest

from tests.browser.conftest import NewPage
from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.waiting import wait_until

CANCEL = "**/api/jobs/*/cancel"


def test_basic_cancel(batch: BatchPage, api: Client, files: dict[str, bytes]) -> None:
    batch.start(seconds=1)
    batch.wait_processed(3)
    job_id = batch.job_id
    assert batch.text("#progressTitle") == "Processing Files..."
    assert re.fullmatch(r"\d+ / 46 files", batch.text("#progressText"))
    assert re.fullmatch(r"\d+%", batch.text("#progressPercent"))
    assert batch.shown("#progressCancelBtn")
    assert not batch.shown("#progressCloseBtn")

    batch.cancel()
    batch.wait_closed()
    message = batch.wait_message("Job was cancelled")
    look = batch.page.locator("#messages .message", has_text="Job was cancelled")
    assert look.get_attribute("data-tone") == "warning"
    assert "is-warn" in look.get_attribute("class").split()

    succeeded, failed, rest = batch.counts(message)
    assert succeeded >= 3
    assert rest > 0
    assert succeeded + failed + rest == len(files)
    progress = api.get(f"/api/jobs/{job_id}").body["progress"]
    assert progress["succeeded"] == succeeded
    assert progress["failed"] == failed
    assert progress["skipped"] == rest
    statuses = batch.page.eval_on_selector_all(
        "#fileList tr[data-path]", "rows => rows.map(row => row.dataset.status)"
    )
    assert {"succeeded", "unprocessed"} <= set(statuses)


def test_confirmation_dialog(batch: BatchPage, api: Client) -> None:
    batch.start(seconds=1)
    batch.wait_processed(2)
    batch.cancel(yes=False)
    seen = batch.page.locator("#progressDetails [data-path]").count()
    batch.wait_processed(seen + 2)
    assert batch.shown("#progressModal")
    assert batch.shown("#progressCancelBtn")
    assert api.get(f"/api/jobs/{batch.job_id}").body["status"] == "processing"
    assert batch.page.locator("#messages .message").count() == 0


def test_complete_vs_cancel(batch: BatchPage) -> None:
    batch.search("notes/")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    assert not batch.shown("#progressCancelBtn")
    assert batch.shown("#progressCloseBtn")
    assert batch.text("#progressText") == "3 / 3 files"
    assert batch.text("#progressPercent") == "100%"
    assert batch.page.evaluate("hasActiveJob") is False
    batch.page.click("#progressCloseBtn")
    batch.wait_closed()


def test_page_refresh(batch: BatchPage) -> None:
    batch.start(seconds=1)
    batch.wait_processed(3)
    batch.cancel()
    before = batch.wait_message("Job was cancelled")
    batch.reload()
    assert batch.wait_message("Job was cancelled") == before
    assert not batch.shown("#progressModal")


def test_refresh_while_running_resumes_polling(batch: BatchPage) -> None:
    batch.start(seconds=1)
    batch.wait_processed(3)
    job_id = batch.job_id
    batch.reload()
    batch.page.wait_for_selector("#progressModal[open]")
    assert batch.job_id == job_id
    batch.wait_processed(4)
    batch.cancel()
    batch.wait_message("Job was cancelled")


def test_multiple_rapid_cancel_clicks(batch: BatchPage) -> None:
    sent: list[str] = []
    batch.page.on("request", lambda request: _note_cancel(sent, request))
    batch.start(seconds=1)
    batch.wait_processed(2)
    batch.page.evaluate("for (let n = 0; n < 5; n += 1) cancelCurrentJob()")
    batch.page.evaluate("for (let n = 0; n < 5; n += 1) confirmYesBtn.click()")
    batch.page.evaluate("for (let n = 0; n < 5; n += 1) cancelCurrentJob()")
    batch.wait_message("Job was cancelled")
    assert len(sent) == 1


@pytest.mark.parametrize(("width", "scale"), [(1280, 100), (360, 200)])
def test_double_clicks_ask_and_cancel_once(new_page: NewPage, width: int, scale: int) -> None:
    """In the narrow window with large text, Yes appears at the place of Cancel."""
    sent: list[str] = []
    batch = new_page(viewport={"width": width, "height": 800})
    batch.page.on("request", lambda request: _note_cancel(sent, request))
    batch.open()
    batch.page.evaluate("scale => document.documentElement.style.fontSize = `${scale}%`", scale)
    batch.start(seconds=1)
    batch.wait_processed(2)
    batch.double_click("#progressCancelBtn")
    assert batch.shown("#confirmDialog"), (
        "the double click opens the question and does not answer it"
    )
    assert sent == []
    batch.double_click("#confirmYesBtn")
    batch.wait_message("Job was cancelled")
    assert len(sent) == 1
    assert not batch.shown("#confirmDialog")


def _note_cancel(sent: list[str], request: Any) -> None:
    if request.method == "POST" and request.url.endswith("/cancel"):
        sent.append(request.url)


def test_cancel_during_network_error(batch: BatchPage, api: Client) -> None:
    batch.start(seconds=1)
    batch.wait_processed(2)
    batch.page.route(CANCEL, lambda route: route.abort())
    batch.cancel()
    message = batch.wait_message("Failed to cancel job: ")
    assert message == "Failed to cancel job: the server cannot be reached"
    assert batch.shown("#messages"), "messages can be read while the dialog is open"
    assert batch.shown("#progressModal")
    assert api.get(f"/api/jobs/{batch.job_id}").body["status"] == "processing"

    batch.page.unroute(CANCEL)
    batch.cancel()
    batch.wait_message("Job was cancelled")


def test_cancel_after_completion(batch: BatchPage) -> None:
    batch.start()
    batch.wait_finished()
    assert not batch.shown("#progressCancelBtn")
    batch.page.evaluate("cancelCurrentJob()")
    assert not batch.shown("#confirmDialog")


def test_cancel_after_failure(new_page: NewPage, api: Client) -> None:
    batch = new_page()
    batch.open()
    order = {
        "operation": "slow",
        "all": True,
        "parameters": {"seconds": 0.1},
        "failure_limit": 0,
    }
    job_id = api.post("/api/jobs", order).body["job_id"]
    batch.reload()
    batch.page.click(f"#progressIndicator [data-job='{job_id}']")
    wait_until(
        lambda: api.get(f"/api/jobs/{job_id}").body["status"] == "failed",
        seconds=30,
        what="the job fails at its first bad file",
    )
    batch.wait_finished()
    assert batch.text("#progressTitle") == "Job failed"
    assert not batch.shown("#progressCancelBtn")
    assert batch.shown("#progressCloseBtn")
