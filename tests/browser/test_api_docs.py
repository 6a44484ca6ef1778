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


def test_documentation_follows_the_colour_scheme(new_page: NewPage):
    page = new_page(color_scheme="dark").page
    page.goto("/api/docs")
    page.wait_for_selector(".swagger-ui .opblock")
    colour = "getComputedStyle(document.querySelector('.opblock-summary-description')).color"
    dark = page.evaluate(colour)
    page.click("#themeBtn")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    assert page.evaluate(colour) != dark


def test_help_leads_to_the_documentation_with_its_pictures(new_page: NewPage):
    page = new_page().page
    page.goto("/")
    page.click(".top-links >> text=Help")
    page.click("main >> text=The page")
    page.wait_for_selector("h1:text('The page')")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    assert page.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    assert page.locator(".help-nav [aria-current]").inner_text() == "The page"
