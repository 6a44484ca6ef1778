"""A resumed job, and a second one at the same time."""

from typing import Any

from tests.browser.pages import BatchPage
from tests.browser.screenshots import Tour
from tests.browser.screenshots.scenery import change_and_remove, held_up


def several(site: Any, page: Any) -> Tour:
    """Continues on a page with the message about a cancelled job."""
    batch = BatchPage(page)
    page.click("#resumeJobBtn")
    page.wait_for_selector("#confirmDialog[open]")
    yield page, "resuming"
    page.click("#confirmNoBtn")
    change_and_remove(site.library)
    page.click("#resumeJobBtn")
    page.wait_for_selector("#confirmOption:visible")
    yield page, "resuming-changed"
    page.check("#confirmOptionInput")
    page.click("#confirmYesBtn")
    batch.wait_processed(20)
    page.click("#progressMinimizeBtn")

    batch.search("2024/")
    with held_up(site):
        page.click("#processMatchingBtn")
        page.wait_for_selector("#progressNotice:has-text('Waiting behind')")
        yield page, "waiting"
    batch.wait_processed(14)
    page.wait_for_selector("#progressSwitcher:visible")
    yield page, "several"
    page.click("#progressMinimizeBtn")
    page.wait_for_selector("#progressIndicator button >> nth=1")
    batch.search("")
    yield page, "minimised"
    page.click("#cancelAllBtn")
    page.wait_for_selector("#confirmDialog[open]")
    yield page, "asking-all"
    page.click("#confirmYesBtn")
    page.wait_for_selector("#progressIndicator", state="hidden")
