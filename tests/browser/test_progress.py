"""The progress dialog: its documented names, its list, its end, other tabs."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import NewPage
from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.site import Site
from tests.support.waiting import wait_until

IDS = """
    fileList searchInput operationSelect processAllBtn processSelectedBtn processUnprocessedBtn
    cancelAllBtn messages progressModal progressTitle progressBar progressText progressPercent
    progressDetails progressCancelBtn progressCloseBtn progressMinimizeBtn progressIndicator
    confirmDialog confirmYesBtn confirmNoBtn jobHistory
"""
FUNCTIONS = """
    showProgressModal pollJobStatus cancelCurrentJob completeProgress closeProgressModal
"""
CANCEL_BUTTON = (
    '<button class="btn btn-danger" id="progressCancelBtn" onclick="cancelCurrentJob()" '
    'style="display: none;">Cancel</button>'
)


def test_page_has_every_documented_name(batch: BatchPage) -> None:
    for name in IDS.split():
        assert batch.page.locator(f"#{name}").count() == 1, name
    for name in FUNCTIONS.split():
        assert batch.page.evaluate(f"typeof {name}") == "function", name
    assert batch.page.evaluate("currentJobId") is None
    assert batch.page.evaluate("hasActiveJob") is False
    assert batch.page.get_attribute("#progressBar", "role") == "progressbar"
    html = batch.page.evaluate("document.getElementById('progressCancelBtn').outerHTML")
    assert html == CANCEL_BUTTON


def test_bar_text_and_rows_of_a_finished_job_agree(batch: BatchPage) -> None:
    batch.start(seconds=0.05)
    batch.wait_finished()
    assert batch.page.get_attribute("#progressBar", "aria-valuenow") == "100"
    assert batch.text("#progressText") == "46 / 46 files"
    rows = batch.page.eval_on_selector_all(
        "#progressDetails [data-path]",
        "rows => rows.map(row => [row.dataset.path, row.dataset.status])",
    )
    assert len(rows) == len({path for path, _ in rows}) == 46
    failed = sorted(path for path, status in rows if status == "failed")
    assert failed == ["scans/bad-1.pdf", "scans/bad-2.pdf", "scans/bad-3.pdf"]
    batch.page.click("#detailsFailedBtn")
    assert batch.page.locator("#progressDetails [data-path]").count() == 3
    assert "This file is bad" in batch.text("#progressDetails")


def test_numbers_have_drawn_commas_as_wide_as_written_ones(batch: BatchPage) -> None:
    batch.page.select_option("#operationSelect", "noop")
    batch.fill_option("count", 1200)
    batch.page.click("#processAllBtn")
    batch.wait_finished()
    assert batch.text("#progressText") == "1200 / 1200 files", "programs read plain digits"
    drawn, written = batch.page.evaluate(
        """() => {
            const width = () => progressText.getBoundingClientRect().width;
            const drawn = width();
            progressText.textContent = '1,200 / 1,200 files';
            return [drawn, width()];
        }"""
    )
    assert abs(drawn - written) < 1


def test_many_rows_scroll_in_their_list_and_not_in_the_dialog(batch: BatchPage) -> None:
    batch.start(seconds=0)
    batch.wait_finished()
    batch.wait_processed(46)
    inside, outside = (
        batch.page.eval_on_selector(place, "one => one.scrollHeight - one.clientHeight")
        for place in ("#detailsFrame", "#progressModal .sheet-body")
    )
    assert inside > 300, "the list is longer than its frame"
    assert outside <= 1, "the dialog has nothing more to show below"


def test_tab_shows_percent_of_a_running_job(batch: BatchPage) -> None:
    batch.start(seconds=0.1)
    batch.page.wait_for_function("() => /^[1-9]\\d?% · /.test(document.title)")
    assert batch.page.get_attribute("#favicon", "href").startswith("data:image/png")
    batch.wait_finished()
    assert batch.page.title() == "Files · batchsite"
    assert "/static/img/favicon." in batch.page.get_attribute("#favicon", "href")


def test_file_being_processed_is_shown_with_its_time(batch: BatchPage) -> None:
    batch.search("one")
    batch.start(seconds=4, button="#processMatchingBtn")
    batch.page.wait_for_selector("#progressCurrent .current-item")
    assert "notes/one.txt" in batch.text("#progressCurrent")
    batch.page.wait_for_function("() => /[2-9] s/.test(progressCurrent.textContent)")


@pytest.mark.slow(40)
def test_dialog_of_ten_thousand_items_draws_at_most_500_and_reaches_all(batch: BatchPage) -> None:
    total = 10_000
    batch.page.select_option("#operationSelect", "noop")
    batch.fill_option("count", total)
    batch.page.click("#processAllBtn")
    batch.wait_finished()
    batch.page.wait_for_function(
        "() => detailsAllBtn.textContent.replace(/\\D/g, '') === '10000'", timeout=120_000
    )
    rows = "#progressDetails [data-path]"
    batch.wait_processed(500)
    assert batch.page.locator(rows).count() == 500
    seen: set[str] = set()
    while True:
        seen |= set(
            batch.page.eval_on_selector_all(rows, "all => all.map(one => one.dataset.path)")
        )
        if not batch.shown("#detailsEarlierBtn"):
            break
        batch.page.click("#detailsEarlierBtn")
    assert len(seen) == total
    batch.page.click("#detailsNewestBtn")
    assert not batch.shown("#detailsLaterBtn")


def test_finished_job_is_marked_as_seen_when_closed(batch: BatchPage, api: Client) -> None:
    batch.search("notes/")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    with batch.page.expect_response("**/seen"):
        batch.page.click("#progressCloseBtn")
    assert api.get("/api/jobs/active").body["job"] is None
    batch.reload()
    assert batch.page.locator("#messages .message").count() == 0


def test_job_that_finished_without_the_page_is_announced_once(
    batch: BatchPage, api: Client
) -> None:
    order = {"operation": "slow", "search": "notes/"}
    job_id = api.post("/api/jobs", order).body["job_id"]
    wait_until(lambda: api.get(f"/api/jobs/{job_id}").body["status"] == "completed")
    batch.poll_now()
    batch.page.wait_for_selector('#jobHistory [data-status="completed"]')
    with batch.page.expect_response(f"**/{job_id}/seen"):
        batch.reload()
    assert "3" in batch.wait_message("Slow: all 3 files were processed")
    batch.reload()
    assert batch.page.locator("#messages .message").count() == 0


def test_cancel_waits_for_the_files_in_flight(batch: BatchPage) -> None:
    batch.start(seconds=3)
    batch.page.wait_for_selector("#progressCurrent .current-item")
    batch.cancel()
    batch.page.wait_for_function(
        "() => /^Cancelling… [12] files? finishing$/.test(progressTitle.textContent)"
    )
    assert batch.page.is_disabled("#progressCancelBtn")
    batch.wait_closed()
    succeeded, failed, rest = batch.counts(batch.wait_message("Job was cancelled"))
    assert succeeded + failed + rest == 46
    labels = batch.page.locator("#messages .message-actions > *").all_inner_texts()
    assert labels == ["Show files not processed", "Resume"]


def test_cancel_is_announced_in_every_open_tab(new_page: NewPage) -> None:
    one, other = new_page(), new_page()
    one.open()
    one.start(seconds=1)
    other.open()
    other.page.wait_for_selector("#progressIndicator button")
    other.page.wait_for_function("hasActiveJob")
    one.cancel()
    assert one.wait_message("Job was cancelled") == other.wait_message("Job was cancelled")
    other.page.wait_for_selector("#progressIndicator", state="hidden")


def test_paused_job_stays_paused_until_continued(batch: BatchPage) -> None:
    batch.start(seconds=0.2)
    batch.wait_processed(2)
    batch.page.click("#progressPauseBtn")
    batch.page.wait_for_selector("#progressContinueBtn:visible")
    assert batch.text("#progressTitle") == "Paused"
    assert not batch.shown("#progressNotice"), "it would repeat the title"
    batch.page.wait_for_selector("#progressCurrent .current-item", state="detached")
    batch.reload()
    batch.page.wait_for_selector("#progressContinueBtn:visible")
    batch.page.click("#progressContinueBtn")
    batch.wait_finished()
    assert batch.text("#progressText") == "46 / 46 files"


def test_double_click_on_pause_only_pauses(batch: BatchPage, api: Client) -> None:
    """Continue replaces Pause, and must ignore the second half of the double click."""
    batch.start(seconds=1)
    batch.wait_processed(2)
    button = batch.page.locator("#progressPauseBtn").bounding_box()
    assert button
    mouse = batch.page.mouse
    mouse.move(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    mouse.down(click_count=1)
    mouse.up(click_count=1)
    batch.page.wait_for_selector("#progressContinueBtn:visible")
    mouse.down(click_count=2)
    mouse.up(click_count=2)
    with batch.page.expect_response("**/api/jobs/*after=*"):
        pass
    assert api.get(f"/api/jobs/{batch.job_id}").body["status"] == "paused"
    assert batch.page.locator("#messages .message").count() == 0


def test_unchanged_status_is_answered_with_304(batch: BatchPage) -> None:
    batch.start(seconds=0.1)
    batch.page.click("#progressPauseBtn")
    batch.page.wait_for_selector("#progressContinueBtn:visible")
    with batch.page.expect_response(
        lambda answer: "after=" in answer.url and answer.status == 304
    ) as answer:
        pass
    assert answer.value.request.headers["if-none-match"]


def test_hidden_tab_polls_rarely_and_at_once_when_shown(batch: BatchPage) -> None:
    asked: list[str] = []
    batch.start(seconds=5)
    batch.page.on("request", lambda request: asked.append(request.url))

    def become(*, hidden: bool) -> None:
        batch.page.evaluate(
            """hidden => {
                Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
                document.dispatchEvent(new Event('visibilitychange'));
            }""",
            hidden,
        )

    become(hidden=True)
    # The request sent before the tab was hidden, then the first one at the long interval.
    with batch.page.expect_response("**/api/jobs/*after=*"):
        pass
    batch.page.wait_for_timeout(1_000)
    asked.clear()
    batch.page.wait_for_timeout(5_000)
    assert len([url for url in asked if "after=" in url]) <= 1, (
        "a visible tab polls every half second"
    )
    with batch.page.expect_response("**/api/jobs/*after=*", timeout=5_000):
        become(hidden=False)


def test_notice_of_a_waiting_job_is_shown_and_announced_once(batch: BatchPage, api: Client) -> None:
    order = {"operation": "slow", "all": True, "parameters": {"seconds": 1}}
    for _ in range(2):
        assert api.post("/api/jobs", order).status == 201
    batch.search("notes/")
    batch.start(seconds=1, button="#processMatchingBtn")
    batch.page.wait_for_selector("#progressNotice:visible")
    heard = batch.page.text_content("#progressNoticeAnnouncer")
    assert heard.startswith("Waiting behind Slow (")
    batch.page.wait_for_function(
        "heard => progressNotice.textContent && progressNotice.textContent !== heard", arg=heard
    )
    assert batch.page.text_content("#progressNoticeAnnouncer") == heard, "not again for a number"


# A browser that records its notifications. In a phone's browser, creating one is an error.
NOTIFICATIONS = """window.notified = [];
    window.Notification = class extends EventTarget {
        static permission = 'granted';
        constructor(title, {body}) {
            super();
            notified.push(`${title}: ${body}`);
            if (%s) throw new TypeError('Illegal constructor');
        }
    };
    localStorage.setItem('notify', 'long');
    Document.prototype.hasFocus = () => false;"""


@pytest.mark.parametrize("phone", ["false", "true"])
def test_long_job_sends_a_notification_when_it_finishes(
    new_page: NewPage, site: Site, api: Client, phone: str
) -> None:
    batch = new_page()
    batch.page.add_init_script(NOTIFICATIONS % phone)
    batch.open()
    batch.search("notes/")
    batch.start(seconds=4, button="#processMatchingBtn")
    wait_until(
        lambda: api.get(f"/api/jobs/{batch.job_id}").body["started_at"], what="the job has started"
    )
    an_hour_ago = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}"
    site.sql("UPDATE jobs_job SET started_at = ?", an_hour_ago)
    site.let_go(str(batch.job_id))
    batch.wait_finished()
    expected = ["Slow: Slow: all 3 files were processed without errors"]
    assert batch.page.evaluate("notified") == expected
    assert batch.text("#progressTitle") == "Finished"
