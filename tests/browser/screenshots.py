"""Makes the pictures of the page in docs/img, from a real site with the sample library.

python -m tests.browser.screenshots [FOLDER]
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import django
import pyvips

SIZES = {"light": (1180, 800), "dark": (1180, 800), "narrow": (380, 760)}
COPIES = 60
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "img"


def _fill_library(root: Path) -> None:
    """The sample library once for each of some years, so that a job takes a while."""
    from jobs.library.sample import make_sample_library

    first = root / "2018"
    make_sample_library(first)
    for year in range(2019, 2018 + COPIES):
        shutil.copytree(first, root / str(year), symlinks=True)


def _picture(page: Any, folder: Path, look: str, state: str) -> None:
    page.evaluate("document.activeElement?.blur()")
    image = pyvips.Image.new_from_buffer(page.screenshot(), "")
    # A palette is enough for a page, and a third of the size.
    image.pngsave(str(folder / f"{state}-{look}.png"), palette=True, compression=9)


def _without_files(page: Any, picture: Callable[[str], None]) -> None:
    from tests.browser.pages import BatchPage

    BatchPage(page).open()
    picture("empty")


def _tour(site: Any, page: Any, picture: Callable[[str], None]) -> None:
    """One picture of each state that a person meets."""
    from tests.browser.pages import BatchPage

    batch = BatchPage(page)
    batch.open()
    page.select_option("#operationSelect", "verify")
    picture("files")
    page.click("#processAllBtn")
    page.wait_for_function("() => Number(progressBar.ariaValueNow) >= 25")
    picture("progress")
    page.context.set_offline(True)
    page.wait_for_selector("#progressTrouble:visible")
    picture("offline")
    page.context.set_offline(False)
    page.wait_for_selector("#progressTrouble", state="hidden")
    page.click("#progressPauseBtn")
    page.wait_for_selector("#progressContinueBtn:visible")
    picture("paused")
    page.click("#progressContinueBtn")
    page.click("#progressCancelBtn")
    page.wait_for_selector("#confirmDialog[open]")
    picture("asking")
    with _held_up(site):
        page.click("#confirmYesBtn")
        page.wait_for_function("() => /finishing/.test(progressTitle.textContent)")
        picture("cancelling")
    batch.wait_message("Job was cancelled")
    page.evaluate("scrollTo(0, 0)")
    picture("cancelled")
    cancelled = page.get_attribute("#jobHistory li", "data-job")
    page.click("#resumeJobBtn")
    page.wait_for_selector("#confirmDialog[open]")
    picture("resuming")
    page.click("#confirmYesBtn")
    _pause_as_soon_as_it_runs(page)
    page.click("#progressMinimizeBtn")
    batch.search("202")
    page.click("#processMatchingBtn")
    _pause_as_soon_as_it_runs(page)
    page.wait_for_selector("#progressSwitcher:visible")
    picture("several")
    page.click("#progressMinimizeBtn")
    page.wait_for_selector("#progressIndicator button")
    page.evaluate("scrollTo(0, 0)")
    picture("minimised")
    page.click("#cancelAllBtn")
    page.wait_for_selector("#confirmDialog[open]")
    picture("asking-all")
    page.click("#confirmYesBtn")
    page.wait_for_selector("#progressIndicator button", state="detached")
    page.goto("/")
    batch.wait_loaded()
    page.select_option("#operationSelect", "verify")
    batch.search("2018/")
    page.click("#processMatchingBtn")
    batch.wait_over()
    picture("finished")
    for state, address in (
        ("job", f"/jobs/{batch.job_id}?status=failed"),
        ("job-cancelled", f"/jobs/{cancelled}?status=skipped"),
    ):
        page.goto(address)
        page.wait_for_selector("#failures li")
        page.wait_for_selector('#itemList[aria-busy="false"]')
        picture(state)


def _pause_as_soon_as_it_runs(page: Any) -> None:
    page.wait_for_selector("#progressModal[open]")
    page.click("#progressPauseBtn")
    page.wait_for_selector("#progressContinueBtn:visible")


@contextmanager
def _held_up(site: Any) -> Iterator[None]:
    """Whatever is being processed takes until the end of this."""
    executors = site.clusters[-1].executors()
    for pid in executors:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in executors:
            os.kill(pid, signal.SIGCONT)


def main(folder: Path) -> None:
    """Write the pictures into the folder; takes about a minute."""
    from playwright.sync_api import sync_playwright

    from tests.support.requirements import require_program
    from tests.support.setups import Servers
    from tests.support.site import Site

    folder.mkdir(parents=True, exist_ok=True)
    servers = Servers()
    site = Site(servers, workers=1)
    try:
        site.env["EXTRA_APPS"] = ""
        site.start_cluster()
        address = site.start_web()
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=require_program("chromium"), args=["--no-sandbox"]
            )

            def look(name: str, tour: Callable[[Any, Callable[[str], None]], None]) -> None:
                width, height = SIZES[name]
                page = chromium.new_page(
                    base_url=address,
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if name == "dark" else "light",
                )
                page.set_default_timeout(60_000)
                tour(page, partial(_picture, page, folder, name))
                page.close()

            for name in SIZES:
                look(name, _without_files)
            _fill_library(site.library)
            site.run("scanlibrary")
            for name in SIZES:
                look(name, partial(_tour, site))
            chromium.close()
    finally:
        site.close()
        servers.close()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
