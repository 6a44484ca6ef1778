"""axe-core in every state, light and dark; keyboard, large text, reduced motion, screen readers."""

from importlib.resources import files as package_files
from typing import Any

import pytest

from tests.browser.conftest import FILES, NewPage
from tests.browser.pages import BatchPage
from tests.browser.states import WALKS, Walk
from tests.support.http import Client
from tests.support.requirements import require_or_skip
from tests.support.waiting import wait_until

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LOOKS = (("light", 1280), ("dark", 360))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """20 of the 46: axe measures the contrast of every row."""
    skipped = ("photos/015.jpg", "photos/040.jpg")
    return {
        path: content for path, content in FILES.items() if not skipped[0] <= path <= skipped[1]
    }


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core. Skips the test without it, or fails it with REQUIRE_ALL=1."""
    try:
        return (package_files("axe_playwright_python") / "axe.min.js").read_text()
    except ModuleNotFoundError:
        require_or_skip("axe-playwright-python is not installed")
        raise


def _violations(page: Any, axe: str) -> list[str]:
    # A list that is being loaded is shown faintly until its rows are there.
    _wait_true(page, "!document.querySelector('[aria-busy=true]')")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def _wait_true(page: Any, expression: str) -> None:
    """Playwright's own waiting runs in the page, where its clock may be stopped by a walk."""
    wait_until(lambda: page.evaluate(expression), what=expression)


@pytest.mark.slow(15)
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_axe_finds_no_violation(new_page: NewPage, api: Client, axe: str, walk: Walk) -> None:
    """In every state, in a wide light window and in a narrow dark one."""
    batch = new_page(alone=True)
    found = {}
    for state in walk(batch, api):
        for scheme, width in LOOKS:
            batch.page.set_viewport_size({"width": width, "height": 800})
            batch.page.emulate_media(color_scheme=scheme)
            _wait_true(batch.page, f"document.documentElement.dataset.bsTheme === '{scheme}'")
            if violations := _violations(batch.page, axe):
                found[state, scheme] = violations
    assert not found


# Panels that are too narrow to read, and controls wider than their panel.
SQUEEZED = """() => [...document.querySelectorAll('.panel')].flatMap(panel => {
    const room = panel.getBoundingClientRect();
    const out = [...panel.querySelectorAll('.btn, .form-select, .form-control')]
        .filter(one => one.getBoundingClientRect().right > room.right)
        .map(one => one.id);
    return room.width < Math.min(300, innerWidth - 100) ? [panel.className, ...out] : out;
})"""


def _focused(batch: BatchPage) -> str:
    return str(batch.page.evaluate("document.activeElement.id"))


def _tab_to(batch: BatchPage, wanted: str, key: str = "Tab") -> None:
    for _ in range(40):
        if _focused(batch) == wanted:
            return
        batch.page.keyboard.press(key)
    raise AssertionError(f"Tab does not reach #{wanted}; the focus is on #{_focused(batch)}")


def test_job_is_started_and_cancelled_by_keyboard(batch: BatchPage) -> None:
    page = batch.page
    batch.choose(1)
    page.focus("#operationSelect")
    _tab_to(batch, "processAllBtn")
    page.keyboard.press("Enter")
    page.wait_for_selector("#progressModal[open]")
    assert _focused(batch) == "progressTitle"
    _tab_to(batch, "progressCancelBtn")
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirmDialog[open]")
    assert _focused(batch) == "confirmNoBtn", "Enter twice must not cancel"
    page.keyboard.press("Escape")
    page.wait_for_selector("#confirmDialog[open]", state="detached")
    assert _focused(batch) == "progressCancelBtn"
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirmDialog[open]")
    _tab_to(batch, "confirmYesBtn")
    page.keyboard.press("Space")
    batch.wait_message("Job was cancelled")
    assert _focused(batch) == "processAllBtn", (
        "the focus returns to the button that started the job"
    )


def _press(batch: BatchPage, button: str) -> None:
    batch.page.focus(button)
    batch.page.keyboard.press("Enter")


