"""Items and library files in the admin: filtered, searched and paged by key."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import chain

import pytest
from django.urls import reverse

from jobs.library import outcomes
from jobs.models import JobItem
from tests.admin.people import superuser
from tests.support import factories
from tests.support.factories import make_files, set_outcomes

ITEMS = reverse("admin:jobs_jobitem_changelist")
FILES = reverse("admin:jobs_libraryfile_changelist")
pytestmark = pytest.mark.django_db


def paths(answer):
    links = r'<th class="field-shown_(?:key|path)"><a href="[^"]+">([^<]+)</a>'
    return re.findall(links, answer.content.decode())


def walk(client, url):
    """The paths of each page, by the links to the next page."""
    while url:
        answer = client.get(url)
        yield paths(answer)
        link = re.search(r'href="(\?[^"]*)" rel="next"', answer.content.decode())
        url = url.partition("?")[0] + unescape(link[1]) if link else None


def test_the_pages_of_a_job_have_each_item_once_and_in_order():
    job = factories.make_job("completed", succeeded=250)
    factories.make_job("completed", succeeded=30, prefix="other")
    pages = list(walk(superuser(), f"{ITEMS}?job__id__exact={job.pk}"))
    assert [len(page) for page in pages] == [100, 100, 50]
    assert list(chain(*pages)) == [f"file-{number:06}.txt" for number in range(250)]


def test_the_items_of_all_jobs_are_listed_newest_first_with_their_jobs():
    first = factories.make_job("completed", succeeded=70, label="First")
    factories.make_job("completed", succeeded=70, prefix="later")
    client = superuser()
    pages = list(walk(client, ITEMS))
    assert [len(page) for page in pages] == [100, 40]
    assert (pages[0][0], pages[1][-1]) == ("later-000069.txt", "file-000000.txt")
    link = reverse("admin:jobs_job_change", args=[first.pk])
    assert f'<a href="{link}">First <code' in client.get(ITEMS).content.decode()
    of_one_job = client.get(ITEMS, {"job__id__exact": str(first.pk)}).content.decode()
    assert "field-job_column" not in of_one_job


def test_items_show_how_far_their_files_were_looked_into():
    job = factories.make_job("completed", succeeded=2)
    job.items.filter(position=1).update(result={"kind": "wav", "checked": "structure"})
    text = superuser().get(f"{ITEMS}?job__id__exact={job.pk}").content.decode()
    assert re.findall(r'<td class="field-depth">([^<]+)', text) == ["–", "structure checked"]


def test_the_items_of_all_jobs_cannot_be_searched_or_filtered():
    factories.make_job("completed", succeeded=2)
    answer = superuser().get(ITEMS, {"q": "nowhere", "status": "failed"})
    assert len(paths(answer)) == 2
    assert 'id="searchbar"' not in answer.content.decode()
    assert "changelist-filter" not in answer.content.decode()


@pytest.mark.parametrize(
    ("job_status", "status", "shown"),
    [
        ("cancelled", "skipped", 4),
        ("cancelled", "pending", 0),
        ("cancelled", "failed", 3),
        ("processing", "pending", 4),
        ("processing", "processing", 1),
    ],
)
def test_items_are_filtered_by_their_reported_status(job_status, status, shown):
    job = factories.make_job(job_status, succeeded=2, failed=3, running=1, left=4)
    answer = superuser().get(ITEMS, {"status": status, "job__id__exact": str(job.pk)})
    assert len(paths(answer)) == shown
    assert answer.content.decode().count(f'data-state="{status}"') == shown


def test_only_the_running_item_of_those_that_a_worker_claimed_is_processing():
    job = factories.make_job("processing", running=1, left=4)
    claimed = job.items.filter(position__lte=2)  # the rows of a batch keep the status "pending"
    claimed.update(status="pending", lease_token=job.leases.get().token)
    text = superuser().get(ITEMS).content.decode()
    assert re.findall(r'data-state="(\w+)"', text) == ["pending"] * 4 + ["processing"]


def test_items_are_searched_within_their_filter_and_paged():
    job = factories.make_job("completed", succeeded=150, failed=120)
    url = f"{ITEMS}?job__id__exact={job.pk}&status=failed&q=FILE-0002"
    pages = list(walk(superuser(), url))
    assert list(chain(*pages)) == [f"file-{number:06}.txt" for number in range(200, 270)]


def test_a_filter_or_search_begins_at_the_first_page():
    job = factories.make_job("completed", succeeded=150, failed=120)
    text = superuser().get(f"{ITEMS}?job__id__exact={job.pk}&after=99").content.decode()
    filters = re.findall(r'<a href="(\?[^"]*status=\w+)"', text)
    assert filters
    assert not [link for link in filters if "after" in link]
    assert '<input type="hidden" name="after"' not in text
    assert f'<input type="hidden" name="job__id__exact" value="{job.pk}"' in text


@pytest.mark.parametrize(
    "query",
    ["after=x&job__id__exact={}", "job__id__exact=x", "after=" + "9" * 40, "after=%00"],
)
def test_a_malformed_query_leads_to_a_list(query):
    job = factories.make_job("completed", succeeded=1)
    answer = superuser().get(f"{ITEMS}?{query.format(job.pk)}", follow=True)
    assert answer.status_code == 200


def test_the_page_of_an_item_shows_its_times_message_and_result_as_text():
    job = factories.make_job("completed", failed=1)
    began = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
    JobItem.objects.update(
        message="<b>broken</b>",
        result={"note": "<script>alert(1)</script>"},
        started_at=began,
        finished_at=began + timedelta(seconds=7),
    )
    page = reverse("admin:jobs_jobitem_change", args=[job.items.get().pk])
    text = superuser().get(page).content.decode()
    for shown in ("2026-01-31 08:15:00", "2026-01-31 08:15:07"):
        assert shown in text
    for shown in ("&lt;b&gt;broken&lt;/b&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"):
        assert shown in text
    assert "<b>broken" not in text


def test_library_files_are_listed_by_path_filtered_and_searched():
    files = make_files(*(f"a/{number:03}.jpg" for number in range(150)))
    outcomes.use("verify")
    set_outcomes(files[::2], status="succeeded")
    set_outcomes(files[1::2], status="failed")
    client = superuser()
    assert [len(page) for page in walk(client, FILES)] == [100, 50]
    assert paths(client.get(FILES, {"q": "A/14"})) == [f"a/{n}.jpg" for n in range(140, 150)]
    assert len(paths(client.get(f"{FILES}?outcome=failed.verify&q=/01"))) == 5
    assert [len(page) for page in walk(client, f"{FILES}?outcome=failed.verify")] == [75]
    assert paths(client.get(f"{FILES}?outcome=failed.preview")) == []
    assert [len(page) for page in walk(client, f"{FILES}?q=jpg")] == [100, 50]


def test_the_outcomes_of_a_library_file_have_the_labels_of_their_operations():
    (file,) = make_files("a.jpg")
    outcomes.use("verify")
    set_outcomes([file], status="failed")
    set_outcomes([file], operation="gone", status="succeeded")
    client = superuser()
    listed = client.get(FILES).content.decode()
    page = client.get(reverse("admin:jobs_libraryfile_change", args=[file.pk])).content.decode()
    assert 'data-state="failed">Verify files</span>' in listed
    assert 'data-state="succeeded">gone</span>' in listed
    assert "Verify files: failed</a>" in listed
    assert [name in page for name in ("<p>Verify files</p>", "<p>gone</p>")] == [True, True]


def test_the_page_of_a_library_file_links_to_its_last_job():
    job = factories.make_job("completed", succeeded=1)
    (file,) = make_files("a.jpg", size=2048)
    set_outcomes([file], status="failed", message="broken", job_id=job.pk)
    client = superuser()
    page = reverse("admin:jobs_libraryfile_change", args=[file.pk])
    text = client.get(page).content.decode()
    assert "2.0\xa0KB" in text
    assert f'<a href="{reverse("admin:jobs_job_change", args=[job.pk])}">{job.pk}</a>' in text


def test_deceiving_characters_are_written_out_on_every_page():
    name = "\u202egpj\x9b.exe"
    job = factories.make_job(
        "failed", failed=1, prefix=name, label=name, error=name, parameters={"pattern": name}
    )
    item = JobItem.objects.get(job=job)
    JobItem.objects.filter(pk=item.pk).update(message=name, result={"found": name})
    (file,) = make_files(name)
    set_outcomes([file], status="failed", message=name, memory={"found": name})
    client = superuser()
    for url in (
        ITEMS,
        reverse("admin:jobs_jobitem_change", args=[item.pk]),
        FILES,
        reverse("admin:jobs_libraryfile_change", args=[file.pk]),
        reverse("admin:jobs_job_changelist"),
        reverse("admin:jobs_job_change", args=[job.pk]),
    ):
        text = client.get(url).content.decode()
        assert r"\u202egpj\x9b.exe" in text
        assert not set(text) & set("\u202e\x9b"), url
