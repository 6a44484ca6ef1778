"""The documentation as pages: its links and pictures lead somewhere, and nothing else is served."""

import re
from html import unescape
from urllib.parse import urljoin

import pytest
from django.test import Client

from batchsite.help import library, markdown

PAGES = sorted(path for path in library.files() if path.endswith(".md"))
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def local_mode(settings) -> None:
    settings.LOGIN_REQUIRED = False


def _html(path: str) -> str:
    return markdown.html(path, library.files()[path].read_text())


def _anchors(path: str) -> set[str]:
    return set(re.findall(r'id="([^"]+)"', _html(path)))


@pytest.mark.parametrize("path", PAGES)
def test_every_link_and_picture_of_a_page_leads_to_what_is_served(path: str) -> None:
    html = _html(path)
    found = re.findall(r'(?:href|src|srcset)="([^"]*)"', html)
    for link in map(unescape, found):
        if re.match(r"(https?|mailto):", link):
            continue
        url, _, anchor = urljoin(f"/help/{path}", link).partition("#")
        name = url.removeprefix("/help/")
        assert name in library.files(), link
        assert not anchor or anchor in _anchors(name), link


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_inline_style_or_script(path: str) -> None:
    """Which the content policy would refuse."""
    assert not re.search(r"\s(style|on\w+)=|<script|<style", _html(path))


def test_every_page_is_listed_once() -> None:
    listed = [page.path for _, pages in library.contents() for page in pages]
    assert sorted(listed) == PAGES
    assert all(page.title for _, pages in library.contents() for page in pages)


def test_page_is_shown_with_its_title_and_its_place_in_the_list(client: Client) -> None:
    answer = client.get("/help/howto/page.md")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert 'href="/help/howto/page.md" aria-current="page"' in text
    assert "<h1 " in text
    assert 'href="/help/howto/admin.md"' in client.get("/help/").content.decode()


def test_page_is_found_without_its_ending(client: Client) -> None:
    assert client.get("/help/howto/page").headers["Location"] == "/help/howto/page.md"


def test_picture_has_its_type(client: Client) -> None:
    answer = client.get("/help/img/fence.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b"".join(answer) == library.files()["img/fence.svg"].read_bytes()


@pytest.mark.parametrize(
    "path", ["../manage.py", "img/../../manage.py", "/etc/passwd", "LICENSE", "img", "nothing.md"]
)
def test_no_other_file_is_served(client: Client, path: str) -> None:
    assert client.get(f"/help/{path}").status_code == 404


def test_installation_without_documentation_says_so(client: Client, settings, tmp_path) -> None:
    settings.DOCS_ROOT = tmp_path / "nothing"
    library.files.cache_clear()
    library.contents.cache_clear()
    try:
        assert "not installed" in client.get("/help/").content.decode()
        assert client.get("/help/howto/page.md").status_code == 404
    finally:
        library.files.cache_clear()
        library.contents.cache_clear()


def test_equal_headings_have_different_anchors_and_no_marks() -> None:
    html = markdown.html("a.md", "# One `two`: *three*\n\n# Same\n\n# Same\n")
    assert re.findall('id="([^"]*)"', html) == ["one-two-three", "same", "same-1"]


def test_link_to_a_file_that_is_not_served_is_text() -> None:
    html = markdown.html("howto/page.md", "[code](../../manage.py) [out](https://example.org/)")
    assert "<a>code</a>" in html
    assert '<a href="https://example.org/" rel="noreferrer">out</a>' in html


def test_aligned_column_has_a_class() -> None:
    html = markdown.html("a.md", "| a |\n| --: |\n| 1 |\n")
    assert '<td class="is-right">1</td>' in html


def test_table_without_headings_has_no_empty_ones() -> None:
    html = markdown.html("a.md", "| | |\n| - | - |\n| 1 | 2 |\n\n| a | |\n| - | - |\n| 1 | 2 |\n")
    assert html.count("<thead>") == 1
    assert "<th></th>" not in html
    assert "<th>a</th>\n<td></td>" in html
