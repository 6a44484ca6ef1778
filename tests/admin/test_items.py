"""Items and library files in the admin: filtered, searched, paged by key."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import chain

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.admin import keyset
from jobs.models import JobItem, LibraryFile
from tests.admin import people
from tests.support import rows

ITEMS = reverse("admin:jobs_jobitem_changelist")
FILES = reverse("admin:jobs_libraryfile_changelist")
pytestmark = pytest.mark.django_db


def paths(answer):
    return re.findall(
        r'<th class="field-path"><a href="[^"]+">([^<]+)</a>', answer.content.decode()
    )


def walk(client, url):
    """The paths of each page, following the links to the next one."""
    while url:
        answer = client.get(url)
        yield paths(answer)
        link = re.search(r'href="(\?[^"]*)" rel="next"', answer.content.decode())
        url = url.partition("?")[0] + unescape(link[1]) if link else None


def test_all_items_of_a_job_are_reached_page_by_page_once_and_in_order():
    job = rows.job("completed", succeeded=250)
    rows.job("completed", succeeded=30, prefix="other")
    pages = list(walk(people.boss(), f"{ITEMS}?job__id__exact={job.pk}"))
    assert [len(page) for page in pages] == [100, 100, 50]
    assert list(chain(*pages)) == [f"file-{number:06}.txt" for number in range(250)]


def test_items_of_all_jobs_are_listed_newest_first():
    rows.job("completed", succeeded=70)
    rows.job("completed", succeeded=70, prefix="later")
    pages = list(walk(people.boss(), ITEMS))
    assert [len(page) for page in pages] == [100, 40]
    assert pages[0][0] == "later-000069.txt"
    assert pages[1][-1] == "file-000000.txt"


def test_among_the_items_of_all_jobs_each_tells_its_job():
    job = rows.job("completed", succeeded=1, label="Wanted")
    link = reverse("admin:jobs_job_change", args=[job.pk])
    client = people.boss()
    assert f'<a href="{link}">Wanted <code' in client.get(ITEMS).content.decode()
    of_one = client.get(ITEMS, {"job__id__exact": str(job.pk)}).content.decode()
    assert "field-job_link" not in of_one


def test_an_item_tells_when_it_ran():
    job = rows.job("completed", succeeded=1)
    began = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    job.items.update(started_at=began, finished_at=began + timedelta(seconds=7))
    client = people.boss()
    page = reverse("admin:jobs_jobitem_change", args=[job.items.get().pk])
    assert ">2026-01-31 08:15:00</time>" in client.get(page).content.decode()
    for address in (page, ITEMS):
        assert ">2026-01-31 08:15:07</time>" in client.get(address).content.decode()


@pytest.mark.parametrize("of_one_job", [True, False])
@pytest.mark.parametrize(
    ("job_status", "status", "shown"),
    [
        ("cancelled", "skipped", 4),
        ("cancelled", "pending", 0),
        ("cancelled", "failed", 3),
        ("processing", "pending", 4),
        ("processing", "skipped", 0),
        ("processing", "succeeded", 2),
        ("processing", "processing", 1),
    ],
)
def test_items_are_filtered_by_their_reported_status(job_status, status, shown, of_one_job):
    job = rows.job(job_status, succeeded=2, failed=3, running=1, left=4)
    query = {"status": status} | ({"job__id__exact": str(job.pk)} if of_one_job else {})
    answer = people.boss().get(ITEMS, query)
    assert len(paths(answer)) == shown
    assert answer.content.decode().count(f'data-state="{status}"') == shown


@pytest.mark.parametrize("of_one_job", [True, False])
@pytest.mark.parametrize(("status", "shown"), [("processing", [0]), ("pending", [1, 2, 3, 4])])
def test_of_the_items_that_a_worker_holds_only_the_one_it_runs_is_processing(
    status, shown, of_one_job
):
    job = rows.job("processing", running=1, left=4)
    held = job.items.filter(position__lte=2)  # a group: the rows of its items say "pending"
    held.update(status="pending", claim=job.leases.get().token)
    query = {"status": status} | ({"job__id__exact": str(job.pk)} if of_one_job else {})
    answer = people.boss().get(ITEMS, query)
    assert sorted(paths(answer)) == [f"file-{number:06}.txt" for number in shown]
    assert answer.content.decode().count(f'data-state="{status}"') == len(shown)


def test_what_runs_in_a_cancelled_job_is_not_skipped():
    job = rows.job("cancelled", running=1, left=2)
    job.items.update(status="pending")
    client = people.boss()
    assert paths(client.get(ITEMS, {"status": "processing"})) == ["file-000000.txt"]
    assert len(paths(client.get(ITEMS, {"status": "skipped"}))) == 2


def test_items_are_searched_within_their_filter_and_paged():
    job = rows.job("completed", succeeded=150, failed=120)
    url = f"{ITEMS}?job__id__exact={job.pk}&status=failed&q=FILE-0002"
    pages = list(walk(people.boss(), url))
    assert list(chain(*pages)) == [f"file-{number:06}.txt" for number in range(200, 270)]


@pytest.mark.parametrize("of_one_job", [True, False])
def test_a_search_that_finds_little_goes_on_where_its_time_was_up(of_one_job, monkeypatch):
    monkeypatch.setattr(keyset, "PIECE", 30)
    monkeypatch.setattr(keyset, "SECONDS", 0)
    job = rows.job("completed", succeeded=100)
    query = f"job__id__exact={job.pk}&q=000" if of_one_job else "q=000"
    job.items.exclude(position__in=[3, 4, 95]).update(key="other")
    client = people.boss()
    pages = list(walk(client, f"{ITEMS}?{query}"))
    first, last = ["file-000003.txt", "file-000004.txt"], ["file-000095.txt"]
    assert pages == ([first, [], [], last] if of_one_job else [last, [], [], first[::-1]])
    text = client.get(f"{ITEMS}?{query}").content.decode()
    assert "on this page, and more are to be looked at" in text
    assert ">Look further</a>" in text


def test_a_filter_over_all_jobs_looks_at_a_piece_of_the_items_at_once(monkeypatch):
    monkeypatch.setattr(keyset, "PIECE", 30)
    rows.job("completed", succeeded=50, failed=120, left=3)
    client = people.boss()
    pages = list(walk(client, f"{ITEMS}?status=failed"))
    assert [len(page) for page in pages] == [100, 20]
    assert paths(client.get(ITEMS, {"status": "skipped"})) == [
        f"file-{number:06}.txt" for number in (172, 171, 170)
    ]


def test_what_runs_in_all_jobs_is_found_at_once(monkeypatch):
    monkeypatch.setattr(keyset, "PIECE", 3)
    monkeypatch.setattr(keyset, "SECONDS", 0)
    rows.job("processing", running=2, left=20)
    assert len(paths(people.boss().get(ITEMS, {"status": "processing"}))) == 2


def test_library_files_are_searched_piece_by_piece(monkeypatch):
    monkeypatch.setattr(keyset, "PIECE", 30)
    LibraryFile.objects.bulk_create(
        LibraryFile(path=f"a/{number:03}", size=1, mtime_ns=1, modified=timezone.now(), kind="")
        for number in range(150)
    )
    client = people.boss()
    assert [len(page) for page in walk(client, f"{FILES}?q=a/")] == [100, 50]
    assert paths(client.get(FILES, {"q": "/14"})) == [f"a/{n}" for n in range(140, 150)]


def test_a_filter_or_search_begins_at_the_first_page():
    job = rows.job("completed", succeeded=150, failed=120)
    text = people.boss().get(f"{ITEMS}?job__id__exact={job.pk}&after=99").content.decode()
    chosen = re.findall(r'<a href="(\?[^"]*status=\w+)"', text)
    assert chosen
    assert not [link for link in chosen if "after" in link]
    assert '<input type="hidden" name="after"' not in text
    assert f'<input type="hidden" name="job__id__exact" value="{job.pk}"' in text


@pytest.mark.parametrize(
    "query", ["after=x&job__id__exact={}", "job__id__exact=x", "after=" + "9" * 40]
)
def test_a_wrong_address_leads_to_the_list(query):
    job = rows.job("completed", succeeded=1)
    answer = people.boss().get(f"{ITEMS}?{query.format(job.pk)}", follow=True)
    assert answer.status_code == 200


def test_an_item_shows_its_message_and_result_as_text():
    job = rows.job("completed", succeeded=1, failed=1)
    JobItem.objects.filter(job=job, status="failed").update(
        message="<b>broken</b>", result={"note": "<script>alert(1)</script>"}
    )
    item = job.items.get(status="failed")
    text = people.boss().get(reverse("admin:jobs_jobitem_change", args=[item.pk])).content.decode()
    assert "&lt;b&gt;broken&lt;/b&gt;" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<b>broken" not in text


def test_library_files_are_listed_by_path_and_found():
    LibraryFile.objects.bulk_create(
        LibraryFile(
            path=f"a/{number:03}.jpg", size=2048, mtime_ns=1, modified=timezone.now(), kind="jpeg",
            status="failed" if number % 2 else "succeeded",
        )
        for number in range(150)
    )  # fmt: skip
    client = people.boss()
    assert [len(page) for page in walk(client, FILES)] == [100, 50]
    assert len(paths(client.get(f"{FILES}?status__exact=failed&q=/01"))) == 5
    file = LibraryFile.objects.first()
    text = client.get(reverse("admin:jobs_libraryfile_change", args=[file.pk])).content.decode()
    assert "2.0" in text
    assert client.post(reverse("admin:jobs_libraryfile_change", args=[file.pk])).status_code == 403
