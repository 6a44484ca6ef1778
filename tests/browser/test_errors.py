"""Failures of the server or the network: what the page says, and how it recovers."""

import re
from typing import Any

from tests.browser.conftest import NewPage
from tests.browser.pages import BatchPage
from tests.browser.states import SIGNED_OUT
from tests.support.http import Client
from tests.support.site import Site

CANCEL = "**/api/jobs/*/cancel"
STATUS = "**/api/jobs/*after=*"
LOST = "Lost connection to server. Job may still be running. Refresh to check status."


NOT_FOUND_PAGE = "<html><h1>404 Not Found</h1><p>nginx</p></html>"


def _answer(status: int, body: str = "{}", **more: Any) -> Any:
    more.setdefault("content_type", "application/json")
    return lambda route: route.fulfill(status=status, body=body, **more)


def _of_a_proxy(status: int) -> Any:
    return _answer(status, NOT_FOUND_PAGE, content_type="text/html")


def _run(batch: BatchPage, seconds: float = 1) -> None:
    batch.start(seconds=seconds)
    batch.wait_processed(2)


def test_server_error_of_a_cancel_is_shown_with_its_status(batch: BatchPage) -> None:
    _run(batch)
    batch.page.route(CANCEL, _answer(500, '{"error": "Something went wrong."}'))
    batch.cancel()
    message = batch.wait_message("Failed to cancel job")
    assert message == "Failed to cancel job: Something went wrong (HTTP 500)"
    assert batch.page.is_enabled("#progressCancelBtn"), "the cancel can be tried again"


def test_cancel_of_a_finished_job_closes_the_dialog(batch: BatchPage) -> None:
    _run(batch)
    batch.page.route(CANCEL, _answer(400, '{"error": "Job not found or already completed"}'))
    batch.cancel()
    assert batch.wait_message("Job not found") == "Job not found or already completed"
    batch.wait_closed()
    assert batch.page.evaluate("hasActiveJob") is False


def test_polling_survives_a_lost_network_and_shows_it_while_it_lasts(batch: BatchPage) -> None:
    _run(batch)
    batch.page.context.set_offline(True)
    batch.page.wait_for_selector("#progressTrouble:visible")
    assert "The server is not responding" in batch.text("#progressTrouble")
    seen = batch.page.locator("#progressDetails [data-path]").count()
    batch.page.context.set_offline(False)
    batch.page.wait_for_selector("#progressTrouble", state="hidden")
    batch.wait_processed(seen + 2)


def test_polling_backs_off_at_server_errors_and_recovers(batch: BatchPage, site: Site) -> None:
    _run(batch)
    requests: list[str] = []
    batch.page.on("request", lambda request: requests.append(request.url))
    batch.page.route(STATUS, _answer(503))
    batch.page.wait_for_function("() => progressTrouble.textContent.includes('in 4 s')")
    failed = [url for url in requests if "after=" in url]
    assert len(failed) <= 5, "0.5 s, 1 s, 2 s, 4 s"
    batch.page.unroute(STATUS)
    batch.page.wait_for_selector("#progressTrouble", state="hidden")
    site.let_go(str(batch.job_id))
    batch.wait_finished()
    assert batch.text("#progressText") == "46 / 46 files"


def test_five_minutes_without_an_answer_show_a_message_and_keep_the_job(new_page: NewPage) -> None:
    batch = new_page(alone=True)
    batch.page.clock.install()
    batch.open()
    _run(batch)
    job_id = batch.job_id
    batch.page.route("**/api/**", lambda route: route.abort())
    batch.page.clock.run_for(2_000)
    batch.page.wait_for_selector("#progressTrouble:visible")
    for _ in range(4):
        batch.page.clock.fast_forward("00:45")
        batch.page.clock.run_for(1_000)
        assert batch.page.locator("#messages", has_text=LOST).count() == 0
    batch.page.clock.fast_forward("02:00")
    batch.page.clock.run_for(5_000)
    assert batch.wait_message("Lost connection") == LOST
    assert batch.page.evaluate("hasActiveJob") is True
    assert batch.job_id == job_id
    assert batch.shown("#progressModal")
    batch.page.unroute("**/api/**")
    batch.page.clock.run_for(10_000)
    batch.page.wait_for_selector("#messages .message", state="detached")
    assert not batch.shown("#progressTrouble"), "both disappear when the server answers again"


def test_deleted_job_closes_the_dialog_with_a_message(batch: BatchPage, api: Client) -> None:
    _run(batch)
    job_id = batch.job_id
    batch.page.route(STATUS, _answer(404, '{"error": "Job not found"}'))
    batch.wait_message("This job no longer exists")
    batch.wait_closed()
    assert batch.job_id is None
    assert batch.page.evaluate("hasActiveJob") is False
    assert api.get(f"/api/jobs/{job_id}").status == 200


