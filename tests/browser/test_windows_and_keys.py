"""Which job's window is open after a reload, where the focus goes, the keys, the bell."""

import pytest

from tests.browser.conftest import NewPage
from tests.browser.pages import BatchPage
from tests.support.http import Client

SLOW = {"operation": "slow", "all": True, "parameters": {"seconds": 1}}


def _focused(batch: BatchPage) -> str:
    return str(batch.page.evaluate("document.activeElement.id"))


def test_open_window_is_open_after_a_reload_and_a_minimised_one_is_not(batch: BatchPage) -> None:
    batch.start(seconds=1)
    job_id = batch.job_id
    batch.reload()
    batch.page.wait_for_selector("#progressModal[open]")
    batch.page.click("#progressMinimizeBtn")
    batch.reload()
    batch.page.wait_for_selector(f"#progressIndicator [data-job='{job_id}']")
    batch.page.wait_for_function("hasActiveJob")
    assert not batch.shown("#progressModal")
    assert batch.job_id == job_id, "it is still followed"
    batch.page.click("#progressIndicator button")
    batch.wait_processed(1)


def test_each_of_two_jobs_keeps_its_window(batch: BatchPage) -> None:
    """The older one is open, the newer one minimised."""
    batch.start(seconds=1)
    older = batch.job_id
    batch.page.click("#progressMinimizeBtn")
    batch.start(seconds=1)
    newer = batch.job_id
    batch.page.click(f"#progressSwitcher [data-job='{older}']")
    batch.page.wait_for_function("id => currentJobId === id", arg=older)
    batch.reload()
    batch.page.wait_for_selector("#progressModal[open]")
    assert (batch.job_id, older != newer) == (older, True)


def test_job_that_was_started_elsewhere_is_shown_in_the_bar(batch: BatchPage, api: Client) -> None:
    job_id = api.post("/api/jobs", SLOW).body["job_id"]
    batch.reload()
    batch.page.wait_for_selector(f"#progressIndicator [data-job='{job_id}']")
    batch.page.wait_for_function("hasActiveJob")
    assert not batch.shown("#progressModal")
    api.post(f"/api/jobs/{job_id}/cancel")
    batch.wait_message("Job was cancelled")


def test_focus_goes_to_the_bar_after_a_window_that_the_page_opened(batch: BatchPage) -> None:
    batch.start(seconds=1)
    batch.reload()
    batch.page.wait_for_selector("#progressModal[open]")
    batch.page.keyboard.press("Escape")
    batch.page.wait_for_selector("#progressModal[open]", state="detached")
    assert batch.page.evaluate("document.activeElement.dataset.job") == batch.job_id
    batch.page.keyboard.press("Enter")
    batch.page.wait_for_selector("#progressModal[open]")


def test_focus_stays_in_the_pager_at_its_last_page(new_page: NewPage) -> None:
    batch = new_page()
    batch.open("/?rows=25")
    batch.page.focus("#pageNext")
    batch.page.keyboard.press("Enter")
    batch.page.wait_for_selector("#pageNext:disabled")
    assert _focused(batch) == "pageNumber"


def test_slash_goes_to_the_search_and_is_text_in_it(batch: BatchPage) -> None:
    batch.page.keyboard.press("/")
    assert _focused(batch) == "searchInput"
    with batch.page.expect_response("**/api/files?*"):
        batch.page.keyboard.type("notes/")
    assert batch.page.input_value("#searchInput") == "notes/"


def test_question_mark_lists_the_keys_which_can_be_switched_off(batch: BatchPage) -> None:
    page = batch.page
    page.keyboard.press("?")
    page.wait_for_selector("#keysDialog[open]")
    assert _focused(batch) == "keysTitle"
    page.keyboard.press("/")
    assert _focused(batch) == "keysTitle", "what is behind a window cannot be used"
    page.uncheck("#keysOnInput")
    page.keyboard.press("Escape")
    page.wait_for_selector("#keysDialog[open]", state="detached")
    page.keyboard.press("?")
    page.keyboard.press("/")
    assert not batch.shown("#keysDialog")
    assert _focused(batch) != "searchInput"
    page.click("#keysBtn")
    page.check("#keysOnInput")
    page.click("#keysCloseBtn")
    assert _focused(batch) == "keysBtn"
    page.keyboard.press("/")
    assert _focused(batch) == "searchInput"


@pytest.mark.parametrize("keys", ["Control+/", "Alt+/", "Meta+/"])
def test_key_with_a_modifier_is_left_to_the_browser(batch: BatchPage, keys: str) -> None:
    batch.page.keyboard.press(keys)
    assert _focused(batch) != "searchInput"


def test_bell_says_that_the_browser_refuses_and_what_to_do(new_page: NewPage) -> None:
    batch = new_page()
    refused = "window.Notification = class { static permission = 'denied'; }"
    batch.page.add_init_script(refused)
    batch.open()
    assert batch.page.get_attribute("#notifyBtn", "title") == "Notifications: the browser refuses"
    batch.page.click("#notifyBtn")
    assert "The browser blocks notifications of this site" in batch.text("#notifyTrouble")
    assert "allow notifications, and load this page again" in batch.text("#notifyTrouble")


def test_choice_of_jobs_that_notify_is_asked_for_and_kept(new_page: NewPage) -> None:
    batch = new_page()
    batch.page.add_init_script(
        """window.Notification = class {
            static permission = sessionStorage.allowed ?? 'default';
            static async requestPermission() {
                return this.permission = sessionStorage.allowed = 'granted';
            }
        }"""
    )
    batch.open()
    batch.page.click("#notifyBtn")
    assert batch.page.is_checked("#notifyOff")
    batch.page.check("#notifyFailed")
    batch.page.wait_for_function("notifyBtn.title === 'Notifications: on'")
    batch.page.click("#notifyCloseBtn")
    assert _focused(batch) == "notifyBtn"
    batch.reload()
    batch.page.click("#notifyBtn")
    assert batch.page.is_checked("#notifyFailed")
