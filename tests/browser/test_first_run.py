"""The first visit: no files yet, nothing chosen yet."""

import pytest

from tests.browser.pages import BatchPage
from tests.support.site import Site


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {}


def test_an_empty_library_says_where_files_belong(batch: BatchPage, site: Site) -> None:
    hint = f"Put some into {site.library}, then press Refresh."
    assert "No files yet" in batch.text("#fileList")
    assert hint in batch.text("#fileList")
    batch.page.click("#processAllBtn")
    assert batch.wait_message("There are no files yet") == f"There are no files yet. {hint}"
    assert not batch.shown("#progressModal")
    try:
        (site.library / "first.txt").write_text("Hello")
        batch.page.click("#refreshBtn")
        batch.page.wait_for_selector('#fileList [data-path="first.txt"]')
    finally:
        (site.library / "first.txt").unlink()
        site.run("scanlibrary")


def test_the_first_choice_is_to_verify_and_the_last_one_is_kept(batch: BatchPage) -> None:
    assert batch.page.input_value("#operationSelect") == "verify"
    batch.page.select_option("#operationSelect", "preview")
    batch.reload()
    assert batch.page.input_value("#operationSelect") == "preview"
