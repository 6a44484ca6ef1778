"""The file list: search, outcomes, pages, selection, refresh, and starting jobs from it."""

import shutil

import pytest

from tests.browser.conftest import FILES, NewPage
from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.site import Site

ROWS = "#fileList tr[data-path]"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return FILES | {f"many/{number:03}.bin": b"x" for number in range(1, 101)}


def _paths(batch: BatchPage) -> list[str]:
    return list(batch.page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.dataset.path)"))


def _turn(batch: BatchPage, selector: str) -> None:
    with batch.page.expect_response(lambda answer: "/api/files?" in answer.url):
        batch.page.click(selector)
    batch.page.wait_for_selector('#fileList[aria-busy="false"]')


def test_pages_show_every_file_once(batch: BatchPage, files: dict[str, bytes]) -> None:
    seen = _paths(batch)
    assert len(seen) == 50
    while batch.page.is_enabled("#pageNext"):
        _turn(batch, "#pageNext")
        seen += _paths(batch)
    assert sorted(seen) == sorted(files)


def test_search_is_kept_in_the_url(batch: BatchPage) -> None:
    batch.search("notes/")
    assert _paths(batch) == ["notes/one.txt", "notes/three.txt", "notes/two.txt"]
    assert batch.page.url.endswith("/?search=notes%2F")
    batch.reload()
    assert batch.page.input_value("#searchInput") == "notes/"
    assert len(_paths(batch)) == 3


def test_empty_search_result_offers_all_files(batch: BatchPage) -> None:
    batch.search("no such name")
    assert "No file matches" in batch.text("#fileList")
    _turn(batch, "#fileList button")
    assert len(_paths(batch)) == 50


def test_selection_survives_pages_and_search(batch: BatchPage, api: Client) -> None:
    batch.page.click(f"{ROWS}:nth-child(1) input")
    batch.page.click(f"{ROWS}:nth-child(4) input", modifiers=["Shift"])
    first = _paths(batch)[:4]
    _turn(batch, "#pageNext")
    batch.page.click(f"{ROWS}:nth-child(2) input")
    other = _paths(batch)[1]
    batch.search("notes/")
    assert batch.text("#selectionText") == "5 selected"
    assert batch.text("#processSelectedBtn") == "Process Selected (5)"
    batch.start(button="#processSelectedBtn")
    batch.wait_finished()
    items = api.get(f"/api/jobs/{batch.job_id}/items").body["items"]
    assert [item["path"] for item in items] == [*first, other]
    batch.page.click("#progressCloseBtn")
    assert not batch.shown("#selectionBar"), "a start clears the selection"


def test_header_checkbox_selects_the_page(batch: BatchPage) -> None:
    batch.page.click("#selectPage")
    assert batch.text("#selectionText") == "50 selected"
    batch.page.click(f"{ROWS}:nth-child(1) input")
    assert batch.page.evaluate("selectPage.indeterminate") is True
    batch.page.click("#clearSelectionBtn")
    assert batch.page.is_disabled("#processSelectedBtn")


def test_files_are_filtered_by_outcome_and_unprocessed_ones_started(
    batch: BatchPage, api: Client
) -> None:
    batch.search("scans/")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    batch.page.click("#progressCloseBtn")
    with batch.page.expect_response(lambda answer: "status=failed" in answer.url):
        batch.page.select_option("#statusFilter", "failed")
    batch.page.wait_for_selector('#fileList[aria-busy="false"]')
    assert len(_paths(batch)) == 3
    assert "This file is bad" in batch.text("#fileList")
    unprocessed = api.get("/api/files?status=unprocessed&operation=slow").body["count"]
    batch.start(seconds=0, button="#processUnprocessedBtn")
    batch.wait_finished()
    assert batch.text("#progressText") == f"{unprocessed} / {unprocessed} files"


def test_list_follows_the_operation_that_is_chosen(batch: BatchPage) -> None:
    batch.search("scans/")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    batch.page.click("#progressCloseBtn")
    _choose_operation(batch, "verify")
    assert set(_statuses(batch)) == {"unprocessed"}
    _choose_operation(batch, "slow")
    assert set(_statuses(batch)) == {"failed"}
    batch.reload()
    assert set(_statuses(batch)) == {"failed"}


