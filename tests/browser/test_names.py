"""Names and messages stay text if they look like HTML, run from right to left or are very long."""

import csv
import io
from typing import Any

import pytest

from tests.browser.conftest import NewPage
from tests.support.http import Client
from tests.support.site import Site

NAMES = [
    "<img src=x onerror=alert(1)>.png",
    "<b>bold</b>/\"quoted\" & 'single'.txt",
    "=cmd|'calc'!A1.csv",
    "עברית/שלום עולם (1).pdf",
    "\u202egnp.exe",
    "two  spaces and\nnew line.txt",
    "emoji 🎉 %41 #1?.txt",
    "x" * 251 + ".txt",
]
# Elements that HTML in a name would create.
INJECTED = "img, b, i, #messages script, main script, dialog script"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict.fromkeys(NAMES, b"x")


@pytest.fixture
def shouted(site: Site, api: Client) -> str:
    """The id of a job in which every file failed with HTML in its message."""
    job_id = api.post("/api/jobs", {"operation": "shout", "all": True}).body["job_id"]
    return str(job_id)


def _shown(page: Any, selector: str) -> list[str]:
    return list(
        page.eval_on_selector_all(
            selector, "rows => rows.map(row => row.querySelector('.path').textContent)"
        )
    )


def test_file_list_shows_every_name_as_text(new_page: NewPage) -> None:
    batch = new_page(viewport={"width": 360, "height": 740})
    batch.open()
    assert sorted(_shown(batch.page, "#fileList tr[data-path]")) == sorted(NAMES)
    assert batch.page.locator(INJECTED).count() == 0
    assert batch.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_control_and_bidirectional_characters_are_drawn_written_out(new_page: NewPage) -> None:
    page = new_page().page
    page.goto("/?search=exe")
    hidden = page.locator("#fileList .hidden-character")
    hidden.wait_for()
    drawn = "element => getComputedStyle(element, '::before').content"
    assert hidden.evaluate(drawn) == r'"\\u202e"'
    assert page.inner_text("#fileList .path").strip() == "gnp.exe", "it turns nothing"
    page.goto("/?search=new")
    page.wait_for_selector("#fileList .hidden-character")
    assert page.locator("#fileList .hidden-character").evaluate(drawn) == r'"\\x0a"'


def test_dialog_shows_names_labels_and_messages_as_text(new_page: NewPage) -> None:
    batch = new_page(viewport={"width": 360, "height": 740})
    batch.open()
    batch.page.select_option("#operationSelect", "shout")
    assert batch.text("#operationDescription") == "<i>Fails</i> each file with its name."
    batch.page.click("#processAllBtn")
    batch.wait_finished()
    assert sorted(_shown(batch.page, "#progressDetails [data-path]")) == sorted(NAMES)
    assert "<script>alert(1)</script>" in batch.text("#progressDetails")
    assert batch.text("#progressLabel") == '<b>Shout</b> & "run"'
    assert batch.page.locator(INJECTED).count() == 0
    width = batch.page.evaluate("progressModal.scrollWidth - progressModal.clientWidth")
    assert width <= 0, "a long name does not widen the dialog"


def test_job_page_shows_names_and_messages_as_text(new_page: NewPage, shouted: str) -> None:
    batch = new_page(viewport={"width": 360, "height": 740})
    batch.page.goto(f"/jobs/{shouted}")
    batch.page.wait_for_function(
        "count => document.querySelectorAll('#itemList [data-status=failed]').length === count",
        arg=len(NAMES),
    )
    assert sorted(_shown(batch.page, "#itemList tr[data-path]")) == sorted(NAMES)
    batch.page.wait_for_selector("#failures li")
    assert "<script>alert(1)</script>" in batch.text("#failures")
    assert batch.page.locator(INJECTED).count() == 0
    assert batch.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_right_to_left_name_does_not_reverse_the_path(new_page: NewPage) -> None:
    batch = new_page()
    batch.open()
    boxes = batch.page.evaluate(
        """() => {
            const row = [...document.querySelectorAll('#fileList tr[data-path]')]
                .find(one => one.dataset.path.startsWith('עברית'));
            const [folder, name] = row.querySelectorAll('.path bdi');
            return [folder.getBoundingClientRect().right, name.getBoundingClientRect().left];
        }"""
    )
    assert boxes[0] <= boxes[1], "the folder is to the left of the name"


def test_downloads_contain_every_name_and_no_formula(new_page: NewPage, shouted: str) -> None:
    batch = new_page()
    batch.page.goto(f"/jobs/{shouted}")
    batch.page.wait_for_selector('#jobStatus:has-text("Completed")')
    with batch.page.expect_download() as download:
        batch.page.click("#csvLink")
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) == len(NAMES)
    assert not [row for row in rows if row["path"].startswith(("=", "+", "-", "@"))]
    with batch.page.expect_download() as download:
        batch.page.click("#jsonLink")
    assert download.value.suggested_filename.endswith(".json")
