"""A real site (web server, cluster, SQLite) and a real Chromium.

One site and one browser serve the tests of all modules. Each module starts with its own library,
each test without jobs. The browser runs an event loop in this thread, so tests talk to the site
by HTTP and never by the ORM.
"""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from jobs.models import LibraryFile, LibraryScan
from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.requirements import require_or_skip, require_program
from tests.support.site import Site
from tests.support.waiting import wait_until

# The first is Chromium without windows, which takes half the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
ACTIVE = ("queued", "processing", "paused")

FILES = {f"photos/{number:03}.jpg": b"x" * number for number in range(1, 41)}
FILES |= {f"scans/bad-{number}.pdf": b"broken" for number in range(1, 4)}
FILES |= {f"notes/{name}.txt": name.encode() for name in ("one", "two", "three")}

# Without a graphics card, animated stripes would take half a processor.
USUAL = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}

NewPage = Callable[..., BatchPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path).replace("\\", "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of the browser. Skips the test if there is none, or fails it with REQUIRE_ALL=1."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        require_or_skip("Playwright is not installed")
    return require_program(*BROWSERS)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The library of the module's tests: 46 files, three of which fail in `slow`."""
    return FILES


@pytest.fixture(scope="package")
def live_site(package_site_factory: Any, chromium_path: str) -> Site:
    """A site with a cluster of two workers and an empty library. Its URL is `site.address`."""
    site: Site = package_site_factory("sqlite", workers=2)
    site.env["EXTRA_APPS"] = "tests.testapp,tests.browser"
    site.start_cluster()
    site.address = site.start_web()  # type: ignore[attr-defined]
    return site


@pytest.fixture(scope="module")
def library(live_site: Site, files: dict[str, bytes]) -> None:
    """The site's library holds the module's files, none of them processed, and was not scanned."""
    forget_jobs(live_site)
    with ThreadPoolExecutor(1) as without_event_loop:
        without_event_loop.submit(replace_library, live_site, files).result()


@pytest.fixture(scope="package")
def browser(live_site: Site, chromium_path: str) -> Iterator[Any]:
    """Chromium. Started after the site and closed before it, because both need the ORM."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path,
            # The last: see `shared_context`.
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--process-per-site"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def site(live_site: Site, library: None) -> Site:
    """The site with the module's library and without jobs of earlier tests."""
    forget_jobs(live_site)
    return live_site


@pytest.fixture
def api(site: Site) -> Client:
    """The site's API, called as a script calls it."""
    return Client(site.address)  # type: ignore[attr-defined]


@pytest.fixture(scope="package")
def shared_context(browser: Any, live_site: Site) -> Iterator[Any]:
    """Keeps the scripts that earlier pages have loaded and compiled: two thirds of the cost.

    Chromium ends the site's process when its last page closes, so one page stays open.
    """
    context = browser.new_context(base_url=live_site.address, **USUAL)  # type: ignore[attr-defined]
    context.new_page().goto("/static/img/favicon.svg")
    yield context
    context.close()


@pytest.fixture
def new_page(browser: Any, shared_context: Any, site: Site) -> Iterator[NewPage]:
    """`new_page(**look)` opens a page without cookies or storage; `look` as viewport=….

    A second page belongs to another person. So does a page with `alone=True`, for tests that
    change more than their page: Playwright installs its clock for all pages of a context.
    The test fails if a page reports a script error or a violation of the content policy.
    """
    pages: list[Any] = []
    contexts: list[Any] = []
    problems: list[str] = []

    def make(*, alone: bool = False, **look: Any) -> BatchPage:
        if alone or pages:
            context = browser.new_context(base_url=site.address, **USUAL)  # type: ignore[attr-defined]
            contexts.append(context)
            page = context.new_page()
        else:
            page = _forgetful_page(shared_context, site)
        pages.append(page)
        if viewport := look.pop("viewport", None):
            page.set_viewport_size(viewport)
        if look:
            page.emulate_media(**look)
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on("console", lambda line: _note(problems, line))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        return BatchPage(page)

    yield make
    for one in [*pages, *contexts]:
        one.close()
    assert not problems, problems


def _forgetful_page(context: Any, site: Site) -> Any:
    """A page of this context, without the cookies and storage of earlier tests."""
    context.clear_cookies()
    context.clear_permissions()
    context.set_offline(False)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    origin = site.address  # type: ignore[attr-defined]
    devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    devtools.detach()
    return page


def _note(problems: list[str], line: Any) -> None:
    # Failed requests are logged there, too. Tests of failures check the page itself.
    if line.type == "error" and "Failed to load resource" not in line.text:
        problems.append(f"console: {line.text}")


@pytest.fixture
def batch(new_page: NewPage) -> BatchPage:
    """The start page, loaded, in a window of 1280 by 900 pixels."""
    page = new_page()
    page.open()
    return page


def forget_jobs(site: Site) -> None:
    """Cancel and delete all jobs."""
    api = Client(site.address)  # type: ignore[attr-defined]
    api.post("/api/jobs/cancel-all")

    def none_left() -> bool:
        jobs = api.get("/api/jobs").body["jobs"]
        for job in jobs:
            site.let_go(job["id"])
            if job["status"] not in ACTIVE and not job["progress"]["in_flight"]:
                api.delete(f"/api/jobs/{job['id']}")
        return not jobs

    wait_until(none_left, seconds=60, what="all jobs of earlier tests have ended and are deleted")


def replace_library(site: Site, files: dict[str, bytes]) -> None:
    """Make these the only files, in the folder and in the index. Uses the ORM."""
    for path in site.library.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    LibraryFile.objects.all().delete()
    LibraryScan.objects.all().delete()
    site.add_files(files)
    connection.close()
