"""The page of one job: numbers, items with filter and pages, events, actions."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.browser.conftest import NewPage
from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.site import Site
from tests.support.waiting import wait_until

ROWS = "#itemList tr[data-path]"


@pytest.fixture
def tab(new_page: NewPage) -> BatchPage:
    return new_page()


def _start(api: Client, **order: Any) -> str:
    answer = api.post("/api/jobs", {"operation": "slow", **order})
    assert answer.status == 201, answer.body
    return str(answer.body["job_id"])


def _wait_finished(api: Client, job_id: str) -> None:
    def finished() -> bool:
        job = api.get(f"/api/jobs/{job_id}").body
        return job["status"] not in ("queued", "processing") and not job["progress"]["in_flight"]

    wait_until(finished, seconds=60, what=f"job {job_id} has finished")


def _completed(api: Client, **order: Any) -> str:
    job_id = _start(api, **order)
    _wait_finished(api, job_id)
    return job_id


def _cancelled(api: Client) -> str:
    """A job over all files, cancelled half-way."""
    job_id = _start(api, all=True, parameters={"seconds": 0.5})
    wait_until(
        lambda: api.get(f"/api/jobs/{job_id}").body["progress"]["processed"] > 3,
        seconds=60,
        what="some files are processed",
    )
    assert api.post(f"/api/jobs/{job_id}/cancel").status == 200
    _wait_finished(api, job_id)
    return job_id


def _open(tab: BatchPage, job_id: str, query: str = "") -> None:
    tab.page.goto(f"/jobs/{job_id}{query}")
    tab.page.wait_for_selector('#itemList[aria-busy="false"]')


def _choose(tab: BatchPage, status: str) -> None:
    with tab.page.expect_response(lambda answer: "/items?" in answer.url):
        tab.page.click(f'#itemFilter [data-status="{status}"]')
    tab.page.wait_for_selector('#itemList[aria-busy="false"]')


def _paths(tab: BatchPage) -> list[str]:
    return list(tab.page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.dataset.path)"))


def test_numbers_of_a_completed_job(tab: BatchPage, api: Client) -> None:
    job_id = _completed(api, all=True)
    _open(tab, job_id)
    assert tab.text("#jobFiles") == "46 / 46 files · 100%"
    assert [
        tab.text(f"#figure{name}") for name in ("Succeeded", "Failed", "InFlight", "NotProcessed")
    ] == [
        "43",
        "3",
        "0",
        "0",
    ]
    assert tab.page.get_attribute("#jobBar", "aria-valuenow") == "100"
    tab.page.wait_for_selector("#failures li")
    assert tab.page.locator("#failures li").count() == 1, "three equal errors are one line"
    assert tab.text("#failures .failure-count").startswith("3")


def test_files_show_how_far_verify_looked_into_them(tab: BatchPage, api: Client) -> None:
    answer = api.post("/api/jobs", {"operation": "verify", "search": "notes/"})
    job_id = str(answer.body["job_id"])
    _wait_finished(api, job_id)
    _open(tab, job_id)
    assert tab.text("#jobSummary") == "3 not looked into: text 3"
    assert tab.page.locator(f"{ROWS} .row-depth").all_inner_texts() == [" · checksum only"] * 3
    assert tab.page.locator(f"{ROWS} .is-warn").count() == 3


def test_duration_leaves_out_inactive_time(tab: BatchPage, api: Client, site: Site) -> None:
    job_id = _cancelled(api)
    end = datetime.fromisoformat(api.get(f"/api/jobs/{job_id}").body["finished_at"])
    begun = f"{end - timedelta(minutes=10):%Y-%m-%d %H:%M:%S.%f}"
    site.sql("UPDATE jobs_job SET started_at = ?, inactive_seconds = 470", begun)
    _open(tab, job_id)
    assert tab.text("#figureDuration") == "2 min 10 s"
    assert tab.text("#jobSpeed").endswith(" files/min")


def test_items_are_filtered_and_searched(tab: BatchPage, api: Client) -> None:
    job_id = _completed(api, all=True)
    _open(tab, job_id, "?status=failed")
    assert _paths(tab) == ["scans/bad-1.pdf", "scans/bad-2.pdf", "scans/bad-3.pdf"]
    assert "This file is bad" in tab.text("#itemList")
    _choose(tab, "succeeded")
    assert len(_paths(tab)) == 43
    with tab.page.expect_response(lambda answer: "search=notes" in answer.url):
        tab.page.fill("#itemSearch", "notes")
    tab.page.wait_for_selector('#itemList[aria-busy="false"]')
    assert _paths(tab) == ["notes/one.txt", "notes/three.txt", "notes/two.txt"]
    tab.page.click(f"{ROWS} summary")
    assert "bytes" in tab.text(f"{ROWS}:first-child details")


def test_pages_reach_all_items(tab: BatchPage, api: Client) -> None:
    order = {"operation": "noop", "parameters": {"count": 250}}
    job_id = api.post("/api/jobs", order).body["job_id"]
    _wait_finished(api, job_id)
    _open(tab, job_id)
    seen = _paths(tab)
    assert tab.text("#itemPlace") == "1 to 100"
    for place in ("101 to 200", "201 to 250"):
        with tab.page.expect_response(lambda answer: "/items?" in answer.url):
            tab.page.click("#itemsNext")
        tab.page.wait_for_function("text => itemPlace.textContent === text", arg=place)
        seen += _paths(tab)
    assert tab.page.is_disabled("#itemsNext")
    assert len(set(seen)) == 250
    tab.page.click("#itemsPrevious")
    tab.page.wait_for_function("() => itemPlace.textContent === '101 to 200'")


def test_message_of_a_cancelled_job_leads_to_the_files_not_processed(batch: BatchPage) -> None:
    batch.start(seconds=1)
    batch.wait_processed(3)
    batch.cancel()
    _, _, rest = batch.counts(batch.wait_message("Job was cancelled"))
    batch.page.click("text=Show files not processed")
    batch.page.wait_for_selector('#itemList[aria-busy="false"]')
    assert batch.page.get_attribute('[data-status="skipped"]', "aria-pressed") == "true"
    assert len(_paths(batch)) == rest
    assert batch.text("#itemCount") == str(rest)


def test_events_show_what_was_done_from_where(tab: BatchPage, api: Client) -> None:
    job_id = _cancelled(api)
    _open(tab, job_id)
    tab.page.wait_for_selector('#events [data-kind="cancel"]')
    started = tab.text('#events [data-kind="start"]').splitlines()
    assert started[:2] == ["Started through the API", "Slow: 46 items"]
    assert "Cancelled through the API" in tab.text('#events [data-kind="cancel"]')


def test_cancel_and_resume_on_the_job_page(tab: BatchPage, api: Client, site: Site) -> None:
    job_id = _start(api, all=True, parameters={"seconds": 1})
    _open(tab, job_id)
    tab.page.click("#cancelJobBtn")
    tab.page.click("#confirmYesBtn")
    tab.wait_message("Job was cancelled")
    tab.page.click("#resumeJobBtn")
    tab.page.wait_for_selector("#confirmDialog[open]")
    held: list[Any] = []
    tab.page.route("**/resume", lambda route: held.append(route))
    assert not tab.leaving_warns()
    with tab.page.expect_request("**/resume"):
        tab.page.click("#confirmYesBtn")
    assert tab.leaving_warns(), "the call would be lost with the page"
    held.pop().continue_()
    tab.page.unroute("**/resume")
    tab.page.wait_for_selector("#pauseJobBtn:visible")
    assert not tab.leaving_warns()
    tab.page.click("#pauseJobBtn")
    tab.page.click("#continueJobBtn")
    site.let_go(job_id)
    tab.page.wait_for_selector("#rerunJobBtn:visible")
    assert api.get(f"/api/jobs/{job_id}").body["status"] == "completed"


def test_message_of_a_cancelled_job_offers_the_next_steps(tab: BatchPage, api: Client) -> None:
    job_id = _start(api, all=True, parameters={"seconds": 3})
    _open(tab, job_id)
    tab.page.wait_for_selector("#jobFiles", state="visible")
    tab.page.wait_for_function("() => figureInFlight.textContent !== '0'")
    tab.page.click("#cancelJobBtn")
    tab.page.click("#confirmYesBtn")
    badge = tab.page.locator("#jobStatus .badge-status.is-warn", has_text="Cancelling… ")
    badge.wait_for()
    assert badge.inner_text().endswith("finishing")
    _, _, rest = tab.counts(tab.wait_message("Job was cancelled"))
    actions = tab.page.locator("#messages .message-actions > *")
    assert actions.all_inner_texts() == ["Show files not processed", "Resume"]
    with tab.page.expect_response(lambda answer: "status=skipped" in answer.url):
        actions.first.click()
    tab.page.wait_for_selector('#itemList[aria-busy="false"]')
    assert len(_paths(tab)) == rest
    assert tab.page.evaluate("document.activeElement.dataset.status") == "skipped"
    actions.last.click()
    tab.page.wait_for_selector("#confirmDialog[open]")
    tab.page.click("#confirmYesBtn")
    tab.page.wait_for_selector("#pauseJobBtn:visible")
    assert tab.page.locator("#resumeJobBtn").count() == 1, "the message takes no id from the button"
    assert tab.page.evaluate("document.activeElement.id") == "main"


def test_lost_network_is_shown_while_it_lasts(tab: BatchPage, api: Client, site: Site) -> None:
    job_id = _start(api, all=True, parameters={"seconds": 1})
    _open(tab, job_id)
    tab.page.context.set_offline(True)
    tab.page.wait_for_selector("#jobTrouble:visible")
    assert "The server is not responding. Trying again in" in tab.text("#jobTrouble")
    tab.page.context.set_offline(False)
    tab.page.wait_for_selector("#jobTrouble", state="hidden")
    site.let_go(job_id)
    tab.page.wait_for_selector("#rerunJobBtn:visible")
    assert tab.text("#jobFiles") == "46 / 46 files · 100%"


def test_failed_cancel_is_shown_and_can_be_tried_again(tab: BatchPage, api: Client) -> None:
    _open(tab, _start(api, all=True, parameters={"seconds": 1}))
    answer = {"status": 500, "json": {"error": "Something went wrong."}}
    tab.page.route("**/cancel", lambda route: route.fulfill(**answer))
    tab.page.click("#cancelJobBtn")
    tab.page.click("#confirmYesBtn")
    message = tab.wait_message("Failed to cancel job")
    assert message == "Failed to cancel job: Something went wrong (HTTP 500)"
    tab.page.unroute("**/cancel")
    tab.page.click("#cancelJobBtn")
    tab.page.click("#confirmYesBtn")
    tab.wait_message("Job was cancelled")


def test_job_deleted_elsewhere_loses_its_buttons(tab: BatchPage, api: Client) -> None:
    job_id = _cancelled(api)
    _open(tab, job_id)
    tab.page.click("#resumeJobBtn")
    tab.page.wait_for_selector("#confirmDialog[open]")
    assert api.delete(f"/api/jobs/{job_id}").status == 200
    message = tab.wait_message("This job no longer exists")
    assert message == "This job no longer exists: it was deleted."
    assert not tab.shown("#confirmDialog"), "the question is dismissed"
    assert tab.page.locator(".job-buttons .btn:visible").count() == 0
    assert tab.text("#jobStatus") == "Deleted"
    assert tab.page.locator("#messages .message").count() == 1


def test_changed_and_missing_files_are_shown_and_can_be_skipped(
    tab: BatchPage, api: Client, site: Site
) -> None:
    job_id = _cancelled(api)
    rest = api.get(f"/api/jobs/{job_id}/items?status=skipped").body["items"]
    missing, changed = (site.library / item["path"] for item in rest[-2:])
    before = missing.read_bytes()
    missing.unlink()
    changed.write_bytes(changed.read_bytes() + b"more")
    _open(tab, job_id)
    tab.page.click("#resumeJobBtn")
    tab.page.wait_for_selector("#confirmDialog[open]")
    text = tab.text("#confirmText")
    assert f"{len(rest)} files were not processed" in text
    assert "1 file changed and 1 file was moved or deleted" in text
    assert rest[-1]["path"] in text
    tab.page.check("#confirmOptionInput")
    with tab.page.expect_response("**/resume"):
        tab.page.click("#confirmYesBtn")
    wait_until(lambda: api.get(f"/api/jobs/{job_id}").body["status"] == "completed")
    assert api.get(f"/api/jobs/{job_id}").body["progress"]["skipped"] == 2
    skipped = api.get(f"/api/jobs/{job_id}/items?status=skipped").body["items"]
    assert [item["path"] for item in skipped] == [item["path"] for item in rest[-2:]]
    missing.write_bytes(before)


@pytest.mark.parametrize(
    "selection",
    [{"all": True}, {"search": "notes/"}, {"files": ["notes/one.txt", "scans/bad-1.pdf"]}],
    ids=lambda value: next(iter(value)),
)
def test_run_again_starts_a_new_job_with_the_same_files(
    tab: BatchPage, api: Client, selection: dict[str, Any]
) -> None:
    job_id = _completed(api, **selection)
    _open(tab, job_id)
    tab.page.click("#rerunJobBtn")
    tab.page.wait_for_url(lambda url: "/jobs/" in url and job_id not in url)
    again = tab.page.url.rpartition("/")[2]
    _wait_finished(api, again)

    def paths(job: str) -> list[str]:
        return [item["path"] for item in api.get(f"/api/jobs/{job}/items").body["items"]]

    assert paths(again) == paths(job_id)


def test_rapid_clicks_on_run_again_start_one_job(tab: BatchPage, api: Client) -> None:
    job_id = _completed(api, search="notes/")
    _open(tab, job_id)
    tab.page.wait_for_selector("#rerunJobBtn:visible")
    tab.page.evaluate("() => { setInterval(() => rerunJobBtn.click(), 5) }")
    tab.page.wait_for_url(lambda url: "/jobs/" in url and job_id not in url)
    assert api.get("/api/jobs").body["count"] == 2


def test_leaving_warns_while_run_again_is_being_sent(tab: BatchPage, api: Client) -> None:
    """The fixture fails if the browser asks on the way to the new job's page."""
    job_id = _completed(api, search="notes/")
    _open(tab, job_id)
    held: list[Any] = []
    tab.page.route("**/api/jobs", lambda route: held.append(route))
    with tab.page.expect_request("**/api/jobs"):
        tab.page.click("#rerunJobBtn")
    assert tab.leaving_warns()
    held.pop().continue_()
    tab.page.wait_for_url(lambda url: "/jobs/" in url and job_id not in url)


