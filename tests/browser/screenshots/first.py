"""The first visit: no files, no workers."""

from typing import Any

from tests.browser.pages import BatchPage
from tests.browser.screenshots import Tour


def without_files(page: Any) -> Tour:
    BatchPage(page).open()
    yield page, "empty"
    page.goto("/accounts/login/")
    yield page, "sign-in"
    page.goto("/jobs/00000000-0000-4000-8000-000000000000")
    yield page, "job-missing"


def without_workers(page: Any) -> Tour:
    batch = BatchPage(page)
    batch.open()
    page.click("#processAllBtn")
    page.wait_for_selector("#progressNotice:has-text('No worker is running')")
    yield page, "no-worker"
    batch.cancel()
    batch.wait_message("Job was cancelled")