def test_a_proxys_404_is_shown_as_trouble_and_the_job_is_followed_on(
    batch: BatchPage, site: Site
) -> None:
    _run(batch)
    batch.page.route("**/api/**", _of_a_proxy(404))
    batch.page.wait_for_selector("#progressTrouble:visible")
    assert "another program answered in place of this site (HTTP 404)" in batch.text(
        "#progressTrouble"
    )
    assert batch.page.locator("#messages", has_text="deleted").count() == 0
    assert batch.page.is_enabled("#progressCancelBtn")
    batch.page.unroute("**/api/**")
    batch.page.wait_for_selector("#progressTrouble", state="hidden")
    site.let_go(str(batch.job_id))
    batch.wait_finished()


def test_message_about_a_cancel_that_a_proxy_refused_goes_with_the_next_cancel(
    batch: BatchPage,
) -> None:
    _run(batch)
    batch.page.route(CANCEL, _of_a_proxy(404))
    batch.cancel()
    message = batch.wait_message("Failed to cancel job")
    assert message == (
        "Failed to cancel job: another program answered in place of this site (HTTP 404)"
    )
    assert batch.shown("#progressModal"), "the job is running"
    batch.page.unroute(CANCEL)
    batch.cancel()
    batch.wait_message("Job was cancelled")
    assert batch.page.locator("#messages", has_text="Failed to cancel").count() == 0


def test_signed_out_page_offers_to_sign_in_and_goes_on_afterwards(batch: BatchPage) -> None:
    _run(batch)
    batch.page.route("**/api/**", lambda route: route.fulfill(**SIGNED_OUT))
    assert batch.wait_message("signed out") == "You are signed out."
    link = batch.page.locator("#messages a", has_text="Sign in")
    assert link.get_attribute("href") == "/accounts/login/?next=%2F"
    assert link.get_attribute("target") == "_blank"
    assert "You are signed out." in batch.text("#progressTrouble")
    seen = batch.page.locator("#progressDetails [data-path]").count()
    batch.page.unroute("**/api/**")
    batch.poll_now()
    batch.page.wait_for_selector("#messages .message", state="detached")
    batch.page.wait_for_selector("#progressTrouble", state="hidden")
    batch.wait_processed(seen + 1)


def test_page_opened_behind_a_failing_proxy_loads_once_it_answers(new_page: NewPage) -> None:
    page = new_page().page
    calls = re.compile(r"^https?://[^/]+/api/")  # and not the scripts of static/js/api/
    page.route(calls, _of_a_proxy(403))
    page.goto("/?rows=7")  # no number of rows that the server draws
    page.wait_for_selector("#fileList :text('The files cannot be listed')")
    page.unroute(calls)
    BatchPage(page).wait_loaded()
    page.wait_for_selector("#fileList [data-path]")


def test_failed_start_shows_why(batch: BatchPage) -> None:
    batch.choose()
    batch.page.fill("#parameter_seconds", "-1")
    batch.page.click("#processAllBtn")
    batch.wait_message("The job was not started")
    assert batch.shown('[data-error-for="seconds"]')
    assert batch.page.evaluate("document.activeElement.id") == "parameter_seconds"
    assert not batch.shown("#progressModal")


def test_leaving_the_page_of_a_running_job_does_not_warn(batch: BatchPage, api: Client) -> None:
    """The fixture fails for any dialog that the browser shows."""
    _run(batch)
    assert "the job continues without it" in batch.text("#progressHint")
    batch.page.click("#progressTitle")
    batch.page.goto("about:blank")
    assert api.get("/api/jobs/active").body["job"]["status"] == "processing"


def test_leaving_the_page_warns_while_a_start_is_being_sent(batch: BatchPage) -> None:
    held: list[Any] = []

    def hold_starts(route: Any) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    batch.choose()
    batch.page.route("**/api/jobs", hold_starts)
    batch.page.click("#processAllBtn")
    assert batch.page.evaluate("hasActiveJob") is True
    assert batch.leaving_warns()
    held.pop().abort()  # sent after the test, it would start a job in the next one


def test_leaving_the_page_warns_while_a_resume_is_being_sent(batch: BatchPage) -> None:
    _run(batch)
    batch.cancel()
    batch.wait_message("Job was cancelled")
    assert batch.page.evaluate("hasActiveJob") is False
    assert not batch.leaving_warns()
    held: list[Any] = []
    batch.page.route("**/resume", lambda route: held.append(route))
    batch.page.click("#resumeJobBtn")
    with batch.page.expect_request("**/resume"):
        batch.page.click("#confirmYesBtn")
    assert batch.job_id is None, "there is no current job meanwhile"
    assert batch.page.evaluate("hasActiveJob") is True
    assert batch.leaving_warns()
    held.pop().continue_()
    batch.page.wait_for_selector("#progressModal[open]")
    assert batch.page.evaluate("hasActiveJob") is True
    assert not batch.leaving_warns(), "the job continues without the page"
