"""The API documentation in Swagger UI, under the site's content security policy."""

from urllib.parse import urlsplit

from tests.browser.conftest import NewPage


def test_documentation_is_shown_and_a_call_can_be_tried(new_page: NewPage):
    page = new_page().page
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto("/api/docs")
    call = page.locator("#operations-control-cancelAllJobs")
    call.get_by_role("button", name="/api/jobs/cancel-all").first.click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    answer = call.locator(".live-responses-table .response").first
    answer.wait_for()
    assert "200" in answer.inner_text()
    assert '"cancelled"' in answer.inner_text()
    assert hosts == {urlsplit(page.url).netloc}
