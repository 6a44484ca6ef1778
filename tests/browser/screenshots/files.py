"""The list of files, and a job that cannot start."""

from typing import Any

from tests.browser.pages import BatchPage
from tests.browser.screenshots import Tour

LARGE = "document.documentElement.style.fontSize = '200%'"
USUAL = "document.documentElement.style.fontSize = ''"


def files(page: Any) -> Tour:
    batch = BatchPage(page)
    batch.open()
    yield page, "files"
    page.evaluate(LARGE)
    yield page, "large-files"
    page.evaluate(USUAL)
    for row in (1, 2, 4):
        page.click(f"#fileList tr:nth-child({row}) input")
    yield page, "chosen"
    page.click("#clearSelectionBtn")
    batch.search("holiday in Norway")
    yield page, "nothing-found"
    batch.search("2018/Odd names")
    yield page, "names"
    batch.search("")
    page.select_option("#operationSelect", "preview")
    batch.fill_option("size", 5)
    page.click("#processAllBtn")
    page.wait_for_selector('[data-error-for="size"]:visible')
    yield page, "refused"
