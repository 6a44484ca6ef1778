"""The same pages and commands on PostgreSQL, whose ids, searches and orders differ."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job, LibraryFile
from tests.admin.forms import LIST, choose, confirm, messages
from tests.admin.people import superuser
from tests.admin.test_items import FILES, ITEMS, paths, walk
from tests.admin.test_jobs import labels
from tests.support import factories


@pytest.fixture
def client(site_factory):
    site_factory("postgres")
    return superuser()


def test_lists_searches_and_actions_work(client):
    wanted = factories.make_job(
        "processing", succeeded=120, failed=30, running=1, left=9, label="Wanted"
    )
    factories.make_job("completed", succeeded=3, prefix="office", label="Other")
    for term in (str(wanted.pk)[:13], "FILE-000002"):
        assert labels(client.get(LIST, {"q": term})) == ["Wanted"]

    pages = list(walk(client, f"{ITEMS}?job__id__exact={wanted.pk}"))
    assert [len(page) for page in pages] == [100, 60]
    assert [len(page) for page in walk(client, ITEMS)] == [100, 63]
    assert (
        len(paths(client.get(ITEMS, {"job__id__exact": str(wanted.pk), "status": "failed"}))) == 30
    )
    for wrong in ("after=%00", "after=x", "after=" + "9" * 40, "job__id__exact=x"):
        assert client.get(f"{ITEMS}?{wrong}", follow=True).status_code == 200

    assert messages(confirm(client, choose(client, "cancel", wanted))) == ["1 cancelled."]
    assert (
        len(paths(client.get(ITEMS, {"job__id__exact": str(wanted.pk), "status": "skipped"}))) == 9
    )
    for name in ("jobs_job_change", "jobs_job_history"):
        assert client.get(reverse(f"admin:{name}", args=[wanted.pk])).status_code == 200
    assert client.get(reverse("admin:jobs_cluster_changelist")).status_code == 200


def test_library_files_are_paged_by_path(client):
    LibraryFile.objects.bulk_create(
        LibraryFile(path=f"{name}{number:03}", size=1, mtime_ns=1, modified=timezone.now(), kind="")
        for name in ("a/", "B ", "é", "_")
        for number in range(60)
    )
    pages = list(walk(client, FILES))
    assert [len(page) for page in pages] == [100, 100, 40]
    assert len({path for page in pages for path in page}) == 240
    assert paths(client.get(FILES, {"q": "B 01"})) == [f"B {n:03}" for n in range(10, 20)]
    assert client.get(f"{FILES}?after=%00", follow=True).status_code == 200


def test_ids_are_found_by_their_beginning(client):
    factories.make_job("processing", left=1, id="5c0f1a2b-0000-4000-8000-000000000001")
    factories.make_job("processing", left=1, id="5c0f1a2c-0000-4000-8000-000000000001")
    call_command("canceljob", "5c0f1a2b", stdout=io.StringIO())
    assert [str(one.pk)[:8] for one in Job.objects.filter(status="cancelled")] == ["5c0f1a2b"]
