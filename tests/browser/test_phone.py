"""A phone: what comes first, how many rows, targets for a finger, and the page as an app."""

import json
from typing import Any

import pytest

from tests.browser.conftest import FILES, NewPage
from tests.browser.pages import BatchPage
from tests.support.http import Client
from tests.support.waiting import wait_until

PHONE = {"width": 380, "height": 740}
LONG = "photos/2021/a long summer by the sea/with friends/IMG_20210803_171500.jpg"

# Elements to press that are lower than 44 pixels, with the area around them that takes the press.
LOW_TARGETS = """() => [...document.querySelectorAll('button, a, input, select, summary')]
    .filter(one => one.checkVisibility() && !one.disabled && !one.matches('.skip-link, p a'))
    .filter(one => {
        one.scrollIntoView({block: 'center', behavior: 'instant'});
        const {x, y, width, height} = one.getBoundingClientRect();
        if (height >= 44 || width === 0) return false;
        const area = one.closest('.cell-check, .form-check') ?? one;
        if (area.getBoundingClientRect().height >= 44) return false;
        return ![-21, 21].every(distance => {
            const found = document.elementFromPoint(x + width / 2, y + height / 2 + distance);
            return found && area.contains(found);
        });
    })
    .map(one => one.id || one.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return FILES | {LONG: b"x"}


@pytest.fixture
def phone(new_page: NewPage) -> BatchPage:
    return new_page(viewport=PHONE)


def test_ten_rows_are_shown_and_the_next_ten_follow(phone: BatchPage) -> None:
    phone.open()
    rows = phone.page.locator("#fileList [data-path]")
    assert rows.count() == 10
    assert phone.text("#pageTotal") == "of 5"
    first = rows.first.get_attribute("data-path")
    phone.page.click("#pageNext")
    phone.page.wait_for_function(
        "first => fileList.firstElementChild.dataset.path !== first", arg=first
    )
    assert rows.count() == 10
    assert phone.page.url.endswith("/?page=2")
    phone.reload()
    assert rows.first.get_attribute("data-path") != first


def test_folders_are_cut_off_and_the_name_is_seen(phone: BatchPage) -> None:
    phone.open("/?search=summer")
    row = phone.page.locator("#fileList tr")
    name = row.locator(".path-name").bounding_box()
    assert name["x"] + name["width"] <= row.bounding_box()["width"]
    folder = "({scrollWidth, clientWidth}) => scrollWidth > clientWidth"
    assert row.locator(".path-folder").evaluate(folder)
    assert row.locator(".path").text_content() == LONG
    assert row.locator(".file-name").bounding_box()["height"] < 30, "on one line"


def test_running_job_comes_before_the_files(phone: BatchPage, api: Client) -> None:
    order = {"operation": "slow", "files": ["notes/one.txt"], "parameters": {"seconds": 0}}
    ended = api.post("/api/jobs", order).body["job_id"]
    wait_until(lambda: api.get(f"/api/jobs/{ended}").body["status"] == "completed", what="its end")
    job_id = api.post("/api/jobs", order | {"parameters": {"seconds": 30}}).body["job_id"]
    phone.open()
    page = phone.page
    assert page.locator("#jobs .job:visible").count() == 1
    running = page.locator(f"#jobs [data-job='{job_id}']").bounding_box()
    assert running["y"] < page.locator("#processForm").bounding_box()["y"]
    page.click("text=Show all jobs")
    page.wait_for_function("document.querySelectorAll('#jobs .job').length === 2")
    assert page.locator("#jobs .job:visible").count() == 2


def test_jobs_in_the_header_leads_to_the_jobs(phone: BatchPage) -> None:
    phone.page.goto("/help/")
    phone.page.click(".top-links >> text=Jobs")
    phone.wait_loaded()
    phone.page.wait_for_function(
        "document.getElementById('jobs').getBoundingClientRect().top < innerHeight"
    )


def test_every_target_is_large_enough_for_a_finger(phone: BatchPage) -> None:
    phone.open()
    assert phone.page.evaluate(LOW_TARGETS) == []
    phone.page.click("#fileList tr:nth-child(2) .cell-check", position={"x": 4, "y": 4})
    assert phone.text("#selectionText") == "1 selected"
    phone.choose(-1)
    phone.page.click("#processAllBtn")
    phone.wait_message("The job was not started")
    assert phone.page.evaluate(LOW_TARGETS) == []
    phone.start(seconds=1)
    job_id = phone.job_id
    phone.wait_processed(1)
    assert phone.page.evaluate(LOW_TARGETS) == []
    phone.cancel()
    phone.wait_message("Job was cancelled")
    phone.page.goto(f"/jobs/{job_id}")
    phone.page.wait_for_selector("#itemList [data-path]")
    assert phone.page.evaluate(LOW_TARGETS) == []


def test_page_can_be_installed_as_an_app(new_page: NewPage) -> None:
    batch = new_page()
    batch.open()
    devtools: Any = batch.page.context.new_cdp_session(batch.page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["display"] == "standalone"
    sizes = {}
    for icon in json.loads(manifest["data"])["icons"]:
        url = f"{manifest['url'].rsplit('/', 1)[0]}/{icon['src']}"
        sizes[icon.get("purpose", "any"), icon["sizes"]] = batch.page.evaluate(
            """url => new Promise(done => {
                const image = new Image();
                image.onload = () => done(`${image.naturalWidth}x${image.naturalHeight}`);
                image.src = url;
            })""",
            url,
        )
    assert sizes == {
        ("any", "192x192"): "192x192",
        ("any", "512x512"): "512x512",
        ("maskable", "512x512"): "512x512",
    }
