"""A real site (web server, cluster, SQLite) and a real Chromium.

One site serves all tests of a module; each test begins without jobs. The browser runs an
event loop in this thread, so tests talk to the site by HTTP and never by the ORM.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.requirements import require_or_skip, require_program
from tests.support.site import Site
from tests.support.waiting import wait_until

# The first is Chromium without windows: a page costs half the processor time in it.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
ACTIVE = ("queued", "processing", "paused")

FILES = {f"photos/{number:03}.jpg": b"x" * number for number in range(1, 41)}
FILES |= {f"scans/bad-{number}.pdf": b"broken" for number in range(1, 4)}
FILES |= {f"notes/{name}.txt": name.encode() for name in ("one", "two", "three")}

# Without a graphics card, moving stripes would take half a processor.
USUAL = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}

NewPage = Callable[..., BatchPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path).replace("\\", "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program. Skips, or fails with REQUIRE_ALL=1, where there is none."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        require_or_skip("Playwright is not installed")
    return require_program(*BROWSERS)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The library of the module's site: 46 files, three of which fail in `slow`."""
    return FILES


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """More environment variables for the module's site."""
    return {}


@pytest.fixture(scope="module")
def live_site(
    module_site_factory: Any,
    chromium_path: str,
    files: dict[str, bytes],
    environment: dict[str, str],
) -> Site:
    """A site with a cluster of two workers; its address is `site.address`."""
    site: Site = module_site_factory("sqlite", files=files, workers=2)
    site.env |= environment
    site.start_cluster()
    site.address = site.start_web()  # type: ignore[attr-defined]
    return site


@pytest.fixture(scope="module")
def browser(live_site: Site, chromium_path: str) -> Iterator[Any]:
    """Chromium; started after the site and ended before it, which needs the ORM for both."""
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
def site(live_site: Site) -> Site:
    """The module's site with no jobs left of earlier tests."""
    forget_jobs(live_site)
    return live_site


@pytest.fixture
def api(site: Site) -> Client:
    """The site's API, called as a script calls it."""
    return Client(site.address)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def shared_context(browser: Any, live_site: Site) -> Iterator[Any]:
    """Keeps what a module's pages have loaded and compiled: two thirds of what a page costs.

    Chromium ends the process that it is in with the last page of the site, so one stays open.
    """
    context = browser.new_context(base_url=live_site.address, **USUAL)  # type: ignore[attr-defined]
    context.new_page().goto("/static/img/favicon.svg")
    yield context
    context.close()


@pytest.fixture
def new_page(browser: Any, shared_context: Any, site: Site) -> Iterator[NewPage]:
    """`new_page(**look)`: a page that remembers nothing; `look` as viewport=…, color_scheme=….

    A second one is another person's. So is each with `alone=True`, which a test needs that
    changes more than its page: Playwright installs its clock for all pages of a context.
    A test fails if a page reported a script error, or if the policy had to refuse something.
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
    """A page of this context without what an earlier test has left there."""
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
    # A refused or broken request is written there too; tests of those look at the page itself.
    if line.type == "error" and "Failed to load resource" not in line.text:
        problems.append(f"console: {line.text}")


@pytest.fixture
def batch(new_page: NewPage) -> BatchPage:
    """The start page, loaded, in a window of 1280 by 900."""
    page = new_page()
    page.open()
    return page


def forget_jobs(site: Site) -> None:
    """Cancel and delete every job, so that the next test sees none of them."""
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
