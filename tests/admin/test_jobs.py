"""The list of jobs in the admin and the page of one."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.admin import search
from jobs.models import Job, JobEvent
from tests.admin.people import person, superuser
from tests.support import factories

LIST = reverse("admin:jobs_job_changelist")
pytestmark = pytest.mark.django_db


def page_of(client, job):
    return client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()


def labels(answer):
    """The labels of the listed jobs."""
    return re.findall(r">([^<>]+) <code title=", answer.content.decode())


def column(text, name):
    """The text of this column in the first row."""
    cell = re.search(rf'<td class="field-{name}[^"]*">(.*?)</td>', text, re.S)[1]
    return unescape(re.sub("<[^>]+>", "", cell)).strip()


def queries(client, url):
    client.get(url)  # content types are read once per process
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


def test_the_list_shows_label_owner_status_and_progress():
    owner = get_user_model().objects.create_user("anna")
    factories.make_job(
        "completed", succeeded=24, failed=1, left=75, created_by=owner, label="Verify <all>"
    )
    text = superuser().get(LIST).content.decode()
    assert "Verify &lt;all&gt;" in text
    assert column(text, "created_by") == "anna"
    assert column(text, "status_column") == "Completed"
    assert column(text, "progress") == "25 / 100, 1 failed"
    assert '<progress max="100" value="25"' in text


def test_the_list_shows_when_a_job_started_and_its_duration_and_speed():
    job = factories.make_job("completed", succeeded=40, failed=5)
    began = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    ended = began + timedelta(seconds=90)
    Job.objects.filter(pk=job.pk).update(started_at=began, finished_at=ended)
    text = superuser().get(LIST).content.decode()
    assert column(text, "started") == "2026-01-31 08:15:00"
    assert column(text, "duration") == "1 min 30 s, 0.5 files/s"


def test_a_job_that_has_not_started_has_no_start_and_no_duration():
    factories.make_job("queued", left=3)
    Job.objects.update(started_at=None)
    text = superuser().get(LIST).content.decode()
    assert [column(text, name) for name in ("started", "duration")] == ["–", "–"]


def test_a_cancelled_job_with_running_items_is_shown_as_cancelling():
    factories.make_job("cancelled", running=1, left=2)
    assert column(superuser().get(LIST).content.decode(), "status_column") == "Cancelling…"


@pytest.mark.parametrize(("failed", "look"), [(0, "completed"), (1, "warning")])
def test_the_badge_of_a_completed_job_is_amber_if_items_failed(failed, look):
    job = factories.make_job("completed", succeeded=1, failed=failed)
    client = superuser()
    badge = f'<span class="job-badge" data-state="{look}">Completed</span>'
    assert badge in client.get(LIST).content.decode()
    assert badge in page_of(client, job)


def test_the_page_of_a_job_shows_its_order_and_links_to_its_items():
    job = factories.make_job("queued", left=1, selection={"search": "<x>"}, parameters={"depth": 2})
    text = page_of(superuser(), job)
    assert "1 not yet processed" in text
    assert "{&quot;search&quot;: &quot;&lt;x&gt;&quot;}" in text
    assert "{&quot;depth&quot;: 2}" in text
    items = reverse("admin:jobs_jobitem_changelist")
    for status in ("failed", "warning", "succeeded"):
        assert f'href="{items}?job__id__exact={job.pk}&amp;status={status}"' in text


def test_the_page_of_a_job_shows_what_its_operation_says_of_it():
    job = factories.make_job("completed", succeeded=2)
    job.leases.update(totals='{"whole": 1, "not_looked_into": 1, "not_looked_into: rar": 1}')
    assert "1 whole · 1 not looked into: RAR 1" in page_of(superuser(), job)


def test_the_page_of_a_job_links_to_the_live_page_for_those_who_may_see_it(settings):
    settings.LOGIN_REQUIRED = True
    job = factories.make_job("queued", left=1)
    link = f'href="{reverse("job", args=[job.pk])}"'
    assert link in page_of(person("anna", "view_job", "cancel_job"), job)
    assert link not in page_of(person("bert", "view_job"), job)


def test_the_page_of_a_job_shows_its_events():
    job = factories.make_job("paused", left=1)
    JobEvent.objects.create(
        job=job, kind="pause", source="api", actor_name="anna", message="<b>why</b>",
        at=datetime(2026, 1, 31, 8, 15, tzinfo=UTC),
    )  # fmt: skip
    text = page_of(superuser(), job)
    for cell in ("2026-01-31 08:15:00", "pause", "anna", "api", "&lt;b&gt;why&lt;/b&gt;"):
        assert re.search(rf"<td[^>]*>{re.escape(cell)}</td>", text), cell


@pytest.mark.parametrize("jobs", [5, 40])
def test_the_list_needs_a_fixed_number_of_queries(jobs):
    owner = get_user_model().objects.create_user("anna")
    for number in range(jobs):
        factories.make_job(
            "processing", succeeded=3, running=1, left=2, created_by=owner, prefix=str(number)
        )
    assert len(queries(superuser(), LIST)) <= 15


@pytest.mark.slow(10)
def test_no_page_counts_or_reads_all_items():
    large = factories.make_job("processing", succeeded=12_000, failed=300, running=2, left=8_000)
    factories.make_job("completed", succeeded=20)
    client = superuser()
    items = reverse("admin:jobs_jobitem_changelist")
    for url in (
        LIST,
        reverse("admin:jobs_job_change", args=[large.pk]),
        items,
        f"{items}?job__id__exact={large.pk}",
        f"{items}?job__id__exact={large.pk}&status=failed&_facets=True",
        reverse("admin:jobs_libraryfile_changelist"),
        reverse("admin:jobs_cluster_changelist"),
    ):
        captured = queries(client, url)
        assert len(captured) <= 15, captured
        for sql in captured:
            if "jobs_jobitem" in sql or "jobs_libraryfile" in sql:
                assert "COUNT(" not in sql, sql
                by_key = '"jobs_jobitem"."id" IN' in sql or "item.id = lease.current_item" in sql
                assert "LIMIT" in sql or by_key, sql


def test_the_list_is_filtered_by_status_operation_owner_and_date():
    owner = get_user_model().objects.create_user("anna")
    factories.make_job("cancelled", label="Old one", created_at=timezone.now() - timedelta(days=90))
    factories.make_job("completed", label="New one", operation="preview", created_by=owner)
    client = superuser()
    week = re.search(r'href="\?([^"]+)">Past 7 days<', client.get(LIST).content.decode())
    for query, shown in (
        ("status__exact=cancelled", "Old one"),
        ("operation=preview", "New one"),
        (f"created_by__id__exact={owner.pk}", "New one"),
        (unescape(week[1]), "New one"),
    ):
        assert labels(client.get(f"{LIST}?{query}")) == [shown]


def test_a_job_is_found_by_its_id_and_by_the_path_of_an_item():
    wanted = factories.make_job("completed", succeeded=3, prefix="holiday", label="Wanted")
    factories.make_job("completed", succeeded=3, prefix="office", label="Other")
    client = superuser()
    for term in (str(wanted.pk), str(wanted.pk)[:13], wanted.pk.hex.upper(), "HOLIDAY-000002"):
        assert labels(client.get(LIST, {"q": term})) == ["Wanted"]
    for term in ("nowhere.txt", "%", "f" * 40):
        assert labels(client.get(LIST, {"q": term})) == []


def test_eight_digits_of_an_id_are_not_searched_in_the_paths():
    wanted = factories.make_job("completed", succeeded=1, label="Wanted")
    factories.make_job("completed", succeeded=1, prefix=str(wanted.pk)[:8], label="Other")
    client = superuser()
    assert labels(client.get(LIST, {"q": str(wanted.pk)[:8]})) == ["Wanted"]
    assert labels(client.get(LIST, {"q": str(wanted.pk)[:7]})) == ["Other"]


@pytest.mark.parametrize(("name", "value"), [("SECONDS", 0), ("MAX_JOBS", 1)])
def test_a_search_that_takes_too_long_reports_how_far_it_came(monkeypatch, name, value):
    monkeypatch.setattr(search, name, value)
    at = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    for days in range(2):
        factories.make_job(
            "completed", succeeded=3, created_at=at - timedelta(days=days), label=str(days)
        )
    answer = superuser().get(LIST, {"q": "file"})
    assert labels(answer) == ["0"]
    message = "Only jobs created since 2026-01-31 08:15:00 UTC were searched for this path."
    assert message in answer.content.decode()


def test_the_filter_names_operations_by_their_labels():
    factories.make_job("completed", succeeded=1, operation="verify", label="a verify")
    factories.make_job("completed", succeeded=1, operation="no-longer-known", label="b other")
    client = superuser()
    text = client.get(LIST).content.decode()
    assert re.search(r'<a href="\?operation=verify"[^>]*>\s*Verify files\s*</a>', text)
    assert re.search(r'<a href="\?operation=no-longer-known"[^>]*>\s*no-longer-known\s*</a>', text)
    assert labels(client.get(f"{LIST}?operation=verify")) == ["a verify"]


def test_each_job_of_the_list_links_to_its_live_page_for_those_who_may_see_it(settings):
    settings.LOGIN_REQUIRED = True
    job = factories.make_job("queued", left=1)
    link = f'href="{reverse("job", args=[job.pk])}"'
    assert link in person("anna", "view_job", "cancel_job").get(LIST).content.decode()
    assert link not in person("bert", "view_job").get(LIST).content.decode()


def test_the_page_of_a_job_has_no_empty_lines():
    job = factories.make_job("queued", left=1, operation="verify", parameters={})
    Job.objects.update(started_at=None)
    text = page_of(superuser(), job)
    assert "Verify files (verify)" in text
    for label in ("Parameters:", "Started at:", "Finished at:", "Cancelled by:"):
        assert label not in text, label
    assert "Created at:" in text


def test_the_event_that_ended_the_job_has_the_final_numbers():
    job = factories.make_job("completed", succeeded=24, failed=1)
    JobEvent.objects.create(job=job, kind="begin", source="engine")
    JobEvent.objects.create(job=job, kind="complete", source="engine")
    text = page_of(superuser(), job)
    assert re.search(r"<td>complete</td>.*?<td>24 succeeded, 1 failed</td>", text, re.S)
    assert text.count("<td>24 succeeded, 1 failed</td>") == 1


def test_the_event_of_a_cancel_has_no_final_numbers_while_items_run():
    job = factories.make_job("cancelled", succeeded=1, running=1, left=2)
    JobEvent.objects.create(job=job, kind="cancel", source="page")
    assert not re.search(r"<td>cancel</td>.*?<td>1 succeeded", page_of(superuser(), job), re.S)
