"""View, cancel and delete need a permission each."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from jobs.models import Job
from tests.admin import people
from tests.support import rows

LIST = reverse("admin:jobs_job_changelist")
pytestmark = pytest.mark.django_db


def page(client, job):
    return client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()


def forged(client, name, job):
    """The answers to the requests that a form without permission would send."""
    act = reverse("admin:jobs_job_act", args=[name])
    yield client.get(act, {"job": str(job.pk)})
    yield client.post(act, {"jobs": str(job.pk), "post": "yes"})
    chosen = {"action": f"{name}_jobs", "_selected_action": str(job.pk)}
    yield client.post(LIST, {"index": 0, **chosen})
    yield client.post(LIST, {"post": "yes", **chosen})
    if name == "delete":
        yield client.post(reverse("admin:jobs_job_delete", args=[job.pk]), {"post": "yes"})


@pytest.mark.parametrize(
    ("permissions", "offered"),
    [
        (["view_job"], set()),
        (["view_job", "cancel_job"], {"cancel", "pause", "resume", "retry"}),
        (["view_job", "delete_job"], {"delete"}),
    ],
)
@pytest.mark.parametrize(
    ("status", "buttons"),
    [("queued", {"cancel", "pause"}), ("cancelled", {"resume", "retry", "delete"})],
)
def test_only_permitted_actions_are_offered_and_others_are_refused(
    permissions, offered, status, buttons
):
    job = rows.job(status, failed=2, left=2)
    client = people.person("anna", *permissions)
    listed = client.get(LIST).content.decode()
    for name in ("cancel", "pause", "resume", "retry", "delete"):
        assert (f'value="{name}_jobs"' in listed) == (name in offered)
        assert (f"/act/{name}/" in page(client, job)) == (name in offered & buttons)
        if name not in offered:
            assert {answer.status_code for answer in forged(client, name, job)} == {403}
    job.refresh_from_db()
    assert job.status == status
    assert not LogEntry.objects.exists()


def test_without_the_view_permission_nothing_is_seen_or_done():
    job = rows.job("queued", left=2)
    client = people.person("anna", "cancel_job", "delete_job")
    for url in (
        LIST,
        reverse("admin:jobs_job_change", args=[job.pk]),
        reverse("admin:jobs_job_progress") + f"?job={job.pk}",
        reverse("admin:jobs_jobitem_changelist"),
        reverse("admin:jobs_libraryfile_changelist"),
        reverse("admin:jobs_cluster_changelist"),
        reverse("admin:jobs_cluster_now"),
    ):
        assert client.get(url).status_code == 403, url
    assert {answer.status_code for answer in forged(client, "cancel", job)} == {403}
    job.refresh_from_db()
    assert job.status == "queued"


@pytest.mark.parametrize("client", ["nobody", "no staff"])
def test_who_is_not_staff_is_sent_to_the_login(client):
    job = rows.job("queued", left=2)
    browser = (
        Client()
        if client == "nobody"
        else people.person("anna", "view_job", "cancel_job", staff=False)
    )
    act = reverse("admin:jobs_job_act", args=["cancel"])
    for answer in (browser.get(LIST), browser.post(act, {"jobs": str(job.pk), "post": "yes"})):
        assert answer.status_code == 302
        assert "/admin/login/" in answer.headers["Location"]
    job.refresh_from_db()
    assert job.status == "queued"


def test_a_post_without_the_token_of_the_form_is_refused():
    job = rows.job("queued", left=2)
    people.boss()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(job._meta.get_field("created_by").related_model.objects.get(username="boss"))
    answer = strict.post(reverse("admin:jobs_job_act", args=["cancel"]), {"jobs": str(job.pk)})
    assert answer.status_code == 403
    job.refresh_from_db()
    assert job.status == "queued"


def test_nothing_can_be_edited_or_added_by_hand():
    job = rows.job("queued", left=2)
    item = job.items.first()
    client = people.boss()
    for model, pk in (("job", job.pk), ("jobitem", item.pk)):
        assert client.get(reverse(f"admin:jobs_{model}_add")).status_code == 403
        url = reverse(f"admin:jobs_{model}_change", args=[pk])
        assert client.post(url, {"status": "completed", "label": "x"}).status_code == 403
        assert 'name="_save"' not in client.get(url).content.decode()
    assert (
        client.post(
            reverse("admin:jobs_jobitem_delete", args=[item.pk]), {"post": "yes"}
        ).status_code
        == 403
    )
    assert Job.objects.get().status == "queued"
    assert job.items.count() == 2
