"""GET /api/schema and /api/docs. That answers are as described, every other test checks."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.response import Response

from jobs.api.views.library import OperationsView
from tests.api.caller import Caller, described_calls


def test_the_schema_is_open_api_3(db: None):
    answer = Client().get("/api/schema")
    assert answer.json()["openapi"].startswith("3.")


def test_schema_is_valid_without_warnings(tmp_path: Path):
    file = str(tmp_path / "schema.yaml")
    call_command("spectacular", validate=True, fail_on_warn=True, file=file)


@pytest.mark.parametrize(
    "described",
    [
        ("GET", "/api/operations"),
        ("GET", "/api/files"),
        ("GET", "/api/jobs"),
        ("POST", "/api/jobs"),
        ("GET", "/api/jobs/active"),
        ("GET", "/api/jobs/{job_id}"),
        ("DELETE", "/api/jobs/{job_id}"),
        ("GET", "/api/jobs/{job_id}/items"),
        ("GET", "/api/jobs/{job_id}/items.csv"),
        ("GET", "/api/jobs/{job_id}/events"),
        ("POST", "/api/jobs/{job_id}/cancel"),
        ("POST", "/api/jobs/{job_id}/pause"),
        ("POST", "/api/jobs/{job_id}/resume"),
        ("POST", "/api/jobs/{job_id}/retry"),
        ("POST", "/api/jobs/cancel-all"),
        ("GET", "/health"),
    ],
)
def test_every_call_of_the_contract_is_described(described: tuple[str, str]):
    assert described in list(described_calls())


def test_docs_page_has_no_outside_url_and_no_inline_code(db: None):
    answer = Client().get("/api/docs")
    page = answer.content.decode()
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", page)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "http" not in policy


def test_every_file_of_the_docs_page_exists(db: None):
    page = Client().get("/api/docs").content.decode()
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(loaded) >= 5
    assert [name for name in loaded if Client().get(f"/static/{name}").status_code != 200] == []


def test_every_call_is_in_the_reference():
    text = Path(__file__).parents[2].joinpath("docs/reference/api.md").read_text()
    for method, path in described_calls():
        assert f"{method} {path.replace('{job_id}', '<id>')}" in text


def test_the_reference_names_no_unknown_call():
    text = Path(__file__).parents[2].joinpath("docs/reference/api.md").read_text()
    described = {
        f"{method} {path.replace('{job_id}', '<id>')}" for method, path in described_calls()
    }
    named = re.findall(r"`((?:GET|POST|DELETE) /[\w/<>.-]+)", text)
    assert set(named) - described <= {"GET /api/schema", "GET /api/docs", "GET /metrics"}


def test_caller_rejects_an_answer_that_is_not_described(monkeypatch: pytest.MonkeyPatch):
    """The check that all tests here rely on does not pass just anything."""
    answer = Response([{"name": 1}])
    monkeypatch.setattr(OperationsView, "get", lambda view, request: answer)
    with pytest.raises(AssertionError, match="is not of type 'string'"):
        Caller().get("/api/operations")
