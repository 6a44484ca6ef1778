"""The list of jobs in the admin."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Cluster
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


@pytest.mark.parametrize("jobs", [5, 40])
def test_the_list_asks_as_little_for_many_jobs_as_for_few(jobs):
    owner = get_user_model().objects.create_user("anna")
    for number in range(jobs):
        rows.job("processing", succeeded=3, running=1, left=2, created_by=owner, prefix=str(number))
    assert len(queries(people.boss(), LIST)) <= 14


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


def test_workers_are_told_with_what_they_do_and_the_stuck_ones():
    now = timezone.now()
    job = rows.job("processing", running=2, left=5, label="Slow work")
    alive = Cluster.objects.create(
        id="00000000-0000-0000-0000-000000000001", host="one", machine="m1", pid=10,
        worker_pids=[11, 12, 13], size=3, status="Idle", started_at=now, seen_at=now,
    )  # fmt: skip
    Cluster.objects.create(
        id="00000000-0000-0000-0000-000000000002", host="two", machine="m2", pid=20,
        worker_pids=[21], size=1, status="Idle", started_at=now, seen_at=now - timedelta(minutes=5),
    )  # fmt: skip
    first, second = job.leases.order_by("number")
    for lease, pid, silent in ((first, 11, 0), (second, 12, 60)):
        lease.host, lease.machine, lease.warden_pid = "one", "m1", pid
        lease.beat_at = now - timedelta(seconds=silent)
        lease.save()
    told = people.boss().get(reverse("admin:jobs_cluster_now")).json()
    workers = {row["pid"]: row for row in told["workers"]}
    assert workers[11]["path"] == "file-000000.txt"
    assert workers[11]["job"] == "Slow work"
    assert workers[11]["trouble"] == ""
    assert "No sign of life" in workers[12]["trouble"]
    assert workers[13]["state"] == "idle"
    assert 21 not in workers
    states = {row["host"]: row["state"] for row in told["clusters"]}
    assert states == {"one": "alive", "two": "gone"}
    page = people.boss("other").get(reverse("admin:jobs_cluster_changelist")).content.decode()
    assert "file-000000.txt" in page
    alive.delete()
    told = people.boss("third").get(reverse("admin:jobs_cluster_now")).json()
    assert "No cluster is alive" in told["trouble"]