def test_focus_stays_on_the_page_when_its_button_disappears(batch: BatchPage, api: Client) -> None:
    order = {"operation": "slow", "all": True, "parameters": {"seconds": 1}}
    for _ in range(2):
        job_id = api.post("/api/jobs", order).body["job_id"]
    batch.poll_now()
    batch.page.wait_for_selector("#cancelAllBtn:visible")
    _press(batch, "#cancelAllBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    _press(batch, "#confirmYesBtn")
    batch.wait_message("2 jobs were cancelled")
    batch.page.wait_for_selector("#cancelAllBtn", state="hidden")
    assert _focused(batch) == "main"
    batch.page.goto(f"/jobs/{job_id}")
    batch.page.wait_for_selector("#resumeJobBtn:visible")
    _press(batch, "#resumeJobBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    assert _focused(batch) == "confirmYesBtn"
    batch.page.keyboard.press("Enter")
    batch.page.wait_for_selector("#pauseJobBtn:visible")
    assert _focused(batch) == "pauseJobBtn"
    _press(batch, "#cancelJobBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    _press(batch, "#confirmYesBtn")
    batch.page.wait_for_selector("#cancelJobBtn:disabled", state="attached")
    assert _focused(batch) == "main"
    batch.wait_message("Job was cancelled")
    assert batch.page.evaluate("scrollY") == 0, "the message does not cover what comes next"


def test_finished_job_moves_the_focus_to_close(batch: BatchPage) -> None:
    batch.search("notes/")
    batch.start(button="#processMatchingBtn")
    batch.wait_finished()
    assert _focused(batch) == "progressCloseBtn"
    batch.page.keyboard.press("Enter")
    batch.wait_closed()


def test_first_tab_stop_skips_to_the_content(batch: BatchPage) -> None:
    batch.page.keyboard.press("Tab")
    assert batch.page.evaluate("document.activeElement.textContent") == "Skip to content"
    batch.page.keyboard.press("Enter")
    assert _focused(batch) == "main"


TWICE_THE_SIZE = """document.addEventListener('DOMContentLoaded', () => {
    document.documentElement.style.fontSize = '200%';
})"""


# Words of an element that are broken into two lines, and elements not completely in sight.
BROKEN_WORDS = r"""id => {
    const text = document.getElementById(id).firstChild;
    return [...text.data.matchAll(/\S+/g)].filter(({0: word, index}) => {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        return range.getClientRects().length > 1;
    }).map(([word]) => word);
}"""
OUT_OF_SIGHT = """ids => ids.filter(id => {
    const one = document.getElementById(id);
    const {left, top, right, bottom} = one.getBoundingClientRect();
    const corners = [[left + 8, top + 8], [right - 8, bottom - 8]];
    return !corners.every(corner => one.contains(document.elementFromPoint(...corner)));
})"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 800), (360, 640)])
def test_text_of_double_size_fits(new_page: NewPage, api: Client, width: int, height: int) -> None:
    batch = new_page(viewport={"width": width, "height": height})
    batch.page.add_init_script(TWICE_THE_SIZE)
    batch.open()

    def scroll_width() -> int:
        return int(batch.page.evaluate("document.documentElement.scrollWidth"))

    assert scroll_width() <= width
    assert batch.page.evaluate(SQUEEZED) == []
    batch.choose(-1)
    batch.page.click("#processAllBtn")
    batch.wait_message("The job was not started")
    assert scroll_width() <= width, "a message has room"
    order = {"operation": "slow", "all": True, "parameters": {"seconds": 1}}
    assert api.post("/api/jobs", order).status == 201
    batch.start(seconds=1)
    job_id = batch.job_id
    batch.page.wait_for_selector("#progressSwitcher:visible")
    batch.wait_processed(1)
    modal = batch.page.locator("#progressModal").bounding_box()
    assert modal
    assert modal["width"] <= width
    assert batch.page.evaluate(BROKEN_WORDS, "progressTitle") == []
    in_sight = ["progressTitle", "progressText", "progressPauseBtn", "progressCancelBtn"]
    assert batch.page.evaluate(OUT_OF_SIGHT, in_sight) == [], "visible without scrolling"
    batch.cancel()
    batch.wait_message("Job was cancelled")
    batch.page.goto(f"/jobs/{job_id}")
    batch.page.wait_for_selector('#itemList [data-status="skipped"]')
    assert scroll_width() <= width
    batch.page.click("#deleteJobBtn")
    batch.page.wait_for_selector("#confirmDialog[open]")
    hidden_text = batch.page.evaluate(
        """() => [...confirmDialog.querySelectorAll('.sheet-body')]
            .filter(body => body.scrollHeight > body.clientHeight && body.tabIndex < 0).length"""
    )
    assert hidden_text == 0, "the keyboard can scroll a long question"


def test_narrow_window_has_large_buttons_and_close_in_sight(
    new_page: NewPage,
) -> None:
    batch = new_page(viewport={"width": 360, "height": 740})
    batch.open()
    batch.start(seconds=0.1)
    batch.page.wait_for_selector("#progressPauseBtn:visible")
    buttons = ["progressPageLink", "progressPauseBtn", "progressCancelBtn"]
    assert batch.page.evaluate(OUT_OF_SIGHT, buttons) == []
    for name in buttons:
        assert batch.page.locator(f"#{name}").bounding_box()["height"] >= 44
    batch.page.evaluate("document.documentElement.style.fontSize = '200%'")
    batch.wait_finished()
    assert _focused(batch) == "progressCloseBtn"
    assert batch.page.evaluate(OUT_OF_SIGHT, ["progressTitle", "progressCloseBtn"]) == []


def test_question_looks_the_same_on_both_pages(batch: BatchPage) -> None:
    def gap() -> float:
        batch.page.wait_for_selector("#confirmDialog[open]")
        return float(
            batch.page.evaluate(
                """() => confirmText.getBoundingClientRect().top
                    - confirmTitle.getBoundingClientRect().bottom"""
            )
        )

    batch.start(seconds=5)
    job_id = batch.job_id
    batch.page.click("#progressCancelBtn")
    on_start_page = gap()
    batch.page.goto(f"/jobs/{job_id}")
    batch.page.click("#cancelJobBtn")
    assert on_start_page == gap() > 0


def test_reduced_motion_stops_the_animation(new_page: NewPage) -> None:
    batch = new_page(reduced_motion="reduce")
    batch.open()
    seconds = batch.page.evaluate(
        """() => {
            progressBar.classList.add('is-waiting');
            return parseFloat(getComputedStyle(progressBar).animationDuration);
        }"""
    )
    assert seconds < 0.01


def test_reduced_motion_switches_colours_at_once(new_page: NewPage) -> None:
    batch = new_page(reduced_motion="reduce", color_scheme="light")
    batch.open()
    moving = batch.page.evaluate(
        """() => {
            batchsiteTheme.choice = 'dark';
            return document.getAnimations().map(({transitionProperty}) => transitionProperty);
        }"""
    )
    assert moving == [], "each transition would make the page recompute its styles"


def test_screen_reader_hears_progress_at_a_bearable_rate(batch: BatchPage) -> None:
    batch.page.evaluate(
        """() => {
            window.heard = [];
            new MutationObserver(() => heard.push(progressAnnouncer.textContent))
                .observe(progressAnnouncer, {childList: true, characterData: true, subtree: true});
        }"""
    )
    batch.start(seconds=0.12)
    batch.wait_finished()
    heard = batch.page.evaluate("heard")
    assert heard[-1] == "Slow: 17 succeeded, 3 failed"
    assert 1 <= len(heard) <= 12, heard
    assert batch.page.get_attribute("#progressAnnouncer", "aria-live") == "polite"
    assert batch.page.get_attribute("#progressBar", "aria-valuetext").startswith("100 percent")


def test_chosen_colours_are_kept_and_set_before_the_first_paint(new_page: NewPage) -> None:
    batch = new_page(color_scheme="light")
    batch.open()
    batch.page.click("#themeBtn")
    batch.page.click("#themeBtn")
    assert batch.page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    batch.page.add_init_script(
        """document.addEventListener('DOMContentLoaded', () => {
            window.themeAtLoad = document.documentElement.dataset.bsTheme;
        })"""
    )
    batch.reload()
    assert batch.page.evaluate("themeAtLoad") == "dark"
