"""Command line of the package."""

import os
import sys
from pathlib import Path
from typing import Any

import django

DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "docs" / "img"


def main(folder: Path) -> None:
    """Write the screenshots into the folder. Takes about 90 seconds."""
    from playwright.sync_api import sync_playwright

    from tests.browser.screenshots.camera import Camera
    from tests.support.folders import close_run_folder, open_run_folder
    from tests.support.requirements import require_program
    from tests.support.site import Site
    from tests.support.stacks import Servers

    folder.mkdir(parents=True, exist_ok=True)
    open_run_folder()
    servers = Servers()
    site = Site(servers, workers=1)
    # A worker that is held up for a screenshot must not count as stalled.
    site.env |= {"EXTRA_APPS": "", "JOBS_LEASE_SECONDS": "120"}
    camera = Camera(folder)
    try:
        site.address = site.start_web()  # type: ignore[attr-defined]
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=require_program("chromium"), args=["--no-sandbox"]
            )
            _tours(site, chromium, camera)
            chromium.close()
        camera.close()
    finally:
        site.close()
        servers.close()
        close_run_folder()


def _tours(site: Any, chromium: Any, camera: Any) -> None:
    from tests.browser.screenshots.ended import ended, told
    from tests.browser.screenshots.files import files
    from tests.browser.screenshots.first import without_files, without_workers
    from tests.browser.screenshots.running import running, too_late
    from tests.browser.screenshots.scenery import fill_library

    open_pages = []

    def new_page() -> Any:
        # A screenshot must not catch a colour transition half-way.
        page = chromium.new_page(base_url=site.address, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        open_pages.append(page)
        return page

    def take(tour: Any) -> None:
        camera.take(tour)
        while open_pages:
            open_pages.pop().close()

    take(without_files(new_page()))
    fill_library(site.library)
    site.run("scanlibrary")
    take(without_workers(new_page()))
    site.start_cluster()
    take(ended(new_page(), site.library))
    take(told(site, new_page()))
    take(files(new_page()))
    take(too_late(site, new_page()))
    take(running(site, new_page))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
