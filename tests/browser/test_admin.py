"""The Django admin in a browser: progress that moves by itself, an action, the workers."""

import pytest

from tests.support.http import Client

PASSWORD = "only-for-tests"


@pytest.fixture
def desk(site, new_page):
    """A signed-in administrator's tab."""
    made = site.run(
        "createsuperuser", "--noinput", "--username=admin", "--email=admin@example.org",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert made.returncode == 0 or "already taken" in made.stderr, made.stderr
    page = new_page().page
    page.goto("/admin/login/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", PASSWORD)
    page.click("text=Log in")
    return page


def start(site, seconds):
    body = {"operation": "slow", "all": True, "parameters": {"seconds": seconds}}
    return Client(site.address).post("/api/jobs", body).body["job_id"]


def wait_for_text(page, selector, text):
    page.wait_for_function(
        "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)",
        arg=[selector, text],
    )


def test_progress_moves_by_itself_and_a_job_is_cancelled_with_its_button(site, desk):
    job = start(site, 3)  # long enough for a busy machine
    desk.goto("/admin/jobs/job/")
    bar = f'progress[data-job="{job}"]'
    before = desk.eval_on_selector(bar, "bar => bar.value")
    desk.wait_for_function(
        "([bar, before]) => document.querySelector(bar).value > before", arg=[bar, before]
    )
    badge = f'[data-job="{job}"][data-field="status"]'
    wait_for_text(desk, badge, "Processing")

    desk.click(f'a[href*="{job}/change/"]')
    ended = f'[data-job="{job}"][data-field="finished"]'
    assert desk.text_content(ended) == "–"
    desk.click('a[href*="/act/cancel/"]')
    assert "will not be processed" in desk.text_content("#content")
    desk.click("text=Yes: cancel")
    wait_for_text(desk, ".messagelist", "1 cancelled.")
    wait_for_text(desk, badge, "Cancelled")
    site.let_go(job)
    desk.wait_for_selector('progress[data-live="false"]')
    assert desk.text_content(ended).startswith("20")

    desk.click(".job-links >> text=Skipped")
    desk.wait_for_selector("#result_list")
    assert desk.locator('.job-badge[data-state="skipped"]').count() > 0


def test_times_counts_buttons_and_events_of_a_job_follow_it_to_its_end(site, desk):
    job = start(site, 0.1)
    desk.goto(f"/admin/jobs/job/{job}/change/")
    desk.evaluate("window.stillTheSamePage = true")
    wait_for_text(desk, '[data-field="status"]', "Completed")
    desk.wait_for_selector('.object-tools a[href*="/act/delete/"]')
    assert not desk.locator('.object-tools a[href*="/act/cancel/"]').count()
    for field in ("started_in_full", "finished"):
        assert desk.text_content(f'[data-field="{field}"]').startswith("20")
    assert " s" in desk.text_content('[data-field="duration"]')
    assert desk.text_content('[data-field="counts"]') == "43 succeeded, 3 failed"
    assert "complete" in desk.text_content(".job-events")
    assert desk.evaluate("window.stillTheSamePage")


def test_the_action_of_the_list_asks_reports_and_comes_back(site, desk):
    start(site, 3)
    desk.goto("/admin/jobs/job/?operation=slow")
    desk.check("#action-toggle")
    desk.select_option('select[name="action"]', "pause_jobs")
    desk.click('button[name="index"]')
    desk.click("text=Yes: pause")
    wait_for_text(desk, ".messagelist", "1 paused.")
    assert desk.url.endswith("/admin/jobs/job/?operation=slow")


def test_workers_show_what_they_do_and_follow_by_themselves(site, desk):
    desk.goto("/admin/jobs/cluster/")
    desk.wait_for_selector('tr >> text="idle"')
    start(site, 3)
    wait_for_text(desk, 'tbody[data-rows="workers"]', "Slow")
    assert desk.locator('.job-badge[data-state="busy"]').count() >= 1
    desk.click('tbody[data-rows="workers"] >> text=Slow >> nth=0')
    wait_for_text(desk, "h1", "Job")


def test_no_page_is_wider_than_a_narrow_window(site, desk):
    job = start(site, 3)
    desk.set_viewport_size({"width": 400, "height": 800})
    for path in (
        "job/",
        f"job/{job}/change/",
        f"job/act/cancel/?job={job}",
        "jobitem/",
        f"jobitem/?job__id__exact={job}",
        "libraryfile/",
        "cluster/",
    ):
        desk.goto(f"/admin/jobs/{path}")
        assert desk.evaluate("document.documentElement.scrollWidth") <= 400, path
