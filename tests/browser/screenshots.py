"""Makes the pictures of the page in docs/img, from a real site with the sample library.

python -m tests.browser.screenshots [FOLDER]
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import django
import pyvips

SIZES = {"light": (1180, 800), "dark": (1180, 800), "narrow": (380, 760)}
COPIES = 30
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "img"


def _fill_library(root: Path) -> None:
    """The sample library once for each of some years, so that a job takes a while."""
    from jobs.library.sample import make_sample_library

    first = root / "2018"
    make_sample_library(first)
    for year in range(2019, 2018 + COPIES):
        shutil.copytree(first, root / str(year), symlinks=True)


def _tour(page: Any, name: str, folder: Path) -> None:
    """One picture of each state that a person meets."""
    from tests.browser.pages import BatchPage

    def picture(state: str) -> None:
        page.evaluate("document.activeElement?.blur()")
        image = pyvips.Image.new_from_buffer(page.screenshot(), "")
        # A palette is enough for a page, and a third of the size.
        image.pngsave(str(folder / f"{state}-{name}.png"), palette=True, compression=9)

    batch = BatchPage(page)
    batch.open()
    page.select_option("#operationSelect", "verify")
    picture("files")
    page.click("#processAllBtn")
    page.wait_for_function("() => Number(progressBar.ariaValueNow) >= 25")
    picture("progress")
    page.click("#progressCancelBtn")
    page.wait_for_selector("#confirmDialog[open]")
    picture("asking")
    page.click("#confirmYesBtn")
    batch.wait_message("Job was cancelled")
    page.evaluate("scrollTo(0, 0)")
    picture("cancelled")
    batch.search("2018/")
    page.click("#processMatchingBtn")
    batch.wait_over()
    picture("finished")
    job_id = batch.job_id
    page.goto(f"/jobs/{job_id}?status=failed")
    page.wait_for_selector("#failures li")
    page.wait_for_selector('#itemList[aria-busy="false"]')
    picture("job")


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
        _fill_library(site.library)
        site.run("scanlibrary")
        site.env["EXTRA_APPS"] = ""
        site.start_cluster()
        address = site.start_web()
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=require_program("chromium"), args=["--no-sandbox"]
            )
            for name, (width, height) in SIZES.items():
                page = chromium.new_page(
                    base_url=address,
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if name == "dark" else "light",
                )
                page.set_default_timeout(120_000)
                _tour(page, name, folder)
                page.close()
            chromium.close()
    finally:
        site.close()
        servers.close()


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
