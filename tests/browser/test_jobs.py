"""Several jobs at once: indicator, switcher, cancel all. Resume and retry on the start page."""

import re

from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.site import Site

INDICATOR = "#progressIndicator button"
NAME = re.compile(r"Slow, \d\d:\d\d(:\d\d)?( #2)?")
ENDED_NAME = re.compile(rf"Job was cancelled \(({NAME.pattern})\): ")


def test_minimised_dialog_shows_an_indicator_that_reopens_it(batch: BatchPage) -> None:
    batch.start(seconds=1)
    job_id = batch.job_id
    batch.page.click("#progressMinimizeBtn")
    batch.wait_closed()
    batch.page.wait_for_selector(INDICATOR)
    assert batch.job_id == job_id
    assert batch.page.evaluate("hasActiveJob") is True
    batch.page.click(INDICATOR)
    assert batch.shown("#progressModal")
    assert not batch.shown("#progressIndicator")


def test_escape_minimises_the_dialog_of_a_running_job(batch: BatchPage) -> None:
    batch.start(seconds=1)
    batch.page.keyboard.press("Escape")
    batch.wait_closed()
    batch.page.wait_for_selector(INDICATOR)


def test_job_that_finishes_while_minimised_is_announced(batch: BatchPage) -> None:
    batch.search("scans/")
    batch.start(seconds=0.5, button="#processMatchingBtn")
    batch.page.click("#progressMinimizeBtn")
    assert batch.wait_message("Slow:") == "Slow: 0 succeeded, 3 failed"
    assert not batch.shown("#progressIndicator")
    assert batch.shown("#retryJobBtn")


def test_switcher_changes_the_job_in_the_dialog(batch: BatchPage) -> None:
    batch.start(seconds=0.5)
    first = batch.job_id
    batch.page.click("#progressMinimizeBtn")
    batch.search("notes/")
    batch.start(seconds=5, button="#processMatchingBtn")
    second = batch.job_id
    assert second != first
    batch.page.wait_for_selector("#progressSwitcher:visible")
    batch.page.click(f'#progressSwitcher [data-job="{first}"]')
    assert batch.job_id == first
    batch.page.wait_for_function("() => progressText.textContent.endsWith('/ 46 files')")
    batch.page.click(f'#progressSwitcher [data-job="{second}"]')
    assert batch.job_id == second
    batch.page.wait_for_function("() => progressText.textContent.endsWith('/ 3 files')")
    batch.page.click("#progressMinimizeBtn")
    assert batch.page.locator(INDICATOR).count() == 2


def _start_two_jobs(batch: BatchPage, api: Client) -> dict[int, str]:
    """Start two jobs of one operation through the API. Returns {number of files: job id}."""
    started = {}
    for search in ("photos/", "photos/01"):
        order = {"operation": "slow", "search": search, "parameters": {"seconds": 2}}
        answer = api.post("/api/jobs", order)
        assert answer.status == 201
        started[answer.body["total_items"]] = answer.body["job_id"]
    batch.poll_now()
    batch.page.wait_for_selector(f"{INDICATOR} >> nth=1")
    return started


