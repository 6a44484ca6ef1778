"""Every error is JSON with a sentence; none holds a traceback or details of the site."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import Http404, HttpResponse

from jobs import operations
from jobs.api.errors import MARK, WRONG_HOST, JsonErrorsMiddleware
from jobs.backends.trouble import DISK_FULL, LOCKED
from jobs.exceptions import BrokerUnavailable
from jobs.models import Job
from tests.api.caller import Caller, described_calls
from tests.api.conftest import add_files
from tests.support.locks import locked_database

Start = Callable[..., Job]


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/nothing",
        "/api/jobs/",
        "/api/jobs//",
        "/api/jobs/active/",
        "/api/jobs/x/nothing",
        "/api/jobs/x/items.xml",
        "/api/files/a/b/c",
        "/api/%00",
    ],
)
def test_an_unknown_url_is_a_404_in_json(api: Caller, db: None, path: str):
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = api.call(method, path)
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", sorted({path for _, path in described_calls()}))
def test_a_wrong_method_is_a_405_in_json(api: Caller, db: None, path: str):
    described = set(described_calls())
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        if (method, path) not in described:
            answer = api.call(method, path.replace("{job_id}", "1"))
            assert (answer.status, list(answer.body)) == (405, ["error"])
            assert method in answer.error
            assert answer.headers["Allow"]


def test_answers_are_json_whatever_the_request_accepts(api: Caller, db: None):
    for accept in ("text/html", "application/xml", "text/csv;q=0.1", "nonsense"):
        assert api.get("/api/jobs?format=xml", Accept=accept).status == 200


def test_every_answer_of_the_api_is_marked_and_no_page_is(api: Caller, db: None, settings: Any):
    answers = {200: api.get("/api/jobs"), 404: api.get("/api/nothing"), 405: api.post("/api/files")}
    answers[403] = api.post("/api/jobs", {}, **{"Sec-Fetch-Site": "cross-site"})
    answers[400] = api.get("/api/jobs", Host="elsewhere.example")
    answers[304] = api.get("/api/jobs", **{"If-None-Match": answers[200].headers["ETag"]})
    settings.LOGIN_REQUIRED = True
    answers[401] = api.get("/api/jobs")

    assert {status: answer.status for status, answer in answers.items()} == {
        status: status for status in answers
    }
    assert [status for status, answer in answers.items() if answer.headers.get(MARK) != "1"] == []
    assert MARK not in api.get("/accounts/login/").headers


@pytest.fixture
def own_connection(transactional_db: None) -> Iterator[None]:
    """A connection whose options the test may change."""
    connection.close()
    yield
    connection.close()


def test_a_call_on_a_locked_database_says_so(api: Caller, own_connection: None, library: list[str]):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 10")
    with locked_database():
        answer = api.post("/api/jobs", {"operation": "slow", "all": True})
    assert (answer.status, answer.error) == (503, LOCKED)


@contextmanager
def full_disk() -> Iterator[None]:
    """The file of the database may not grow, and has no free page."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filler (bytes)")
        cursor.execute("PRAGMA max_page_count = 1")  # but never less than there are
        try:
            with suppress(OperationalError):
                while True:
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(4000))")
            yield
        finally:
            # All connections to a database in memory have this limit.
            cursor.execute("PRAGMA max_page_count = 4294967294")
            cursor.execute("DROP TABLE filler")


def test_a_call_on_a_full_disk_says_so(api: Caller, own_connection: None):
    add_files(*(f"{place}.txt" for place in range(2000)))
    with full_disk():
        answer = api.post("/api/jobs", {"operation": "slow", "all": True})
    assert (answer.status, answer.error) == (503, DISK_FULL)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    def breaks(error: Exception) -> None:
        def raises() -> None:
            raise error

        monkeypatch.setattr(operations, "all_operations", raises)

    return breaks


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("secret"), 500),
        (KeyError("secret"), 500),
        (OperationalError("secret: database is locked"), 503),
        (BrokerUnavailable(reason="it is gone"), 503),
        (Http404("secret"), 404),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_unexpected_errors_are_answered_without_a_traceback(
    api: Caller,
    broken: Callable[[Exception], None],
    settings: Any,
    error: Exception,
    status: int,
    debug: bool,
):
    settings.DEBUG = debug
    broken(error)
    answer = api.client.get("/api/operations")
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert b"secret" not in answer.content


def test_unexpected_errors_are_logged(
    api: Caller, broken: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
):
    broken(RuntimeError("the reason"))
    with caplog.at_level(logging.ERROR):
        api.get("/api/operations")
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "GET /api/operations failed: RuntimeError"
    assert record.exc_info is not None
    assert "the reason" in str(record.exc_info[1])


def test_each_request_without_a_database_logs_one_sentence(
    api: Caller, broken: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
):
    broken(OperationalError("connection refused"))
    with caplog.at_level(logging.INFO):
        for path in ("/api/operations", "/api/operations?again"):
            assert api.get(path).status == 503
    records = [
        (record.levelname, record.getMessage(), record.exc_info) for record in caplog.records
    ]
    assert records == [("WARNING", "The database does not answer: connection refused", None)] * 2


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/api/jobs", "/api/nothing", "/health"])
def test_a_wrong_host_is_answered_without_a_traceback(
    api: Caller, settings: Any, debug: bool, path: str
):
    settings.DEBUG = debug
    answer = api.get(path, Host="evil.example")
    assert (answer.status, answer.error) == (400, WRONG_HOST)
    page = api.client.get("/", headers={"host": "evil.example"})
    assert (page.status_code, page.content.decode()) == (400, WRONG_HOST)


def test_a_request_from_another_site_is_refused(api: Caller, start: Start):
    path = f"/api/jobs/{start().pk}"
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert api.post(f"{path}/cancel", **headers).status == 403
        assert api.get(path, **headers).status == 403
    assert api.get(path).body["status"] == "queued"


def test_pages_keep_their_own_errors(api: Caller, db: None):
    assert api.get("/nothing").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("status", "known"), [(400, True), (418, False), (502, False)])
def test_the_middleware_keeps_status_and_headers(rf: Any, status: int, known: bool):
    def page(request: Any) -> HttpResponse:
        response = HttpResponse("<h1>Traceback</h1>", status=status, headers={"Retry-After": "3"})
        response.set_cookie("kept", "1")
        return response

    answer = JsonErrorsMiddleware(page)(rf.get("/api/jobs"))
    assert isinstance(answer, HttpResponse)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "3")
    assert b"Traceback" not in answer.content
    assert "kept" in answer.cookies
    untouched = JsonErrorsMiddleware(page)(rf.get("/jobs/1"))
    assert isinstance(untouched, HttpResponse)
    assert untouched.content == b"<h1>Traceback</h1>"