def test_operation_says_how_many_files_it_is_for(batch: BatchPage, api: Client) -> None:
    pictures = api.get("/api/files?kind=image").body["count"]
    _choose_operation(batch, "preview")
    said = f"Only for pictures: {pictures} of "
    batch.page.wait_for_selector(f'#operationDescription:has-text("{said}")')


def _choose_operation(batch: BatchPage, name: str) -> None:
    with batch.page.expect_response(lambda answer: f"operation={name}" in answer.url):
        batch.page.select_option("#operationSelect", name)
    batch.page.wait_for_selector('#fileList[aria-busy="false"]')


def _statuses(batch: BatchPage) -> list[str]:
    return list(
        batch.page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.dataset.status)")
    )


def test_refresh_finds_new_files(batch: BatchPage, site: Site) -> None:
    (site.library / "new").mkdir()
    (site.library / "new" / "arrived.txt").write_text("new")
    batch.search("arrived")
    assert _paths(batch) == []
    batch.page.click("#refreshBtn")
    batch.page.wait_for_selector(f'{ROWS}[data-path="new/arrived.txt"]')


def test_operation_that_lists_its_items_starts_without_files(batch: BatchPage) -> None:
    batch.page.select_option("#operationSelect", "act")
    assert batch.text("#processAllBtn") == "Start"
    assert not batch.shown("#processSelectedBtn")
    batch.page.click("#processAllBtn")
    batch.wait_finished()
    assert batch.text("#progressText") == "10 / 10 files"


def test_narrow_window_needs_no_sideways_scrolling(new_page: NewPage) -> None:
    batch = new_page(viewport={"width": 360, "height": 740})
    batch.open()
    assert batch.page.evaluate("document.documentElement.scrollWidth") <= 360
    batch.start(seconds=0.2)
    batch.wait_processed(1)
    box = batch.page.locator("#progressModal").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert batch.page.locator("#progressCancelBtn").bounding_box()["y"] < 740


def test_many_options_are_folded_until_opened_or_invalid(batch: BatchPage) -> None:
    batch.page.select_option("#operationSelect", "act")
    assert not batch.shown("#parameter_count")
    batch.fill_option("count", -1)
    batch.page.click("#operationParameters summary")
    assert not batch.shown("#parameter_count")
    batch.page.click("#processAllBtn")
    batch.page.wait_for_selector('[data-error-for="count"]:visible')
    assert batch.page.evaluate("document.activeElement.id") == "parameter_count"
    batch.page.select_option("#operationSelect", "slow")
    assert batch.shown("#parameter_seconds"), "few options are shown at once"
    assert not batch.shown("#operationParameters summary")


def test_refresh_asks_before_it_removes_most_files(batch: BatchPage, live_site: Site) -> None:
    away = live_site.library.with_name("away")
    away.mkdir()
    for path in live_site.library.iterdir():
        path.rename(away / path.name)
    (live_site.library / "notes").mkdir()
    (live_site.library / "notes" / "one.txt").write_bytes(FILES["notes/one.txt"])
    try:
        batch.page.click("#refreshBtn")
        batch.page.wait_for_selector("#confirmDialog[open]")
        assert "This scan would remove " in batch.text("#confirmText")
        batch.page.click("#confirmNoBtn")
        batch.page.wait_for_selector("text=until you confirm that they are gone")
        assert len(_paths(batch)) == 50

        batch.page.click("text=Remove from the list…")
        batch.page.click("#confirmYesBtn")

        batch.page.wait_for_selector("text=until you confirm", state="detached")
        batch.page.wait_for_selector(f'{ROWS}[data-path="notes/one.txt"]:only-child')
        assert _paths(batch) == ["notes/one.txt"]
    finally:
        shutil.rmtree(live_site.library / "notes")
        for path in away.iterdir():
            path.rename(live_site.library / path.name)
        live_site.run("scanlibrary")