def test_tab_of_a_running_job_shows_percent(tab: BatchPage, api: Client) -> None:
    _open(tab, _start(api, all=True, parameters={"seconds": 0.3}))
    tab.page.wait_for_function("() => /^[1-9]\\d?% · Slow/.test(document.title)")
    assert tab.shown("#notifyBtn"), "notifications are offered here, too"
    tab.page.wait_for_selector("#rerunJobBtn:visible")
    assert tab.page.title() == "Slow · batchsite"


def test_deleting_a_job_returns_to_the_start_page(tab: BatchPage, api: Client) -> None:
    job_id = _completed(api, search="notes/")
    _open(tab, job_id)
    tab.page.click("#deleteJobBtn")
    tab.page.click("#confirmYesBtn")
    tab.page.wait_for_url("**/")
    assert api.get(f"/api/jobs/{job_id}").status == 404
    assert tab.page.goto(f"/jobs/{job_id}").status == 404
    assert "Job not found" in tab.text("main")


def test_page_follows_the_actions_of_others(tab: BatchPage, api: Client) -> None:
    job_id = _start(api, all=True, parameters={"seconds": 1})
    _open(tab, job_id)
    assert api.post(f"/api/jobs/{job_id}/pause").status == 200
    tab.page.wait_for_selector("#continueJobBtn:visible")
    assert api.post(f"/api/jobs/{job_id}/cancel").status == 200
    tab.page.wait_for_selector("#resumeJobBtn:visible")
    order = json.loads(tab.page.text_content("#jobOrder"))
    assert order["parameters"] == {"seconds": 1}
