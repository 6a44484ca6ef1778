"""The first visit: an empty library, and no saved choice of an operation."""

import pytest

from tests.browser.pages import BatchPage
from tests.support.site import Site


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {}


def test_empty_library_shows_where_to_put_files(batch: BatchPage, site: Site) -> None:
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


def test_operation_is_verify_at_first_and_then_the_last_choice(batch: BatchPage) -> None:
    assert batch.page.input_value("#operationSelect") == "verify"
    batch.page.select_option("#operationSelect", "preview")
    batch.reload()
    assert batch.page.input_value("#operationSelect") == "preview"
