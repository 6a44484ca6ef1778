"""Static files under hashed URLs, and what is compressed."""

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.http import HttpResponse, StreamingHttpResponse
from django.templatetags.static import static
from django.test import Client, RequestFactory

from batchsite.assets import catalogue
from batchsite.assets.middleware import CompressionMiddleware

NAMES = ("bundles/site.css", "bundles/index.js", "img/icons.svg", "admin/css/base.css")
HASHED = re.compile(r"/static/[\w./-]+\.[0-9a-f]{12}\.\w+")


def _forget_finders() -> None:
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """An empty folder of static files, in the place of the site's own."""
    settings.STATICFILES_DIRS = [tmp_path]
    settings.DEBUG = True
    _forget_finders()
    yield tmp_path
    _forget_finders()
    catalogue._known.clear()


@pytest.mark.parametrize("name", NAMES)
def test_url_has_a_hash_and_its_answer_is_kept_by_browsers(client: Client, name: str):
    url = static(name)
    assert HASHED.fullmatch(url)
    answer = client.get(url)
    asset = catalogue.find(name)
    assert asset
    assert answer.content == asset.content
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Content-Security-Policy" in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_url_of_another_version_gets_the_file_of_today_which_is_not_kept(client: Client):
    answer = client.get("/static/img/icons.0123456789ab.svg")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "nothing.0123456789ab.css",
        "../manage.0123456789ab.py",
        "css/../../manage.0123456789ab.py",
        "/etc/passwd.0123456789ab",
        "css.0123456789ab",
        "%00.0123456789ab.css",
    ],
)
def test_no_other_file_is_served(client: Client, path: str):
    assert client.get(f"/static/{path}").status_code == 404


def test_answer_is_compressed_for_those_that_accept_it(client: Client):
    url = static("bundles/index.js")
    answer = client.get(url, headers={"accept-encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert len(answer.content) == int(answer.headers["Content-Length"])
    assert gzip.decompress(answer.content) == client.get(url).content
    assert "Content-Encoding" not in client.get(url).headers
    known = {"if-none-match": answer.headers["ETag"]}
    assert client.get(url, headers=known).status_code == 304
    assert client.head(url).content == b""


def test_picture_is_not_compressed_again(folder: Path, client: Client):
    (folder / "a.png").write_bytes(b"x" * 10_000)
    answer = client.get(static("a.png"), headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Type"] == "image/png"


def test_change_of_a_file_changes_its_url_without_a_restart(folder: Path):
    file = folder / "a.css"
    file.write_text("a {}")
    before = static("a.css")
    assert static("a.css") == before
    file.write_text("b {}")
    os.utime(file, ns=(1, 1))
    assert static("a.css") != before
    file.unlink()
    assert static("a.css") == "/static/a.css"


def test_change_of_a_module_changes_the_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(catalogue.SCRIPTS, "bundles/test.js", "main.js")
    (folder / "main.js").write_text('import { a } from "./a.js";\n')
    (folder / "a.js").write_text("export const a = 1;\n")
    before = static("bundles/test.js")
    (folder / "a.js").write_text("export const a = 12;\n")
    assert static("bundles/test.js") != before


def test_collected_files_are_those_of_the_urls(settings: Any, tmp_path: Path):
    """For a web server in front that serves the folder."""
    settings.STATIC_ROOT = str(tmp_path)
    call_command("collectstatic", interactive=False, verbosity=0)
    for name in NAMES:
        file = tmp_path / static(name).removeprefix("/static/")
        assert gzip.decompress(Path(f"{file}.gz").read_bytes()) == file.read_bytes()
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.mark.django_db
def test_no_page_names_a_static_file_without_a_hash(client: Client, settings: Any):
    settings.LOGIN_REQUIRED = False
    for path in ("/", "/accounts/login/", "/nothing", "/api/docs"):
        text = client.get(path).content.decode()
        found = re.findall(r'(?:src|href)="(/static/[^"#]+)', text)
        assert found
        assert [url for url in found if not HASHED.fullmatch(url)] == []


def _answer(response: Any) -> Any:
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    return CompressionMiddleware(lambda _: response)(request)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
def test_long_page_or_json_is_compressed(kind: str):
    answer = _answer(HttpResponse(b"word " * 1000, content_type=kind))
    assert gzip.decompress(answer.content) == b"word " * 1000
    assert len(answer.content) < 500
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(b"short", content_type="application/json"),
        HttpResponse(b"x" * 5000, content_type="image/png"),
        StreamingHttpResponse(iter([b"x" * 5000]), content_type="application/json"),
    ],
    ids=["short", "picture", "stream"],
)
def test_anything_else_is_sent_as_it_is(response: Any):
    assert "Content-Encoding" not in _answer(response).headers
