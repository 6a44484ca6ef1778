"""What a person does on the start page, in the words of a person."""

import re
from typing import Any

NUMBERS = re.compile(r"(\d+) done, (\d+) failed, (\d+) not processed")


class BatchPage:
    """The start page in one tab; `page` is Playwright's."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def open(self, path: str = "/") -> None:
        """Load the page and wait until its files and jobs are there."""
        # It opens its dialog by itself only if a job was running before this answer.
        with self.page.expect_response("**/api/jobs/active"):
            self.page.goto(path)
        self.wait_loaded()

    def reload(self) -> None:
        with self.page.expect_response("**/api/jobs/active"):
            self.page.reload()
        self.wait_loaded()

    def look_again(self) -> None:
        """Ask at once for what the page asks rarely, as when a person comes back to its tab."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def wait_loaded(self) -> None:
        self.page.wait_for_selector('#fileList[aria-busy="false"]', state="attached")
        self.page.wait_for_selector('#jobHistory[aria-busy="false"]', state="attached")
        self.page.wait_for_selector("#operationSelect:enabled", state="attached")

    def start(self, *, seconds: float = 0.0, button: str = "#processAllBtn") -> None:
        """Start “Slow” over all files, each of which takes so long; waits for the dialog."""
        self.choose(seconds)
        self.page.click(button)
        self.page.wait_for_selector("#progressModal[open]")

    def choose(self, seconds: float = 0.0) -> None:
        """Choose the operation “Slow”."""
        self.page.select_option("#operationSelect", "slow")
        self.page.fill("#parameter_seconds", str(seconds))

    def fill_option(self, name: str, value: object) -> None:
        """Fill in one parameter, which may be folded away."""
        if not self.shown(f"#parameter_{name}"):
            self.page.click("#operationParameters summary")
        self.page.fill(f"#parameter_{name}", str(value))

    def search(self, text: str) -> None:
        """Search, and wait until the list shows what was found."""
        with self.page.expect_response(lambda answer: "/api/files?" in answer.url):
            self.page.fill("#searchInput", text)
        self.page.wait_for_selector('#fileList[aria-busy="false"]')

    def wait_processed(self, least: int) -> None:
        """Wait until the dialog lists so many processed files."""
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
        """Wait for a message that holds this text; the whole text of the message."""
        found = self.page.locator("#messages .message", has_text=text)
        found.first.wait_for()
        return str(found.first.locator(".message-text").inner_text())

    def wait_closed(self) -> None:
        self.page.wait_for_selector("#progressModal[open]", state="detached")

    def wait_over(self) -> None:
        """Wait until the job in the dialog is over."""
        self.page.wait_for_selector("#progressCloseBtn:visible")

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def shown(self, selector: str) -> bool:
        return bool(self.page.is_visible(selector))

    def double_click(self, selector: str) -> None:
        """Click twice at the middle of it, whatever lies there by the second time."""
        box = self.page.locator(selector).bounding_box()
        self.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def leaving_warns(self) -> bool:
        """Whether the page would ask the person to stay; leaves nothing."""
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
        """done, failed and not processed of the message about a cancelled job."""
        found = NUMBERS.search(message)
        assert found, message
        done, failed, rest = map(int, found.groups())
        return done, failed, rest
