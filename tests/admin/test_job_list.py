"""The list of jobs in the admin."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.admin import searching
from jobs.models import Job, JobEvent
from tests.admin import people
from tests.support import rows

LIST = reverse("admin:jobs_job_changelist")
pytestmark = pytest.mark.django_db


def queries(client, url):
    client.get(url)  # content types and sites are read once a process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return [one["sql"] for one in captured]


def test_the_list_shows_label_owner_status_counts_and_progress():
    owner = get_user_model().objects.create_user("anna")
    rows.job("completed", succeeded=24, failed=1, left=75, created_by=owner, label="Verify <all>")
    text = people.boss().get(LIST).content.decode()
    assert "Verify &lt;all&gt;" in text
    assert "anna" in text
    assert 'data-state="completed">Completed<' in text
    assert '<progress max="100" value="25"' in text
    assert "25 / 100" in text


def column(text, name):
    """The text of this column in the first row."""
    cell = re.search(rf'<td class="field-{name}[^"]*">(.*?)</td>', text, re.S)[1]
    return unescape(re.sub("<[^>]+>", "", cell)).strip()


def timed(status, *, lasted=None, ago=None, rate=0.0, **numbers):
    """A job that began at a quarter past eight, or so many seconds ago."""
    job = rows.job(status, **numbers)
    began = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    began = began if ago is None else timezone.now() - timedelta(seconds=ago)
    finished = None if lasted is None else began + timedelta(seconds=lasted)
    Job.objects.filter(pk=job.pk).update(started_at=began, finished_at=finished)
    job.leases.update(rate=rate)
    return job


def test_the_list_shows_when_a_job_started_and_how_long_and_fast_it_was():
    timed("completed", lasted=90, succeeded=40, failed=5)
    text = people.boss().get(LIST).content.decode()
    assert column(text, "started") == "Jan 31 08:15"
    assert 'title="2026-01-31 08:15:00 UTC"' in text
    assert column(text, "duration") == "1 min 30 s"
    assert column(text, "speed") == "0.5/s"


def test_the_list_shows_how_long_and_fast_a_job_runs():
    timed("processing", ago=3_690, rate=12.5, succeeded=3, running=1, left=6)
    text = people.boss().get(LIST).content.decode()
    assert column(text, "duration") == "1 h 1 min"
    assert column(text, "speed") == "12.5/s"


def test_duration_and_speed_of_a_resumed_job_are_those_of_its_work():
    job = timed("completed", lasted=3_600, succeeded=45)
    Job.objects.filter(pk=job.pk).update(rested_seconds=3_510)
    text = people.boss().get(LIST).content.decode()
    assert (column(text, "duration"), column(text, "speed")) == ("1 min 30 s", "0.5/s")


def test_a_job_that_has_not_started_has_no_duration_and_no_speed():
    rows.job("queued", left=3)
    Job.objects.update(started_at=None)
    text = people.boss().get(LIST).content.decode()
    assert [column(text, name) for name in ("started", "duration", "speed")] == ["–", "", ""]


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ({"all": True}, "All files of the library"),
        ({"unprocessed": True}, "Those that were not processed yet"),
        ({"search": "<holiday>"}, "Those whose path contains “&lt;holiday&gt;”"),
        ({"files": 1}, "1 chosen file"),
        ({"files": 1200}, "1,200 chosen files"),
        ({"own": True}, "None: the operation brings its own items"),
    ],
)
def test_the_page_of_a_job_tells_which_files_it_was_started_with(selection, words):
    job = rows.job("queued", left=1, selection=selection)
    text = people.boss().get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    assert f">{words}<" in text


def test_the_page_of_a_job_tells_its_events():
    job = rows.job("paused", left=1)
    JobEvent.objects.create(
        job=job, kind="pause", source="api", actor_name="anna", message="<b>why</b>",
        at=datetime(2026, 1, 31, 8, 15, tzinfo=UTC),
    )  # fmt: skip
    text = people.boss().get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    for cell in ("2026-01-31 08:15:00", "pause", "anna", "api", "&lt;b&gt;why&lt;/b&gt;"):
        assert re.search(rf"<td[^>]*>{re.escape(cell)}</td>", text), cell


@pytest.mark.parametrize("jobs", [5, 40])
def test_the_list_asks_as_little_for_many_jobs_as_for_few(jobs):
    owner = get_user_model().objects.create_user("anna")
    for number in range(jobs):
        rows.job("processing", succeeded=3, running=1, left=2, created_by=owner, prefix=str(number))
    assert len(queries(people.boss(), LIST)) <= 14


@pytest.mark.slow(10)
def test_no_list_counts_or_reads_all_items():
    large = rows.job("processing", succeeded=12_000, failed=300, running=2, left=8_000)
    rows.job("completed", succeeded=20)
    client = people.boss()
    for url in (
        LIST,
        reverse("admin:jobs_job_change", args=[large.pk]),
        reverse("admin:jobs_jobitem_changelist"),
        reverse("admin:jobs_jobitem_changelist") + f"?job__id__exact={large.pk}",
        reverse("admin:jobs_jobitem_changelist")
        + f"?job__id__exact={large.pk}&status=failed&_facets=True",
        reverse("admin:jobs_libraryfile_changelist"),
        reverse("admin:jobs_cluster_changelist"),
    ):
        asked = queries(client, url)
        assert len(asked) <= 14, asked
        for sql in asked:
            if "jobs_jobitem" in sql or "jobs_libraryfile" in sql:
                assert "COUNT(" not in sql, sql
                by_key = '"jobs_jobitem"."id" IN' in sql or "item.id = lease.current_item" in sql
                assert "LIMIT" in sql or by_key, sql


def test_the_list_is_filtered_by_status_operation_owner_and_date():
    owner = get_user_model().objects.create_user("anna")
    rows.job("cancelled", label="Old one", created_at=timezone.now() - timedelta(days=90))
    rows.job("completed", label="New one", operation="preview", created_by=owner)
    client = people.boss()
    week = re.search(r'href="\?([^"]+)">Past 7 days<', client.get(LIST).content.decode())
    for query, shown in (
        ("status__exact=cancelled", "Old one"),
        ("operation=preview", "New one"),
        (f"created_by__id__exact={owner.pk}", "New one"),
        (unescape(week[1]), "New one"),
    ):
        text = client.get(f"{LIST}?{query}").content.decode()
        assert {name for name in ("Old one", "New one") if f">{name} <code" in text} == {shown}


def test_a_job_is_found_by_its_id_and_by_the_path_of_an_item():
    wanted = rows.job("completed", succeeded=3, prefix="holiday", label="Wanted")
    rows.job("completed", succeeded=3, prefix="office", label="Other")
    client = people.boss()
    for term in (str(wanted.pk), str(wanted.pk)[:13], wanted.pk.hex.upper(), "HOLIDAY-000002"):
        text = client.get(LIST, {"q": term}).content.decode()
        assert ">Wanted <code" in text
        assert ">Other <code" not in text
    for term in ("nowhere.txt", "%", "f" * 40):
        assert ">Wanted <code" not in client.get(LIST, {"q": term}).content.decode()


def test_jobs_are_found_in_whatever_piece_of_the_items_the_path_is(monkeypatch):
    monkeypatch.setattr(searching, "PIECE", 20)
    monkeypatch.setattr(searching, "JOB", 1)
    made = [rows.job("completed", succeeded=count, prefix=f"job{count}") for count in (5, 7, 61, 9)]
    client = people.boss()
    for job, last in zip(made, (4, 6, 60, 8), strict=True):
        for number in (0, last):
            answer = client.get(LIST, {"q": f"job{last + 1}-{number:06}"})
            assert re.findall(r'<code title="([^"]+)', answer.content.decode()) == [str(job.pk)]
    assert len(re.findall("<code title", client.get(LIST, {"q": "JOB"}).content.decode())) == 4


@pytest.mark.parametrize(("name", "value"), [("SECONDS", 0), ("MOST", 0)])
def test_a_search_that_would_take_too_long_says_how_far_it_came(monkeypatch, name, value):
    monkeypatch.setattr(searching, name, value)
    at = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    rows.job("completed", succeeded=3, created_at=at)
    told = "Only jobs made after 2026-01-31 08:15:00 UTC were searched for this path"
    assert told in people.boss().get(LIST, {"q": "file"}).content.decode()


def test_the_beginning_of_an_id_is_not_searched_in_the_paths():
    wanted = rows.job("completed", succeeded=1, label="Wanted")
    begins = str(wanted.pk)[:8]
    rows.job("completed", succeeded=1, prefix=begins, label="Other")
    rows.job("completed", succeeded=1, prefix=begins[:7], label="Third")
    client = people.boss()
    with CaptureQueriesContext(connection) as queries:
        text = client.get(LIST, {"q": begins}).content.decode()
    assert ">Wanted <code" in text
    assert ">Other <code" not in text
    assert not [query for query in queries if " LIKE " in query["sql"]]
    assert ">Third <code" in client.get(LIST, {"q": begins[:7]}).content.decode()


def test_progress_is_told_to_the_script_of_the_page():
    moving = rows.job("processing", succeeded=1, running=1, left=2)
    over = rows.job("completed", succeeded=4)
    url = reverse("admin:jobs_job_progress")
    answer = people.boss().get(url, {"job": [str(moving.pk), str(over.pk), "nonsense"]})
    told = answer.json()["jobs"]
    assert told[str(moving.pk)]["percent"] == 25
    assert told[str(moving.pk)]["done"] == "1 / 4"
    assert told[str(moving.pk)]["live"] is True
    assert "file-000001.txt" in told[str(moving.pk)]["current"]
    assert told[str(over.pk)]["live"] is False
    assert told[str(over.pk)]["status"] == "Completed"


def test_a_cancelled_job_moves_until_its_started_items_have_ended():
    ending = rows.job("cancelled", succeeded=1, running=1, left=2)
    answer = people.boss().get(reverse("admin:jobs_job_progress"), {"job": str(ending.pk)})
    told = answer.json()["jobs"][str(ending.pk)]
    assert (told["status"], told["live"]) == ("Cancelling…", True)
