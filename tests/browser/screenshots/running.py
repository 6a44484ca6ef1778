"""A running job: progress, network failures, cancel."""

from collections.abc import Callable
from typing import Any

from tests.browser.pages import BatchPage
from tests.browser.screenshots import Tour
from tests.browser.screenshots.ended import open_job
from tests.browser.screenshots.files import LARGE, USUAL
from tests.browser.screenshots.scenery import SLOW, held_up
from tests.browser.screenshots.several import several
from tests.browser.states import SIGNED_OUT
from tests.support.http import Client

CANCEL = "**/api/jobs/*/cancel"


def running(site: Any, new_page: Callable[[], Any]) -> Tour:
    page = new_page()
    batch = BatchPage(page)
    batch.open()
    page.click("#processAllBtn")
    page.wait_for_function(
        "() => progressDetails.querySelectorAll('[data-path*=Camera]').length >= 4"
    )
    yield page, "progress"
    page.evaluate(LARGE)
    yield page, "large-progress"
    page.evaluate(USUAL)

    page.context.set_offline(True)
    page.wait_for_selector("#progressTrouble:visible")
    yield page, "offline"
    page.context.set_offline(False)
    page.wait_for_selector("#progressTrouble", state="hidden")

    page.route("**/api/**", lambda route: route.fulfill(**SIGNED_OUT))
    batch.wait_message("You are signed out")
    yield page, "signed-out"
    page.unroute("**/api/**")
    batch.poll_now()
    page.wait_for_selector("#messages .message", state="detached")
    yield from _lost(new_page())

    page.route(CANCEL, lambda route: route.abort())
    batch.cancel()
    batch.wait_message("Failed to cancel job")
    yield page, "cancel-failed"
    page.unroute(CANCEL)
    page.click("#messages .message .tool")

    page.click("#progressPauseBtn")
    page.wait_for_selector("#progressContinueBtn:visible")
    page.wait_for_selector("#progressCurrent .current-item", state="detached")
    yield page, "paused"
    page.click("#progressContinueBtn")
    page.wait_for_selector("#progressPauseBtn:visible")

    other = new_page()
    open_job(other, batch.job_id)
    other.wait_for_selector("#failures li")
    other.wait_for_function("() => jobSpeed.textContent")
    yield other, "job-running"
    other.context.set_offline(True)
    other.wait_for_selector("#jobTrouble:visible")
    yield other, "job-offline"
    other.context.set_offline(False)
    other.wait_for_selector("#jobTrouble", state="hidden")

    page.click("#progressCancelBtn")
    page.wait_for_selector("#confirmDialog[open]")
    yield page, "asking"
    with held_up(site):
        page.click("#confirmYesBtn")
        page.wait_for_function("() => /finishing/.test(progressTitle.textContent)")
        yield page, "cancelling"
        other.wait_for_selector("#jobStatus:has-text('Cancelling')")
        yield other, "job-cancelling"
    batch.wait_message("Job was cancelled")
    yield page, "cancelled"
    other.click('[data-status="skipped"]')
    other.wait_for_selector('#itemList[aria-busy="false"] [data-status="skipped"]')
    yield other, "job-cancelled"
    other.close()
    yield from several(site, page)


def _lost(page: Any) -> Tour:
    """Five minutes without an answer, by the clock of the page."""
    page.clock.install()
    batch = BatchPage(page)
    batch.open()
    page.click("#progressIndicator button")
    batch.wait_processed(10)
    page.route("**/api/**", lambda route: route.abort())
    page.clock.run_for(2_000)
    page.wait_for_selector("#progressTrouble:visible")
    for _ in range(6):
        page.clock.fast_forward("01:00")
        page.clock.run_for(1_000)
    batch.wait_message("Lost connection")
    yield page, "lost"


def too_late(site: Any, page: Any) -> Tour:
    """Another person cancels the job while the question is open."""

    def cancel_first(route: Any) -> None:
        Client(site.address).post(f"/api/jobs/{batch.job_id}/cancel")
        route.continue_()

    batch = BatchPage(page)
    batch.open(f"/?search={SLOW}")
    page.click("#processMatchingBtn")
    batch.wait_processed(1)
    page.route(CANCEL, cancel_first)
    with held_up(site):
        batch.cancel()
        batch.wait_message("Job not found or already completed")
        batch.wait_closed()
    page.wait_for_selector("#jobHistory li:first-child:has-text('Cancelled')")
    yield page, "cancel-too-late"