def test_jobs_of_the_same_operation_have_different_names_everywhere(
    batch: BatchPage, api: Client
) -> None:
    _start_two_jobs(batch, api)

    def names(selector: str) -> list[str]:
        shown: list[str] = batch.page.locator(f"{selector} bdi").all_inner_texts()
        assert len(shown) == 2
        assert all(NAME.fullmatch(name.partition(" · ")[0]) for name in shown), shown
        return [name.partition(" · ")[0] for name in shown]

    in_indicator = names(INDICATOR)
    assert len(set(in_indicator)) == 2, "the names tell the jobs apart"
    batch.page.click("#cancelAllBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    assert names("#confirmText li") == in_indicator
    batch.page.click("#confirmNoBtn")
    batch.page.click(f"{INDICATOR} >> nth=0")
    batch.page.wait_for_selector("#progressSwitcher:visible")
    assert names("#progressSwitcher button") == in_indicator


def test_cancel_all_announces_the_outcome_of_each_job(batch: BatchPage, api: Client) -> None:
    started = _start_two_jobs(batch, api)
    batch.page.click("#cancelAllBtn")
    batch.page.click("#confirmYesBtn")
    ended = batch.page.locator("#messages .message", has_text="Job was cancelled")
    ended.nth(1).wait_for()
    texts = ended.locator(".message-text").all_inner_texts()
    names = {found[1] for text in texts if (found := ENDED_NAME.match(text))}
    assert len(names) == 2, texts
    assert {sum(batch.counts(text)) for text in texts} == set(started)
    for place in range(2):
        actions = ended.nth(place).locator(".message-actions > *").all_inner_texts()
        assert actions == ["Show files not processed", "Resume"]
    smaller = [sum(batch.counts(text)) for text in texts].index(10)
    ended.nth(smaller).get_by_text("Resume").click()
    batch.page.wait_for_selector("#confirmDialog[open]")
    batch.page.click("#confirmYesBtn")
    batch.page.wait_for_selector("#progressModal[open]")
    assert batch.job_id == started[10]
    others = batch.page.locator("#messages .message", has_text="Job was cancelled")
    assert [sum(batch.counts(text)) for text in others.all_inner_texts()] == [40]
    batch.page.click("#progressMinimizeBtn")
    assert others.first.get_by_text("Resume").is_visible(), "the other job can be resumed, too"


def test_cancel_all_asks_with_the_names_of_the_jobs(batch: BatchPage, api: Client) -> None:
    _start_two_jobs(batch, api)
    batch.page.click("#cancelAllBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    assert batch.text("#confirmTitle") == "Cancel all 2 jobs?"
    assert batch.page.locator("#confirmText li").count() == 2
    assert "of 10 files" in batch.text("#confirmText")
    batch.page.click("#confirmYesBtn")
    batch.wait_message("2 jobs were cancelled")
    batch.page.wait_for_selector("#progressIndicator", state="hidden")
    statuses = {job["status"] for job in api.get("/api/jobs").body["jobs"]}
    assert statuses == {"cancelled"}


def test_resume_processes_only_what_was_not_processed(
    batch: BatchPage, api: Client, site: Site
) -> None:
    batch.start(seconds=0.5)
    batch.wait_processed(3)
    job_id = batch.job_id
    batch.cancel()
    _, _, rest = batch.counts(batch.wait_message("Job was cancelled"))
    batch.page.click("#resumeJobBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    assert f"{rest} files were not processed" in batch.text("#confirmText")
    batch.page.click("#confirmYesBtn")
    batch.page.wait_for_selector("#progressModal[open]")
    assert batch.job_id == job_id
    site.let_go(str(job_id))
    batch.wait_finished()
    assert batch.text("#progressText") == "46 / 46 files"
    items = api.get(f"/api/jobs/{job_id}/items?limit=100").body["items"]
    assert {item["attempts"] for item in items} == {1}, "nothing was processed twice"


def test_retry_processes_only_what_failed(batch: BatchPage, api: Client) -> None:
    batch.start()
    batch.wait_finished()
    job_id = batch.job_id
    assert batch.text("#progressTitle") == "Finished: 3 files failed"
    batch.page.click("#retryJobBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    assert "3 files failed" in batch.text("#confirmText")
    with batch.page.expect_response("**/retry"):
        batch.page.click("#confirmYesBtn")
    batch.page.wait_for_function("() => progressText.textContent === '46 / 46 files'")
    batch.wait_finished()
    events = [event["kind"] for event in api.get(f"/api/jobs/{job_id}/events").body["events"]]
    assert "retry" in events
    sources = {event["source"] for event in api.get(f"/api/jobs/{job_id}/events").body["events"]}
    assert "page" in sources


def test_job_list_links_to_the_job(batch: BatchPage) -> None:
    batch.search("notes/")
    batch.start(button="#processMatchingBtn")
    job_id = batch.job_id
    batch.wait_finished()
    batch.page.click("#progressCloseBtn")
    batch.page.click(f'#jobHistory [data-job="{job_id}"] a')
    batch.page.wait_for_url(f"**/jobs/{job_id}")


def test_indicator_is_not_redrawn_while_the_mouse_is_down(batch: BatchPage) -> None:
    batch.start(seconds=1)
    batch.page.click("#progressMinimizeBtn")
    batch.page.hover(INDICATOR)
    before = batch.text(INDICATOR)
    batch.page.mouse.down()
    with batch.page.expect_response("**/api/jobs/*after=*") as answer:
        pass
    answer.value.finished()
    assert batch.text(INDICATOR) == before, "nothing changes below the mouse"
    batch.page.mouse.up()
    batch.page.wait_for_selector("#progressModal[open]")


def test_unchanged_rows_of_jobs_stay_in_the_page(batch: BatchPage) -> None:
    batch.search("notes/")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    batch.page.click("#progressCloseBtn")
    batch.page.wait_for_selector('#jobHistory [data-status="completed"]')
    batch.page.evaluate("() => { jobHistory.firstElementChild.kept = true }")
    with batch.page.expect_response("**/api/jobs?page=1"):
        batch.poll_now()
    with batch.page.expect_response("**/api/jobs?page=1"):
        batch.poll_now()
    assert batch.page.evaluate("jobHistory.firstElementChild.kept")
