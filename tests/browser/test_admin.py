"""The Django admin in a browser: an action from the list and from a job's page, the workers."""

import re

import pytest

from tests.support.http import Client
from tests.support.waiting import wait_until

PASSWORD = "only-for-tests"


@pytest.fixture(scope="module")
def account(live_site):
    made = live_site.run(
        "createsuperuser", "--noinput", "--username=admin", "--email=admin@example.org",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr


@pytest.fixture
def desk(account, new_page):
    """A signed-in administrator's tab."""
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


def test_a_button_on_the_page_of_a_job_asks_and_cancels_it(site, desk):
    job = start(site, 3)  # long enough for a busy machine
    desk.goto(f"/admin/jobs/job/{job}/change/")
    desk.click(".object-tools button >> text=Cancel")
    assert "will not be processed" in desk.text_content("#content")
    desk.click("text=No, go back")
    desk.wait_for_url(f"**/admin/jobs/job/{job}/change/")
    desk.click(".object-tools button >> text=Cancel")
    desk.click("text=Yes, cancel")
    wait_for_text(desk, ".messagelist", "1 cancelled.")
    assert re.match("Cancel(led|ling…)", desk.text_content(".field-status_column .job-badge"))
    site.let_go(job)

    desk.click(f'a[href*="{job}/change/"]')
    desk.click(".job-links >> text=Skipped")
    desk.wait_for_selector('#result_list .job-badge[data-state="skipped"]')


def test_the_page_of_a_job_leads_to_its_live_page(site, desk):
    job = start(site, 3)
    desk.goto(f"/admin/jobs/job/{job}/change/")
    desk.click("text=Live page of this job")
    desk.wait_for_selector("#cancelJobBtn")


def test_an_action_of_the_list_asks_reports_and_returns_to_the_filtered_list(site, desk):
    start(site, 3)
    desk.goto("/admin/jobs/job/?operation=slow")
    desk.check("#action-toggle")
    desk.select_option('select[name="action"]', "pause")
    desk.click('button[name="index"]')
    desk.click("text=Yes, pause")
    wait_for_text(desk, ".messagelist", "1 paused.")
    assert desk.url.endswith("/admin/jobs/job/?operation=slow")


def test_the_workers_page_follows_the_workers_and_keeps_the_focus(site, desk):
    desk.goto("/admin/jobs/cluster/")
    desk.wait_for_selector('tr >> text="Idle"')
    start(site, 3)
    wait_for_text(desk, "#workers .job-label", "Slow")
    assert desk.locator('.job-badge[data-state="busy"]').count() >= 1
    desk.focus("#workers .job-label a")
    before = desk.text_content("#workers table")
    desk.wait_for_function(
        "before => document.querySelector('#workers table').textContent !== before", arg=before
    )
    assert desk.evaluate("document.activeElement.closest('.job-label') !== null")
    desk.click("#workers .job-label a >> nth=0")
    desk.wait_for_url("**/admin/jobs/job/*/change/")


def test_the_workers_page_says_that_it_is_not_current_and_goes_on_afterwards(site, desk):
    """A proxy's page and a lost login are trouble that passes."""
    desk.goto("/admin/jobs/cluster/")
    address = "**/admin/jobs/cluster/"
    desk.route(address, lambda route: route.fulfill(status=200, body="<h1>Welcome</h1>"))
    wait_for_text(desk, "#workersTrouble", "The server did not send this page.")
    assert "as they were at" in desk.inner_text("#workersTrouble")
    desk.unroute(address)
    desk.wait_for_selector("#workersTrouble", state="hidden")

    cookies = desk.context.cookies()
    desk.context.clear_cookies()
    wait_for_text(desk, "#workersTrouble", "You are signed out")
    link = desk.locator("#workersTrouble a")
    assert link.get_attribute("href") == "/admin/login/?next=%2Fadmin%2Fjobs%2Fcluster%2F"
    desk.context.add_cookies(cookies)
    desk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    desk.wait_for_selector("#workersTrouble", state="hidden")
    start(site, 3)
    wait_for_text(desk, "#workers .job-label", "Slow")


def test_the_page_keeps_to_the_system_after_a_visit_to_the_admin(desk):
    """The admin stores “auto” where the page stores its colour scheme."""
    assert desk.evaluate("localStorage.theme") == "auto"
    desk.emulate_media(color_scheme="dark")
    desk.goto("/")
    assert desk.get_attribute("html", "data-bs-theme") == "dark"


def test_no_page_is_wider_than_a_narrow_window(site, desk):
    job = start(site, 3)
    desk.set_viewport_size({"width": 380, "height": 800})
    for path in (
        "job/",
        f"job/{job}/change/",
        "jobitem/",
        f"jobitem/?job__id__exact={job}",
        "libraryfile/",
        "cluster/",
    ):
        desk.goto(f"/admin/jobs/{path}")
        assert desk.evaluate("document.documentElement.scrollWidth") <= 380, path
    desk.goto(f"/admin/jobs/job/{job}/change/")
    desk.click(".object-tools button >> text=Cancel")
    desk.wait_for_selector("text=Yes, cancel")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 380


def test_every_list_fits_into_a_usual_window(site, desk):
    """1,280 pixels, with the navigation and the filters, and with texts as long as they come."""
    job = start(site, 0)
    api = Client(site.address)
    wait_until(lambda: api.get(f"/api/jobs/{job}").body["status"] == "completed", what="its end")
    site.sql(
        "UPDATE jobs_outcome SET status = 'failed', message = ? WHERE path LIKE 'scans/%'",
        "The picture is damaged: a row of it has no valid filter, and the rest cannot be read. "
        * 2,
    )
    desk.set_viewport_size({"width": 1280, "height": 900})
    for name in ("jobs/job", "jobs/jobitem", "jobs/libraryfile", "jobs/cluster", "jobs/apitoken"):
        desk.goto(f"/admin/{name}/")
        wide = "[document.documentElement, ...document.querySelectorAll('.results')]"
        too_wide = f"{wide}.filter(one => one.scrollWidth > one.clientWidth).length"
        assert desk.evaluate(too_wide) == 0, name
