"""Style sheets and scripts come without a step that could be forgotten, debug on or off."""

import pytest


@pytest.fixture(autouse=True)
def as_without_debug(settings):
    settings.WHITENOISE_AUTOREFRESH = settings.DEBUG


@pytest.mark.parametrize(
    "path",
    [
        "bootstrap/css/bootstrap.min.css",
        "drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js",
    ],
)
def test_static_files_of_packages_are_served_without_debug(client, settings, path):
    assert settings.DEBUG is False
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 1000
    assert "max-age" in answer["Cache-Control"]


def test_pages_of_other_sites_may_not_read_static_files(client):
    answer = client.get("/static/css/theme.css", headers={"origin": "https://evil.example"})
    assert answer.status_code == 200
    assert [name for name in answer.headers if name.startswith("Access-Control-")] == []


def test_the_sites_own_style_sheet_is_served(client, settings):
    folder = settings.STATICFILES_DIRS[0]
    sheet = next(folder.rglob("*.css")).relative_to(folder)
    assert client.get(f"/static/{sheet}").status_code == 200
