"""The actions of a person on the start page."""

import re
from typing import Any

NUMBERS = re.compile(r"(\d+) succeeded, (\d+) failed, (\d+) not processed")


class BatchPage:
    """The start page in one tab; `page` is Playwright's."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def open(self, path: str = "/") -> None:
        """Load the page and wait until its files and jobs are there."""
        # The page opens its dialog on its own only for a job that was running before this answer.
        with self.page.expect_response("**/api/jobs/active"):
            self.page.goto(path)
        self.wait_loaded()

    def reload(self) -> None:
        with self.page.expect_response("**/api/jobs/active"):
            self.page.reload()
        self.wait_loaded()

    def poll_now(self) -> None:
        """Make the page poll now, as when a person returns to its tab."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def wait_loaded(self) -> None:
        self.page.wait_for_selector('#fileList[aria-busy="false"]', state="attached")
        self.page.wait_for_selector('#jobHistory[aria-busy="false"]', state="attached")
        self.page.wait_for_selector("#operationSelect:enabled", state="attached")

    def start(self, *, seconds: float = 0.0, button: str = "#processAllBtn") -> None:
        """Start “Slow” with this many seconds per file, and wait for the dialog."""
        self.choose(seconds)
        self.page.click(button)
        self.page.wait_for_selector("#progressModal[open]")

    def choose(self, seconds: float = 0.0) -> None:
        """Choose the operation “Slow”."""
        self.page.select_option("#operationSelect", "slow")
        self.page.fill("#parameter_seconds", str(seconds))

    def fill_option(self, name: str, value: object) -> None:
        """Fill in one parameter; unfold the options if necessary."""
        if not self.shown(f"#parameter_{name}"):
            self.page.click("#operationParameters summary")
        self.page.fill(f"#parameter_{name}", str(value))

    def search(self, text: str) -> None:
        """Search, and wait until the list shows the result."""
        with self.page.expect_response(lambda answer: "/api/files?" in answer.url):
            self.page.fill("#searchInput", text)
        self.page.wait_for_selector('#fileList[aria-busy="false"]')

    def wait_processed(self, least: int) -> None:
        """Wait until the dialog lists at least this many processed files."""
        self.page.wait_for_function(
            "least => document.querySelectorAll('#progressDetails [data-path]').length >= least",
            arg=least,
        )

    def cancel(self, *, yes: bool = True) -> None:
        """Press Cancel and answer the question."""
        self.page.click("#progressCancelBtn")
        self.page.wait_for_selector("#confirmDialog[open]")
        self.page.click("#confirmYesBtn" if yes else "#confirmNoBtn")
        self.page.wait_for_selector("#confirmDialog[open]", state="detached")

    def wait_message(self, text: str) -> str:
        """Wait for a message that contains this text. Returns its whole text."""
        found = self.page.locator("#messages .message", has_text=text)
        found.first.wait_for()
        return str(found.first.locator(".message-text").inner_text())

    def wait_closed(self) -> None:
        self.page.wait_for_selector("#progressModal[open]", state="detached")

    def wait_finished(self) -> None:
        """Wait until the job in the dialog is finished."""
        self.page.wait_for_selector("#progressCloseBtn:visible")

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def shown(self, selector: str) -> bool:
        return bool(self.page.is_visible(selector))

    def double_click(self, selector: str) -> None:
        """Double-click at the centre of the element, whatever is there the second time."""
        box = self.page.locator(selector).bounding_box()
        self.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def leaving_warns(self) -> bool:
        """Return True if the page would ask the person to stay. The page stays open."""
        return bool(
            self.page.evaluate(
                "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
            )
        )

    @property
    def job_id(self) -> str | None:
        found = self.page.evaluate("currentJobId")
        return None if found is None else str(found)

    def counts(self, message: str) -> tuple[int, int, int]:
        """The files succeeded, failed and not processed, from the message about a cancelled job."""
        found = NUMBERS.search(message)
        assert found, message
        succeeded, failed, rest = map(int, found.groups())
        return succeeded, failed, rest
