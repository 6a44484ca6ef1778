"""The pages as the server sends them."""

import json
import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client

from jobs.models import Job
from tests.support.factories import make_files, set_outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    return Job.objects.create(
        operation="verify",
        label="<b>Verify</b> files",
        parameters={"deep": "</script><script>alert(1)</script>"},
        selection={"all": True},
    )


@pytest.fixture(autouse=True)
def local_mode(settings: Any) -> None:
    settings.LOGIN_REQUIRED = False


def test_the_start_page_names_the_library(client: Client, settings: Any) -> None:
    settings.LIBRARY_ROOT = "/library/<of>/Anna"
    text = client.get("/").content.decode()
    assert 'data-library="/library/&lt;of&gt;/Anna"' in text
    assert 'id="fileList"' in text


@pytest.fixture
def sixty_files() -> None:
    make_files(*(f"photos/{number:02}.jpg" for number in range(60)))


def _rows(client: Client, query: str) -> list[str]:
    return re.findall(r'<tr data-path="([^"]*)"', client.get(f"/{query}").content.decode())


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("", "photos/00.jpg", 50),
        ("?page=2", "photos/50.jpg", 10),
        ("?rows=25&page=3", "photos/50.jpg", 10),
        ("?search=+/5+", "photos/50.jpg", 10),
        ("?search=/5", "photos/50.jpg", 10),
        ("?status=failed", None, 0),
    ],
)
def test_the_rows_that_the_url_names_are_in_the_page(
    client: Client, sixty_files: None, query: str, first: str | None, count: int
) -> None:
    rows = _rows(client, query)
    assert len(rows) == count
    assert first is None or rows[0] == first


@pytest.mark.parametrize(
    "query", ["?page=9", "?page=x", "?rows=7", "?status=x", f"?search={'x' * 1001}", "?search=%00"]
)
def test_rows_that_the_url_cannot_name_are_left_to_the_scripts(
    client: Client, sixty_files: None, query: str
) -> None:
    text = client.get(f"/{query}").content.decode()
    assert '<tbody id="fileList" aria-busy="true"' in text
    assert "data-count" not in text


def test_the_page_comes_without_the_database(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("jobs.services.list_files", unreachable)
    answer = client.get("/")
    assert answer.status_code == 200
    assert 'aria-busy="true"' in answer.content.decode()


def test_pages_set_the_csrf_cookie_and_name_it(client: Client, settings: Any) -> None:
    answer = client.get("/")
    assert settings.CSRF_COOKIE_NAME in answer.cookies
    assert f'data-csrf-cookie="{settings.CSRF_COOKIE_NAME}"' in answer.content.decode()


def test_pages_carry_the_policy(client: Client) -> None:
    assert "default-src 'none'" in client.get("/").headers["Content-Security-Policy"]


def test_the_job_page_escapes_what_the_job_holds(client: Client, job: Job) -> None:
    text = client.get(f"/jobs/{job.pk}").content.decode()
    assert "&lt;b&gt;Verify&lt;/b&gt; files" in text
    assert "<b>Verify" not in text
    found = re.search(r'<script id="jobOrder" type="application/json">(.*?)</script>', text)
    assert found
    assert json.loads(found[1]) == {
        "operation": "verify",
        "parameters": job.parameters,
        "selection": {"all": True},
    }


def test_the_job_page_asks_for_the_columns_of_its_operation(client: Client, job: Job) -> None:
    path = f"/jobs/{job.pk}"
    assert 'data-columns="kind,checked,sha256"' in client.get(path).content.decode()
    Job.objects.filter(pk=job.pk).update(operation="gone")
    assert 'data-columns=""' in client.get(path).content.decode()


def test_an_unknown_job_has_a_page_that_says_so(client: Client) -> None:
    answer = client.get(f"/jobs/{uuid.uuid4()}")
    assert answer.status_code == 404
    assert "Job not found" in answer.content.decode()


@pytest.mark.parametrize("path", ["/jobs/nonsense", "/jobs/", "/nothing"])
def test_an_unknown_address_has_a_page_that_says_so(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no page at this URL" in answer.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405


class TestWithLogin:
    @pytest.fixture(autouse=True)
    def served_to_others(self, settings: Any) -> None:
        settings.LOGIN_REQUIRED = True

    @pytest.mark.parametrize("path", ["/", f"/jobs/{uuid.UUID(int=1)}"])
    def test_pages_ask_for_a_login(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/accounts/login/?next={path}"

    @pytest.mark.parametrize(
        ("staff", "shown"), [(True, "/srv/archive"), (False, "the library folder")]
    )
    def test_the_path_of_the_library_is_shown_to_staff_only(
        self, client: Client, settings: Any, staff: bool, shown: str
    ) -> None:
        settings.LIBRARY_ROOT = "/srv/archive"
        client.force_login(User.objects.create_user("anna", is_staff=staff))
        text = client.get("/").content.decode()
        assert f'data-library="{shown}"' in text
        assert ("/srv/archive" in text) == staff

    def test_signing_in_leads_to_the_page_that_was_wanted(self, client: Client) -> None:
        User.objects.create_user("anna", password="a good password")
        form = {"username": "anna", "password": "a good password", "next": "/?search=x"}
        answer = client.post("/accounts/login/", form)
        assert answer.headers["Location"] == "/?search=x"
        assert client.get("/").status_code == 200

    def test_a_wrong_password_is_told(self, client: Client) -> None:
        answer = client.post("/accounts/login/", {"username": "anna", "password": "wrong"})
        assert answer.status_code == 200
        assert "Please enter a correct username and password" in answer.content.decode()

    def test_after_login_no_other_site_is_led_to(self, client: Client) -> None:
        User.objects.create_user("anna", password="a good password")
        form = {"username": "anna", "password": "a good password", "next": "https://evil.example/"}
        assert client.post("/accounts/login/", form).headers["Location"] == "/"

    def test_other_peoples_jobs_are_not_found(self, client: Client, job: Job) -> None:
        client.force_login(User.objects.create_user("anna"))
        assert client.get(f"/jobs/{job.pk}").status_code == 404

    def test_other_peoples_messages_are_not_in_the_rows(self, client: Client, job: Job) -> None:
        set_outcomes(make_files("a.jpg"), status="failed", message="secret", job_id=job.pk)
        client.force_login(User.objects.create_user("anna"))
        text = client.get("/").content.decode()
        assert 'data-path="a.jpg" data-status="failed"' in text
        assert "secret" not in text
        assert str(job.pk) not in text

    def test_signing_out(self, client: Client) -> None:
        client.force_login(User.objects.create_user("anna"))
        assert "Sign out" in client.get("/").content.decode()
        assert client.post("/accounts/logout/").status_code == 302
        assert client.get("/").status_code == 302
