"""No requests from other sites; no scripts of others."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory

from batchsite.middleware import (
    ContentSecurityPolicyMiddleware,
    LocalModeMiddleware,
    SameSiteMiddleware,
)

HOST = "testserver"


def _status(method: str, path: str, **headers: str) -> int:
    request = RequestFactory().generic(method, path, headers=headers)
    return SameSiteMiddleware(lambda _: HttpResponse("reached"))(request).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "SAME-ORIGIN"},
        {"Sec-Fetch-Site": "same-origin, cross-site"},
        {"Sec-Fetch-Site": "a value of the future"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://{HOST}:8001"},
        {"Origin": f"http://{HOST}.evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
def test_changes_from_another_site_are_refused(headers: dict[str, str]) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/jobs", "/api/jobs/1/cancel", "/accounts/login/", "/admin/"):
            assert _status(method, path, **headers) == 403


@pytest.mark.parametrize("path", ["/api/jobs", "/api/files?search=a", "/api/schema"])
def test_reads_of_the_api_from_another_site_are_refused(path: str) -> None:
    assert _status("GET", path, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert _status("OPTIONS", path, Origin="https://evil.example") == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": f"http://{HOST}"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": f"https://{HOST.upper()}"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_requests_of_the_sites_own_page_and_of_programs_pass(
    method: str, headers: dict[str, str]
) -> None:
    assert _status(method, "/api/jobs", **headers) == 200


def test_page_opened_by_a_link_of_another_site_passes() -> None:
    assert _status("GET", "/", **{"Sec-Fetch-Site": "cross-site"}) == 200
    assert _status("GET", "/jobs/1", **{"Sec-Fetch-Site": "cross-site"}) == 200


def test_request_of_a_trusted_origin_passes(settings: object) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://batch.example"]  # type: ignore[attr-defined]
    assert _status("POST", "/api/jobs", Origin="https://batch.example") == 200


def test_refusal_is_json_with_a_sentence() -> None:
    request = RequestFactory().post("/api/jobs", headers={"Sec-Fetch-Site": "cross-site"})
    answer = SameSiteMiddleware(lambda _: HttpResponse())(request)
    assert answer.headers["Content-Type"] == "application/json"
    assert b'{"error": "This request comes from another website' in _content(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/jobs/1",
        "/api/jobs",
        "/api/schema",
        "/health",
        "/metrics",
        "/accounts/login/",
        "/admin/",
        "/admin/jobs/job/",
        "/static/css/theme.css",
        "/static/admin/css/base.css",
        "/static/nothing.css",
        "/nothing",
    ],
)
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "[::1", "a b"])
def test_every_path_is_refused_under_the_name_of_another_host(
    client: Client, db: None, host: str, path: str
) -> None:
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == 400
    assert b"host name" in answer.content


def _content(answer: HttpResponseBase) -> bytes:
    assert isinstance(answer, HttpResponse)
    return bytes(answer.content)


def _policy(response: HttpResponse | None = None) -> dict[str, list[str]]:
    def view(_: HttpRequest) -> HttpResponse:
        return response or HttpResponse()

    answer = ContentSecurityPolicyMiddleware(view)(RequestFactory().get("/"))
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


def test_policy_allows_no_wildcard_and_no_inline_code() -> None:
    policy = _policy()
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    every = [value for values in policy.values() for value in values]
    assert "'unsafe-inline'" not in every
    assert "'unsafe-eval'" not in every
    assert not [value for value in every if re.match(r"https?:|\*", value)]


@pytest.mark.parametrize(
    ("directive", "text"),
    [("script-src", "cancelCurrentJob()"), ("style-src", "display: none;")],
)
def test_policy_allows_the_cancel_buttons_inline_texts_by_their_hashes(
    directive: str, text: str
) -> None:
    digest = b64encode(sha256(text.encode()).digest()).decode()
    assert _policy()[directive] == ["'self'", "'unsafe-hashes'", f"'sha256-{digest}'"]


def test_policy_of_a_view_is_kept() -> None:
    response = HttpResponse(headers={"Content-Security-Policy": "default-src 'self'"})
    assert _policy(response) == {"default-src": ["'self'"]}


def _local_mode(path: str, peer: str, **headers: str) -> HttpResponseBase:
    request = RequestFactory().get(path, REMOTE_ADDR=peer, headers=headers)
    return LocalModeMiddleware(lambda _: HttpResponse("reached"))(request)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.168.1.2", {}),
        ("192.168.1.2", {"Host": "localhost"}),
        ("", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}),
        ("::1", {"Via": "1.1 proxy"}),
        ("127.0.0.1", {"CF-Connecting-IP": "203.0.113.9"}),
        ("127.0.0.1", {"Client-IP": "203.0.113.9"}),
        ("127.0.0.1", {"Tailscale-User-Login": "ada@example.org"}),
    ],
    ids=str,
)
def test_requests_from_elsewhere_are_refused_in_local_mode(
    settings: Any, peer: str, headers: dict[str, str]
) -> None:
    settings.LOCAL_MODE, settings.LOGIN_REQUIRED = True, False
    for path in ("/", "/static/page.css", "/admin/"):
        assert _local_mode(path, peer, **headers).status_code == 403
    answer = _local_mode("/api/jobs", peer, **headers)
    assert "LOGIN_REQUIRED=true" in json.loads(answer.content)["error"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
def test_requests_of_this_machine_pass_in_local_mode(settings: Any, peer: str) -> None:
    settings.LOCAL_MODE, settings.LOGIN_REQUIRED = True, False
    assert _local_mode("/api/jobs", peer).status_code == 200


def test_requests_from_elsewhere_pass_where_a_login_is_required(settings: Any) -> None:
    settings.LOCAL_MODE, settings.LOGIN_REQUIRED = True, True
    assert _local_mode("/", "192.168.1.2", Via="1.1 proxy").status_code == 200
